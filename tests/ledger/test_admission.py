"""Whose turn it is, and what becomes of those that were let in."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.admission import QueueLine, Room, WaitingClue, room
from juanchi.domain.channels import ArrivalState, ChannelLimits
from juanchi.ledger.admission import AdmissionQueue, queue, set_aside
from juanchi.ledger.arrivals import Arrivals
from juanchi.ledger.channels import Channels
from juanchi.ledger.errors import NotSetAside
from juanchi.ledger.writer import LedgerWriter
from tests.handmade import Handmade
from tests.ledger.brought import NOW, clue, poison, registered, row

ALL = Room(general=1000, urgent=1000)


async def brought(
    engine: AsyncEngine, channel: str, ids: Sequence[str], urgent: Sequence[str] = ()
) -> None:
    clues = [clue(id_, channel) for id_ in ids]
    await Arrivals(engine).keep(channel, clues, cursor="c", read_at=NOW, urgent=urgent)


def names(turn: Sequence[WaitingClue]) -> list[str]:
    return [f"{one.channel}/{one.external_id}" for one in turn]


async def let_in(engine: AsyncEngine, room: Room, now: datetime = NOW) -> list[str]:
    queue = AdmissionQueue(engine)
    turn = await queue.turn(room, now)
    await queue.admitted(turn, now)
    return names(turn)


async def test_the_urgent_first_then_channel_by_channel(engine: AsyncEngine) -> None:
    await brought(engine, "flood", [f"{n:02}" for n in range(50)], urgent=["49"])
    await brought(engine, "b", ["1", "2"])
    await brought(engine, "c", ["1", "u"], urgent=["u"])
    assert await let_in(engine, Room(general=8, urgent=8)) == [
        *("flood/49", "c/u"),
        *("flood/00", "b/1", "c/1", "flood/01", "b/2", "flood/02"),
    ]


async def test_a_flood_starves_nobody_also_where_there_is_room_for_one(engine: AsyncEngine) -> None:
    await brought(engine, "flood", [f"{n:02}" for n in range(50)])
    await brought(engine, "b", ["1", "2"])
    one = Room(general=1, urgent=1)
    served = [
        name for n in range(4) for name in await let_in(engine, one, NOW + timedelta(seconds=n))
    ]
    assert served == ["flood/00", "b/1", "flood/01", "b/2"]


async def test_a_channels_limit_holds_for_a_minute_and_not_for_the_urgent(
    engine: AsyncEngine,
) -> None:
    slow = registered("slow", limits=ChannelLimits(per_minute=2))
    await Channels(engine).put(slow, by="op")
    await brought(engine, "slow", ["1", "2", "3", "u"], urgent=["u"])
    await brought(engine, "other", ["1", "2", "3"])
    first = await let_in(engine, ALL)
    assert first == ["slow/u", "slow/1", "other/1", "slow/2", "other/2", "other/3"]
    assert await AdmissionQueue(engine).waits()
    assert await let_in(engine, ALL, NOW + timedelta(seconds=59)) == []
    await brought(engine, "slow", ["u2"], urgent=["u2"])
    assert await let_in(engine, ALL, NOW + timedelta(seconds=59)) == ["slow/u2"]
    assert await let_in(engine, ALL, NOW + timedelta(seconds=60)) == ["slow/3"]
    assert not await AdmissionQueue(engine).waits()


def test_the_urgent_have_a_reserve() -> None:
    assert room(100, 0, 50) == Room(general=50, urgent=50)
    assert room(100, 70, 50) == Room(general=30, urgent=50)
    assert room(100, 150, 50) == Room(general=0, urgent=50)
    assert room(100, 300, 50) == Room(general=0, urgent=0)


async def test_the_words_go_when_the_ledger_has_the_ticket_and_the_key_stays(
    engine: AsyncEngine, writer: LedgerWriter
) -> None:
    await brought(engine, "wall", ["1", "2"])
    await let_in(engine, ALL)
    under_way = AdmissionQueue(engine)
    assert await under_way.settle(NOW) == 2
    await writer.record(Handmade("1").lived.recording())
    assert await under_way.settle(NOW) == 1
    done, going = await row(engine, "1"), await row(engine, "2")
    assert (done.state, done.clue) == (ArrivalState.ADMITTED, None)
    assert going.clue is not None
    again = await Arrivals(engine).keep("wall", [clue("1")], cursor="c", read_at=NOW)
    assert (again.new, again.known) == (0, 1)


async def test_what_the_ledger_never_heard_of_is_offered_again(engine: AsyncEngine) -> None:
    await brought(engine, "wall", ["1"])
    await let_in(engine, ALL)
    under_way, soon = AdmissionQueue(engine), NOW + timedelta(minutes=3)
    assert await under_way.late(NOW, soon) == []
    assert names(await under_way.late(NOW + timedelta(minutes=1), soon)) == ["wall/1"]
    assert await under_way.late(NOW + timedelta(minutes=1), soon) == [], "not at every look"


async def test_refused_three_times_it_is_set_aside_behind_the_others(engine: AsyncEngine) -> None:
    await brought(engine, "wall", ["bad", "2"])
    waiting = AdmissionQueue(engine)
    aside = []
    for _ in range(3):
        bad = next(one for one in await waiting.turn(ALL, NOW) if one.external_id == "bad")
        aside.append(await waiting.refused(bad, "time_in_future", NOW))
        if len(aside) == 1:
            assert names(await waiting.turn(ALL, NOW)) == ["wall/2", "wall/bad"]
    assert aside == [False, False, True]
    assert names(await waiting.turn(ALL, NOW)) == ["wall/2"]
    [line] = await set_aside(engine)
    assert (line.external_id, line.problem, line.tries) == ("bad", "time_in_future", 3)
    assert line.text == "The lamp at house bad is dark"
    await Arrivals(engine).retry("wall", "bad", by="op", why="the clock is right now")
    assert (await row(engine, "bad")).state == ArrivalState.WAITING


async def test_what_is_not_offered_again_comes_before_a_person(engine: AsyncEngine) -> None:
    await Arrivals(engine).keep("wall", [], [poison("p")], cursor="c", read_at=NOW)
    waiting = AdmissionQueue(engine)
    await waiting.settle(NOW + timedelta(minutes=50))
    assert await set_aside(engine) == []
    await waiting.settle(NOW + timedelta(minutes=61))
    assert [line.external_id for line in await set_aside(engine, "wall")] == ["p"]
    assert await set_aside(engine, "door") == []


async def test_a_supervisor_sees_the_queue(engine: AsyncEngine) -> None:
    await brought(engine, "wall", ["1", "2"], urgent=["2"])
    await Arrivals(engine).keep(
        "web",
        [clue("1", "web")],
        [poison("p")],
        cursor="c",
        read_at=NOW + timedelta(minutes=1),
    )
    found = await queue(engine)
    assert found.channels == (
        QueueLine(channel="wall", waiting=2, urgent=1, oldest=NOW),
        QueueLine(channel="web", waiting=1, oldest=NOW + timedelta(minutes=1), unreadable=1),
    )
    assert (found.waiting, found.urgent, found.oldest, found.under_way) == (3, 1, NOW, 0)
    await let_in(engine, ALL)
    assert ((await queue(engine)).waiting, (await queue(engine)).under_way) == (0, 3)


async def test_readings_and_the_admission_do_not_lock_each_other_out(engine: AsyncEngine) -> None:
    """The same things read again and again, while they are let in, settled and decided about."""
    arrivals, waiting = Arrivals(engine), AdmissionQueue(engine)
    ids = [f"{n:02}" for n in range(60)]
    clues = {code: [clue(id_, code) for id_ in ids] for code in ("a", "b")}
    bad = [poison(f"p{n}") for n in range(20)]

    async def read(code: str, step: int) -> None:
        for _ in range(6):
            await arrivals.keep(code, clues[code][::step], bad[::step], cursor="c", read_at=NOW)

    async def lets_in() -> None:
        for n in range(15):
            await let_in(engine, Room(general=9, urgent=9))
            await waiting.settle(NOW + timedelta(minutes=n * 3))

    async def decides() -> None:
        for _ in range(10):
            for line in await set_aside(engine, limit=3):
                with suppress(NotSetAside):
                    await arrivals.retry(line.channel, line.external_id, by="op")

    readers = (read(code, step) for code in ("a", "b") for step in (1, -1))
    await asyncio.gather(*readers, lets_in(), lets_in(), decides())
    await lets_in()
    found = await queue(engine)
    assert (found.waiting, found.under_way) == (0, 120)
