"""The audit proves that no arrival is lost or doubled: it finds every kind of breach."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.admission import Room
from juanchi.ledger.admission import AdmissionQueue
from juanchi.ledger.arrivals import Arrivals
from juanchi.ledger.audit import audit
from juanchi.ledger.writer import LedgerWriter
from tests.handmade import Handmade
from tests.ledger.brought import NOW, clue, poison
from tests.ledger.conftest import force

SOON = NOW + timedelta(minutes=2)
LATER = NOW + timedelta(hours=2)


@pytest.fixture
async def lively(engine: AsyncEngine, writer: LedgerWriter) -> AsyncEngine:
    """An arrival in every state, and all in order: w waits, a is a ticket, u was just let in."""
    arrivals, queue = Arrivals(engine), AdmissionQueue(engine)
    for _ in range(3):
        await arrivals.keep(
            "wall", [clue("a"), clue("u")], [poison("s"), poison("d")], cursor="c", read_at=NOW
        )
    await queue.admitted(await queue.turn(Room(general=9, urgent=9), NOW), NOW)
    await writer.record(Handmade("a").lived.recording())
    await queue.settle(NOW)
    await arrivals.drop("wall", "d", by="op", why="not for us")
    await arrivals.keep("wall", [clue("w")], [poison("p")], cursor="c", read_at=NOW)
    return engine


async def test_in_order(lively: AsyncEngine) -> None:
    report = await audit(lively, now=SOON)
    told = [problem for problem in report.problems if "arrival" in problem]
    assert told == []
    assert report.arrivals == {
        "waiting": 1,
        "admitted": 2,
        "set_aside": 1,
        "dropped": 1,
        "unreadable": 1,
    }


@pytest.mark.parametrize(
    ("damage", "where", "told"),
    [
        ("SET clue = NULL WHERE external_id = 'w'", "w", "its words are gone"),
        ("SET clue = NULL WHERE external_id = 'u'", "u", "the ledger has no clue of it"),
        ("SET state = 'lost' WHERE external_id = 'w'", "w", "which is no state"),
        ("SET tries = 3 WHERE external_id = 'p'", "p", "failed 3 times and was not set aside"),
        ("SET problem = '' WHERE external_id = 's'", "s", "without a problem"),
        ("SET why = '' WHERE external_id = 'd'", "d", "by whom and why"),
        ("SET by = '' WHERE external_id = 'd'", "d", "by whom and why"),
        ("SET state = 'set_aside', problem = 'x' WHERE external_id = 'a'", "a", "yet it is a"),
    ],
)
async def test_every_kind_of_breach_is_found(
    lively: AsyncEngine, damage: str, where: str, told: str
) -> None:
    await force(lively, f"UPDATE arrivals {damage}")
    report = await audit(lively, now=SOON)
    found = [problem for problem in report.problems if "arrival" in problem]
    assert len(found) == 1
    assert found[0].startswith(f"ticket/wall/{where}: ")
    assert told in found[0]


async def test_what_never_reaches_the_ledger_is_found_in_time(lively: AsyncEngine) -> None:
    report = await audit(lively, now=LATER)
    found = [problem for problem in report.problems if "arrival" in problem]
    assert len(found) == 1
    assert "ticket/wall/u: its arrival was admitted long ago" in found[0]


async def test_a_ticket_of_another_name_is_found(lively: AsyncEngine) -> None:
    await force(lively, "UPDATE clues SET ticket_id = 'ticket/wall/b' WHERE external_id = 'a'")
    report = await audit(lively, now=SOON)
    assert "ticket/wall/a: its arrival became another ticket, ticket/wall/b" in report.problems
