"""The command line as people use it, against a living Tinytown."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

import pytest
from temporalio.client import Client
from typer.testing import CliRunner

from juanchi.cli import display
from juanchi.packs import read_pack
from juanchi.runtime.encryption import new_key
from juanchi.runtime.settings import Settings
from starter import app
from tests.pure import TINYTOWN
from tests.town import founded
from worker import working


class Said(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str


class Shell:
    """Runs commands in this process, each on a loop of its own, as at a terminal."""

    async def __call__(self, *words: str, stdin: str | None = None) -> Said:
        # In a thread: the worker that the command waits for lives on this loop.
        result = await asyncio.to_thread(CliRunner().invoke, app, list(words), stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    async def ok(self, *words: str, stdin: str | None = None) -> str:
        """The output of a command that must succeed."""
        said = await self(*words, stdin=stdin)
        assert said.code == 0, said
        return said.out


@pytest.fixture(scope="module")
def environment() -> Iterator[pytest.MonkeyPatch]:
    """The environment of a person in English at a terminal 100 wide, for one module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "100")
        patch.setenv("JUANCHI_LANG", "en")
        patch.setenv("JUANCHI_REPORTER_KEY", new_key())
        display.settings.cache_clear()
        yield patch
    display.settings.cache_clear()


@pytest.fixture(scope="module")
async def shell(
    settings: Settings,
    temporal_client: Client,
    database_url: str,
    environment: pytest.MonkeyPatch,
) -> AsyncIterator[Shell]:
    """A shell in Tinytown, where a worker is at work."""
    prefix = f"cli-{uuid.uuid4().hex[:8]}"
    environment.setenv("JUANCHI_HOME", str(settings.home))
    environment.setenv("DATABASE_URL", database_url)
    environment.setenv("JUANCHI_QUEUE_PREFIX", prefix)
    display.settings.cache_clear()
    engine = await founded(database_url, read_pack(TINYTOWN))
    own = settings.model_copy(update={"queue_prefix": prefix})
    async with working(own, temporal_client, engine):
        yield Shell()
    await engine.dispose()
