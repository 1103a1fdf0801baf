"""The same place and item again: tickets that were closed not long before another came in.

The same place means the same region, or a community and the street that it lies in, and within it
the most exact that both tell of:

- both have coordinates: no more than ``NEAR_M`` apart;
- else both have an address: the same one, whatever its spaces, punctuation, case and width;
- else, when neither tells more than the region: the very same one, a street or a community.

When only one of them tells where exactly it is, nothing is said of the other: better a recurrence
that is missed than a closing that is called false without cause.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.overlays import Recurrence
from juanchi.domain.policy_terms import Terms
from juanchi.domain.recurrence import recurrence
from juanchi.domain.ticket import Ticket
from juanchi.domain.wording import letters
from juanchi.ledger.batching import Batches
from juanchi.ledger.errors import LedgerUnavailable
from juanchi.ledger.failures import away, told

NEAR_M: Final = 100
"""Metres within which two points are the same place."""

MOST: Final = 5
"""How many earlier tickets one ticket tells of: those closed last."""

_METRES_A_DEGREE: Final = 111_320
_CLOSED_AT: Final = text(
    "SELECT id, closed_at FROM tickets WHERE id = ANY(:ids) AND end_kind = 'closed'"
)
_CLOSED: Final = f"""
SELECT asked.nth, old.id, old.closed_at FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[],
    $7::float8[], $8::float8[], $9::bool[], $10::text[]
) WITH ORDINALITY AS asked(id, item, region, since, received_at, spot, lon, lat, street, likes, nth)
CROSS JOIN LATERAL (
    SELECT t.id, t.closed_at FROM tickets t
    WHERE t.end_kind = 'closed' AND t.item = asked.item
        AND t.region = ANY(string_to_array(asked.likes, ' '))
        AND t.closed_at BETWEEN asked.since AND asked.received_at AND t.id <> asked.id
        AND CASE
            WHEN t.lon IS NOT NULL AND t.lat IS NOT NULL AND asked.lon IS NOT NULL
            THEN power((t.lat - asked.lat) * {_METRES_A_DEGREE}, 2)
                + power((t.lon - asked.lon) * {_METRES_A_DEGREE} * cos(radians(asked.lat)), 2)
                <= {NEAR_M}::float8 * {NEAR_M}
            WHEN t.spot <> '' AND asked.spot <> '' THEN t.spot = asked.spot
            ELSE asked.street AND t.region = asked.region AND asked.spot = '' AND asked.lon IS NULL
                AND t.spot = '' AND t.lon IS NULL
        END
    ORDER BY t.closed_at DESC, t.id LIMIT {MOST}
) old
ORDER BY asked.nth, old.closed_at DESC, old.id
"""  # noqa: S608 - numbers of our own


class _Asked(NamedTuple):
    """What is asked about one ticket; ``lon`` and ``lat`` are both there or neither."""

    id: str
    item: str
    region: str
    since: datetime
    received_at: datetime
    spot: str
    lon: float | None
    lat: float | None
    street: bool
    likes: str  # codes of regions, a space between: rows of unnest hold no arrays


class _Closed(NamedTuple):
    id: str
    at: datetime


async def recurrences(
    engine: AsyncEngine, ticket: Ticket, terms: Terms, *, street: bool, like: Sequence[str] = ()
) -> tuple[Recurrence, ...]:
    """The tickets that this one repeats, the latest closed first; at most ``MOST``.

    Counted are tickets of the same item and place that were closed within ``terms.weak_days``
    before this one came in, strongly within ``terms.strong_hours``. ``street``: its region is one,
    or lies in one. ``like``: the regions by which the same place may be told of.

    Nothing is asked for a ticket without item or region. One round trip, shared with whoever asks
    at the same time. Raises ``LedgerUnavailable`` when the database is away (ask again).
    """
    place = ticket.place
    if ticket.item is None or place is None or place.region is None:
        return ()
    exact = place.lon is not None and place.lat is not None
    asked = _Asked(
        id=ticket.id,
        item=ticket.item,
        region=place.region,
        since=ticket.received_at - timedelta(days=terms.weak_days),
        received_at=ticket.received_at,
        spot=letters(place.address),
        lon=place.lon if exact else None,
        lat=place.lat if exact else None,
        street=street,
        likes=" ".join({place.region, *like}),
    )
    batches = _BATCHES.get(engine)
    if batches is None:
        batches = _BATCHES[engine] = _batches(engine)
    try:
        found = await batches.submit(asked)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise LedgerUnavailable(told(error)) from error
    return tuple(recurrence(ticket, old.id, old.at, terms) for old in found)


async def closed_at(engine: AsyncEngine, ticket_ids: Sequence[str]) -> dict[str, datetime]:
    """When these tickets were closed, of those that were. Raises ``LedgerUnavailable``."""
    if not ticket_ids:
        return {}
    try:
        async with engine.connect() as connection:
            rows = await connection.execute(_CLOSED_AT, {"ids": list(ticket_ids)})
            return {row.id: row.closed_at for row in rows}
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise LedgerUnavailable(told(error)) from error


_Batches = Batches[_Asked, list[_Closed]]
_BATCHES: Final[WeakKeyDictionary[AsyncEngine, _Batches]] = WeakKeyDictionary()


def _batches(engine: AsyncEngine) -> _Batches:
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def flush(batch: Sequence[_Asked]) -> list[list[_Closed]]:
        columns = tuple(list(column) for column in zip(*batch, strict=True))
        found: list[list[_Closed]] = [[] for _ in batch]
        async with autocommit.connect() as connection:
            result = await connection.exec_driver_sql(_CLOSED, columns)
            for row in result.mappings():
                found[row["nth"] - 1].append(_Closed(row["id"], row["closed_at"]))
        return found

    return Batches(flush, away)
