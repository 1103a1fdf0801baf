"""What the tables hold, as plain values."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.ledger.supervision_tables import OrderRow, ProposalRow, RulingRow
from juanchi.ledger.tables import (
    ClueRow,
    JournalRow,
    MergeRow,
    NoticeRow,
    ReporterRow,
    Table,
    TaskRow,
    TicketRow,
)

VIEWS: tuple[type[Table], ...] = (
    TicketRow,
    TaskRow,
    ClueRow,
    MergeRow,
    OrderRow,
    RulingRow,
    ProposalRow,
)
WRITTEN: tuple[type[Table], ...] = (JournalRow, NoticeRow, ReporterRow, *VIEWS)


async def rows(engine: AsyncEngine, table: type[Table]) -> list[dict[str, Any]]:
    """A table's rows in the order of its key."""
    query = select(*table.__table__.columns).order_by(*table.__mapper__.primary_key)
    async with engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]


async def everything(
    engine: AsyncEngine, tables: tuple[type[Table], ...] = WRITTEN
) -> dict[str, list[dict[str, Any]]]:
    """All rows of these tables."""
    return {table.__tablename__: await rows(engine, table) for table in tables}
