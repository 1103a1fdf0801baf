"""What the audit checks of arrivals: each is waiting, a ticket, set aside or dropped; none is lost.

Everything that was ever seen has one row, so it is the rows that are proved: against the clues
that the journal gives, and against what each state promises.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from juanchi.domain.channels import TRIES, ArrivalState

ENGINE_GRACE: Final = timedelta(minutes=10)
"""How long a ticket may be on its way to the ledger before somebody should look."""

_STATES: Final = text("SELECT state, count(*) AS n FROM arrivals GROUP BY state")

_BREACHES: Final = text("""
SELECT ticket_id, breach FROM (
    SELECT 'ticket/' || a.channel || '/' || a.external_id AS ticket_id, a.position, CASE
        WHEN a.state <> ALL (:states) THEN 'its arrival is ' || a.state || ', which is no state'
        WHEN a.state = 'waiting' AND a.clue IS NULL
            THEN 'its arrival waits to be admitted but its words are gone'
        WHEN a.state = 'admitted' AND c.ticket_id IS NULL AND a.clue IS NULL
            THEN 'its arrival was admitted but the ledger has no clue of it'
        WHEN a.state = 'admitted' AND c.ticket_id IS NULL AND a.since < :before
            THEN 'its arrival was admitted long ago and the ledger still has no clue of it'
        WHEN a.state = 'admitted' AND c.ticket_id <> 'ticket/' || a.channel || '/' || a.external_id
            THEN 'its arrival became another ticket, ' || c.ticket_id
        WHEN a.state = 'unreadable' AND a.tries >= :most
            THEN 'its arrival failed ' || a.tries || ' times and was not set aside'
        WHEN a.state = 'set_aside' AND a.problem = ''
            THEN 'its arrival was set aside without a problem'
        WHEN a.state = 'dropped' AND (a.by = '' OR a.why = '')
            THEN 'its arrival was dropped, but nobody says by whom and why'
        WHEN a.state IN ('unreadable', 'set_aside', 'dropped') AND c.ticket_id IS NOT NULL
            THEN 'its arrival is ' || a.state || ', yet it is a ticket'
    END AS breach
    FROM arrivals a LEFT JOIN clues c ON c.channel = a.channel AND c.external_id = a.external_id
) AS looked_at
WHERE breach IS NOT NULL ORDER BY position
""")


class Breach(NamedTuple):
    """What is wrong with which arrival; ``where`` is the id of the ticket that it should be."""

    where: str
    told: str


class ArrivalFindings(NamedTuple):
    """How many arrivals are in which state, and what is wrong."""

    by_state: dict[str, int]
    breaches: tuple[Breach, ...]


async def audit_arrivals(connection: AsyncConnection, now: datetime) -> ArrivalFindings:
    """Look at every arrival."""
    by_state = {row.state: row.n for row in await connection.execute(_STATES)}
    values = {"states": [*ArrivalState], "most": TRIES, "before": now - ENGINE_GRACE}
    rows = await connection.execute(_BREACHES, values)
    return ArrivalFindings(by_state, tuple(Breach(row.ticket_id, row.breach) for row in rows))
