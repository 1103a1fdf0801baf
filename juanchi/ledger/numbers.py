"""The number people say: a serial for each local day or other period, without gaps."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from string import Formatter
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.ledger.batching import Batches
from juanchi.ledger.errors import LedgerUnavailable
from juanchi.ledger.failures import away, told

# A serial is taken and given in one statement: if it fails, the day's counter stands as before.
_ISSUE: Final = """
WITH old AS (
    SELECT ticket_id, number FROM numbers WHERE ticket_id = ANY($1::text[])
), fresh AS (
    SELECT asked.id, row_number() OVER (ORDER BY asked.place) AS place, count(*) OVER () AS wanted
    FROM unnest($1::text[]) WITH ORDINALITY AS asked(id, place)
    WHERE asked.id NOT IN (SELECT ticket_id FROM old)
), counter AS (
    INSERT INTO number_days AS d (day, last)
    SELECT $2::date, count(*) FROM fresh HAVING count(*) > 0
    ON CONFLICT (day) DO UPDATE SET last = d.last + EXCLUDED.last
    RETURNING last
), given AS (
    INSERT INTO numbers (ticket_id, day, serial, number)
    SELECT id, $2::date, serial,
        $3::text || lpad(serial::text, greatest($4::int, length(serial::text)), '0') || $5::text
    FROM (SELECT id, (last - wanted + place)::int AS serial FROM fresh, counter) AS s
    RETURNING ticket_id, number
)
SELECT ticket_id, number FROM old UNION ALL SELECT ticket_id, number FROM given
"""


class Pattern(NamedTuple):
    """A number's pattern on one day: what stands before and after the serial, and its width."""

    before: str
    width: int
    after: str


class _Asked(NamedTuple):
    ticket_id: str
    pattern: Pattern
    day: date


async def issue_number(engine: AsyncEngine, ticket_id: str, pattern: str, local_day: date) -> str:
    """The ticket's number: given once, the same for ever, whatever day it is asked for again.

    ``pattern`` is the city's, e.g. ``SZ-{date:%Y%m%d}-{serial:06d}``. One round trip, shared with
    whoever asks at the same time. Raises ``ValueError`` for a pattern that cannot be unique,
    ``LedgerUnavailable`` when the database is away (ask again).
    """
    asked = _Asked(ticket_id, on_day(pattern, local_day), counted_from(pattern, local_day))
    batches = _BATCHES.get(engine)
    if batches is None:
        batches = _BATCHES[engine] = _batches(engine)
    try:
        return await batches.submit(asked)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise LedgerUnavailable(told(error)) from error


def on_day(pattern: str, day: date) -> Pattern:
    """What a pattern says on a day. Raises ``ValueError`` unless it has one serial."""
    before, width, after = "", -1, ""
    for literal, name, spec, _ in Formatter().parse(pattern):
        piece = literal
        if name == "date":
            piece += format(day, spec or "")
        elif name is not None and name != "serial":
            raise ValueError(f"number pattern {pattern!r}: unknown field {name!r}")
        before, after = (before + piece, after) if width < 0 else (before, after + piece)
        if name == "serial":
            found = re.fullmatch(r"0?(\d*)d?", spec or "")
            if found is None or width >= 0:
                raise ValueError(f"number pattern {pattern!r}: write the serial once, as 06d")
            width = int(found[1] or 0)
    if width < 0:
        raise ValueError(f"number pattern {pattern!r} needs a {{serial}}")
    return Pattern(before, width, after)


def counted_from(pattern: str, day: date) -> date:
    """The first day of the period that a pattern tells apart: day, week, month, year, or all time.

    The serial counts on through it, so that no two numbers look alike.
    """
    starts = (
        date.min,
        day.replace(month=1, day=1),
        day.replace(day=1),
        day - timedelta(days=day.weekday()),
        day,
    )
    today = on_day(pattern, day)
    return min(start for start in starts if on_day(pattern, start) == today)


_BATCHES: Final[WeakKeyDictionary[AsyncEngine, Batches[_Asked, str]]] = WeakKeyDictionary()


def _batches(engine: AsyncEngine) -> Batches[_Asked, str]:
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def flush(batch: Sequence[_Asked]) -> list[str]:
        given: dict[str, str] = {}
        # All of one day and pattern in one statement; a batch nearly always is.
        for pattern, day in dict.fromkeys((one.pattern, one.day) for one in batch):
            same = [one for one in batch if (one.pattern, one.day) == (pattern, day)]
            ids = list(dict.fromkeys(one.ticket_id for one in same))
            given.update(await _issue(autocommit, ids, pattern, day))
        return [given[one.ticket_id] for one in batch]

    return Batches(flush, away)


async def _issue(
    engine: AsyncEngine, ids: list[str], pattern: Pattern, day: date
) -> dict[str, str]:
    values = (ids, day, pattern.before, pattern.width, pattern.after)
    async with engine.connect() as connection:
        try:
            result = await connection.exec_driver_sql(_ISSUE, values)
        except IntegrityError:
            # Another process gave one of these its number meanwhile: now it can be seen.
            result = await connection.exec_driver_sql(_ISSUE, values)
        return {row["ticket_id"]: row["number"] for row in result.mappings()}
