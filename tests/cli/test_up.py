"""``up`` as a process of its own: from nothing to a ticket, and an orderly end."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from pathlib import Path

from juanchi.runtime.embedded_state import read_state
from juanchi.runtime.settings import Settings
from tests.pure import TINYTOWN

ROOT = Path(__file__).resolve().parents[2]


def _environment(home: Path) -> dict[str, str]:
    ours = ("JUANCHI_", "TEMPORAL_", "DATABASE_URL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "JUANCHI_HOME": str(home), "JUANCHI_LANG": "en", "JUANCHI_TEMPORAL_UI": "0"}


async def _start(home: Path, *words: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "starter.py",
        *words,
        cwd=ROOT,
        env=_environment(home),
        stdout=PIPE,
        stderr=STDOUT,
    )


async def _until(process: Process, words: str) -> str:
    told = ""
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while words not in told:
            read = await process.stdout.readline()
            assert read, told
            told += read.decode()
    return told


async def _ended(process: Process) -> tuple[int, str]:
    async with asyncio.timeout(60):
        told, _ = await process.communicate()
    return process.returncode or 0, told.decode()


async def test_up_serves_from_nothing_until_it_is_told_to_stop(own_home: Path) -> None:
    up = await _start(own_home, "up", "--pack", str(TINYTOWN))
    told = await _until(up, "Ctrl-C stops.")
    for words in ("tinytown@1#1 is in force.", "Temporal", "PostgreSQL", "at work in this process"):
        assert words in told

    clue = ("report", "--channel", "phone", "--id", "1", "--text", "A pothole in Mill Parish")
    assert await _ended(await _start(own_home, *clue)) == (0, "ticket/phone/1\n")

    up.send_signal(signal.SIGTERM)
    code, told = await _ended(up)
    assert code == 0, told
    assert "Stopped. Everything is kept." in told
    assert not read_state(Settings(home=own_home)).running


async def test_up_that_is_stopped_while_it_starts_leaves_nothing_running(own_home: Path) -> None:
    up = await _start(own_home, "up", "--no-worker")
    await _until(up, "Starting the servers")
    up.send_signal(signal.SIGINT)
    code, told = await _ended(up)
    assert code == 0, told
    assert not read_state(Settings(home=own_home)).running
