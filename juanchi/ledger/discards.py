"""What screening ended without a ticket, read for review: the newest, or a sample at random."""

from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.discards import DiscardCount, DiscardLine, FindDiscards

# Those that stand, and those that a person has taken up again, each with the screening that it
# was ended by. An overturned one is known by its journal alone: its row is that of a living ticket.
_GONE: Final = """
WITH ended AS (
    SELECT id, closed_at AS at, NULL::int AS before FROM tickets
    WHERE stage = 'clue' AND end_kind IN ('discarded', 'redirected')
        AND closed_at >= :start AND closed_at < :end
    UNION ALL
    SELECT ticket_id, at, seq FROM journal
    WHERE kind = 'overturned' AND at >= :start AND at < :end
), gone AS (
    SELECT e.id, e.at, e.before IS NOT NULL AS overturned, s.event,
        split_part(s.event ->> 'rule', ':', 1) AS rule, s.event ->> 'verdict' AS verdict
    FROM ended e CROSS JOIN LATERAL (
        SELECT j.event FROM journal j
        WHERE j.ticket_id = e.id AND j.kind = 'screened' AND (e.before IS NULL OR j.seq < e.before)
        ORDER BY j.seq DESC LIMIT 1
    ) s
)
"""
_WHICH: Final = "WHERE :rule = '' OR :rule IN (g.rule, g.verdict)"
_COUNTS: Final = f"""{_GONE}
SELECT g.verdict, g.rule, count(*) AS count, count(*) FILTER (WHERE g.overturned) AS overturned
FROM gone g {_WHICH} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""  # noqa: S608 - our own texts
_LINES: Final = f"""{_GONE}
SELECT g.id AS ticket_id, g.at, t.channel, g.verdict, g.event ->> 'rule' AS rule,
    (g.event ->> 'score')::float AS score, coalesce(g.event ->> 'version', '') AS version,
    t.text_start, g.overturned
FROM gone g JOIN tickets t USING (id) {_WHICH}
ORDER BY {{order}} LIMIT :limit
"""  # noqa: S608 - our own texts
_NEWEST: Final = "g.at DESC, g.id"
_DRAWN: Final = "md5(g.id || :seed), g.id"


async def discards(engine: AsyncEngine, wanted: FindDiscards, limit: int) -> list[DiscardLine]:
    """The discards wanted: the newest, or a sample, of which ``limit`` does not count."""
    values, order = _values(wanted), _NEWEST
    if wanted.sample is not None:
        order, limit = _DRAWN, wanted.sample.size
        values["seed"] = wanted.sample.seed
    query = text(_LINES.format(order=order))
    async with engine.connect() as connection:
        rows = (await connection.execute(query, {**values, "limit": limit})).mappings()
        return [DiscardLine(**row) for row in rows]


async def discard_counts(engine: AsyncEngine, wanted: FindDiscards) -> list[DiscardCount]:
    """How many by each rule, the most first."""
    async with engine.connect() as connection:
        rows = (await connection.execute(text(_COUNTS), _values(wanted))).mappings()
        return [DiscardCount(**row) for row in rows]


def _values(wanted: FindDiscards) -> dict[str, Any]:
    rule = (wanted.rule or "").replace("\0", "")
    return {"start": wanted.period.start, "end": wanted.period.end, "rule": rule}
