"""Real servers for every test: Temporal and PostgreSQL, started once for the session."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from juanchi.runtime.embedded import Embedded
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect
from tests.timeskip import start_time_skipping


@contextmanager
def served_folder() -> Iterator[Path]:
    """A folder in which servers may keep their data.

    Not pytest's own: each session of pytest closes that to other users, and PostgreSQL is one.
    """
    with tempfile.TemporaryDirectory(prefix="juanchi-") as folder:
        yield Path(folder)


@pytest.fixture
def own_home() -> Iterator[Path]:
    """A folder for the servers of one test's own."""
    with served_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def settings() -> Iterator[Settings]:
    """Settings of the session's servers: a home of its own, and no server but its own.

    The environment still decides `no_cache` and `data`.
    """
    with served_folder() as home:
        with pytest.MonkeyPatch.context() as patch:
            for name in list(os.environ):
                if name.startswith(("DATABASE_URL", "TEMPORAL_", "JUANCHI_TEMPORAL_")):
                    patch.delenv(name)
            chosen = Settings(home=home, temporal_ui=False)
        yield chosen


@pytest.fixture(scope="session")
async def servers(settings: Settings) -> AsyncIterator[Embedded]:
    """The embedded servers; a test that kills them must bring them back."""
    async with Embedded.start(settings) as running:
        yield running


@pytest.fixture(scope="session")
async def temporal_client(servers: Embedded, settings: Settings) -> Client:
    """A client of the session's Temporal."""
    return await connect(settings)


@asynccontextmanager
async def empty_database(servers: Embedded) -> AsyncIterator[str]:
    """The URL of an empty database, which is dropped at the end."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    base = servers.database_url.rsplit("/", 1)[0]
    admin = await asyncpg.connect(servers.database_url)
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield f"{base}/{name}"
        # FORCE ends the connections of a pool that a failed test has left behind.
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.fixture(scope="module")
async def database_url(servers: Embedded) -> AsyncIterator[str]:
    """The URL of an empty database of the module's own."""
    async with empty_database(servers) as url:
        yield url


@pytest.fixture
async def own_database_url(servers: Embedded) -> AsyncIterator[str]:
    """The URL of an empty database of one test's own."""
    async with empty_database(servers) as url:
        yield url


@pytest.fixture(scope="session")
async def time_skipping() -> AsyncIterator[WorkflowEnvironment]:
    """The real server with a virtual clock for each workflow: a month passes in a moment."""
    async with await start_time_skipping() as environment:
        yield environment


@pytest.fixture
def no_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment without any of our variables."""
    for name in list(os.environ):
        if name.startswith(("JUANCHI_", "TEMPORAL_", "DATABASE_URL")):
            monkeypatch.delenv(name)
    return monkeypatch
