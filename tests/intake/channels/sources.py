"""Sources opened by hand, for tests that look at single readings."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from juanchi.intake.channels.adapter import Adapter, Fetched, Source
from juanchi.intake.channels.kinds import kind

_TLS = ssl.create_default_context()


@asynccontextmanager
async def opened(
    name: str, settings: Mapping[str, Any], secrets: Mapping[str, str] | None = None
) -> AsyncIterator[Adapter]:
    """An open adapter of a kind."""
    async with httpx.AsyncClient(verify=_TLS) as http:
        source = Source(
            channel="test",
            settings=settings,
            http=http,
            secret=(secrets or {}).__getitem__,
            zone=ZoneInfo("Asia/Shanghai"),
            now=lambda: datetime.now(UTC),
        )
        async with kind(name).open(source) as adapter:
            yield adapter


async def read(name: str, settings: Mapping[str, Any], cursor: str = "", **secrets: str) -> Fetched:
    """One reading by an adapter of its own."""
    async with opened(name, settings, secrets) as adapter:
        return await adapter.fetch(cursor)


async def read_all(name: str, settings: Mapping[str, Any], cursor: str = "") -> list[Fetched]:
    """All readings until there is no more."""
    pages: list[Fetched] = []
    async with opened(name, settings) as adapter:
        while not pages or pages[-1].more:
            assert len(pages) < 200
            pages.append(await adapter.fetch(pages[-1].cursor if pages else cursor))
    return pages
