"""The ledger's reading side as the client wants it: the lines of the domain, pages by id."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.base import Value
from juanchi.domain.events import Entry
from juanchi.domain.lines import InboxLine, NoticeLine, TicketLine, Wanted
from juanchi.domain.refusal import Code, Refused
from juanchi.ledger import journal, views
from juanchi.ledger.lines import After, Find

V = TypeVar("V", bound=Value)

_PAGE = 500


class LedgerViews:
    """Implements the client's ``Views`` over the ledger's tables."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def ticket_line(self, ticket: str) -> TicketLine | None:
        """The line of a ticket given by its id or its number."""
        row = await views.ticket_row(self._engine, ticket)
        return None if row is None else _as(TicketLine, row)

    async def find(self, wanted: Wanted) -> Sequence[TicketLine]:
        """A page of the tickets wanted, the newest first. Refused: not_found, for ``after``."""
        asked = Find(
            **wanted.model_dump(
                include={"stage", "phase", "unit", "district", "item", "channel", "open"}
            ),
            assisting=True,
            overdue=wanted.overdue,
            text=wanted.text,
        )
        after = await self._after(wanted, asked)
        # What the ledger cannot narrow by itself is sifted here, page by page.
        sifted = wanted.escalated is not None or wanted.end_kind is not None
        size = _PAGE if sifted else wanted.limit
        found: list[TicketLine] = []
        while len(found) < wanted.limit:
            rows = await views.find(self._engine, asked, limit=size, after=after)
            found += (
                _as(TicketLine, row) for row in rows if _passes(row.escalated, row.end_kind, wanted)
            )
            if len(rows) < size:
                break
            after = asked.after(rows[-1])
        return found[: wanted.limit]

    async def inbox(self, holder: str, limit: int) -> Sequence[InboxLine]:
        """The tasks of a holder, the most urgent first."""
        rows = await views.inbox(self._engine, holder, limit=limit)
        return [
            InboxLine.model_validate(
                {**row.model_dump(exclude={"ticket"}), "ticket": _as(TicketLine, row.ticket)}
            )
            for row in rows
        ]

    async def notices(self, holder: str, limit: int) -> Sequence[NoticeLine]:
        """What a holder was told, the newest first."""
        rows = await views.notices(self._engine, holder, limit=limit)
        return [_as(NoticeLine, row) for row in rows]

    async def journal(self, ticket_id: str) -> Sequence[Entry]:
        """All that has happened to a ticket; nothing if there is none."""
        return await journal.read(self._engine, ticket_id)

    async def _after(self, wanted: Wanted, asked: Find) -> After | None:
        if wanted.after is None:
            return None
        row = await views.ticket_row(self._engine, wanted.after)
        if row is None:
            raise Refused(Code.NOT_FOUND, ticket=wanted.after)
        return asked.after(row)


def _passes(escalated: bool, end_kind: str | None, wanted: Wanted) -> bool:
    if wanted.escalated is not None and escalated != wanted.escalated:
        return False
    return wanted.end_kind is None or end_kind == wanted.end_kind


def _as(kind: type[V], row: Value) -> V:
    """A ledger's row as the domain's line: by name, without what only the ledger knows."""
    return kind.model_validate(row.model_dump(include=set(kind.model_fields)))
