"""Contributors on a real ledger: counted, honoured once, left alone and forgotten when they ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count as counting
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.advancing import LedgerActivities
from activities.city import CityDesk
from juanchi.domain import machine
from juanchi.domain.merging import AskSurvivorResult
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.suggestions import TemplateFlagged
from juanchi.domain.terms import Outcome
from juanchi.domain.ticket import Clue, Phase, Reporter
from juanchi.domain.turn import Turn
from juanchi.ledger import contributors
from juanchi.ledger.audit import audit
from juanchi.ledger.city import CityReader
from juanchi.ledger.rebuild import rebuild
from juanchi.ledger.tables import ClueRow, ContributorRow, ReporterRow
from juanchi.packs import read_pack
from tests.activities.test_advancing import CENTRE, ROADS, Life
from tests.ledger.peek import rows
from tests.pure import MONDAY, TINYTOWN
from tests.town import founded

IDEA = "I suggest a new lamp in Mill Parish"
CHECKER = {"role": "checker", "unit": "town-desk"}
HONOURED = (2, 3)
"""The numbers of Tinytown's policy."""

_NAMES = counting(1)


@pytest.fixture(scope="module")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = await founded(database_url, read_pack(TINYTOWN))
    yield made
    await made.dispose()


@pytest.fixture
def ledger(engine: AsyncEngine) -> LedgerActivities:
    return LedgerActivities(engine, CityDesk(CityReader(engine)))


@pytest.fixture
def person() -> str:
    """Somebody whom no other test knows."""
    return f"r-{next(_NAMES)}"


async def made(ledger: LedgerActivities, person: str | None, words: str = IDEA) -> Life:
    """A suggestion of somebody, dispatched."""
    reporter = Reporter(id=person, sealed_contact=f"sealed {person}") if person else None
    clue = Clue(
        channel="phone",
        external_id=f"idea-{next(_NAMES)}",
        text=words,
        reported_at=MONDAY,
        reporter=reporter,
    )
    return await Life(ledger, clue, MONDAY).begin()


async def settled(life: Life, outcome: Outcome = Outcome.ADOPTED, words: str = "") -> Life:
    """Answered by the unit, and accepted."""
    await life.act("sign", ROADS)
    said = {"outcome": outcome, "public": words or f"Thank you, {life.ticket.id}.", "reason": "so"}
    await life.act("reply", ROADS, **said)
    await life.act("review", CHECKER, accepted=True, note="read")
    return life


async def counted(engine: AsyncEngine, person: str) -> dict[str, Any] | None:
    return next((row for row in await rows(engine, ContributorRow) if row["id"] == person), None)


async def honours(engine: AsyncEngine, *lives: Life) -> list[str]:
    """The honours told for these suggestions."""
    query = text("SELECT key FROM notices WHERE kind = 'honoured' AND ticket_id = ANY(:ids)")
    async with engine.connect() as connection:
        found = await connection.scalars(query, {"ids": [life.ticket.id for life in lives]})
        return sorted(key.rpartition("#")[2] for key in found.all())


async def sound(engine: AsyncEngine) -> None:
    """No invariant is broken, also as seen long after."""
    report = await audit(engine, now=MONDAY + timedelta(hours=2))
    assert report.ok, report.problems


async def test_each_suggestion_counts_and_what_became_of_it(
    engine: AsyncEngine, ledger: LedgerActivities, person: str
) -> None:
    outcomes = (Outcome.ADOPTED, Outcome.PARTLY_ADOPTED, Outcome.NOT_ADOPTED)
    lives = [await made(ledger, person) for _ in outcomes]
    for life, outcome in zip(lives, outcomes, strict=True):
        assert (await counted(engine, person) or {})["made"] == 3
        await settled(life, outcome)
    row = await counted(engine, person)
    assert row is not None
    figures = (row["made"], row["adopted"], row["partly_adopted"], row["not_adopted"])
    assert figures == (3, 1, 1, 1)
    await lives[0].act("reopen", {"role": "reporter"}, reason="you have not built it")
    assert (await counted(engine, person) or {})["adopted"] == 0, "it is open again"
    await made(ledger, person, "A deep pothole in Mill Parish, please mend it")
    assert (await counted(engine, person) or {})["made"] == 3, "a report is no suggestion"
    await sound(engine)


async def test_honours_are_told_once_each(
    engine: AsyncEngine, ledger: LedgerActivities, person: str
) -> None:
    lives = [await made(ledger, person) for _ in range(5)]
    assert await honours(engine, *lives) == ["honour-2>reporter", "honour-3>reporter"]
    assert await honours(engine, lives[1]) == ["honour-2>reporter"]
    for life in lives:
        for _ in range(3):
            assert await contributors.count(engine, life.ticket.id, HONOURED, MONDAY) == ()
    assert len(await honours(engine, *lives)) == 2
    assert (await counted(engine, person) or {})["honoured"] == 3


async def test_honours_are_told_once_when_all_is_counted_at_the_same_moment(
    engine: AsyncEngine, ledger: LedgerActivities, person: str
) -> None:
    lives = await asyncio.gather(*(made(ledger, person) for _ in range(4)))
    again = [contributors.count(engine, life.ticket.id, HONOURED, MONDAY) for life in lives * 3]
    await asyncio.gather(*again)
    assert await honours(engine, *lives) == ["honour-2>reporter", "honour-3>reporter"]
    assert (await counted(engine, person) or {})["made"] == 4
    await sound(engine)


async def test_a_turn_that_comes_again_counts_once(
    engine: AsyncEngine, ledger: LedgerActivities, person: str
) -> None:
    """A worker that was killed after the writing and before the counting."""
    first = await made(ledger, person)
    second = await made(ledger, person)
    async with engine.begin() as connection:
        for statement in (
            "UPDATE contributors SET made = 1, honoured = 0 WHERE id = :id",
            "DELETE FROM notices WHERE kind = 'honoured' AND ticket_id = :ticket",
        ):
            await connection.execute(text(statement), {"id": person, "ticket": second.ticket.id})
    newborn = Life(ledger, second.ticket.clue, MONDAY)
    received = newborn._received
    for _ in range(2):
        await ledger.advance(Turn.of(newborn.ticket, [received], MONDAY))
    assert (await counted(engine, person) or {})["made"] == 2
    assert await honours(engine, first, second) == ["honour-2>reporter"]


async def test_a_merged_suggestion_counts_for_its_own_contributor(
    engine: AsyncEngine, ledger: LedgerActivities, person: str
) -> None:
    survivor = await made(ledger, None)
    voice = await made(ledger, person)
    await voice.act("merge", CENTRE, into=survivor.ticket.id, reason="the same idea")
    await survivor.act("absorb", {"role": "system"}, voice=voice.ticket.id)
    answer = AskSurvivorResult(into=survivor.ticket.id)
    await voice._turn(machine.complete(voice.ticket, answer, voice.now))
    assert voice.ticket.phase is Phase.ENDED
    await settled(survivor)
    row = await counted(engine, person)
    assert row is not None
    assert (row["made"], row["adopted"]) == (1, 1)
    await sound(engine)


async def test_who_opts_out_is_neither_counted_nor_honoured_until_they_come_back(
    engine: AsyncEngine, ledger: LedgerActivities, person: str
) -> None:
    lives = [await made(ledger, person)]
    await contributors.opt_out(engine, person)
    lives += [await made(ledger, person) for _ in range(3)]
    assert await honours(engine, *lives) == []
    assert (await counted(engine, person) or {})["made"] == 0
    assert person not in {one.id for one in await contributors.top(engine, 1000)}
    await sound(engine)
    await contributors.opt_out(engine, person, out=False)
    assert (await counted(engine, person) or {})["made"] == 4
    lives.append(await made(ledger, person))
    assert await honours(engine, *lives) == ["honour-2>reporter", "honour-3>reporter"]


async def test_who_is_erased_is_named_nowhere_and_totals_stay(
    engine: AsyncEngine, ledger: LedgerActivities, person: str
) -> None:
    lives = [await settled(await made(ledger, person)) for _ in range(2)]
    before = await contributors.totals(engine)
    await contributors.erase(engine, person)
    await contributors.erase(engine, person)

    async def nowhere() -> None:
        assert person not in {row["id"] for row in await rows(engine, ReporterRow)}
        assert person not in {row["reporter_id"] for row in await rows(engine, ClueRow)}
        row = await counted(engine, person)
        assert row is not None
        assert (row["made"], row["honoured"], row["erased"]) == (0, 0, True)
        assert await contributors.reporter_of(engine, lives[0].ticket.id) is None
        await sound(engine)

    await nowhere()
    after = await contributors.totals(engine)
    assert (after.made, after.adopted) == (before.made, before.adopted)
    assert after.contributors == before.contributors - 1
    await rebuild(engine)
    await nowhere()
    lives.append(await made(ledger, person))
    assert (await counted(engine, person) or {})["made"] == 0, "who was erased stays uncounted"
    async with engine.connect() as connection:
        kept = text("SELECT string_agg(event::text, '') FROM journal WHERE ticket_id = :id")
        journal = await connection.scalar(kept, {"id": lives[0].ticket.id})
    assert "sealed" not in str(journal), "the journal never had the contact"


async def test_nobody_unknown_is_changed(engine: AsyncEngine) -> None:
    for deed in (contributors.erase, contributors.opt_out):
        for unknown in ("r-nobody", "r-\0"):
            with pytest.raises(Refused) as told:
                await deed(engine, unknown)
            assert told.value.code is Code.NOT_FOUND


async def test_an_audit_finds_a_wrong_count_and_a_rebuild_mends_it(
    engine: AsyncEngine, ledger: LedgerActivities, person: str
) -> None:
    await settled(await made(ledger, person))
    async with engine.begin() as connection:
        wrong = text("UPDATE contributors SET made = 7, adopted = 0 WHERE id = :id")
        await connection.execute(wrong, {"id": person})
    found = await audit(engine, now=MONDAY + timedelta(hours=2))
    assert found.problems == (
        f"{person}: contributors.made is 7, their tickets say 1",
        f"{person}: contributors.adopted is 0, their tickets say 1",
    )
    await rebuild(engine)
    await sound(engine)


async def test_a_count_under_way_is_no_finding(
    engine: AsyncEngine, ledger: LedgerActivities, person: str
) -> None:
    await made(ledger, person)
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM contributors WHERE id = :id"), {"id": person})
    assert (await audit(engine, now=MONDAY + timedelta(minutes=1))).ok
    assert not (await audit(engine, now=MONDAY + timedelta(hours=2))).ok
    await rebuild(engine)


async def test_the_same_words_to_many_are_flagged(
    engine: AsyncEngine, ledger: LedgerActivities
) -> None:
    words = "Dear citizen, we have taken note of your valuable suggestion."
    lives = [await settled(await made(ledger, None), words=words) for _ in range(3)]
    flags = [sum(isinstance(one, TemplateFlagged) for one in life.happened) for life in lives]
    assert flags == [0, 0, 1], "the third is the second repetition"
    own = await settled(
        await made(ledger, None), words="Two lamps by May, one of them at number 4."
    )
    assert not any(isinstance(one, TemplateFlagged) for one in own.happened)


async def test_who_already_handles_it_must_be_there_and_open(ledger: LedgerActivities) -> None:
    open_, over = await made(ledger, None), await made(ledger, None)
    await over.act("withdraw", {"role": "reporter"}, reason="never mind")
    clue = Clue(
        channel="wall",
        external_id=f"hole-{next(_NAMES)}",
        text="A deep pothole in Mill Parish, please mend it",
        reported_at=MONDAY,
    )
    life = await Life(ledger, clue, MONDAY).begin()
    team = {"role": "street_team", "unit": "warden-mill"}
    for into, code in (
        ("ticket/wall/never-was", Code.UNKNOWN_SURVIVOR),
        (over.ticket.id, Code.SURVIVOR_ENDED),
    ):
        with pytest.raises(Refused) as told:
            await life.act("verify", team, verdict="already_handled", into=into)
        assert told.value.code is code
    await life.act("verify", team, verdict="already_handled", into=open_.ticket.id)
    assert life.ticket.merging_into == open_.ticket.id
