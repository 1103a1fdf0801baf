"""Tickets that live, in the order of their ids: what a sweep goes through page by page."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.sweeps import Sought
from juanchi.ledger.tables import TicketRow


async def open_ids(engine: AsyncEngine, sought: Sought, after: str, limit: int) -> list[str]:
    """The ids of the next tickets sought behind ``after``; fewer than ``limit`` are the last.

    What begins behind an id that has been passed is not found: a sweep sees what was there when it
    came by.
    """
    query = (
        select(TicketRow.id)
        .where(TicketRow.id > after, *_conditions(sought))
        .order_by(TicketRow.id)
        .limit(limit)
    )
    async with engine.connect() as connection:
        return list((await connection.scalars(query)).all())


def _conditions(sought: Sought) -> Iterator[ColumnElement[bool]]:
    yield ~TicketRow.archived
    if not sought.closed:
        yield TicketRow.end_kind.is_(None)
    if sought.items:
        yield TicketRow.item.in_(sought.items)
    if sought.regions:
        yield TicketRow.region.in_(sought.regions)
    if sought.raised_by:
        yield TicketRow.raised_by == sought.raised_by
    if sought.urgency:
        yield TicketRow.urgency == sought.urgency
