"""RSS, Atom and JSON feeds, read politely and page by page."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final, NamedTuple
from urllib.parse import urljoin

import httpx
from pydantic import Field

from juanchi.domain.base import Key, Value
from juanchi.intake.channels import plain
from juanchi.intake.channels.adapter import (
    Adapter,
    Arrival,
    BadSettings,
    Fetched,
    Source,
    SourceTrouble,
    Unreadable,
)
from juanchi.intake.channels.decoding import decoded, is_encoding
from juanchi.intake.channels.feed_cursor import FeedCursor, Validators, Walk
from juanchi.intake.channels.feed_entries import EntryReader, IdFrom, Item, TextFrom
from juanchi.intake.channels.feed_json import read_json
from juanchi.intake.channels.feed_xml import read_xml
from juanchi.intake.channels.settings import read_settings
from juanchi.intake.channels.web import Page, get, same_server, web_address

MEGABYTE: Final = 1024 * 1024
FARTHEST: Final = 1000
"""Pages of one walk, however much is new."""

_ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, "
    "application/json;q=0.9, */*;q=0.5"
)


class FeedSettings(Value):
    """Where a feed is and how it is read; docs/channels.md explains each."""

    url: str
    id_from: IdFrom = IdFrom.ENTRY
    text_from: TextFrom = TextFrom.BOTH
    page: Annotated[int, Field(ge=1, le=5000)] = 500
    pages: Annotated[int, Field(ge=1, le=FARTHEST)] = 20
    most_mb: Annotated[int, Field(ge=1, le=64)] = 16
    encoding: str = ""
    authorization: Key | None = None


class _Feed:
    """An open feed. What it remembers only saves fetching the same page twice."""

    def __init__(self, source: Source, settings: FeedSettings) -> None:
        self._source = source
        self._settings = settings
        self._reader = EntryReader(settings.id_from, settings.text_from, source.zone)
        self._at_hand: _Sheet | None = None

    async def fetch(self, cursor: str) -> Fetched:
        """One part of one page: the newest page first, within it the oldest entry."""
        state = FeedCursor.read(cursor, self._settings.url)
        walk = state.walk
        if walk is None:
            head = await self._get(self._settings.url, state.validators.headers())
            if head.not_modified:
                return Fetched(cursor=state.written())
            self._at_hand = await self._read(self._settings.url, head)
            walk = Walk(
                url=self._settings.url, head=self._at_hand.validators, first=not state.known
            )
        elif self._at_hand is None or self._at_hand.url != walk.url:
            try:
                self._at_hand = await self._again(walk)
            except _Abandoned as gone:
                return _fetched([Item("", gone.told)], state.at_rest(Walk(url=state.address)))
        return self._part(state, walk, self._at_hand)

    def _part(self, state: FeedCursor, walk: Walk, sheet: "_Sheet") -> Fetched:
        left = [item for item in sheet.items if item.order > walk.after]
        part = left[: self._settings.page]
        if len(left) > len(part):
            return _fetched(part, state.at(_changed(walk, after=part[-1].order)), more=True)
        new = state.has_new(walk, sheet.items)
        if walk.url == state.address and walk.head != sheet.validators:
            # Another document than the one we began with: what is new in it was passed over.
            walk = _changed(walk, head=Validators())
        walk = walk.behind(sheet.items)
        farthest = self._settings.pages if walk.first else FARTHEST
        if not (new and sheet.onward and walk.pages < farthest):
            return _fetched(part, state.at_rest(walk))
        if not _same_site(sheet.at, sheet.onward):
            told = _told(sheet.onward, "the next page lies on another site and is not read")
            return _fetched([*part, Item("", told)], state.at_rest(walk))
        onward = _changed(walk, url=sheet.onward, after="", pages=walk.pages + 1)
        return _fetched(part, state.at(onward), more=True)

    async def _again(self, walk: Walk) -> "_Sheet":
        """The page that a walk is at. An older one that is broken must not hide the newest."""
        try:
            return await self._read(walk.url, await self._get(walk.url, {}))
        except SourceTrouble as trouble:
            if walk.pages == 1 or trouble.retry_after is not None:
                raise
            problem = trouble.problem
        # Raises when not the page but the whole feed is away.
        await self._get(self._settings.url, {})
        raise _Abandoned(_told(walk.url, f"an older page cannot be read: {problem}"))

    async def _get(self, url: str, asked: Mapping[str, str]) -> Page:
        headers = {"Accept": _ACCEPT, **asked}
        if self._settings.authorization and same_server(self._settings.url, url):
            headers["Authorization"] = self._source.secret(self._settings.authorization)
        most = self._settings.most_mb * MEGABYTE
        return await get(self._source.http, url, most=most, headers=headers)

    async def _read(self, url: str, page: Page) -> "_Sheet":
        # Megabytes take seconds: other channels go on meanwhile.
        return await asyncio.to_thread(self._sheet, url, page)

    def _sheet(self, url: str, page: Page) -> "_Sheet":
        said = page.headers.get("content-type", "")
        text = decoded(page.body, said, self._settings.encoding)
        if not text.strip():
            raise SourceTrouble("the answer is empty")
        is_json = text.lstrip("\ufeff \t\r\n").startswith("{")
        document = read_json(text) if is_json else read_xml(text, page.url)
        return _Sheet(
            url=url,
            at=page.url,
            items=self._reader.items(document.entries),
            onward=_joined(page.url, document.onward),
            validators=Validators() if document.torn else Validators.of(page),
        )


class _Sheet(NamedTuple):
    """One page of a feed, read; ``at`` is where it was in the end."""

    url: str
    at: str
    items: list[Item]
    onward: str
    validators: Validators


class _Abandoned(Exception):
    """A walk through older pages that cannot go on."""

    def __init__(self, told: Unreadable) -> None:
        super().__init__(told.problem)
        self.told = told


class FeedKind:
    """RSS 0.9x, 1.0, 2.0, Atom and JSON Feed, and so every bridge that serves one."""

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise ``BadSettings`` for settings that can never work."""
        _settings(settings)

    @asynccontextmanager
    async def open(self, source: Source) -> AsyncIterator[Adapter]:
        """An open feed."""
        yield _Feed(source, _settings(source.settings))


KIND: Final = FeedKind()


def _settings(given: Mapping[str, Any]) -> FeedSettings:
    settings = read_settings(FeedSettings, given)
    web_address("url", settings.url)
    if settings.encoding and not is_encoding(settings.encoding):
        raise BadSettings("encoding", f"there is no encoding {settings.encoding!r}")
    return settings


def _changed(walk: Walk, **changes: Any) -> Walk:
    return walk.model_copy(update=changes)


def _fetched(part: Sequence[Item], state: FeedCursor, *, more: bool = False) -> Fetched:
    return Fetched(
        arrivals=tuple(one.read for one in part if isinstance(one.read, Arrival)),
        unreadable=tuple(one.read for one in part if isinstance(one.read, Unreadable)),
        cursor=state.written(),
        more=more,
    )


def _joined(page: str, onward: str) -> str:
    try:
        return urljoin(page, onward) if onward else ""
    except ValueError:
        # No address at all: it is told as the next page that is not read.
        return onward


def _same_site(page: str, onward: str) -> bool:
    """A feed names its next page itself: it must not send us anywhere else."""
    try:
        return same_server(page, onward)
    except httpx.InvalidURL:
        return False


def _told(url: str, problem: str) -> Unreadable:
    return Unreadable(
        external_id=plain.digest(url), problem=plain.line(problem), raw=plain.raw(url)
    )
