"""Pulling from an Open311 GeoReport v2 server, window by window of time.

The specification has no pages: a server gives at most so many reports between two dates, and never
says that it left some out. So a window that comes back full is halved until it does not. Reports
are published late (they are moderated first), under the time when they were made: each reading
therefore begins some time before where the last one ended.

The cursor is the moment up to which all has been read; in the middle of a longer way also where it
leads to and how wide the last window was: ``<at>/<goal>/<seconds>``.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, Self
from zoneinfo import ZoneInfo

import httpx
from pydantic import AwareDatetime, Field, field_validator

from juanchi.domain.base import Value
from juanchi.intake.channels import georeport
from juanchi.intake.channels.adapter import BadSettings, Fetched, Source, SourceTrouble, Unreadable
from juanchi.intake.channels.settings import read_settings
from juanchi.intake.channels.times import moment
from juanchi.intake.channels.web import Page, get, web_address

WIDEST: Final = timedelta(days=90)
"""The longest window that the specification lets a server answer."""

NARROWEST: Final = timedelta(seconds=1)
MARGIN: Final = timedelta(seconds=1)
"""Asked for on both sides of a window: servers differ in whether its ends belong to it."""

MOST_ASKED: Final = 40
"""Windows asked for in one reading; then it rests, and goes on from there."""

DATES_IGNORED: Final = "does not keep to the dates asked for: reports may be missing"

_UTC: Final = ZoneInfo("UTC")
MOST_TOKENS: Final = 50
"""Tokens exchanged for ids in one reading: each is a question of its own."""

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of an answer."""

EXPLAINED: Final = frozenset({400, 401, 403, 404})
"""Statuses with which a server says in its own words what is wrong."""

_CURSOR = re.compile(r"([^/]+)(?:/([^/]+)/(\d{1,8}))?")


class Open311Settings(Value):
    """A channel's settings.

    ``url`` is the endpoint, to which ``/requests.json`` is added. ``most`` is how many reports the
    server gives in one answer at most. ``overlap_hours``: how long after it was made a report may
    be published and still be read. ``since``: where the first reading begins, else 90 days ago.
    ``api_key`` names a secret. Empty ``statuses`` and ``services`` want all.
    """

    url: str = Field(pattern=r"^[^\s?#]+$", max_length=500)
    format: Literal["json", "xml"] = "json"
    jurisdiction_id: str = Field(default="", max_length=200)
    api_key: str = Field(default="", max_length=64)
    statuses: tuple[Literal["open", "closed"], ...] = ("open",)
    services: tuple[str, ...] = Field(default=(), max_length=200)
    most: int = Field(default=1000, ge=2, le=10_000)
    overlap_hours: float = Field(default=48, ge=0, le=24 * 90)
    since: AwareDatetime | None = None

    @field_validator("services")
    @classmethod
    def _codes(cls, services: tuple[str, ...]) -> tuple[str, ...]:
        if any(not code or "," in code for code in services):
            raise ValueError("a service code is not empty and has no comma")
        return services


@dataclass(frozen=True, slots=True)
class Way:
    """What is still to be read: from a moment to a goal, in windows of about this width."""

    at: datetime
    goal: datetime
    step: timedelta

    @classmethod
    def after(cls, cursor: str, settings: Open311Settings, now: datetime) -> Self:
        """The way on from a cursor. One that cannot be read, somebody's hand, is as none."""
        goal = now.replace(microsecond=0)
        found = _CURSOR.fullmatch(cursor)
        at = moment(found[1], _UTC) if found else None
        if found is None or at is None:
            return cls(
                min(settings.since or now - WIDEST, goal).replace(microsecond=0), goal, WIDEST
            )
        if found[2] is None:
            # Not later than now: a clock that was wrong once must not make us wait for it.
            return cls(min(at, goal) - timedelta(hours=settings.overlap_hours), goal, WIDEST)
        step = min(max(timedelta(seconds=int(found[3])), NARROWEST), WIDEST)
        return cls(at, moment(found[2], _UTC) or goal, step)

    def window(self) -> tuple[datetime, datetime]:
        """The next window."""
        return self.at, min(self.at + self.step, self.goal)

    def cursor(self) -> str:
        """Where this way stands."""
        if self.at >= self.goal:
            return told(self.goal)
        return f"{told(self.at)}/{told(self.goal)}/{int(self.step.total_seconds())}"

    def narrower(self, width: timedelta) -> Self:
        """The same way in windows half as wide as this."""
        half = timedelta(seconds=int(width.total_seconds()) // 2)
        return type(self)(self.at, self.goal, max(half, NARROWEST))

    def onward(self, end: datetime) -> Self:
        """The way after a window that ended then, in windows twice as wide."""
        return type(self)(end, self.goal, min(self.step * 2, WIDEST))


class Open311:
    """Reads one server."""

    def __init__(self, source: Source, settings: Open311Settings, api_key: str) -> None:
        self._source = source
        self._settings = settings
        self._statuses = frozenset(settings.statuses)
        self._services = frozenset(settings.services)
        given = {"jurisdiction_id": settings.jurisdiction_id, "api_key": api_key}
        self._identity = {name: value for name, value in given.items() if value}

    async def fetch(self, cursor: str) -> Fetched:
        """The reports of the next windows, until there are some or the way is at its end."""
        way = Way.after(cursor, self._settings, self._source.now())
        found: Sequence[object] = ()
        gaps: list[Unreadable] = []
        for _ in range(MOST_ASKED):
            if way.at >= way.goal or found or gaps:
                break
            start, end = way.window()
            given = await self._requests(start - MARGIN, end + MARGIN)
            if len(given) >= self._settings.most:
                if georeport.strays(given, start, end, self._source.zone):
                    gaps.append(_gap("dates", DATES_IGNORED))
                    end = way.goal  # windows are no use here: what it gives is what there is
                elif end - start > NARROWEST:
                    # By the window's own width, not the step: the last one is often cut short.
                    way = way.narrower(end - start)
                    continue
                else:
                    gaps.append(_gap(told(start), f"{len(given)} reports and more in one second"))
            found = [one for one in given if georeport.wanted(one, self._statuses, self._services)]
            way = way.onward(end)
        arrivals, unreadable = georeport.arrivals(await self._named(found), self._source.zone)
        more = way.at < way.goal
        return Fetched(arrivals, (*unreadable, *gaps), way.cursor(), more=more)

    async def _requests(self, start: datetime, end: datetime) -> list[object]:
        params = {"start_date": told(start), "end_date": told(end)}
        if self._settings.statuses:
            params["status"] = ",".join(self._settings.statuses)
        if self._settings.services:
            params["service_code"] = ",".join(self._settings.services)
        answer = await self._ask(f"requests.{self._settings.format}", params)
        if answer.status != 200:
            raise SourceTrouble(self._told(answer))
        return self._list(answer)

    async def _named(self, given: Sequence[object]) -> list[object]:
        """The reports, those with a token under the id that the server has given them since."""
        named: list[object] = []
        left = MOST_TOKENS
        for one in given:
            token = georeport.token_of(one)
            if left and re.fullmatch(r"[\w.~-]{1,200}", token, re.ASCII):
                left -= 1
                named.append(await self._with_id(one, token))
            else:
                named.append(one)
        return named

    async def _with_id(self, given: object, token: str) -> object:
        try:
            answer = await self._ask(f"tokens/{token}.{self._settings.format}", {})
            found = list(georeport.ids(self._list(answer))) if answer.status == 200 else []
        except SourceTrouble:
            found = []  # one report that stays without an id costs no other
        if len(found) != 1 or not isinstance(given, Mapping):
            return given
        return {**given, "service_request_id": found[0]}

    async def _ask(self, path: str, params: dict[str, str]) -> Page:
        url = httpx.URL(f"{self._settings.url.rstrip('/')}/{path}", params=self._identity | params)
        answer = await get(self._source.http, str(url), most=LARGEST, headers={}, also=EXPLAINED)
        if answer.status in (401, 403):
            raise BadSettings("api_key", self._told(answer))
        return answer

    def _list(self, answer: Page) -> list[object]:
        try:
            return georeport.reports(answer.body, self._settings.format)
        except georeport.NotGeoReport as error:
            raise SourceTrouble(str(error)) from None

    def _told(self, answer: Page) -> str:
        said = georeport.said(answer.body, self._settings.format)
        return f"HTTP {answer.status}{': ' if said else ''}{said}"[:200]


class Open311Kind:
    """The kind ``open311``."""

    def check(self, settings: Mapping[str, Any]) -> None:
        """See ``AdapterKind``."""
        web_address("url", read_settings(Open311Settings, settings).url)

    def open(self, source: Source) -> AbstractAsyncContextManager[Open311]:
        """See ``AdapterKind``."""
        return _opened(source)


KIND: Final = Open311Kind()


@asynccontextmanager
async def _opened(source: Source) -> AsyncIterator[Open311]:
    settings = read_settings(Open311Settings, source.settings)
    yield Open311(source, settings, source.secret(settings.api_key) if settings.api_key else "")


def _gap(where: str, problem: str) -> Unreadable:
    """What a person has to look at, since the server does not let us read it."""
    return Unreadable(external_id=f"window:{where}", problem=problem)


def told(at: datetime) -> str:
    """A moment as the servers, and our cursors, write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
