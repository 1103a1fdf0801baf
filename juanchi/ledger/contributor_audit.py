"""Contributors' counts held against tickets and clues: for audits and rebuilds."""

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.ledger.contributors import COUNTS, FIGURES, NONE, SUGGESTIONS

GRACE: Final = timedelta(minutes=10)
"""A suggestion is counted right after it is written: so long an audit does not mind."""

_ALL: Final = f"""
SELECT c.reporter_id AS id, {FIGURES}, max(greatest(t.updated_at, s.updated_at)) AS latest
{SUGGESTIONS} AND c.reporter_id IS NOT NULL
GROUP BY c.reporter_id
HAVING c.reporter_id NOT IN (SELECT id FROM contributors WHERE opted_out OR erased)
"""  # noqa: S608 - our own words
_HAS: Final = ", ".join(
    f"coalesce(k.{one}, 0) AS has_{one}, coalesce(n.{one}, 0) AS {one}" for one in COUNTS
)
_WRONG: Final = " OR ".join(f"coalesce(k.{one}, 0) <> coalesce(n.{one}, 0)" for one in COUNTS)
_MISCOUNTED: Final = text(
    f"""
SELECT coalesce(k.id, n.id) AS id, {_HAS}
FROM contributors k FULL JOIN ({_ALL}) n ON n.id = k.id
WHERE (n.latest IS NULL OR n.latest < :settled)
    AND ({_WRONG})
ORDER BY 1
"""  # noqa: S608 - our own words
)


async def erased(connection: AsyncConnection) -> Set[str]:
    """Whom no view may name."""
    rows = await connection.scalars(text("SELECT id FROM contributors WHERE erased"))
    return frozenset(rows.all())


async def recount(engine: AsyncEngine) -> None:
    """Count everybody anew. No honours are told: whoever has reached one is told with the next."""
    async with engine.begin() as connection:
        await connection.execute(text("LOCK TABLE contributors IN SHARE ROW EXCLUSIVE MODE"))
        await connection.execute(text(f"UPDATE contributors SET {NONE} WHERE made > 0"))  # noqa: S608
        await connection.execute(
            text(
                f"INSERT INTO contributors (id, {', '.join(COUNTS)}) "  # noqa: S608
                f"SELECT id, {', '.join(COUNTS)} FROM ({_ALL}) a "
                "ON CONFLICT (id) DO UPDATE SET "
                + ", ".join(f"{one} = EXCLUDED.{one}" for one in COUNTS)
            )
        )


async def miscounted(connection: AsyncConnection, now: datetime) -> list[tuple[str, str]]:
    """What contributors' counts are and should not be, for an audit: who, and a sentence."""
    rows = await connection.execute(_MISCOUNTED, {"settled": now - GRACE})
    return [
        (row["id"], f"contributors.{one} is {row[f'has_{one}']}, their tickets say {row[one]}")
        for row in rows.mappings()
        for one in COUNTS
        if row[f"has_{one}"] != row[one]
    ]
