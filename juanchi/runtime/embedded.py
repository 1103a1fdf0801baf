"""The embedded servers as one thing: started, found again, adopted, stopped."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil

from juanchi.runtime import process
from juanchi.runtime.database import check_database, database_url, make_engine
from juanchi.runtime.embedded_lock import home_lock, owner_is_alive
from juanchi.runtime.embedded_postgres import PostgresServer
from juanchi.runtime.embedded_state import Addresses, Owner, State, read_state, write_state
from juanchi.runtime.embedded_temporal import TemporalServer, temporal_answers
from juanchi.runtime.errors import CannotReach, ServerFailed
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect_config

_log = logging.getLogger(__name__)


class Embedded:
    """The servers of one home directory.

    Only what the settings do not point elsewhere is embedded. Servers that already run on this
    home are adopted; they are stopped by the process that started them, or by an adopter once
    that process is gone.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.state = State()
        self.temporal: TemporalServer | None = None
        self.postgres: PostgresServer | None = None

    @classmethod
    @asynccontextmanager
    async def start(cls, settings: Settings) -> AsyncIterator[Embedded]:
        """Have the servers running while the block runs.

        Raises `DataVersionMismatch`, `MissingPackage` or `ServerFailed`, each saying what to do.
        """
        servers = cls(settings)
        async with home_lock(settings.home):
            try:
                await servers._up()
            except BaseException:
                await servers._down()
                raise
        try:
            yield servers
        finally:
            async with home_lock(settings.home):
                await servers._down()

    @property
    def addresses(self) -> Addresses:
        """Where the servers are, for other processes too (`servers.json`)."""
        return self.state.addresses

    @property
    def temporal_address(self) -> str:
        """host:port of Temporal, embedded or not."""
        address = self.addresses.temporal_address
        if address is None:
            raise ServerFailed("Temporal has not been started")
        return address

    @property
    def database_url(self) -> str:
        """The URL of PostgreSQL, embedded or not; with its password."""
        url = self.addresses.database_url
        if url is None:
            raise ServerFailed("PostgreSQL has not been started")
        return url

    @property
    def owned(self) -> bool:
        """Whether this process will stop the servers."""
        return self.state.owner is not None and self.state.owner.pid == os.getpid()

    async def kill_temporal(self) -> None:
        """End Temporal as a power cut would; its clients keep retrying."""
        await self._temporal().stop(kill=True)

    async def start_temporal(self) -> None:
        """Start Temporal again, on the same port and file."""
        await self._temporal().start()
        self._write()

    async def restart_temporal(self, *, kill: bool = True) -> None:
        """Stop Temporal, by SIGKILL unless told otherwise, and start it again."""
        await self._temporal().stop(kill=kill)
        await self.start_temporal()

    async def stop_postgres(self, *, kill: bool = False) -> None:
        """Stop PostgreSQL; every connection breaks."""
        await self._postgres().stop(kill=kill)

    async def start_postgres(self) -> None:
        """Start PostgreSQL again, on the same port and data."""
        await self._postgres().start()
        self._write()

    def _temporal(self) -> TemporalServer:
        if self.temporal is None:
            raise ServerFailed("Temporal is not embedded: TEMPORAL_ADDRESS points elsewhere")
        return self.temporal

    def _postgres(self) -> PostgresServer:
        if self.postgres is None:
            raise ServerFailed("PostgreSQL is not embedded: DATABASE_URL points elsewhere")
        return self.postgres

    async def _up(self) -> None:
        began = time.monotonic()
        self.state = read_state(self.settings)
        adopted_from = self.state.owner
        started: list[str] = []
        coming = []
        if not self.settings.own_temporal:
            coming.append(self._temporal_up(started))
        if not self.settings.own_database:
            coming.append(self._postgres_up(started))
        # Both are waited for, so that none is left half started; the first error is the one told.
        for result in await asyncio.gather(*coming, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result
        if started or adopted_from is None or not owner_is_alive(adopted_from):
            me = psutil.Process()
            self.state.owner = Owner(pid=me.pid, created=me.create_time())
        self._write()
        _log.info(
            "servers ready",
            extra={
                "started": started,
                "temporal": self.addresses.temporal_address,
                "seconds": round(time.monotonic() - began, 2),
            },
        )

    async def _temporal_up(self, started: list[str]) -> None:
        running = TemporalServer.find(self.settings)
        ports = self.state.ports
        if running is None:
            port = process.choose_port(self.settings.temporal_port, ports.get("temporal"))
            ui = None
            if self.settings.temporal_ui:
                ui = process.choose_port(self.settings.temporal_ui_port, ports.get("temporal_ui"))
            self.temporal = TemporalServer(self.settings, port, ui)
            started.append("temporal")
            await self.temporal.start()
        else:
            ui_port = process.option(running, "--ui-port")
            self.temporal = TemporalServer(
                self.settings,
                int(process.option(running, "--port") or 0),
                None if ui_port is None else int(ui_port),
            )
            await self.temporal.wait()

    async def _postgres_up(self, started: list[str]) -> None:
        running = PostgresServer.find(self.settings)
        if running is None:
            remembered = self.state.ports.get("postgres")
            port = process.choose_port(self.settings.postgres_port, remembered)
            self.postgres = PostgresServer(self.settings, port)
            started.append("postgres")
            await self.postgres.start()
        else:
            self.postgres = PostgresServer(self.settings, int(process.option(running, "port") or 0))
            await self.postgres.wait()

    async def _down(self) -> None:
        # A start that failed half way has written no owner: what it started is still its own.
        written = read_state(self.settings)
        if not self.owned and written.owner is not None and owner_is_alive(written.owner):
            return
        await asyncio.gather(
            *(server.stop() for server in (self.temporal, self.postgres) if server is not None)
        )
        self.state.running = False
        self.state.owner = None
        self.state.addresses = Addresses()
        write_state(self.settings, self.state)

    def _write(self) -> None:
        addresses = Addresses(temporal_namespace=self.settings.namespace)
        if self.temporal is not None:
            addresses.temporal_address = self.temporal.address
            addresses.temporal_ui = self.temporal.ui
            addresses.temporal_pid = self.temporal.pid
            self.state.ports["temporal"] = self.temporal.port
            if self.temporal.ui_port is not None:
                self.state.ports["temporal_ui"] = self.temporal.ui_port
            if self.temporal.version:
                self.state.versions["temporal"] = self.temporal.version
        else:
            addresses.temporal_address = connect_config(self.settings).get("target_host")
        if self.postgres is not None:
            addresses.database_url = self.postgres.url
            addresses.postgres_pid = self.postgres.pid
            self.state.ports["postgres"] = self.postgres.port
            if self.postgres.version:
                self.state.versions["postgres"] = self.postgres.version
        else:
            addresses.database_url = database_url(self.settings)
        self.state.addresses = addresses
        self.state.running = True
        write_state(self.settings, self.state)


async def discover(settings: Settings) -> Addresses | None:
    """Return where the servers are if all of them answer, else None.

    Works from any process: servers of your own are taken from the settings, embedded ones from
    what their starter wrote.
    """
    found = read_state(settings).addresses.model_copy()
    try:
        config = connect_config(settings)
        found.temporal_address = config.get("target_host")
        found.temporal_namespace = config.get("namespace", "default")
        found.database_url = database_url(settings)
    except CannotReach:
        return None
    if found.temporal_address is None or found.database_url is None:
        return None
    if settings.own_temporal:
        # TLS and keys are the client's business; `connect` will say what is wrong.
        there = True
    else:
        there = await temporal_answers(found.temporal_address, found.temporal_namespace)
    engine = make_engine(found.database_url)
    try:
        await check_database(engine)
    except CannotReach:
        return None
    finally:
        await engine.dispose()
    return found if there else None
