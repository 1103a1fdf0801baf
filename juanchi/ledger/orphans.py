"""Open tickets that a change of the lists would leave without their unit or item."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Text, any_, func, literal, or_, select, union
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from juanchi.domain.lists import Pack
from juanchi.ledger.errors import ListsRefused
from juanchi.ledger.tables import TaskRow, TicketRow

NAMED = 5
"""So many units, items and tickets are named."""

_OPEN = TicketRow.end_kind.is_(None)


class Orphans(NamedTuple):
    """The units and items that go while open tickets have them, and those tickets."""

    units: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    tickets: int = 0
    some: tuple[str, ...] = ()


async def orphans_of(connection: AsyncConnection, before: Pack, after: Pack) -> Orphans:
    """The open tickets that are with a unit (leading, assisting, verifying, or with a task), or of
    an item, that goes.

    A ticket that is dispatched in this very second may get through: workers trust their lists for
    a moment. It keeps the version it was dispatched under, as all do.
    """
    units, items = _gone(before.units, after.units), _gone(before.items, after.items)
    if not units and not items:
        return Orphans()
    tasks = select(TaskRow.ticket_id).where(_among(TaskRow.holder, units))
    concerned = _OPEN & or_(
        _among(TicketRow.lead, units),
        _among(TicketRow.street_team, units),
        TicketRow.assisting.overlap(_codes(units)),
        _among(TicketRow.item, items),
        TicketRow.id.in_(tasks),
    )
    count = await connection.scalar(select(func.count()).select_from(TicketRow).where(concerned))
    if not count:
        return Orphans()
    name = func.coalesce(TicketRow.number, TicketRow.id)
    some = await connection.scalars(select(name).where(concerned).order_by(name).limit(NAMED))
    with_tickets = union(
        select(TicketRow.lead).where(_OPEN, _among(TicketRow.lead, units)),
        select(TicketRow.street_team).where(_OPEN, _among(TicketRow.street_team, units)),
        select(func.unnest(TicketRow.assisting)).where(_OPEN),
        select(TaskRow.holder).where(_among(TaskRow.holder, units)),
    )
    holding = set(await connection.scalars(with_tickets))
    had = select(TicketRow.item).where(_OPEN, _among(TicketRow.item, items)).distinct()
    used = set(await connection.scalars(had))
    return Orphans(
        tuple(code for code in units if code in holding),
        tuple(code for code in items if code in used),
        count,
        tuple(some),
    )


async def open_dispatched(connection: AsyncConnection) -> int:
    """How many open tickets have been dispatched: they keep the version that was in force then."""
    dispatched = select(func.count()).select_from(TicketRow)
    count: int | None = await connection.scalar(
        dispatched.where(_OPEN, TicketRow.dispatched_at.is_not(None))
    )
    return count or 0


def would_orphan(orphans: Orphans) -> ListsRefused:
    """The refusal of a batch that would leave open tickets behind."""
    gone = (*orphans.units, *orphans.items)
    return ListsRefused(
        "would_orphan",
        gone=", ".join(gone[:NAMED]),
        more=len(gone) - NAMED if len(gone) > NAMED else "",
        n=orphans.tickets,
        tickets=", ".join(orphans.some),
        others=orphans.tickets - len(orphans.some) or "",
    )


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


def _gone(before: Sequence[_Coded], after: Iterable[_Coded]) -> list[str]:
    codes = {one.code for one in after}
    return [one.code for one in before if one.code not in codes]


def _among(column: Any, codes: list[str]) -> Any:
    # One array, however many codes: a parameter for each would be too many for the protocol.
    return column == any_(_codes(codes))


def _codes(codes: list[str]) -> Any:
    return literal(codes, ARRAY(Text))
