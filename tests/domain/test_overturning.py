"""A discard taken up again, in the pure core: what it was, what it becomes, who hears of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from juanchi.domain import machine
from juanchi.domain.clue import DISCARDS, REFERRALS, Reading, ScreenResult
from juanchi.domain.measures import Metric, measure
from juanchi.domain.notices import NoticeKind
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import ClueVerdict, EndKind, Role, Stage, Urgency
from juanchi.domain.ticket import Clue, Phase
from juanchi.domain.turn import Lived
from tests.handmade import Handmade
from tests.pure import MONDAY

NOISE = "special offer: discount at Mill Parish"


def screened(verdict: ClueVerdict, **more: Any) -> Lived:
    clue = Clue(channel="wall", external_id="1", text="some words", reported_at=MONDAY)
    newborn, received = machine.begin(clue, MONDAY)
    lived = Lived(newborn)
    lived.happen([received])
    result = ScreenResult(verdict=verdict, rule="a rule", **more)
    lived.happen(machine.complete(lived.ticket, result, MONDAY))
    return lived


@pytest.mark.parametrize("verdict", ClueVerdict)
def test_every_verdict_ends_or_goes_on(verdict: ClueVerdict) -> None:
    ticket = screened(verdict).ticket
    if verdict in DISCARDS:
        assert ticket.ending is not None
        assert (ticket.ending.kind, ticket.ending.reason) == (EndKind.DISCARDED, verdict)
    elif verdict in REFERRALS:
        assert ticket.ending is not None
        assert (ticket.ending.kind, ticket.ending.reason) == (EndKind.REDIRECTED, verdict)
    else:
        assert ticket.phase is (Phase.TRIAGE if verdict is ClueVerdict.UNSURE else Phase.LOCATING)


def test_thanks_are_told_as_thanks_and_an_emergency_as_an_emergency() -> None:
    told = {
        verdict: [n.kind for n in screened(verdict, pass_to="rescue").notices]
        for verdict in (ClueVerdict.THANKS, ClueVerdict.EMERGENCY)
    }
    assert told == {
        ClueVerdict.THANKS: [NoticeKind.THANKS],
        ClueVerdict.EMERGENCY: [NoticeKind.EMERGENCY],
    }


def test_a_dispatcher_is_stuck_on_what_it_may_be() -> None:
    reading = Reading(verdict=ClueVerdict.NOISE, score=0.7, rule="noise: lol")
    assert screened(ClueVerdict.UNSURE, readings=(reading,)).ticket.stuck == "unsure"
    assert screened(ClueVerdict.UNSURE).ticket.stuck == "a rule"


def test_what_was_cut_out_is_not_what_departments_read() -> None:
    ticket = screened(ClueVerdict.ACTIONABLE, matter="words", cut=5).ticket
    assert (ticket.words, ticket.clue.text) == ("words", "some words")


def test_an_overturned_discard_lives_as_any_other_ticket() -> None:
    life = Handmade("1", NOISE).later(days=40)
    received = life.ticket.received_at
    life.asked("overturn", Role.SUPERVISOR, reason="a stall blocks the way", urgency="urgent")
    assert life.ticket.stage is not Stage.CLUE
    assert life.ticket.received_at == received
    assert life.ticket.urgency is Urgency.URGENT
    assert not life.ticket.archived
    measures = measure(life.entries, life.now)
    assert [one.counted for one in measures if one.metric is Metric.CONVERSION] == [True]


def test_one_that_a_unit_has_ended_is_not_screening_s_to_overturn() -> None:
    life = Handmade("1", "A deep pothole in Mill Parish").later(hours=1).verified("unfounded")
    with pytest.raises(Refused) as told:
        life.asked("overturn", Role.DISPATCHER, reason="it is there")
    assert told.value.code is Code.NOT_DISCARDED


def test_overturned_it_may_not_be_discarded_by_the_same_stroke() -> None:
    life = Handmade("1", NOISE).later(days=1)
    with pytest.raises(Refused) as told:
        life.asked("overturn", Role.DISPATCHER, reason="hm", verdict="off_topic")
    assert told.value.code is Code.OVERTURNED_TO_NOTHING
    life.now += timedelta(hours=1)
    place = {"region": "mill"}
    life.asked("overturn", Role.DISPATCHER, reason="real", verify=True, place=place)
    assert life.ticket.phase is Phase.VERIFYING
    with pytest.raises(Refused) as twice:
        life.asked("overturn", Role.DISPATCHER, reason="real")
    assert twice.value.code is Code.WRONG_PHASE
