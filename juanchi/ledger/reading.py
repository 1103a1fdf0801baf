"""The ledger's reading side as one object: what the typed client takes its lists from."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.events import Entry
from juanchi.domain.lines import (
    After,
    Find,
    InboxLine,
    NoticeLine,
    OrderLine,
    ProposalLine,
    RulingLine,
    TicketLine,
)
from juanchi.ledger import journal, supervision_views, views


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

    async def orders(
        self,
        *,
        unit: str | None = None,
        leader: str | None = None,
        open: bool | None = None,  # noqa: A002 - the field's word
        limit: int = views.PAGE,
        after: After | None = None,
    ) -> Sequence[OrderLine]:
        """A page of supervision orders, the newest first."""
        return await supervision_views.orders(
            self._engine, unit=unit, leader=leader, open=open, limit=limit, after=after
        )

    async def rulings(
        self,
        *,
        item: str | None = None,
        region: str | None = None,
        limit: int = views.PAGE,
        after: After | None = None,
    ) -> Sequence[RulingLine]:
        """A page of rulings, the newest first."""
        return await supervision_views.rulings(
            self._engine, item=item, region=region, limit=limit, after=after
        )

    async def proposals(
        self, *, limit: int = views.PAGE, after: After | None = None
    ) -> Sequence[ProposalLine]:
        """A page of the changes that rulings have proposed, the newest first."""
        return await supervision_views.proposals(self._engine, limit=limit, after=after)

    async def journal(self, ticket_id: str) -> Sequence[Entry]:
        """All that has happened to a ticket; nothing if there is none."""
        return await journal.read(self._engine, ticket_id)
