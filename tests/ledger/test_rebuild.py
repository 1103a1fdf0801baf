"""The views can be dropped and built again from the journal, also while it grows."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.ticket import Ticket
from juanchi.ledger.audit import audit
from juanchi.ledger.errors import JournalDamaged
from juanchi.ledger.journal import fold_journal, read
from juanchi.ledger.rebuild import rebuild
from juanchi.ledger.writer import LedgerWriter
from tests.ledger.conftest import force
from tests.ledger.peek import VIEWS, everything
from tests.walk import PATHS, START, Walked, walk

WRECK = (
    "DELETE FROM tasks WHERE kind = 'reply'",
    "UPDATE tickets SET version = 99, lead = 'nobody' WHERE phase = 'review'",
    "DELETE FROM tickets WHERE phase = 'handling'",
    "DELETE FROM clues",
    "DELETE FROM merges",
    "INSERT INTO tasks VALUES ('ticket/video/ghost', 'sign', 'works', 'unit', NULL, now(), 1)",
)


async def lived(writer: LedgerWriter, copies: int = 1) -> list[Walked]:
    lives = [walk(path, external_id=f"{path}-{n}") for n in range(copies) for path in PATHS]
    await asyncio.gather(*(writer.record(life.whole) for life in lives))
    return lives


async def test_the_same_rows_again(engine: AsyncEngine, writer: LedgerWriter) -> None:
    lives = await lived(writer)
    before = await everything(engine, VIEWS)
    told: list[tuple[int, int]] = []
    done = await rebuild(engine, lambda *so_far: told.append(so_far), chunk=4)
    assert (done.tickets, done.dropped, done.damaged) == (len(lives), len(lives), ())
    assert told[-1] == (len(lives), len(lives))
    assert await everything(engine, VIEWS) == before
    await force(engine, *WRECK)
    assert await everything(engine, VIEWS) != before
    await rebuild(engine, chunk=5)
    assert await everything(engine, VIEWS) == before


async def test_an_empty_ledger(engine: AsyncEngine) -> None:
    assert (await rebuild(engine)).tickets == 0


async def test_while_workers_write(engine: AsyncEngine, writer: LedgerWriter) -> None:
    lives = [walk("reworked", external_id=f"n{n}") for n in range(60)]

    async def write(life: Walked) -> None:
        for recording in life.recordings:
            await writer.record(recording)

    async def rebuild_again_and_again() -> int:
        rounds = 0
        while not writing.done():
            await rebuild(engine, chunk=7)
            rounds += 1
        return rounds

    writing = asyncio.gather(*(write(life) for life in lives))
    rounds = await rebuild_again_and_again()
    await writing
    report = await audit(engine, now=START)
    assert [p for p in report.problems if "merged" not in p] == []
    assert report.tickets == 60
    assert rounds > 2


async def test_rows_of_a_damaged_journal_stay(engine: AsyncEngine, writer: LedgerWriter) -> None:
    await lived(writer)
    before = await everything(engine, VIEWS)
    await force(engine, "DELETE FROM journal WHERE ticket_id = 'ticket/video/review-0' AND seq = 5")
    done = await rebuild(engine, chunk=3)
    assert done.damaged == ("ticket/video/review-0: entry 5 is missing",)
    assert await everything(engine, VIEWS) == before


async def test_a_journal_that_does_not_fold(engine: AsyncEngine, writer: LedgerWriter) -> None:
    life = walk("overdue")
    assert isinstance(fold_journal(life.entries), Ticket)
    with pytest.raises(JournalDamaged, match="does not begin"):
        fold_journal(life.entries[1:])
    without_plan = [e for e in life.entries if e.event.kind != "planned"]
    renumbered = [e.model_copy(update={"seq": n}) for n, e in enumerate(without_plan, start=1)]
    with pytest.raises(JournalDamaged, match=r"\(rang\) does not fold"):
        fold_journal(renumbered)
    await writer.record(life.whole)
    await force(engine, 'UPDATE journal SET event = \'{"kind": "alien"}\' WHERE seq = 2')
    with pytest.raises(JournalDamaged, match="unreadable entry"):
        await read(engine, life.ticket.id)
    assert await read(engine, "ticket/video/none") == []
    assert await read(engine, "nul\0") == []
