"""What stands in the ledger where a turn was to be written."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.recording import Receipt, Recording
from juanchi.ledger.journal import read

_UNPOSTED: Final = text(
    "SELECT key FROM notices WHERE ticket_id = :ticket AND webhook AND posted_at IS NULL"
)


async def standing(engine: AsyncEngine, recording: Recording) -> Receipt:
    """The journal's own entries from a recording's first seq on, and its unposted notices."""
    first = recording.entries[0].seq
    ticket_id = recording.ticket.id
    entries = tuple(line for line in await read(engine, ticket_id) if line.seq >= first)
    async with engine.connect() as connection:
        keys = (await connection.scalars(_UNPOSTED, {"ticket": ticket_id})).all()
    return Receipt(journal=entries, webhooks=tuple(keys))
