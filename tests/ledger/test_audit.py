"""The audit: clean on every life, and finds each kind of damage."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.ledger.audit import SHOWN, AuditReport, audit
from juanchi.ledger.writer import LedgerWriter
from tests.ledger.conftest import force
from tests.walk import PATHS, START, Walked, walk

LATER = START + timedelta(days=90)

NEVER_HAPPENED = """
UPDATE journal SET kind = 'progressed', event = jsonb_build_object(
    'kind', 'progressed', 'at', event->'at', 'by', event->'by', 'note', 'nothing'
)
"""


@pytest.fixture
async def lives(writer: LedgerWriter) -> list[Walked]:
    """One of every life; the id tells which."""
    lived = [walk(path, external_id=path) for path in PATHS]
    await asyncio.gather(*(writer.record(life.whole) for life in lived))
    return lived


async def problems(engine: AsyncEngine, *damage: str, **values: str) -> list[str]:
    """What an audit says after this damage, without the channel's part of the id."""
    await force(engine, *damage, **values)
    report = await audit(engine, now=LATER)
    assert report.ok == (not report.problems)
    return [problem.removeprefix("ticket/video/") for problem in report.problems]


async def test_every_life_is_sound(engine: AsyncEngine, lives: list[Walked]) -> None:
    looked: list[int] = []
    report = await audit(engine, progress=looked.append, now=LATER)
    assert report.problems == ()
    assert report.ok
    assert report.tickets == looked[-1] == len(lives)
    assert report.events == sum(life.ticket.version for life in lives)
    assert report.open + report.closed + report.archived == len(lives)
    assert report.rungs == sum(e.event.kind == "rang" for v in lives for e in v.entries)


async def test_an_empty_ledger_is_sound(engine: AsyncEngine) -> None:
    assert (await audit(engine, set())).ok


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("DELETE FROM clues WHERE external_id = 'review'", "review: its row in clues is missing"),
        ("DELETE FROM tickets WHERE external_id = 'review'", "review: its row in tickets is"),
        ("DELETE FROM tasks WHERE kind = 'review'", "review: its row in tasks (review of checker)"),
        ("DELETE FROM merges", "merged: its row in merges is missing"),
        ("UPDATE tickets SET lead = 'x' WHERE external_id = 'review'", "review: tickets.lead is"),
        ("UPDATE tasks SET due = now() WHERE kind = 'review'", "review: tasks (review of checker)"),
        (
            "INSERT INTO tasks SELECT ticket_id, kind, 'x', role, due, since, version "
            "FROM tasks WHERE kind = 'review'",
            "review: a row in tasks (review of x) should not be there",
        ),
        (
            "DELETE FROM journal WHERE ticket_id = 'ticket/video/review' AND seq = 4",
            "review: entry 4 is missing",
        ),
        (
            "DELETE FROM journal WHERE ticket_id = 'ticket/video/review' AND seq = 1",
            "review: the journal does not begin with the clue's receipt",
        ),
        (
            "DELETE FROM journal WHERE ticket_id = 'ticket/video/review'",
            "review: it has a row in tickets but no journal",
        ),
        (
            "UPDATE journal SET event = jsonb_set(event, '{note}', '7') WHERE kind = 'verified' "
            "AND ticket_id = 'ticket/video/review'",
            "review: unreadable entry",
        ),
        (
            "UPDATE journal SET event = jsonb_set(event, '{ticket_id}', '\"x\"') WHERE seq = 1 "
            "AND ticket_id = 'ticket/video/review'",
            "review: the clue's own ticket is",
        ),
        (
            "UPDATE journal SET event = jsonb_set(event, '{rung}', '\"overdue\"') "
            "WHERE kind = 'rang' AND ticket_id = 'ticket/video/archived'",
            "archived: entry 17: overdue rang on reopen, next was elapsed",
        ),
        (
            "UPDATE journal SET event = jsonb_set(event, '{due}', '\"2026-01-01T00:00:00Z\"') "
            "WHERE kind = 'rang' AND ticket_id = 'ticket/video/archived'",
            "archived: entry 17: elapsed on reopen tells of another due time",
        ),
        (
            "INSERT INTO journal SELECT ticket_id, seq + 1, at, kind, by_role, by_unit, cause, "
            "event FROM journal WHERE ticket_id = 'ticket/video/withdrawn' AND seq = 5",
            "withdrawn: entry 6 (ended) comes after the archive",
        ),
        (
            "UPDATE journal SET event = jsonb_set(event, '{reason}', '\"\"') "
            "WHERE kind = 'ended' AND ticket_id = 'ticket/video/withdrawn'",
            "withdrawn: it ended without a reason",
        ),
        (
            "DELETE FROM journal WHERE ticket_id = 'ticket/video/unsigned' AND seq = 8",
            "unsigned: it is open and waits for the engine since",
        ),
        (
            "DELETE FROM journal WHERE ticket_id = 'ticket/video/closed' AND seq = 16",
            "closed: it is closed but no clock leads to its archive",
        ),
        (
            "DELETE FROM orders WHERE ticket_id = 'ticket/video/carded'",
            "carded: its row in orders (WA-video-carded-D1) is missing",
        ),
        (
            "UPDATE orders SET fed_back_at = now() WHERE ticket_id = 'ticket/video/carded'",
            "carded: orders (WA-video-carded-D1).fed_back_at is",
        ),
        (
            "INSERT INTO rulings SELECT ticket_id, 'another', item, region, lead, assisting, "
            "backstop, basis, interim_until, gap, final, at FROM rulings "
            "WHERE ticket_id = 'ticket/video/ruled'",
            "ruled: a row in rulings (another) should not be there",
        ),
        (
            "UPDATE proposals SET lead = 'x' WHERE ticket_id = 'ticket/video/ruled'",
            "ruled: proposals (WA-video-ruled-A1).lead is 'x', the journal says 'parks'",
        ),
        (
            "UPDATE tickets SET on_hold = false WHERE external_id = 'on_hold'",
            "on_hold: tickets.on_hold is False",
        ),
        (
            "DELETE FROM journal WHERE ticket_id = 'ticket/video/returning' AND seq = 10",
            "returning: it is open and waits for the engine since",
        ),
        (
            "UPDATE journal SET event = jsonb_set(event, '{deadlines}', '[]') "
            "WHERE ticket_id = 'ticket/video/returning' AND seq = 10",
            "returning: dispatcher owes answer_return, but not by any time",
        ),
        (
            f"{NEVER_HAPPENED} WHERE kind = 'dispute_lapsed'",
            "lapsed: it ended, but its dispute WA-video-lapsed-A1 is open",
        ),
        (
            f"{NEVER_HAPPENED} WHERE kind = 'order_released' AND ticket_id = 'ticket/video/lapsed'",
            "lapsed: it ended, but its order WA-video-lapsed-D1 is open",
        ),
        (
            f"{NEVER_HAPPENED} WHERE kind = 'request_lapsed' "
            "AND ticket_id = 'ticket/video/outpaced'",
            "outpaced: it ended while a request waits for its answer",
        ),
        (
            f"{NEVER_HAPPENED} WHERE kind = 'order_issued' AND ticket_id = 'ticket/video/carded'",
            "carded: entry 18: yellow_card rang, but its order does not follow",
        ),
    ],
)
async def test_damage_is_found(
    engine: AsyncEngine, lives: list[Walked], damage: str, said: str
) -> None:
    found = await problems(engine, damage)
    assert any(problem.startswith(said) for problem in found), found
    about = {problem.partition(":")[0] for problem in found}
    assert about == {said.partition(":")[0]}, found


async def test_a_merge_without_a_survivor(engine: AsyncEngine, lives: list[Walked]) -> None:
    survivor = "ticket/video/survivor"
    found = await problems(
        engine,
        "DELETE FROM journal WHERE ticket_id = :id AND kind = 'voice_added'",
        id=survivor,
    )
    assert f"merged: it was merged into {survivor}, which does not speak for it" in found
    found = await problems(
        engine,
        "DELETE FROM journal WHERE ticket_id = :id",
        "DELETE FROM tickets WHERE id = :id",
        "DELETE FROM tasks WHERE ticket_id = :id",
        "DELETE FROM clues WHERE ticket_id = :id",
        id=survivor,
    )
    assert found == [f"merged: it was merged into {survivor}, which is not in the ledger"]


async def test_against_temporal(engine: AsyncEngine, lives: list[Walked]) -> None:
    alive = {life.ticket.id for life in lives if not life.ticket.archived}
    assert (await audit(engine, alive, now=LATER)).ok
    report = await audit(
        engine,
        alive - {"ticket/video/review"} | {"ticket/video/archived", "ticket/video/unheard"},
        now=LATER,
    )
    assert set(report.problems) == {
        "ticket/video/review: it is not over but has no open workflow",
        "ticket/video/archived: its workflow is open but it is over",
        "ticket/video/unheard: its workflow is open but the ledger does not know it",
    }


async def test_many_problems_are_counted_not_told(
    engine: AsyncEngine, writer: LedgerWriter
) -> None:
    lived = [walk("unsigned", external_id=f"n{n}") for n in range(SHOWN + 10)]
    await asyncio.gather(*(writer.record(life.whole) for life in lived))
    await force(engine, "DELETE FROM clues")
    report: AuditReport = await audit(engine, now=LATER)
    assert (report.problems_found, len(report.problems)) == (SHOWN + 10, SHOWN)


async def test_under_load_it_finds_nothing(engine: AsyncEngine, writer: LedgerWriter) -> None:
    lived = [walk("reworked", external_id=f"n{n}") for n in range(60)]

    async def write(life: Walked) -> None:
        for recording in life.recordings:
            await writer.record(recording)

    writing = asyncio.gather(*(write(life) for life in lived))
    audits = 0
    while not writing.done():
        report = await audit(engine, now=START)
        assert report.problems == ()
        audits += 1
    await writing
    assert audits > 2
