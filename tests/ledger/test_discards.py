"""What screening ended is found with its reason, and what people said of it is learned from."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain import machine
from juanchi.domain.actions import parse_action
from juanchi.domain.clue import Reading, ScreenResult
from juanchi.domain.discards import FindDiscards, Sample
from juanchi.domain.examples import SettledBy
from juanchi.domain.metrics.period import period_of
from juanchi.domain.terms import ClueVerdict
from juanchi.domain.ticket import Clue
from juanchi.domain.turn import Lived
from juanchi.ledger.discards import discard_counts, discards
from juanchi.ledger.examples import taught, taught_screenings
from juanchi.ledger.writer import LedgerWriter
from tests.walk import walk

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
NOVEMBER = FindDiscards(period=period_of("2026-11", UTC))


def screened(name: str, verdict: str, rule: str, text: str = "", **more: Any) -> Lived:
    """A clue on which screening has said something."""
    clue = Clue(channel="wall", external_id=name, text=text or name, reported_at=AT)
    newborn, received = machine.begin(clue, AT)
    lived = Lived(newborn)
    lived.happen([received])
    result = ScreenResult(verdict=ClueVerdict(verdict), rule=rule, version="words 7", **more)
    lived.happen(machine.complete(lived.ticket, result, AT))
    return lived


def decided(lived: Lived, kind: str, **fields: Any) -> Lived:
    """A dispatcher's word on it, an hour later."""
    at = AT + timedelta(hours=1)
    actor = {"role": "dispatcher"}
    action = parse_action({"kind": kind, "id": "d", "actor": actor, "at": at, **fields})
    lived.happen(machine.decide(lived.ticket, action, at))
    return lived


@pytest.fixture
async def ledger(engine: AsyncEngine, writer: LedgerWriter) -> AsyncEngine:
    """Noise, two advertisements of which one was overturned, an emergency, a triage, a ticket."""
    doubt = Reading(verdict=ClueVerdict.NOISE, score=0.7, rule="noise: lol")
    for lived in (
        screened("lol", "noise", "noise: lol", score=0.95),
        screened("offer", "advertisement", "advertisement: discount", score=0.93),
        decided(
            screened("shop", "advertisement", "advertisement: discount", score=0.91),
            "overturn",
            reason="the shop blocks the way",
        ),
        screened("flames", "emergency", "fire: flames", score=0.95, pass_to="rescue"),
        decided(
            screened("perhaps", "unsure", "noise: lol", readings=(doubt,)),
            "triage",
            verdict="off_topic",
            reason="it is about a game",
        ),
    ):
        await writer.record(lived.recording())
    await writer.record(walk("closed").whole)
    return engine


async def test_each_discard_says_why_and_how_surely(ledger: AsyncEngine) -> None:
    found = {one.ticket_id.rpartition("/")[2]: one for one in await discards(ledger, NOVEMBER, 50)}
    assert found.keys() == {"lol", "offer", "shop", "flames", "perhaps"}
    offer = found["offer"]
    assert (offer.verdict, offer.rule) == ("advertisement", "advertisement: discount")
    assert (offer.score, offer.version, offer.text_start) == (0.93, "words 7", "offer")
    assert [name for name, one in found.items() if one.overturned] == ["shop"]
    assert found["shop"].rule == "advertisement: discount", "what was wrong, not what it is now"
    assert found["perhaps"].rule == "triage_by_dispatcher"


async def test_they_are_counted_by_rule(ledger: AsyncEngine) -> None:
    counts = {(one.verdict, one.rule): one for one in await discard_counts(ledger, NOVEMBER)}
    adverts = counts["advertisement", "advertisement"]
    assert (adverts.count, adverts.overturned) == (2, 1)
    assert counts["emergency", "fire"].count == 1
    only = NOVEMBER.model_copy(update={"rule": "noise"})
    assert [one.rule for one in await discard_counts(ledger, only)] == ["noise"]
    december = FindDiscards(period=period_of("2026-12", UTC))
    assert await discard_counts(ledger, december) == []


async def test_a_sample_is_drawn_by_its_seed(ledger: AsyncEngine) -> None:
    async def drawn(seed: str) -> list[str]:
        wanted = NOVEMBER.model_copy(update={"sample": Sample(size=3, seed=seed)})
        return [one.ticket_id for one in await discards(ledger, wanted, 50)]

    assert len(await drawn("a")) == 3
    assert await drawn("a") == await drawn("a")
    assert len({tuple(await drawn(str(n))) for n in range(9)}) > 1


async def test_what_people_said_of_screenings_is_learned(ledger: AsyncEngine) -> None:
    found = await taught_screenings(ledger)
    assert found.damaged == []
    taught_by = {one.example.text: (one.by, one.example.verdict) for one in found.settled}
    closed = walk("closed").ticket.clue.text
    assert taught_by == {
        "lol": (SettledBy.SILENCE, ClueVerdict.NOISE),
        "offer": (SettledBy.SILENCE, ClueVerdict.ADVERTISEMENT),
        "flames": (SettledBy.SILENCE, ClueVerdict.EMERGENCY),
        "shop": (SettledBy.DISPATCHER, ClueVerdict.ACTIONABLE),
        "perhaps": (SettledBy.DISPATCHER, ClueVerdict.OFF_TOPIC),
        closed: (SettledBy.SILENCE, ClueVerdict.ACTIONABLE),
    }
    assert len(found.settled) == len(taught_by), "each once"
    assert [one.example.text for one in (await taught(ledger)).settled] == [closed]
