"""Tinytown on real servers: once in real time, once with a virtual clock."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from juanchi.runtime.settings import Settings
from tests.town import Town, tinytown_at_work


@pytest.fixture(scope="module")
async def town(
    settings: Settings, temporal_client: Client, database_url: str
) -> AsyncIterator[Town]:
    """The town in real time."""
    async with tinytown_at_work(settings, temporal_client, database_url) as alive:
        yield alive


@pytest.fixture(scope="module")
async def virtual_town(
    settings: Settings, time_skipping: WorkflowEnvironment, database_url: str
) -> AsyncIterator[Town]:
    """The town on the server whose workflows have a virtual clock."""
    async with tinytown_at_work(settings, time_skipping.client, database_url) as alive:
        yield alive
