"""Clues are remembered in one order that everybody sees, and found again by words and place."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.policy_terms import SamenessTerms
from juanchi.domain.sameness import Ground, Trace, trace_of
from juanchi.domain.sketches import sketch
from juanchi.ledger.audit import audit
from juanchi.ledger.errors import LedgerUnavailable
from juanchi.ledger.rebuild import rebuild
from juanchi.ledger.retrace import unfindable
from juanchi.ledger.trace_tables import TraceKeyRow, TraceRow
from juanchi.ledger.traces import MOST, Traces
from juanchi.ledger.writer import LedgerWriter
from juanchi.runtime.database import make_engine
from tests.ledger.conftest import force
from tests.ledger.peek import everything, rows
from tests.walk import START, walk

TERMS = SamenessTerms(merge_above=0.9, propose_above=0.3)
TRACES = (TraceRow, TraceKeyRow)
STAIR = "海谷科技大厦旁边的楼梯坏了很久，老人孩子走路很危险，请尽快派人来修一修"
HOLE = "深盐路与东海路交叉口的路面坑坑洼洼，骑车经过差点摔倒，希望早点补好"


def trace(name: str, text: str = STAIR, after: timedelta = timedelta(), **more: Any) -> Trace:
    return Trace(
        ticket_id=f"ticket/video/{name}", words=sketch(text), received_at=START + after, **more
    )


@pytest.fixture
def traces(engine: AsyncEngine) -> Traces:
    return Traces(engine)


async def told(traces: Traces, asked: Trace, terms: SamenessTerms = TERMS) -> list[str]:
    found = await traces.like(asked, terms)
    return [one.ticket_id.rpartition("/")[2] for one in found]


async def test_numbers_grow_and_are_kept(traces: Traces) -> None:
    one = await traces.remember(trace("1"))
    two = await traces.remember(trace("2", HOLE))
    assert one < two
    assert await traces.remember(trace("1")) == one
    assert await told(traces, trace("3")) == ["1"]


async def test_remembered_again_it_is_brought_up_to_date(
    engine: AsyncEngine, traces: Traces
) -> None:
    number = await traces.remember(trace("1"))
    there: dict[str, Any] = {"path": ("street-1", "town"), "spot": "dam", "item": "road"}
    assert await traces.remember(trace("1", HOLE, **there)) == number
    assert await told(traces, trace("3")) == []
    assert await told(traces, trace("3", HOLE)) == ["1"]
    kept = await rows(engine, TraceRow)
    keys = [row["key"] for row in await rows(engine, TraceKeyRow)]
    assert (len(kept), sorted(kept[0]["keys"])) == (1, sorted(keys))


async def test_rebuilt_from_the_ledger(engine: AsyncEngine, traces: Traces) -> None:
    writer = LedgerWriter(engine)
    lives = [
        walk(path, external_id=path, text=f"{STAIR}，{path}", at=START + timedelta(hours=n))
        for n, path in enumerate(("handling", "closed", "verifying"))
    ]
    for life in lives:
        await writer.record(life.whole)
    for life in reversed(lives):
        await traces.remember(trace_of(life.ticket, ("street-1", "futian", "town")))
    await rebuild(engine)
    before = await everything(engine, TRACES)
    await force(
        engine,
        "DELETE FROM trace_keys WHERE key > 0",
        "UPDATE traces SET runs = 1, spot = 'wrong'",
        "INSERT INTO trace_keys VALUES (7, 999999)",
    )
    assert not (await audit(engine)).ok
    assert (await rebuild(engine)).traces == len(lives)
    assert await everything(engine, TRACES) == before
    await force(engine, "DELETE FROM traces", "DELETE FROM trace_keys")
    await rebuild(engine)
    anew = await rows(engine, TraceRow)
    # Their order was only in what is gone: now it is that of their coming in.
    assert [row["ticket_id"] for row in anew] == [life.ticket.id for life in lives]
    assert [without_number(row) for row in anew] == [
        without_number(row) for row in reversed(before["traces"])
    ]
    assert not [one for one in (await audit(engine)).problems if "remembered" in one]


def without_number(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "number"}


async def test_what_no_journal_knows_is_forgotten_after_a_day(
    engine: AsyncEngine, traces: Traces
) -> None:
    now = datetime.now(UTC)
    for name, age in (("young", timedelta(hours=23)), ("old", timedelta(hours=25))):
        await traces.remember(trace(name).model_copy(update={"received_at": now - age}))
    await rebuild(engine)
    assert [row["ticket_id"] for row in await rows(engine, TraceRow)] == ["ticket/video/young"]
    assert await unfindable_ids(engine) == []


async def unfindable_ids(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return list(await unfindable(connection, 9))


async def test_the_same_clue_twice_in_one_batch(traces: Traces) -> None:
    numbers = await asyncio.gather(*(traces.remember(trace("1")) for _ in range(5)))
    assert len(set(numbers)) == 1
    assert await traces.recall(trace("1"), TERMS) == []


async def test_only_an_earlier_one_may_be_merged_into(traces: Traces) -> None:
    one, two = trace("1"), trace("2")
    await traces.remember(one)
    (seen,) = await traces.recall(two, TERMS)
    assert (seen.ticket_id, seen.sure, seen.mergeable) == (one.ticket_id, True, True)
    assert seen.reasons == (Ground.COPIED,)
    assert await traces.like(one, TERMS) == []
    unknown = await traces.like(trace("never remembered"), TERMS)
    assert {like.ticket_id for like in unknown} == {one.ticket_id, two.ticket_id}
    assert not any(like.mergeable for like in unknown)


async def test_of_two_at_the_same_instant_exactly_one_sees_the_other_as_earlier(
    engine: AsyncEngine, database_url: str
) -> None:
    other = make_engine(database_url)
    workers = (Traces(engine), Traces(other))
    try:
        for n in range(40):
            pair = (trace(f"{n}a", f"{STAIR}{n}号楼"), trace(f"{n}b", f"{STAIR}{n}号楼"))
            seen = await asyncio.gather(
                *(worker.recall(one, TERMS) for worker, one in zip(workers, pair, strict=True))
            )
            into = [
                (one.ticket_id, like.ticket_id)
                for one, likes in zip(pair, seen, strict=True)
                for like in likes
                if like.mergeable and like.ticket_id in {pair[0].ticket_id, pair[1].ticket_id}
            ]
            assert len(into) == 1, (n, seen)
    finally:
        await other.dispose()


async def test_many_at_once_have_one_first(engine: AsyncEngine, database_url: str) -> None:
    engines = [make_engine(database_url) for _ in range(3)]
    workers = [Traces(one) for one in (engine, *engines)]
    try:
        clues = [trace(str(n)) for n in range(40)]
        seen = await asyncio.gather(
            *(workers[n % 4].recall(clue, TERMS) for n, clue in enumerate(clues))
        )
        first = [n for n, likes in enumerate(seen) if not any(like.mergeable for like in likes)]
        assert len(first) == 1
        # Asked again, now that all are there, each finds what it found.
        again = await asyncio.gather(*(workers[0].like(clue, TERMS) for clue in clues))
        assert [likes[:1] for likes in again] == [list(likes[:1]) for likes in seen]
    finally:
        for one in engines:
            await one.dispose()


async def test_the_place_is_as_the_ticket_has_it_now(traces: Traces, writer: LedgerWriter) -> None:
    old = walk("handling", external_id="old", text=STAIR)
    await traces.remember(trace("old", path=("wrong",), spot="elsewhere"))
    new = trace("new", path=("street-1", "futian"))
    (before,) = await traces.recall(new, TERMS)
    assert Ground.OTHER_PLACE in before.reasons
    assert not before.sure
    await writer.record(old.whole)
    (after,) = await traces.like(new, TERMS)
    assert Ground.OTHER_PLACE not in after.reasons
    assert after.sure


async def test_a_place_and_an_item_find_what_words_do_not(traces: Traces) -> None:
    there: dict[str, Any] = {"path": ("street-1", "futian"), "spot": "海谷科技大厦", "item": "road"}
    await traces.remember(trace("old", "台阶断了一块", **there))
    low = TERMS.model_copy(update={"propose_above": 0.1})
    assert await told(traces, trace("new", HOLE, **there), low) == ["old"]
    assert await told(traces, trace("new", HOLE), low) == []


@pytest.mark.parametrize(
    ("path", "found"),
    [("closed", True), ("withdrawn", False), ("handling", True), ("archived", True)],
)
async def test_how_the_other_stands(
    traces: Traces, writer: LedgerWriter, path: str, found: bool
) -> None:
    life = walk(path, external_id="old", text=STAIR)
    await writer.record(life.whole)
    await traces.remember(trace("old", path=("street-1", "futian")))
    end = life.ticket.ending.at if life.ticket.ending else START
    new = trace("new", after=end - START + timedelta(days=1), path=("street-1", "futian"))
    likes = await traces.recall(new, TERMS)
    assert [one.ticket_id for one in likes] == ([life.ticket.id] if found else [])
    for one in likes:
        assert one.closed == (path != "handling")
        assert one.mergeable == (path == "handling")


async def test_a_merged_one_is_told_of_as_its_survivor(
    engine: AsyncEngine, traces: Traces, writer: LedgerWriter
) -> None:
    for name in ("a", "b", "c"):
        await writer.record(walk("handling", external_id=name, text=HOLE).whole)
    await traces.remember(trace("c", HOLE))
    await traces.remember(trace("a", STAIR))
    await traces.remember(trace("b", HOLE))
    into = "UPDATE tickets SET end_kind = 'merged', merged_into = :into WHERE id = :id"
    await force(engine, into, id="ticket/video/a", into="ticket/video/b")
    await force(engine, into, id="ticket/video/b", into="ticket/video/c")
    (seen,) = await traces.recall(trace("new", path=("street-1",)), TERMS)
    assert (seen.ticket_id, seen.via) == ("ticket/video/c", "ticket/video/a")
    assert seen.mergeable
    assert await told(traces, trace("a")) == []  # what it may merge into it has merged into
    late = trace("late", path=("street-1",))
    assert (await traces.recall(late, TERMS))[0].ticket_id == "ticket/video/c"


async def test_a_circle_of_merges_ends(engine: AsyncEngine, traces: Traces) -> None:
    writer = LedgerWriter(engine)
    for name in ("a", "b"):
        await writer.record(walk("handling", external_id=name, text=STAIR).whole)
        await traces.remember(trace(name))
    into = "UPDATE tickets SET end_kind = 'merged', merged_into = :into WHERE id = :id"
    await force(engine, into, id="ticket/video/a", into="ticket/video/b")
    await force(engine, into, id="ticket/video/b", into="ticket/video/a")
    assert not any(one.mergeable for one in await traces.recall(trace("new"), TERMS))


async def test_a_phrase_that_everybody_writes_hides_nothing(traces: Traces) -> None:
    stock = "尊敬的领导您好，希望有关部门尽快处理，谢谢！"
    await traces.remember(trace("old", stock + STAIR))
    await asyncio.gather(
        *(traces.remember(trace(f"n{n}", f"{stock}{chr(0x5000 + n) * 30}")) for n in range(300))
    )
    found = await traces.recall(trace("new", STAIR + stock), TERMS)
    assert found[0].ticket_id == "ticket/video/old"
    assert len(found) <= MOST


async def test_texts_without_a_letter_are_like_nothing(traces: Traces) -> None:
    await traces.remember(trace("1", "。。。"))
    assert await traces.recall(trace("2", "！！"), TERMS) == []


async def test_a_long_text(traces: Traces) -> None:
    text = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(20_000))
    await traces.remember(trace("1", text))
    (seen,) = await traces.recall(trace("2", text[:19_000]), TERMS)
    assert seen.sure


async def test_the_database_is_away() -> None:
    gone = make_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    with pytest.raises(LedgerUnavailable):
        await Traces(gone).remember(trace("1"))
    await gone.dispose()
