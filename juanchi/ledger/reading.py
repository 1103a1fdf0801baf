"""The ledger's reading side as one object: what the typed client takes its lists from."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.events import Entry
from juanchi.domain.lines import After, Find, InboxLine, NoticeLine, TicketLine
from juanchi.ledger import journal, views


class LedgerViews:
    """Implements the client's ``Views``. Reads only."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def ticket_line(self, ticket: str) -> TicketLine | None:
        """The line of a ticket given by its id or its number."""
        return await views.ticket_row(self._engine, ticket)

    async def find(self, wanted: Find, limit: int, after: After | None) -> Sequence[TicketLine]:
        """A page of the tickets wanted."""
        return await views.find(self._engine, wanted, limit=limit, after=after)

    async def inbox(self, holder: str, limit: int) -> Sequence[InboxLine]:
        """The tasks of a holder, the most urgent first."""
        return await views.inbox(self._engine, holder, limit=limit)

    async def notices(self, holder: str, limit: int) -> Sequence[NoticeLine]:
        """What a holder was told, the newest first."""
        return await views.notices(self._engine, holder, limit=limit)

    async def journal(self, ticket_id: str) -> Sequence[Entry]:
        """All that has happened to a ticket; nothing if there is none."""
        return await journal.read(self._engine, ticket_id)
