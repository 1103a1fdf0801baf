"""The door as a process: started by its command, beside another one, killed, told to stop."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from juanchi.ledger.channel_tables import ArrivalRow
from juanchi.ledger.channels import Channels
from juanchi.runtime.encryption import new_key
from starter import app
from tests.listening.conftest import wall
from tests.listening.sender import SECRET, Sender, item

ROOT = Path(__file__).resolve().parents[2]

LISTEN = "import starter; starter.main()"
DIES = """
import os, signal
from juanchi.listening import door

async def after_keeping(*_):
    os.kill(os.getpid(), signal.SIGKILL)

door.new_at = after_keeping
"""
"""Put before LISTEN: a process that is killed after it has kept and before it has answered."""


class Listening:
    """A process that listens."""

    def __init__(self, process: Process, address: str) -> None:
        self.process = process
        self.address = address

    async def stopped(self) -> tuple[int, str]:
        """Told to stop; its exit code, and what it said."""
        self.process.send_signal(signal.SIGTERM)
        out, _ = await self.process.communicate()
        return self.process.returncode or 0, out.decode()


@asynccontextmanager
async def listening(url: str, home: Path, program: str) -> AsyncIterator[Listening]:
    """``starter.py listen`` on a free port, in an environment of its own."""
    keep = ("PATH", "HOME", "LD_LIBRARY_PATH")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, "listen", "--port", "0"),
        cwd=ROOT,
        stdout=PIPE,
        stderr=PIPE,
        env={
            **{name: os.environ[name] for name in keep if name in os.environ},
            "DATABASE_URL": url,
            "JUANCHI_HOME": str(home),
            "JUANCHI_REPORTER_KEY": new_key(),
            "JUANCHI_LANG": "en",
            "JUANCHI_LOG_LEVEL": "ERROR",
            "COLUMNS": "200",
        },
    )
    try:
        assert process.stdout is not None
        said = (await process.stdout.readline()).decode()
        found = re.search(r"http://[\d.]+:\d+", said)
        yield Listening(process, found[0] if found else said)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with the channel's secret in it."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "wall").write_text(SECRET + "\n")
    return tmp_path


async def kept(engine: AsyncEngine) -> int:
    """How many the ledger has."""
    async with engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(ArrivalRow)) or 0


async def test_two_doors_one_of_which_dies_keep_everything_once(
    ledger: AsyncEngine, database_url: str, home: Path, http: httpx.AsyncClient
) -> None:
    await Channels(ledger).put(wall(), by="tests")
    before = await kept(ledger)
    async with AsyncExitStack() as stack:
        starting = [listening(database_url, home, program) for program in (LISTEN, DIES + LISTEN)]
        one, other = await asyncio.gather(*map(stack.enter_async_context, starting))

        # The same message at the same instant at both doors; the second is killed in the middle.
        body = [item(f"race-{number}") for number in range(50)]
        first = Sender(http, one.address)
        answer, broken = await asyncio.gather(
            first.send(body), Sender(http, other.address).send(body), return_exceptions=True
        )
        assert isinstance(answer, httpx.Response)
        assert answer.status_code in (200, 202)
        if isinstance(broken, httpx.Response):
            # It was the later one: nothing was new to it.
            assert (broken.status_code, answer.status_code) == (200, 202)
            with pytest.raises(httpx.TransportError):
                await Sender(http, other.address).send(item("killed"))
        assert await other.process.wait() == -signal.SIGKILL

        # Kept, and never answered: the sender sends again, and is told that it is known.
        again = await first.send([*body, item("killed"), item("new")])
        statuses = [one["status"] for one in again.json()["items"]]
        assert statuses[:50] == ["known"] * 50
        assert statuses[51] == "new"
        assert await kept(ledger) - before == 52

        # A message that is under way when it is told to stop is answered.
        code, said = await one.stopped()
        assert code == 0
        assert "Channels that can be written to: wall." in said
        assert said.rstrip().endswith("The door is closed.")


async def test_a_port_that_is_taken_is_told_as_a_sentence() -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = str(taken.sockets[0].getsockname()[1])
    said = await asyncio.to_thread(CliRunner().invoke, app, ["listen", "--port", port])
    taken.close()
    assert said.exit_code == 1
    assert f"127.0.0.1:{port}" in said.stderr
    assert "Traceback" not in said.stderr
