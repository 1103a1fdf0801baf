"""A worker in a process of its own: started on the bench's servers, waited for, stopped."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import psutil

from juanchi.runtime.process import tail

ROOT: Final = Path(__file__).parent.parent
WITHIN: Final = 60.0
"""Seconds for a worker to come up, and to finish what it holds."""

_READY: Final = '"event": "working"'
_OURS: Final = ("JUANCHI_", "TEMPORAL_", "DATABASE_URL")
_LEFT_OUT: Final = (*_OURS, "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")


class Skipped(Exception):
    """A figure cannot be measured here, and why."""


class Running:
    """A worker that is up."""

    def __init__(self, name: str, child: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.log = log
        self._child = child
        self._seen = psutil.Process(child.pid)

    @property
    def pid(self) -> int:
        """The process, for a profiler."""
        return self._child.pid

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        times = self._seen.cpu_times()
        return float(times.user + times.system)

    def rss(self) -> int:
        """Bytes of memory that are its own now."""
        return int(self._seen.memory_info().rss)

    async def settled_rss(self, within: float = 30.0) -> int:
        """The least memory seen, once it has stopped shrinking and growing for three seconds."""
        least, still, limit = self.rss(), 0, time.monotonic() + within
        while still < 6 and time.monotonic() < limit:
            await asyncio.sleep(0.5)
            now = self.rss()
            still = still + 1 if abs(now - least) < least / 200 else 0
            least = min(least, now) if still else now
        return least


@asynccontextmanager
async def worker(
    name: str, command: Sequence[str], home: Path, **settings: str
) -> AsyncIterator[Running]:
    """Run a Python program of the project on the servers of ``home`` while the block runs.

    It is ready when it has logged ``working``. ``settings`` are ``JUANCHI_<NAME>`` variables; those
    of whoever runs the bench do not count, so that all load stays on this machine.
    """
    log = home / "logs" / f"{name}.log"
    child = _spawned(command, environment(home, settings), log)
    try:
        await _ready(name, child, log)
        yield Running(name, child, log)
    finally:
        await asyncio.to_thread(_stop, child)


def forget_environment() -> None:
    """Make this process deaf to the variables of whoever runs it."""
    for name in list(os.environ):
        if name.startswith(_OURS):
            del os.environ[name]


def environment(home: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """The variables of a process that belongs to a bench's home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
    own = {f"JUANCHI_{name.upper()}": value for name, value in settings.items()}
    # The sandbox loads workflow files anew for every workflow: without cached bytecode it would
    # compile them each time, which no deployment does.
    cached = {"PYTHONPYCACHEPREFIX": str(home / "pycache")}
    return kept | {"JUANCHI_HOME": str(home), "JUANCHI_LOG_JSON": "true"} | cached | own


async def _ready(name: str, child: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + WITHIN
    while _READY not in log.read_text("utf-8", "replace"):
        if child.poll() is not None or time.monotonic() > limit:
            raise RuntimeError(f"worker {name} did not come up:\n{tail(log)}")
        await asyncio.sleep(0.05)


def _spawned(
    command: Sequence[str], variables: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(WITHIN)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
