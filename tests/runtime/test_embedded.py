"""The embedded servers through starts, crashes and other people's starts."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import asyncpg
import psutil
import pytest
from temporalio.worker import Worker

from juanchi.runtime.embedded import Embedded, discover
from juanchi.runtime.embedded_state import STATE_FILE, read_state
from juanchi.runtime.errors import DataVersionMismatch, ServerFailed
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect
from tests.runtime.sleeper import Sleeper

QUEUE = "embedded-test"
STARTER = """
import asyncio, sys
from pathlib import Path
from juanchi.runtime.embedded import Embedded
from juanchi.runtime.settings import Settings

async def main():
    async with Embedded.start(Settings(home=Path(sys.argv[1]), temporal_ui=False)):
        print("ready", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture
def home(own_home: Path, no_environment: pytest.MonkeyPatch) -> Settings:
    # A deep path with a space: too long for a socket, and quoted nowhere.
    return Settings(home=own_home / "a b" / ("x" * 90), temporal_ui=False)


def is_running(pid: int) -> bool:
    try:
        # An orphan may stay a zombie where the first process does not reap.
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_nothing_is_lost_when_both_servers_are_killed(home: Settings) -> None:
    ticket = f"sleeper-{uuid.uuid4()}"
    async with Embedded.start(home) as servers:
        database = await asyncpg.connect(servers.database_url)
        await database.execute("CREATE TABLE kept (word text)")
        await database.execute("INSERT INTO kept VALUES ('卷尺')")
        await database.close()
        client = await connect(home)
        await client.start_workflow(Sleeper.run, -1.0, id=ticket, task_queue=QUEUE)
        ports = dict(servers.state.ports)
        await asyncio.gather(servers.kill_temporal(), servers.stop_postgres(kill=True))
        assert await discover(home) is None

    assert not read_state(home).running
    async with Embedded.start(home) as servers:
        assert servers.state.ports == ports
        assert await discover(home) == servers.addresses
        database = await asyncpg.connect(servers.database_url)
        assert await database.fetchval("SELECT word FROM kept") == "卷尺"
        assert await database.fetchval("SHOW fsync") == "on"
        await database.close()
        client = await connect(home)
        handle = client.get_workflow_handle_for(Sleeper.run, ticket)
        async with Worker(client, task_queue=QUEUE, workflows=[Sleeper]):
            # The connection and the worker live through a crash in between as well.
            await servers.restart_temporal(kill=True)
            await handle.signal(Sleeper.wake)
            assert await handle.result() < 3600
        pids = servers.addresses.temporal_pid, servers.addresses.postgres_pid
    assert all(pid is not None and not is_running(pid) for pid in pids)


async def test_a_killed_starter_leaves_servers_that_the_next_one_adopts(home: Settings) -> None:
    starter = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", STARTER, str(home.home)),
        stdout=subprocess.PIPE,
    )
    assert starter.stdout is not None
    assert await asyncio.wait_for(starter.stdout.readline(), 60) == b"ready\n"
    found = await discover(home)
    assert found is not None

    # While the starter lives, another start uses its servers and leaves them running.
    async with Embedded.start(home) as servers:
        assert servers.addresses == found
        assert not servers.owned
    assert await discover(home) == found

    starter.send_signal(signal.SIGKILL)
    await starter.wait()
    assert await discover(home) == found

    async with Embedded.start(home) as servers:
        assert servers.addresses == found
        assert servers.owned
    assert await discover(home) is None
    assert found.temporal_pid is not None
    assert not is_running(found.temporal_pid)


async def test_data_of_another_version_is_left_alone(home: Settings) -> None:
    async with Embedded.start(home):
        pass
    version = home.home / "temporal" / "VERSION"
    kept = version.read_text()
    version.write_text("1.2.0 (Server 1.25.0, UI 2.30.0)\n")
    with pytest.raises(DataVersionMismatch, match=r"Temporal server.*1\.25\.0.*JUANCHI_HOME"):
        async with Embedded.start(home):
            pass
    assert "1.25.0" in version.read_text()

    version.write_text(kept)
    mark = home.home / "postgres" / "data" / "PG_VERSION"
    mark.write_text("16\n")
    with pytest.raises(DataVersionMismatch, match=r"PostgreSQL.*version 16.*version 18"):
        async with Embedded.start(home):
            pass
    mark.write_text("18\n")
    # The server that could start was stopped again, and nothing is in the way of a good start.
    async with Embedded.start(home):
        assert await discover(home) is not None


async def test_a_taken_port_is_told(home: Settings, servers: Embedded) -> None:
    taken = int(servers.temporal_address.rsplit(":", 1)[1])
    with pytest.raises(ServerFailed, match=f"Port {taken} .* in use"):
        async with Embedded.start(home.model_copy(update={"temporal_port": taken})):
            pass


async def test_what_is_left_on_disk_is_for_its_owner_only(
    servers: Embedded, settings: Settings
) -> None:
    assert (settings.home / STATE_FILE).stat().st_mode & 0o077 == 0
    assert (settings.home / "temporal").stat().st_mode & 0o077 == 0
    assert (settings.home / "logs").stat().st_mode & 0o077 == 0
    assert (settings.home / "postgres" / "password").stat().st_mode & 0o077 == 0


async def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ServerFailed, match=r"cannot be written.*JUANCHI_HOME"):
        async with Embedded.start(Settings(home=tmp_path / "file" / "home")):
            pass
