"""Numbers: one for each ticket for ever, none twice, no gap, however many ask at once."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.ledger.errors import LedgerUnavailable
from juanchi.ledger.numbers import counted_from, issue_number, on_day
from juanchi.runtime.database import make_engine

DAILY = "SZ-{date:%Y%m%d}-{serial:06d}"
DAY, NEXT = date(2026, 11, 22), date(2026, 11, 23)


async def test_the_same_ticket_keeps_its_number(engine: AsyncEngine) -> None:
    assert await issue_number(engine, "a", DAILY, DAY) == "SZ-20261122-000001"
    assert await issue_number(engine, "b", DAILY, DAY) == "SZ-20261122-000002"
    assert await issue_number(engine, "a", DAILY, NEXT) == "SZ-20261122-000001"
    assert await issue_number(engine, "c", DAILY, NEXT) == "SZ-20261123-000001"


async def test_no_gap_and_none_twice_under_load(engine: AsyncEngine, database_url: str) -> None:
    """Two processes' engines ask for overlapping tickets at once, each more than once."""
    other = make_engine(database_url)
    try:
        asked = [f"t{n % 150}" for n in range(400)]
        given = await asyncio.gather(
            *(issue_number((engine, other)[n % 2], t, DAILY, DAY) for n, t in enumerate(asked))
        )
    finally:
        await other.dispose()
    by_ticket = {
        ticket: {number for t, number in zip(asked, given, strict=True) if t == ticket}
        for ticket in asked
    }
    assert all(len(numbers) == 1 for numbers in by_ticket.values())
    assert sorted(set(given)) == [f"SZ-20261122-{n:06d}" for n in range(1, 151)]


async def test_two_days_in_one_batch(engine: AsyncEngine) -> None:
    given = await asyncio.gather(
        *(issue_number(engine, f"t{n}", DAILY, (DAY, NEXT)[n % 2]) for n in range(10))
    )
    assert len(set(given)) == 10
    assert max(given) == "SZ-20261123-000005"


async def test_a_pattern_without_a_date_counts_on(engine: AsyncEngine) -> None:
    assert await issue_number(engine, "a", "TT-{serial:05d}", DAY) == "TT-00001"
    assert await issue_number(engine, "b", "TT-{serial:05d}", NEXT) == "TT-00002"


async def test_a_serial_outgrows_its_width(engine: AsyncEngine) -> None:
    given = [await issue_number(engine, f"t{n}", "{date:%j}/{serial:01d}", DAY) for n in range(11)]
    assert given[-2:] == ["326/10", "326/11"]


@pytest.mark.parametrize(
    ("pattern", "day", "start"),
    [
        ("{date:%Y%m%d}-{serial}", "2026-11-22", "2026-11-22"),
        ("{date}-{serial}", "2026-11-22", "2026-11-22"),
        ("{date:%Y-%m}-{serial}", "2026-11-22", "2026-11-01"),
        ("{date:%Y}-{serial}", "2026-11-22", "2026-01-01"),
        ("{date:%G-W%V}-{serial}", "2026-11-22", "2026-11-16"),
        ("{date:%G-W%V}-{serial}", "2026-01-02", "2025-12-29"),
        ("{serial}", "2026-11-22", "0001-01-01"),
    ],
)
def test_a_period_begins_where_numbers_change(pattern: str, day: str, start: str) -> None:
    assert counted_from(pattern, date.fromisoformat(day)) == date.fromisoformat(start)


@pytest.mark.parametrize(
    "pattern", ["SZ-{date:%Y%m%d}", "{serial}{serial}", "{serial:x}", "{date}-{serial}-{city}"]
)
def test_patterns_that_cannot_work(pattern: str) -> None:
    with pytest.raises(ValueError, match="number pattern"):
        on_day(pattern, DAY)


async def test_a_pattern_that_comes_round_again_says_so(engine: AsyncEngine) -> None:
    assert await issue_number(engine, "a", "{date:%d}-{serial}", DAY) == "22-1"
    with pytest.raises(LedgerUnavailable, match="uq_numbers_number"):
        await issue_number(engine, "b", "{date:%d}-{serial}", date(2026, 12, 22))
    assert await issue_number(engine, "a", "{date:%d}-{serial}", NEXT) == "22-1"
