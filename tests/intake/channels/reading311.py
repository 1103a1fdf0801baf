"""Reading a City311 as the house does."""

import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from juanchi.intake.channels.adapter import Arrival, Fetched, Source
from juanchi.intake.channels.open311 import KIND, Open311
from tests.intake.channels.city311 import City311

TRUSTED = ssl.create_default_context()
"""Made once: it takes longer than most of these tests."""

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


@asynccontextmanager
async def opened(city: City311, now: datetime = NOW, **settings: Any) -> AsyncIterator[Open311]:
    given = {"url": city.url, "most": city.most, **settings}
    KIND.check(given)
    async with httpx.AsyncClient(timeout=5, verify=TRUSTED) as http:
        secrets = {"key-of-311": "sesame"}
        source = Source("hotline", given, http, secrets.__getitem__, ZONE, lambda: now)
        async with KIND.open(source) as adapter:
            yield adapter


async def read(city: City311, cursor: str = "", now: datetime = NOW, **settings: Any) -> Fetched:
    """One reading."""
    async with opened(city, now, **settings) as adapter:
        return await adapter.fetch(cursor)


async def all_of(
    city: City311, cursor: str = "", now: datetime = NOW, **settings: Any
) -> tuple[list[Arrival], str, int]:
    """Readings until there is no more: what came, each once, the cursor, and how many readings."""
    found: dict[str, Arrival] = {}
    for count in range(1, 200):
        page = await read(city, cursor, now, **settings)
        found |= {one.external_id: one for one in page.arrivals}
        cursor = page.cursor
        if not page.more:
            return list(found.values()), cursor, count
    raise AssertionError("it never comes to rest")


def names(arrivals: Iterable[Arrival]) -> set[str]:
    return {one.external_id for one in arrivals}
