"""What is remembered of clues, built again from the ledger: a trace for every ticket in it.

Numbers are kept: they say which of two clues was remembered first, and no journal knows that.
Tickets that have none get theirs in the order in which they came in. Workers may go on: each page
is brought up to date as if its clues were remembered once more.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain.duties import Directory
from juanchi.domain.sameness import Trace
from juanchi.domain.sketches import sketch
from juanchi.ledger.city import current_pack
from juanchi.ledger.errors import NoCity
from juanchi.ledger.traces import keep

PAGE: Final = 500

YOUNG: Final = timedelta(days=1)
"""A clue is remembered a moment before its journal begins; a worker that died then comes back."""

# Those that ended where they were screened were never compared with others.
_TICKETS: Final = """
SELECT t.id, t.received_at, c.text, t.region, t.district, t.spot, t.lon, t.lat, t.item
FROM tickets t JOIN clues c ON c.ticket_id = t.id
WHERE (t.received_at, t.id) > (:at, :id) AND t.phase <> 'screening'
    AND t.end_kind IS DISTINCT FROM 'discarded' AND t.end_kind IS DISTINCT FROM 'redirected'
ORDER BY t.received_at, t.id LIMIT :limit
"""
_FIRST: Final = "SELECT received_at - interval '1 second' FROM tickets ORDER BY received_at LIMIT 1"
_STRAYS: Final = """
DELETE FROM traces t WHERE t.received_at < now() - CAST(:young AS interval)
    AND NOT EXISTS (SELECT FROM journal j WHERE j.ticket_id = t.ticket_id)
"""
_LOST_KEYS: Final = """
DELETE FROM trace_keys x WHERE NOT EXISTS (
    SELECT FROM traces t WHERE t.number = x.number AND x.key = ANY(t.keys)
)
"""
_WRONG: Final = """
(SELECT DISTINCT t.ticket_id FROM traces t CROSS JOIN unnest(t.keys) AS k(key) WHERE NOT EXISTS (
    SELECT FROM trace_keys x WHERE x.key = k.key AND x.number = t.number
) LIMIT :limit)
UNION
(SELECT DISTINCT coalesce(t.ticket_id, '#' || x.number) FROM trace_keys x
LEFT JOIN traces t ON t.number = x.number
WHERE t.number IS NULL OR NOT x.key = ANY(t.keys) LIMIT :limit)
"""


async def retrace(engine: AsyncEngine, page: int = PAGE) -> int:
    """Bring all traces up to date; returns how many tickets have one."""
    try:
        pack, _ = await current_pack(engine)
        directory = Directory.of(pack)
    except NoCity:
        directory = None
    async with engine.connect() as connection:
        at = await connection.scalar(text(_FIRST))
    done, last = 0, ""
    while at is not None:
        async with engine.connect() as connection:
            values = {"at": at, "id": last, "limit": page}
            rows = (await connection.execute(text(_TICKETS), values)).all()
        await keep(engine, [_trace(row, directory) for row in rows])
        done += len(rows)
        if len(rows) < page:
            break
        at, last = rows[-1].received_at, rows[-1].id
    async with engine.begin() as connection:
        await connection.execute(text(_STRAYS), {"young": YOUNG})
        await connection.execute(text(_LOST_KEYS))
    return done


async def unfindable(connection: AsyncConnection, limit: int) -> Sequence[str]:
    """Tickets, at most about ``limit``, whose traces are not found by what is remembered of them.

    Or found by what is not; ``#`` and its number stands for a trace that is not there at all.
    """
    return (await connection.scalars(text(_WRONG), {"limit": limit})).all()


def _trace(row: Row[Any], directory: Directory | None) -> Trace:
    near = tuple(code for code in (row.region, row.district) if code)
    known = directory is not None and (row.region is None or row.region in directory.regions)
    return Trace(
        ticket_id=row.id,
        words=sketch(row.text),
        received_at=row.received_at,
        path=directory.chain(row.region) if directory is not None and known else near,
        spot=row.spot,
        lon=row.lon,
        lat=row.lat,
        item=row.item,
    )
