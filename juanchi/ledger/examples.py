"""Training data out of the journals: what people decided, the newest tickets first, page by page.

Every page is a short look of its own, so that a training over years of tickets holds no snapshot
open; a ticket that moves meanwhile is read as it stands then.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain import screened
from juanchi.domain.events import AnyEvent
from juanchi.domain.examples import READ, Settled, SettledBy, settled
from juanchi.domain.messages import Event

PAGE: Final = 500
MOST: Final = 200_000
"""Examples that are learned from at most, the newest: about a kilobyte of memory each."""
MOST_SCREENINGS: Final = 20_000
"""A model of texts learns from no more; and there are a hundred clues for each ticket."""

_EVENTS: Final = TypeAdapter(list[AnyEvent])

# By the index on (received_at, id), never by offset: the last page costs what the first does.
_PAGE: Final = """
WITH page AS (
    SELECT id, received_at FROM tickets
    WHERE {within}{which} {after}
    ORDER BY received_at DESC, id DESC LIMIT :limit
)
SELECT page.id, page.received_at, (
    SELECT json_agg(j.event ORDER BY j.seq)::text FROM journal j
    WHERE j.ticket_id = page.id AND j.kind = ANY(:kinds)
) AS events
FROM page ORDER BY page.received_at DESC, page.id DESC
"""


class _Lesson(NamedTuple):
    """What is read: which tickets, which kinds of their events, and what those teach."""

    which: str
    kinds: tuple[str, ...]
    settled: Callable[[Sequence[Event]], Settled | None]


_MATTERS: Final = _Lesson("dispatched_at IS NOT NULL", READ, settled)
_SCREENED_BY_PEOPLE: Final = _Lesson(
    "id IN (SELECT ticket_id FROM journal WHERE kind = 'screened' AND by_role <> 'system')",
    screened.READ,
    screened.screening_settled,
)
_SCREENED: Final = _Lesson(
    "(dispatched_at IS NOT NULL OR end_kind IN ('discarded', 'redirected'))",
    screened.READ,
    screened.screening_settled,
)


class Span(NamedTuple):
    """From when until before when tickets came in."""

    start: datetime
    end: datetime


class Taught(NamedTuple):
    """What tickets teach, and those whose journals could not be read: an audit tells why."""

    settled: list[Settled]
    damaged: list[str]


async def taught_pages(
    engine: AsyncEngine, span: Span | None = None, page: int = PAGE, most: int = MOST
) -> AsyncIterator[Taught]:
    """What the tickets that came in within a span (None: ever) teach, up to ``most`` examples."""
    async for one in _pages(engine, _MATTERS, span, page, most):
        yield one


async def taught_screenings(
    engine: AsyncEngine, span: Span | None = None, most: int = MOST_SCREENINGS
) -> Taught:
    """What screening teaches: all that people decided, and as much of what nobody objected to."""
    spoken = await _all(_pages(engine, _SCREENED_BY_PEOPLE, span, PAGE, most))
    silent = await _all(_pages(engine, _SCREENED, span, PAGE, most))
    unsaid = [one for one in silent.settled if one.by is SettledBy.SILENCE]
    damaged = list(dict.fromkeys([*spoken.damaged, *silent.damaged]))
    return Taught([*spoken.settled, *unsaid], damaged)


async def _pages(
    engine: AsyncEngine, lesson: _Lesson, span: Span | None, page: int, most: int
) -> AsyncIterator[Taught]:
    after: dict[str, Any] = {}
    left = most
    while left > 0:
        rows = await _rows(engine, lesson, span, after, page)
        if not rows:
            return
        # Parsing is work for a processor: beside the loop, so that others are served meanwhile.
        found = await asyncio.to_thread(_taught, rows, lesson)
        yield Taught(found.settled[:left], found.damaged)
        left -= len(found.settled)
        after = {"at": rows[-1].received_at, "id": rows[-1].id}


async def taught(engine: AsyncEngine, span: Span | None = None, most: int = MOST) -> Taught:
    """The same of all pages together."""
    return await _all(taught_pages(engine, span, most=most))


async def _all(pages: AsyncIterator[Taught]) -> Taught:
    whole = Taught([], [])
    async for page in pages:
        whole.settled.extend(page.settled)
        whole.damaged.extend(page.damaged)
    return whole


async def _rows(
    engine: AsyncEngine, lesson: _Lesson, span: Span | None, after: dict[str, Any], limit: int
) -> Sequence[Any]:
    values = {"kinds": list(lesson.kinds), "limit": limit, **after}
    within = ""
    if span is not None:
        within = "received_at >= :since AND received_at < :before AND "
        values |= {"since": span.start, "before": span.end}
    further = "AND (received_at, id) < (:at, :id)" if after else ""
    query = _PAGE.format(within=within, which=lesson.which, after=further)
    async with engine.connect() as connection:
        return (await connection.execute(text(query), values)).all()


def _taught(rows: Sequence[Any], lesson: _Lesson) -> Taught:
    found = Taught([], [])
    for row in rows:
        try:
            one = lesson.settled(_EVENTS.validate_json(row.events or "[]"))
        except ValidationError:
            found.damaged.append(row.id)
        else:
            if one is not None:
                found.settled.append(one)
    return found
