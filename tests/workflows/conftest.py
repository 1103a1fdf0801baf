"""Tinytown on real servers: once in real time, once with a virtual clock."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from juanchi.packs import read_pack
from juanchi.runtime.settings import Settings
from tests.pure import TINYTOWN
from tests.town import Town, founded, town_at_work


@pytest.fixture(scope="module")
async def town(
    settings: Settings, temporal_client: Client, database_url: str
) -> AsyncIterator[Town]:
    """The town in real time."""
    engine = await founded(database_url, read_pack(TINYTOWN))
    async with town_at_work(settings, temporal_client, temporal_client, engine) as alive:
        yield alive
    await engine.dispose()


@pytest.fixture(scope="module")
async def virtual_town(
    settings: Settings, time_skipping: WorkflowEnvironment, database_url: str
) -> AsyncIterator[Town]:
    """The town on the server whose workflows have a virtual clock."""
    engine = await founded(database_url, read_pack(TINYTOWN))
    client = time_skipping.client
    async with town_at_work(settings, client, client, engine) as alive:
        yield alive
    await engine.dispose()
