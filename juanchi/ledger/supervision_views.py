"""The read side of supervision: orders, rulings and what these propose, the newest first."""

from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import InstrumentedAttribute

from juanchi.domain.lines import After, OrderLine, ProposalLine, RulingLine
from juanchi.ledger.supervision_tables import OrderRow, ProposalRow, RulingRow
from juanchi.ledger.views import PAGE


async def orders(
    engine: AsyncEngine,
    *,
    unit: str | None = None,
    leader: str | None = None,
    open: bool | None = None,  # noqa: A002 - the field's word
    limit: int = PAGE,
    after: After | None = None,
) -> list[OrderLine]:
    """Supervision orders to a unit or a leader (``works/head``); all, open or released."""
    query = select(*OrderRow.__table__.columns)
    if unit is not None:
        query = query.where(OrderRow.unit == unit)
    if leader is not None:
        query = query.where(OrderRow.leader == leader)
    if open is not None:
        released = OrderRow.released_at
        query = query.where(released.is_(None) if open else released.is_not(None))
    key = (OrderRow.issued_at, OrderRow.ticket_id, OrderRow.number)
    rows = await _page(engine, query, key, limit, after, unit, leader)
    return [OrderLine.model_validate(row) for row in rows]


async def rulings(
    engine: AsyncEngine,
    *,
    item: str | None = None,
    region: str | None = None,
    limit: int = PAGE,
    after: After | None = None,
) -> list[RulingLine]:
    """Rulings on an item, or that hold for exactly this region."""
    query = select(*RulingRow.__table__.columns)
    if item is not None:
        query = query.where(RulingRow.item == item)
    if region is not None:
        query = query.where(RulingRow.region == region)
    key = (RulingRow.at, RulingRow.ticket_id, RulingRow.number)
    rows = await _page(engine, query, key, limit, after, item, region)
    return [RulingLine.model_validate(row) for row in rows]


async def proposals(
    engine: AsyncEngine, *, limit: int = PAGE, after: After | None = None
) -> list[ProposalLine]:
    """Changes of the responsibility list that rulings have proposed."""
    query = select(*ProposalRow.__table__.columns)
    key = (ProposalRow.at, ProposalRow.ticket_id, ProposalRow.ruling)
    rows = await _page(engine, query, key, limit, after)
    return [ProposalLine.model_validate(row) for row in rows]


async def _page(
    engine: AsyncEngine,
    query: Select[*tuple[Any, ...]],
    key: tuple[InstrumentedAttribute[Any], ...],
    limit: int,
    after: After | None,
    *asked: str | None,
) -> list[dict[str, Any]]:
    """A page, the newest first. A text with NUL, which PostgreSQL cannot hold, finds nothing."""
    if any(text and "\0" in text for text in asked):
        return []
    query = query.order_by(*(column.desc() for column in key)).limit(limit)
    if after is not None:
        query = query.where(tuple_(*key) < (after.at, *after.key))
    async with engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]
