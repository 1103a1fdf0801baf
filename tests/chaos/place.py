"""Where a storm happens: servers of its own, and a worker that is a real process."""

import asyncio
import os
import signal
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

from juanchi.client import Juanchi
from juanchi.domain.lists import Pack
from juanchi.domain.policy import Policy
from juanchi.packs.read import read_pack
from juanchi.runtime import process
from juanchi.runtime.embedded import Embedded
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect_config
from tests.pure import TINYTOWN
from tests.town import founded

ROOT = Path(__file__).parents[2]
OURS = ("DATABASE_URL", "TEMPORAL_", "JUANCHI_TEMPORAL_", "JUANCHI_DATABASE_URL")
"""Variables that would lead a worker to somebody else's servers."""

POLICY = Path(__file__).with_name("policy.toml")


def hurried_town() -> Pack:
    """Tinytown, where everything is due within seconds, and rescue takes what nobody takes."""
    policy = Policy.model_validate(tomllib.loads(POLICY.read_text("utf-8")))
    return read_pack(TINYTOWN).model_copy(update={"policy": policy, "backstop": "rescue"})


@cache
def quiet_runtime() -> Runtime:
    """A runtime that does not tell of every retry: hundreds of lines for each kill."""
    errors = TelemetryFilter(core_level="ERROR", other_level="ERROR")
    return Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter=errors)))


class Keeper:
    """Keeps one worker running, as a service manager would: whatever ends it, it comes back."""

    def __init__(self, home: Path) -> None:
        self.log = home / "worker.log"
        self.starts = 0
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(OURS)},
            "JUANCHI_HOME": str(home),
            "JUANCHI_LOG_LEVEL": "WARNING",
        }
        self._worker: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Keeper":
        self._keeping = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        worker = self._worker
        if worker is None or worker.returncode is not None:
            return
        worker.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(30):
                await worker.wait()
        except TimeoutError:
            worker.kill()
            await worker.wait()

    def kill(self) -> None:
        """End the worker as a power cut would."""
        if self._worker is not None and self._worker.returncode is None:
            self._worker.kill()

    def tail(self) -> str:
        """The end of what the workers said."""
        return process.tail(self.log, 20)

    async def _keep(self) -> None:
        with self.log.open("ab") as log:
            while True:
                self._worker = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "worker.py",
                    cwd=ROOT,
                    env=self._environment,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
                self.starts += 1
                await self._worker.wait()
                await asyncio.sleep(0.3)


@dataclass(frozen=True)
class Place:
    """Everything that a storm blows upon."""

    servers: Embedded
    keeper: Keeper
    juanchi: Juanchi
    engine: AsyncEngine


@asynccontextmanager
async def place(home: Path, pack: Pack | None = None) -> AsyncIterator[Place]:
    """A town, the hurried one if no other, at work in this directory until the block ends."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(OURS)]:
            patch.delenv(name)
        settings = Settings(home=home, temporal_ui=False)
    async with Embedded.start(settings) as servers:
        engine = await founded(servers.database_url, pack or hurried_town())
        try:
            client = await Client.connect(
                **connect_config(settings),
                data_converter=pydantic_data_converter,
                runtime=quiet_runtime(),
            )
            async with Keeper(home) as keeper:
                juanchi = Juanchi(client, queue=settings.tickets_queue)
                yield Place(servers, keeper, juanchi, engine)
        finally:
            await engine.dispose()
