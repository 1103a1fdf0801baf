"""Servers that the tests of channels share."""

from collections.abc import AsyncIterator

import pytest

from tests.intake.channels.city311 import City311


@pytest.fixture(scope="module")
async def serving() -> AsyncIterator[City311]:
    async with City311().open() as city:
        yield city


@pytest.fixture
def city(serving: City311) -> City311:
    serving.begin()
    return serving
