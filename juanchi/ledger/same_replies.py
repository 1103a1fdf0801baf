"""How often the words of a reply to a suggestion have been given to other people."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.ticket import Ticket
from juanchi.ledger.rows import reply_key

MOST: Final = 10_000
"""So many are counted; more of them is no other finding."""

_SAME: Final = text(
    "SELECT count(*) FROM (SELECT FROM tickets WHERE reply_key = :key AND id <> :id LIMIT :most) s"
)


async def same_replies(engine: AsyncEngine, ticket: Ticket) -> int:
    """How many other suggestions have a reply in the same words as this ticket's."""
    key = reply_key(ticket)
    if key is None:
        return 0
    asked = {"key": key, "id": ticket.id, "most": MOST}
    async with engine.connect() as connection:
        return int((await connection.execute(_SAME, asked)).scalar_one())
