"""What a bench runs on: embedded servers in a scratch home, a ledger with a city, a client."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from bench.process import Running, worker
from juanchi.client import Juanchi
from juanchi.ledger.city import load_pack
from juanchi.ledger.migrate import migrate
from juanchi.packs.read import read_pack
from juanchi.runtime.database import make_engine
from juanchi.runtime.embedded import Embedded
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect, register_search_attributes
from tests.pure import TINYTOWN

CACHED: Final = 20_000
"""Workflows a worker may keep: no round is to pay for the eviction of another round's."""


@dataclass(frozen=True)
class Scene:
    """Servers, ledger and client of one bench run."""

    settings: Settings
    servers: Embedded
    engine: AsyncEngine
    client: Client

    @property
    def home(self) -> Path:
        """Where the servers keep their data, until the run is over."""
        return self.settings.home

    @property
    def juanchi(self) -> Juanchi:
        """The client that an adapter or a department's system uses."""
        return Juanchi(self.client, queue=self.settings.tickets_queue)

    def ticket_worker(self, **settings: str) -> AbstractAsyncContextManager[Running]:
        """The real worker, all queues, as `python worker.py` composes it."""
        wanted = {"cached_workflows": str(CACHED), **settings}
        return worker("tickets", ["worker.py"], self.home, **wanted)


@asynccontextmanager
async def scene() -> AsyncIterator[Scene]:
    """Servers on data of their own, which is deleted afterwards."""
    home = Path(tempfile.mkdtemp(prefix="juanchi-bench-"))
    # PostgreSQL does not run as root: its own user must be able to come in.
    home.chmod(0o755)
    settings = Settings(home=home, temporal_ui=False, log_level="WARNING")
    try:
        async with Embedded.start(settings) as servers:
            engine = await found(servers.database_url)
            client = await connect(settings)
            await register_search_attributes(client)
            try:
                yield Scene(settings, servers, engine, client)
            finally:
                await engine.dispose()
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def found(url: str) -> AsyncEngine:
    """A ledger with the tests' own city in it."""
    await migrate(url)
    engine = make_engine(url)
    await load_pack(engine, read_pack(TINYTOWN), by="bench")
    return engine


async def database(scene: Scene, name: str) -> str:
    """The URL of a new, empty database on the same server."""
    admin = await asyncpg.connect(scene.servers.database_url)
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    finally:
        await admin.close()
    return scene.servers.database_url.rsplit("/", 1)[0] + f"/{name}"
