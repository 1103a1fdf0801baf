"""The writer: each turn exactly once, in any order, in any company."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.events import Entry
from juanchi.domain.lists import Unit
from juanchi.domain.notices import NoticeFailed, NoticePosted
from juanchi.domain.ticket import Reporter
from juanchi.domain.turn import Recording
from juanchi.ledger.errors import JournalConflict, LedgerUnavailable, Unrecordable
from juanchi.ledger.journal import fold_journal, read
from juanchi.ledger.rows import clue_row, merge_row, task_rows, ticket_row
from juanchi.ledger.statement import RECORD, RECORD_SUPERVISED
from juanchi.ledger.supervision_rows import order_rows, proposal_rows, ruling_rows
from juanchi.ledger.supervision_tables import OrderRow, ProposalRow, RulingRow
from juanchi.ledger.tables import (
    ClueRow,
    JournalRow,
    MergeRow,
    NoticeRow,
    ReporterRow,
    TaskRow,
    TicketRow,
)
from juanchi.ledger.writer import LedgerWriter
from juanchi.ledger.writing import prepare, statement
from juanchi.runtime.database import make_engine
from tests.ledger.peek import everything, rows
from tests.walk import PATHS, Walked, walk


def by_key(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda row: (row["kind"], row["holder"]))


async def stands_as(engine: AsyncEngine, walked: Walked) -> None:
    """The tables hold exactly what this one life gives."""
    ticket = walked.ticket
    assert await rows(engine, TicketRow) == [ticket_row(ticket, walked.entries[-1].event.at)]
    assert by_key(await rows(engine, TaskRow)) == by_key(task_rows(ticket))
    assert await rows(engine, ClueRow) == [clue_row(ticket)]
    assert await rows(engine, MergeRow) == [row for row in [merge_row(ticket)] if row]
    assert await rows(engine, OrderRow) == order_rows(ticket)
    assert await rows(engine, RulingRow) == ruling_rows(ticket)
    assert await rows(engine, ProposalRow) == proposal_rows(ticket)
    assert len(await rows(engine, JournalRow)) == ticket.version
    told = {row["key"]: row["kind"] for row in await rows(engine, NoticeRow)}
    assert told == {notice.key: notice.kind for notice in walked.notices}


@pytest.mark.parametrize("path", PATHS)
async def test_every_life_turn_by_turn(
    engine: AsyncEngine, writer: LedgerWriter, path: str
) -> None:
    walked = walk(path)
    for recording in walked.recordings:
        await writer.record(recording)
    await stands_as(engine, walked)


async def test_twice_changes_nothing(engine: AsyncEngine, writer: LedgerWriter) -> None:
    await with_webhook(engine, "works")
    walked = walk("reworked")
    receipts = [await writer.record(recording) for recording in walked.recordings]
    before = await everything(engine)
    again = [await writer.record(recording) for recording in walked.recordings]
    assert again == receipts
    assert await everything(engine) == before
    assert any(receipt.webhooks for receipt in receipts)


@pytest.mark.parametrize("path", ["reopened", "released", "settled"])
async def test_in_any_order(engine: AsyncEngine, writer: LedgerWriter, path: str) -> None:
    walked = walk(path)
    shuffled = walked.recordings * 2
    random.Random(7).shuffle(shuffled)
    # An old turn that comes last may not take anything back.
    for recording in (*shuffled, *reversed(walked.recordings)):
        await writer.record(recording)
    await stands_as(engine, walked)


@pytest.mark.parametrize("path", ["handling", "released"])
def test_only_what_is_supervised_pays_for_it(path: str) -> None:
    walked = walk(path)
    sent = statement([prepare(walked.whole)])
    supervised = bool(walked.ticket.orders)
    assert sent.sql == (RECORD_SUPERVISED if supervised else RECORD)
    assert len(sent.parameters) == (19 if supervised else 16)
    other = prepare(walk("unsigned", external_id="2").whole)
    assert statement([prepare(walked.whole), other]).sql == sent.sql


async def test_a_post_is_told_where_its_unit_is(engine: AsyncEngine, writer: LedgerWriter) -> None:
    await with_webhook(engine, "works")
    walked = walk("carded")
    receipt = await writer.record(walked.whole)
    posted = {key.rpartition(">")[2] for key in receipt.webhooks}
    assert posted == {"works", "works/head"}
    told = {notice.to for notice in walked.notices}
    assert {"supervisor", "police", "centre/mayor"} <= told


async def test_all_turns_at_once(engine: AsyncEngine, writer: LedgerWriter) -> None:
    walked = walk("watched")
    await asyncio.gather(*(writer.record(r) for r in walked.recordings * 2))
    await stands_as(engine, walked)


async def test_200_at_once_by_two_writers(engine: AsyncEngine, writer: LedgerWriter) -> None:
    lives = [walk("closed", external_id=f"n{n}") for n in range(200)]
    other = LedgerWriter(engine)

    async def lived(life: Walked) -> None:
        for recording in life.recordings:
            await asyncio.gather(writer.record(recording), other.record(recording))

    await asyncio.gather(*(lived(life) for life in lives))
    found = {row["id"]: row for row in await rows(engine, TicketRow)}
    assert found == {
        life.ticket.id: ticket_row(life.ticket, life.entries[-1].event.at) for life in lives
    }
    wanted = [row for life in lives for row in task_rows(life.ticket)]
    assert len(await rows(engine, TaskRow)) == len(wanted)
    assert len(await rows(engine, JournalRow)) == sum(life.ticket.version for life in lives)


async def test_another_event_in_its_place_is_a_conflict(
    engine: AsyncEngine, writer: LedgerWriter
) -> None:
    await writer.record(walk("unsigned").whole)
    before = await everything(engine)
    other = walk("unsigned", text="另一件事")
    with pytest.raises(JournalConflict) as caught:
        await writer.record(other.whole)
    assert (caught.value.ticket_id, caught.value.seq) == (other.ticket.id, 1)
    assert await everything(engine) == before


async def test_two_histories_at_once_give_one(engine: AsyncEngine, writer: LedgerWriter) -> None:
    one, other = walk("unsigned"), walk("unsigned", text="另一件事")
    results = await asyncio.gather(
        writer.record(one.whole), writer.record(other.whole), return_exceptions=True
    )
    assert [type(result).__name__ for result in results] == ["Receipt", "JournalConflict"]
    await stands_as(engine, one)


async def test_a_poisoned_recording_fails_alone(engine: AsyncEngine, writer: LedgerWriter) -> None:
    lives = [walk("unsigned", external_id=f"n{n}") for n in range(20)]
    bad = poisoned(lives[7].whole)
    results = await asyncio.gather(
        *(writer.record(bad if life is lives[7] else life.whole) for life in lives),
        return_exceptions=True,
    )
    assert isinstance(results[7], Unrecordable)
    assert "street" not in str(results[7]), "an error must not quote what it could not write"
    assert sum(isinstance(result, Exception) for result in results) == 1
    assert len(await rows(engine, TicketRow)) == 19


def poisoned(recording: Recording) -> Recording:
    """With a NUL, which PostgreSQL cannot hold, where no validator looks."""
    first = recording.entries[0]
    clue = first.event.clue.model_copy(update={"text": "nul \0 in it"})  # type: ignore[union-attr]
    event = first.event.model_copy(update={"clue": clue})
    entries = (first.model_copy(update={"event": event}), *recording.entries[1:])
    return recording.model_copy(update={"entries": entries})


async def test_entries_that_do_not_lead_to_the_ticket(writer: LedgerWriter) -> None:
    whole = walk("unsigned").whole
    with pytest.raises(ValueError, match="do not lead to version"):
        await writer.record(whole.model_copy(update={"entries": whole.entries[:-1]}))


async def test_what_is_cut_off_is_whole_or_not_there(
    engine: AsyncEngine, writer: LedgerWriter
) -> None:
    """Its connection is killed in the middle of the statement, as a crash would."""
    walked = walk("unsigned")
    async with engine.connect() as blocker:
        # Holds the row back that the turn's last table wants, so that it stands in the middle.
        await blocker.execute(text("LOCK TABLE notices IN ACCESS EXCLUSIVE MODE"))
        writing = asyncio.create_task(writer.record(walked.whole))
        # Until it gives up: it tries twice, and a connection that is ended is seen to wait for a
        # moment more, so to count the ends would be to end the first one twice.
        await kill_waiting(engine, until=writing)
        with pytest.raises(LedgerUnavailable):
            await writing
        await blocker.rollback()
    assert await rows(engine, JournalRow) == []
    assert await rows(engine, TicketRow) == []
    await writer.record(walked.whole)
    await stands_as(engine, walked)


async def kill_waiting(engine: AsyncEngine, until: asyncio.Task[object]) -> None:
    """End whatever connection waits for a lock on this database, until the task is done."""
    query = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(30), engine.connect() as connection:
        while not until.done():
            await connection.execute(query)
            # Within a transaction it would show the same snapshot for ever.
            await connection.rollback()
            await asyncio.sleep(0.01)


async def test_a_caller_that_gives_up_harms_nobody(
    engine: AsyncEngine, writer: LedgerWriter
) -> None:
    lives = [walk("unsigned", external_id=f"n{n}") for n in range(10)]
    calls = [asyncio.create_task(writer.record(life.whole)) for life in lives]
    await asyncio.sleep(0)
    calls[3].cancel()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(result, BaseException) for result in results) == 1
    await writer.record(lives[3].whole)
    assert len(await rows(engine, TicketRow)) == 10


async def test_emoji_and_long_text(engine: AsyncEngine, writer: LedgerWriter) -> None:
    walked = walk("unsigned", text="🕳️坑" * 4000, external_id="帖子/1 🧵")
    await writer.record(walked.whole)
    await stands_as(engine, walked)
    assert len((await rows(engine, TicketRow))[0]["text_start"]) == 120


async def test_contact_data_is_apart_and_can_be_erased(
    engine: AsyncEngine, writer: LedgerWriter
) -> None:
    walked = walk("closed", reporter=Reporter(id="r1", sealed_contact="SEALED-SECRET"))
    await writer.record(walked.whole)
    assert await rows(engine, ReporterRow) == [{"id": "r1", "sealed_contact": "SEALED-SECRET"}]
    for table, found in (await everything(engine)).items():
        assert table == "reporters" or "SEALED-SECRET" not in str(found)
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM reporters"))
    await writer.record(walked.whole)
    assert await rows(engine, ReporterRow) == [], "a repeated turn must not bring it back"
    folded = fold_journal(await read(engine, walked.ticket.id))
    assert folded.clue.reporter == Reporter(id="r1")


async def test_what_became_of_a_notice(engine: AsyncEngine, writer: LedgerWriter) -> None:
    await with_webhook(engine, "works")
    walked = walk("unsigned")
    receipt = await writer.record(walked.whole)
    (key,) = receipt.webhooks
    assert key.endswith(">works")

    def happened(kind: type[NoticeFailed] | type[NoticePosted], **facts: Any) -> Recording:
        event = kind(at=walked.now, by=walked.entries[0].event.by, key=key, to="works", **facts)
        walked.take([event])
        return walked.recordings[-1]

    failed = happened(NoticeFailed, what="dispatched", attempt=1, error="no route", retry_at=None)
    await writer.record(failed)
    assert await delivery(engine, key) == (None, "no route")
    posted = happened(NoticePosted, attempt=2)
    await writer.record(posted)
    assert await delivery(engine, key) == (walked.now, None)
    await writer.record(failed)
    assert await delivery(engine, key) == (walked.now, None)


async def delivery(engine: AsyncEngine, key: str) -> tuple[object, object]:
    (row,) = [row for row in await rows(engine, NoticeRow) if row["key"] == key]
    return row["posted_at"], row["failed"]


async def with_webhook(engine: AsyncEngine, code: str) -> None:
    """The lists know a unit that has a webhook."""
    unit = Unit(code=code, name=code, role="works", region="town", webhook="https://unit.test/in")
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO batches (pack, pack_version, digest, loaded_at, by, changed) "
                "VALUES ('p', '1', 'd', now(), 'test', '{}')"
            )
        )
        await connection.execute(
            text(
                "INSERT INTO units (key, batch_from, body, name, role, region, webhook) "
                "SELECT :code, max(id), '{}', :name, :role, :region, :webhook FROM batches"
            ),
            unit.model_dump(include={"code", "name", "role", "region", "webhook"}),
        )


async def test_entries_keep_their_place(engine: AsyncEngine, writer: LedgerWriter) -> None:
    walked = walk("archived")
    await writer.record(walked.whole)
    entries = await read(engine, walked.ticket.id)
    assert [entry.seq for entry in entries] == list(range(1, walked.ticket.version + 1))
    assert entries[1:] == walked.entries[1:]
    assert all(isinstance(entry, Entry) for entry in entries)
    assert fold_journal(entries).phase == walked.ticket.phase


async def test_a_database_without_tables_is_unavailable(database_url: str) -> None:
    base, _, _ = database_url.rpartition("/")
    engine = make_engine(f"{base}/postgres")
    try:
        with pytest.raises(LedgerUnavailable) as caught:
            await LedgerWriter(engine).record(walk("unsigned").whole)
        assert isinstance(caught.value.__cause__, DBAPIError)
    finally:
        await engine.dispose()
