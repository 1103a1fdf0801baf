"""The verification desk's reading side: a street team's tasks on site, and what is open around."""

from typing import Any, Final

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.on_site import OnSite
from juanchi.domain.rounds import SiteTask

MOST_TASKS: Final = 1_000
MOST_AROUND: Final = 1_000
"""So many open tickets of a team's streets are looked at, the newest."""

_TICKET: Final = (
    "t.id AS ticket_id, t.number, t.text_start AS text, t.item, t.phase, t.region, t.address, "
    "t.spot, t.lon, t.lat, t.received_at"
)
# The lateral joins with OFFSET 0 look up row by row: a hash join would read whole tables.
TASKS: Final = text(
    f"""
SELECT {_TICKET}, k.kind, k.due, t.urgency, c.pictures, c.url
FROM tasks k
CROSS JOIN LATERAL (
    SELECT * FROM tickets WHERE tickets.id = k.ticket_id AND tickets.version = k.version OFFSET 0
) t
CROSS JOIN LATERAL (
    SELECT clues.pictures, clues.url FROM clues WHERE clues.ticket_id = k.ticket_id OFFSET 0
) c
WHERE k.holder = :team AND k.kind IN ('verify', 'recheck')
ORDER BY k.due, k.ticket_id, k.kind LIMIT :most
"""  # noqa: S608 - our own columns
)
AROUND: Final = text(
    f"""
SELECT {_TICKET} FROM tickets t
WHERE t.street_team = :team AND t.end_kind IS NULL
ORDER BY t.received_at DESC LIMIT :most
"""  # noqa: S608 - our own columns
)


async def site_tasks(engine: AsyncEngine, team: str, limit: int = MOST_TASKS) -> list[SiteTask]:
    """What a street team must look at, the most urgent first; nothing for an unknown team."""
    rows = await _rows(engine, TASKS, team, limit)
    return [SiteTask(**{**row, "pictures": tuple(row["pictures"])}) for row in rows]


async def around(engine: AsyncEngine, team: str, limit: int = MOST_AROUND) -> list[OnSite]:
    """The open tickets of a team's streets, the newest first."""
    return [OnSite(**row) for row in await _rows(engine, AROUND, team, limit)]


async def _rows(
    engine: AsyncEngine, query: TextClause, team: str, limit: int
) -> list[dict[str, Any]]:
    if "\0" in team:
        return []
    async with engine.connect() as connection:
        found = await connection.execute(query, {"team": team, "most": limit})
        return [dict(row) for row in found.mappings()]
