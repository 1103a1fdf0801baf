"""Lists of orders, rulings and proposals: what is found, the newest first, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.lines import After, OrderLine
from juanchi.ledger.reading import LedgerViews
from juanchi.ledger.writer import LedgerWriter
from tests.walk import PATHS, START, Walked, walk


@pytest.fixture
async def lives(writer: LedgerWriter) -> list[Walked]:
    """Two of every life, begun a minute after each other."""
    lived = [
        walk(path, external_id=f"{path}-{n}", at=START + timedelta(minutes=n))
        for n, path in enumerate([*PATHS] * 2)
    ]
    await asyncio.gather(*(writer.record(life.whole) for life in lived))
    return lived


@pytest.fixture
def views(engine: AsyncEngine) -> LedgerViews:
    return LedgerViews(engine)


async def pages(ask: Callable[[After | None], Awaitable[Any]]) -> list[Any]:
    """All pages joined."""
    lines: list[Any] = []
    after = None
    while page := await ask(after):
        lines += page
        after = page[-1].after
    return lines


async def test_orders_newest_first(views: LedgerViews, lives: list[Walked]) -> None:
    wanted = sorted(
        ((order.issued_at, life.ticket.id, order.number), order)
        for life in lives
        for order in life.ticket.orders
    )[::-1]
    lines = await pages(lambda after: views.orders(limit=3, after=after))
    assert [(line.issued_at, line.ticket_id, line.number) for line in lines] == [
        key for key, _ in wanted
    ]
    assert lines == [
        OrderLine(ticket_id=ticket_id, **order.model_dump()) for (_, ticket_id, _), order in wanted
    ]


async def test_orders_of_a_unit_of_a_leader_and_open_ones(
    views: LedgerViews, lives: list[Walked]
) -> None:
    orders = [order for life in lives for order in life.ticket.orders]

    async def count(**asked: Any) -> int:
        return len(await views.orders(limit=500, **asked))

    assert await count() == len(orders) > 10
    assert await count(open=True) == sum(order.open for order in orders)
    assert await count(open=False) == sum(not order.open for order in orders)
    assert await count(unit="works") == sum(order.unit == "works" for order in orders)
    assert await count(leader="works/head") == sum(o.leader == "works/head" for o in orders)
    assert await count(leader="works/head", unit="parks") == 0
    assert await count(unit="nul\0") == 0
    answered = [line for line in await views.orders(open=True, limit=500) if line.fed_back_at]
    assert len(answered) == 2
    assert all(line.feedback_due and line.released_at is None for line in answered)


async def test_rulings_and_what_they_propose(views: LedgerViews, lives: list[Walked]) -> None:
    given = sorted(
        (ruling.at, life.ticket.id, ruling.number)
        for life in lives
        for ruling in life.ticket.rulings
    )[::-1]
    lines = await pages(lambda after: views.rulings(limit=2, after=after))
    assert [(line.at, line.ticket_id, line.number) for line in lines] == given
    proposed = await pages(lambda after: views.proposals(limit=2, after=after))
    assert [(line.at, line.ticket_id, line.ruling) for line in proposed] == given
    newest = lines[0]
    assert (newest.item, newest.region, newest.lead) == ("road", "street-1", "parks")
    assert (newest.backstop, newest.gap) == ("works", True)
    assert await views.rulings(item="road", region="street-1", limit=500) == lines
    assert await views.rulings(item="lamp") == []
    assert await views.rulings(region="futian") == []
    assert await views.rulings(item="nul\0") == []
