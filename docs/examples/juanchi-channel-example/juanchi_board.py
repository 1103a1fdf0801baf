"""Notice boards: servers that give messages as JSON, oldest first, behind the last one read.

GET <url>?after=17&limit=100  ->  [{"id": 18, "text": "路灯不亮", "at": "2026-11-30T08:00"}, ...]
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

from pydantic import Field

from juanchi.domain.base import Value
from juanchi.intake.channels import plain
from juanchi.intake.channels.adapter import Arrival, Fetched, Source, SourceTrouble, Unreadable
from juanchi.intake.channels.settings import read_settings
from juanchi.intake.channels.times import moment
from juanchi.intake.channels.web import get, web_address


class BoardSettings(Value):
    """Where the board is, and how many messages are read at a time."""

    url: str
    page: Annotated[int, Field(ge=1, le=1000)] = 100


class Board:
    """An open board. It keeps nothing: the cursor is the id of the last message."""

    def __init__(self, source: Source, settings: BoardSettings) -> None:
        self._source, self._settings = source, settings

    async def fetch(self, cursor: str) -> Fetched:
        """The messages behind the cursor."""
        url = f"{self._settings.url}?after={cursor or 0}&limit={self._settings.page}"
        page = await get(self._source.http, url, most=10_000_000, headers={})
        try:
            messages = [(int(one["id"]), one) for one in json.loads(page.body)]
        except (ValueError, TypeError, KeyError) as error:
            raise SourceTrouble(plain.line(f"this is no notice board: {error}")) from error
        read = [self._read(number, one) for number, one in messages]
        return Fetched(
            arrivals=tuple(one for one in read if isinstance(one, Arrival)),
            unreadable=tuple(one for one in read if isinstance(one, Unreadable)),
            cursor=str(messages[-1][0]) if messages else cursor,
            more=len(messages) == self._settings.page,
        )

    def _read(self, number: int, given: Mapping[str, Any]) -> Arrival | Unreadable:
        text = plain.cut(plain.tidy(str(given.get("text") or "")))
        if not text:
            raw = plain.raw(json.dumps(given, ensure_ascii=False))
            return Unreadable(external_id=str(number), problem="has no text", raw=raw)
        at = moment(str(given.get("at") or ""), self._source.zone)
        return Arrival(external_id=str(number), text=text, reported_at=at)


class BoardKind:
    """What the entry point names."""

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise ``BadSettings`` for settings that can never work."""
        web_address("url", read_settings(BoardSettings, settings).url)

    @asynccontextmanager
    async def open(self, source: Source) -> AsyncIterator[Board]:
        """An open board."""
        yield Board(source, read_settings(BoardSettings, source.settings))


KIND = BoardKind()
