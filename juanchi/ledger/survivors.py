"""Whether a ticket that is to speak for another can: does it exist, and has it not ended?"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.messages import Survivor
from juanchi.ledger.tables import TicketRow


async def survivor_of(engine: AsyncEngine, ticket_id: str) -> Survivor:
    """How the ledger knows a ticket that another one is to be merged into."""
    query = select(TicketRow.end_kind).where(TicketRow.id == ticket_id)
    async with engine.connect() as connection:
        row = (await connection.execute(query)).one_or_none()
    if row is None:
        return Survivor(known=False)
    return Survivor(ended=row.end_kind or "")
