"""What a sweep goes through: every ticket that lives and is meant, once, page by page."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.sweeps import Sought
from juanchi.ledger.sweeping import open_ids
from juanchi.ledger.tables import TicketRow
from juanchi.ledger.writer import LedgerWriter
from tests.ledger.conftest import force
from tests.walk import PATHS, Walked, walk


@pytest.fixture
async def lives(writer: LedgerWriter) -> list[Walked]:
    """Two of every life."""
    lived = [walk(path, external_id=f"{path}-{n}") for n in range(2) for path in PATHS]
    await asyncio.gather(*(writer.record(life.whole) for life in lived))
    return lived


async def swept(engine: AsyncEngine, page: int = 500, **sought: Any) -> list[str]:
    """All pages, one after the other."""
    found: list[str] = []
    after = ""
    while ids := await open_ids(engine, Sought(**sought), after, page):
        found += ids
        after = ids[-1]
        if len(ids) < page:
            break
    return found


async def test_every_open_ticket_once_in_order(engine: AsyncEngine, lives: list[Walked]) -> None:
    open_ = sorted(life.ticket.id for life in lives if life.ticket.open)
    for page in (1, 7, len(open_), 500):
        assert await swept(engine, page) == open_
    alive = sorted(life.ticket.id for life in lives if not life.ticket.archived)
    assert await swept(engine, closed=True) == alive
    assert len(alive) > len(open_)


async def test_only_what_is_sought(engine: AsyncEngine, lives: list[Walked]) -> None:
    filed = sorted(life.ticket.id for life in lives if life.ticket.open and life.ticket.item)
    assert await swept(engine, items=("road", "lamp")) == filed
    assert await swept(engine, items=("lamp",)) == []
    assert await swept(engine, regions=("street-1", "x"), items=("road",)) == filed
    assert await swept(engine, regions=("futian",)) == []
    raised = ["ticket/video/urgent-0", "ticket/video/urgent-1"]
    assert await swept(engine, raised_by="storm-1") == raised
    assert await swept(engine, urgency="urgent") == raised
    assert await swept(engine, raised_by="storm-1", urgency="general") == []


async def test_it_goes_down_the_index_of_what_lives(
    engine: AsyncEngine, writer: LedgerWriter
) -> None:
    """A few that live among very many that are archived: those are not read."""
    await writer.record(walk("handling").whole)
    await writer.record(walk("archived", external_id="done").whole)
    names = [name for name in TicketRow.__table__.columns.keys() if name not in ("id", "number")]  # noqa: SIM118
    rest = ", ".join(names)
    await force(
        engine,
        f"INSERT INTO tickets (id, number, {rest}) SELECT 'ticket/old/' || n, 'N' || n, {rest} "  # noqa: S608
        "FROM tickets, generate_series(1, 20000) n WHERE archived",
    )
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("ANALYZE tickets"))
        plan = await connection.scalars(
            text(
                "EXPLAIN SELECT id FROM tickets WHERE id > '' AND NOT archived "
                "AND end_kind IS NULL ORDER BY id LIMIT 200"
            )
        )
        assert any("ix_tickets_alive" in line for line in plan)
    assert await swept(engine) == ["ticket/video/1"]
