"""Reading the journals of a period, for its metrics and for what-if: one snapshot, page by page.

What is kept in memory is one page, and the recurrences that later tickets have seen.
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain.measures import Measure, measure
from juanchi.domain.metrics.period import Period
from juanchi.domain.metrics.telling import kinds
from juanchi.domain.recurrence import RecurrenceSeen
from juanchi.ledger.errors import JournalDamaged
from juanchi.ledger.journal import CHUNK, Life

_SEEN: Final = TypeAdapter(RecurrenceSeen)

_LIVES: Final = """
SELECT j.ticket_id,
    json_agg(json_build_object('seq', j.seq, 'event', j.event) ORDER BY j.seq)::text AS entries
FROM tickets t JOIN journal j ON j.ticket_id = t.id
WHERE {where} GROUP BY j.ticket_id ORDER BY j.ticket_id
"""
# A ticket matters to a period when it was there before its end, and something happened to it since
# its beginning, or a due time may have gone by in it.
_MATTERING: Final = text(
    _LIVES.format(
        where="t.received_at < :before AND (t.updated_at >= :since OR NOT t.archived) "
        "AND j.kind = ANY(:kinds)"
    )
)
_RECEIVED: Final = text(_LIVES.format(where="t.received_at >= :since AND t.received_at < :before"))
_FILED: Final = text(
    _LIVES.format(
        where="t.received_at < :before AND t.updated_at >= :since AND t.number IS NOT NULL "
        "AND EXISTS (SELECT FROM journal f WHERE f.ticket_id = t.id AND f.kind = 'filed' "
        "AND f.at >= :since AND f.at < :before)"
    )
)
_RECURRED: Final = text(
    """
SELECT j.ticket_id, j.event::text
FROM tickets t JOIN journal j ON j.ticket_id = t.id
WHERE t.received_at >= :since AND j.kind = 'recurrence_seen'
"""
)


async def measured(
    engine: AsyncEngine, period: Period, until: datetime, chunk: int = CHUNK
) -> AsyncGenerator[list[Measure], None]:
    """The measures of a period, those of ``chunk`` tickets at a time.

    ``until`` is now: due times that have passed by then are missed. Raises ``JournalDamaged`` when
    a journal cannot be read: a figure that leaves something out is none.
    """
    async with _snapshot(engine) as connection:
        recurred = await _recurred(connection, period)
        wanted = {**_bounds(period), "kinds": sorted(kinds())}
        async with connection.stream(_MATTERING, wanted, execution_options=_paged(chunk)) as result:
            async for rows in result.partitions(chunk):
                found = [one for row in rows for one in _measured(Life(*row), until, recurred)]
                yield [one for one in found if one.at in period]


def received(
    engine: AsyncEngine, period: Period, chunk: int = CHUNK
) -> AsyncGenerator[list[Life], None]:
    """The whole journals of the tickets that came in within a period, ``chunk`` at a time."""
    return _whole(engine, _RECEIVED, period, chunk)


def filed(
    engine: AsyncEngine, period: Period, chunk: int = CHUNK
) -> AsyncGenerator[list[Life], None]:
    """The whole journals of the tickets that were filed within a period, ``chunk`` at a time."""
    return _whole(engine, _FILED, period, chunk)


async def _whole(
    engine: AsyncEngine, query: TextClause, period: Period, chunk: int
) -> AsyncGenerator[list[Life], None]:
    async with _snapshot(engine) as connection:
        wanted = _bounds(period)
        async with connection.stream(query, wanted, execution_options=_paged(chunk)) as result:
            async for rows in result.partitions(chunk):
                yield [Life(*row) for row in rows]


@asynccontextmanager
async def _snapshot(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.connect() as connection:
        await connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        yield connection


def _paged(chunk: int) -> Mapping[str, int]:
    """By a cursor of the server's, so much at a time."""
    return {"yield_per": chunk}


def _bounds(period: Period) -> dict[str, object]:
    return {"since": period.start, "before": period.end}


async def _recurred(
    connection: AsyncConnection, period: Period
) -> Mapping[str, Sequence[RecurrenceSeen]]:
    """What later tickets have seen, by the ticket that they name."""
    found: dict[str, list[RecurrenceSeen]] = defaultdict(list)
    for ticket_id, event in await connection.execute(_RECURRED, {"since": period.start}):
        try:
            seen = _SEEN.validate_json(event)
        except ValidationError as error:
            raise JournalDamaged(ticket_id, f"unreadable entry: {error}") from None
        found[seen.of].append(seen)
    return found


def _measured(
    life: Life, until: datetime, recurred: Mapping[str, Sequence[RecurrenceSeen]]
) -> list[Measure]:
    entries = life.entries()
    try:
        return measure(entries, until, recurred.get(life.ticket_id, ()))
    except (ValueError, LookupError) as error:
        raise JournalDamaged(life.ticket_id, f"it cannot be measured: {error!r}") from error
