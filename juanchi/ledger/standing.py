"""What stands in the ledger where a turn was to be written."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.machine import born_as
from juanchi.domain.ticket import Ticket
from juanchi.domain.turn import Advanced, Lived
from juanchi.ledger.journal import read

_UNPOSTED: Final = text(
    "SELECT key FROM notices WHERE ticket_id = :ticket AND webhook AND posted_at IS NULL"
)


async def standing(engine: AsyncEngine, ticket: Ticket) -> Advanced:
    """The journal's own entries after ``ticket`` as it was last known, and what is to be posted.

    Nothing when the journal goes no further than the ticket. A notice that the ticket itself will
    try again is not posted from here.
    """
    entries = [line for line in await read(engine, ticket.id) if line.seq > ticket.version]
    if not entries:
        return Advanced()
    lived = Lived(born_as(ticket, entries[0].event))
    lived.happen(line.event for line in entries)
    async with engine.connect() as connection:
        unposted = (await connection.scalars(_UNPOSTED, {"ticket": ticket.id})).all()
    keys = set(unposted) - {waiting.key for waiting in lived.ticket.undelivered}
    post = tuple(notice for notice in lived.notices if notice.key in keys)
    return Advanced(stands=False, entries=tuple(entries), post=post)
