"""What channels bring is kept once, whoever brings it again, and whatever dies in the middle."""

import asyncio

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.channels import ArrivalState, ChannelLimits, Kept
from juanchi.domain.ticket import Reporter
from juanchi.ledger.arrivals import Arrivals
from juanchi.ledger.channel_tables import ArrivalRow
from juanchi.ledger.channels import Channels
from juanchi.ledger.errors import NoArrival, NotSetAside
from juanchi.ledger.tables import ReporterRow
from juanchi.runtime.database import make_engine
from tests.ledger.brought import NOW, SOON, clue, poison, registered, row


async def count(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(ArrivalRow)) or 0


async def test_the_same_reading_twice_is_known(engine: AsyncEngine) -> None:
    arrivals = Arrivals(engine)
    clues = [clue("1"), clue("2"), clue("1", text="said again in the same reading")]
    first = await arrivals.keep("wall", clues, cursor="c1", read_at=NOW)
    assert first == Kept(new=2, known=1, waiting=2, wake=True)
    again = await arrivals.keep("wall", clues[:2], cursor="c1", read_at=SOON)
    assert again == Kept(known=2, waiting=2)
    stands = (await row(engine, "1")).clue
    assert stands is not None
    assert stands["text"] == clues[0].text
    state = await Channels(engine).state("wall")
    assert (state.cursor, state.last_success, state.last_new) == ("c1", SOON, NOW)


async def test_what_is_pushed_moves_no_cursor(engine: AsyncEngine) -> None:
    arrivals = Arrivals(engine)
    await arrivals.keep("wall", [clue("1")], cursor="c1", read_at=NOW)
    await arrivals.keep("wall", [clue("2")], cursor=None, read_at=SOON)
    assert (await Channels(engine).state("wall")).cursor == "c1"


async def test_a_channel_brings_only_its_own(engine: AsyncEngine) -> None:
    with pytest.raises(ValueError, match="wall brought clues of web"):
        await Arrivals(engine).keep("wall", [clue("1", "web")], cursor="c", read_at=NOW)
    assert await count(engine) == 0


async def test_two_processes_read_the_same_at_once(engine: AsyncEngine, database_url: str) -> None:
    other = make_engine(database_url)
    try:
        # In opposite orders, so that locks taken one by one would meet.
        clues = [clue(str(n)) for n in range(100)]
        bad = [poison(f"p{n}") for n in range(20)]
        kept = await asyncio.gather(
            *(Arrivals(engine).keep("wall", clues, bad, cursor="c", read_at=NOW) for _ in "ab"),
            *(
                Arrivals(other).keep("wall", clues[::-1], bad[::-1], cursor="c", read_at=NOW)
                for _ in "ab"
            ),
        )
    finally:
        await other.dispose()
    assert sum(one.new for one in kept) == 100
    assert await count(engine) == 120


async def test_channels_do_not_wait_for_each_other(engine: AsyncEngine) -> None:
    arrivals = Arrivals(engine)
    kept = await asyncio.gather(
        *(
            arrivals.keep(code, [clue("1", code)], cursor="c", read_at=NOW)
            for code in map("c{}".format, range(20))
        )
    )
    assert [one.new for one in kept] == [1] * 20


async def test_killed_in_the_middle_nothing_is_kept_and_the_cursor_stays(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrivals = Arrivals(engine)
    await arrivals.keep("wall", [clue("1")], cursor="c1", read_at=NOW)

    async def dies(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr("juanchi.ledger.arrivals._unreadable", dies)
        with pytest.raises(asyncio.CancelledError):
            await arrivals.keep("wall", [clue("2")], [poison("3")], cursor="c2", read_at=SOON)
    assert await count(engine) == 1
    assert (await Channels(engine).state("wall")).cursor == "c1"
    kept = await arrivals.keep("wall", [clue("2")], [poison("3")], cursor="c2", read_at=SOON)
    assert (kept.new, kept.unreadable) == (1, 1)


async def test_three_tries_and_it_is_set_aside_with_its_error(engine: AsyncEngine) -> None:
    arrivals = Arrivals(engine)
    raw = "<item>call me at 138 0013-8000 or a.b@mail.example " + "x" * 5000
    kept = [
        await arrivals.keep("wall", [clue(str(n))], [poison("p", raw)], cursor="c", read_at=NOW)
        for n in range(4)
    ]
    assert [one.set_aside for one in kept] == [0, 0, 1, 0]
    assert [one.unreadable for one in kept] == [1, 1, 0, 0]
    assert [one.known for one in kept] == [0, 0, 0, 1]
    aside = await row(engine, "p")
    assert (aside.state, aside.tries) == (ArrivalState.SET_ASIDE, 3)
    assert aside.problem == "it ends in the middle"
    assert aside.raw.startswith("<item>call me at *** or ***@*** xxx")
    assert len(aside.raw) <= 1000


async def test_what_becomes_readable_is_admitted_after_all(engine: AsyncEngine) -> None:
    arrivals = Arrivals(engine)
    for _ in range(3):
        await arrivals.keep("wall", [], [poison("p"), poison("q")], cursor="c", read_at=NOW)
    kept = await arrivals.keep("wall", [clue("p")], [poison("q")], cursor="c", read_at=SOON)
    assert kept == Kept(new=1, known=1, waiting=1, wake=True)
    mended = await row(engine, "p")
    assert (mended.state, mended.problem, mended.raw) == (ArrivalState.WAITING, "", "")
    # Once it can be read it stays so.
    await arrivals.keep("wall", [], [poison("p")], cursor="c", read_at=SOON)
    assert (await row(engine, "p")).state == ArrivalState.WAITING


async def test_a_person_retries_or_drops_what_is_set_aside(engine: AsyncEngine) -> None:
    arrivals, channels = Arrivals(engine), Channels(engine)
    for _ in range(3):
        await arrivals.keep("wall", [], [poison("p"), poison("q")], cursor="c9", read_at=NOW)
    await arrivals.retry("wall", "p", by="op", why="the source has mended it")
    again = await row(engine, "p")
    assert (again.state, again.tries, again.by) == (ArrivalState.UNREADABLE, 0, "op")
    assert (await channels.state("wall")).cursor == ""
    await arrivals.drop("wall", "q", by="op", why="a test of theirs")
    gone = await row(engine, "q")
    assert (gone.state, gone.by, gone.why) == (ArrivalState.DROPPED, "op", "a test of theirs")
    assert gone.raw == ""
    kept = await arrivals.keep("wall", [clue("p"), clue("q")], cursor="c9", read_at=SOON)
    assert (kept.new, kept.known) == (1, 1)
    assert (await row(engine, "q")).state == ArrivalState.DROPPED
    with pytest.raises(NotSetAside, match="wall/q is dropped"):
        await arrivals.retry("wall", "q", by="op")
    with pytest.raises(NoArrival):
        await arrivals.drop("wall", "nothing", by="op", why="it is not there")
    with pytest.raises(ValueError, match="why"):
        await arrivals.drop("wall", "p", by="op", why=" ")


async def test_a_contact_lies_apart_and_an_old_post_does_not_bring_it_back(
    engine: AsyncEngine,
) -> None:
    arrivals = Arrivals(engine)
    told = clue("1", reporter=Reporter(id="r-1", sealed_contact="sealed!"))
    await arrivals.keep("wall", [told], cursor="c", read_at=NOW)
    lies = (await row(engine, "1")).clue
    assert lies is not None
    assert lies["reporter"] == {"id": "r-1"}
    async with engine.begin() as connection:
        assert await connection.scalar(select(ReporterRow.sealed_contact)) == "sealed!"
        await connection.execute(delete(ReporterRow))
    await arrivals.keep("wall", [told], cursor="c", read_at=SOON)
    async with engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(ReporterRow)) == 0


async def test_a_long_queue_asks_the_adapter_to_slow_down(engine: AsyncEngine) -> None:
    arrivals = Arrivals(engine)
    await Channels(engine).put(registered("wall", limits=ChannelLimits(waiting=3)), by="op")
    two = await arrivals.keep("wall", [clue("1"), clue("2")], cursor="c", read_at=NOW)
    assert (two.waiting, two.slow_down) == (2, False)
    more = await arrivals.keep("wall", [clue(f"m{n}") for n in range(9)], cursor="c", read_at=NOW)
    assert (more.new, more.slow_down) == (9, True), "nothing is dropped"
    other = await arrivals.keep("door", [clue("1", "door")], cursor="c", read_at=NOW)
    assert not other.slow_down


async def test_the_admission_is_woken_by_the_first_and_by_the_urgent(engine: AsyncEngine) -> None:
    arrivals = Arrivals(engine)
    first = await arrivals.keep("wall", [clue("1")], cursor="c", read_at=NOW)
    second = await arrivals.keep("wall", [clue("2")], cursor="c", read_at=NOW)
    urgent = await arrivals.keep("wall", [clue("3")], cursor="c", read_at=NOW, urgent={"3"})
    said = await arrivals.keep("wall", [clue("4", urgency="urgent")], cursor="c", read_at=NOW)
    known = await arrivals.keep("wall", [clue("3")], cursor="c", read_at=SOON, urgent={"3"})
    assert [kept.wake for kept in (first, second, urgent, said, known)] == [
        *(True, False, True, True, False)
    ]
    assert [(await row(engine, id_)).urgent for id_ in "1234"] == [False, False, True, True]
