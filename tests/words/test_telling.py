"""Everything that can happen is told, in every language, with its facts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import Any, get_args

import pytest

from juanchi.domain.actor import ENGINE, Actor
from juanchi.domain.arbitration import DisputeLapsed
from juanchi.domain.assisting import Arrived, AssistantsAdded
from juanchi.domain.clocks import Moved, Planned, Rang
from juanchi.domain.closure import Rechecked, SentBack
from juanchi.domain.clue import PlaceGiven
from juanchi.domain.comparing import Compared
from juanchi.domain.events import ActionRefused, AnyEvent
from juanchi.domain.extension import ExtensionRefused, ExtensionRequested
from juanchi.domain.filing import Dispatched, Filed
from juanchi.domain.hold import HoldEnded, HoldRefused, HoldRequested
from juanchi.domain.likely import UNANSWERED, NotSameSaid, SameLapsed, SameProposed
from juanchi.domain.merging import MergeFailed
from juanchi.domain.messages import Event
from juanchi.domain.moving import MovedToList
from juanchi.domain.notices import NoticeFailed, NoticePosted, NoticeRetried
from juanchi.domain.orders import OrderReleased
from juanchi.domain.overlays import Alike, Strength
from juanchi.domain.overturning import Overturned
from juanchi.domain.place import Place
from juanchi.domain.plans import PlanWhy
from juanchi.domain.recurrence import RecurrenceSeen
from juanchi.domain.replanning import ReplanAsked
from juanchi.domain.returns import ReturnRequested
from juanchi.domain.ruling import RulingGiven
from juanchi.domain.suggestions import TemplateFlagged
from juanchi.domain.supervised import OrderIssued
from juanchi.domain.supervision import Replied
from juanchi.domain.terms import (
    ClockName,
    ClueVerdict,
    Nature,
    Outcome,
    Role,
    RungKind,
    Source,
    Trigger,
    Urgency,
)
from juanchi.domain.ticket import Candidate, Rating
from juanchi.domain.unmerging import SurvivorLeft, Unmerged, VoiceRemoved
from juanchi.domain.urgency import UrgencySet
from juanchi.domain.voice_rating import VoiceRated
from juanchi.domain.voices import VoicesOwed, VoicesTold
from juanchi.words import LANGUAGES
from juanchi.words.naming import Names
from juanchi.words.telling import Teller, kind_of
from tests.cli.saga import saga, stern_town
from tests.walk import PATHS, walk

AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
SHANGHAI = timezone(timedelta(hours=8))
UNIT = Actor(role=Role.UNIT, unit="bins", staff="07")
KINDS = {kind.model_fields["kind"].default for kind in get_args(get_args(AnyEvent)[0])}


def told(event: Event, lang: str = "en") -> tuple[str, dict[str, str]]:
    """An event's sentence and details, in a town with names."""
    teller = _teller(lang)
    return teller.sentence(event), dict(teller.details(event))


@cache
def _teller(lang: str) -> Teller:
    return Teller(Names(stern_town(), lang), SHANGHAI)


@cache
def happened() -> tuple[Event, ...]:
    """Events of every kind."""
    entries = [*saga().engine.entries, *(one for path in PATHS for one in walk(path).entries)]
    return (*(entry.event for entry in entries), *_rare())


def _rare() -> Iterator[Event]:
    ours: dict[str, Any] = {"at": AT, "by": ENGINE}
    notice = {**ours, "key": "k", "to": "roads", "attempt": 1}
    yield ActionRefused(**ours, action="sign", code="wrong_unit", told="unit=bins, expected=roads")
    yield ExtensionRefused(**ours, note="no")
    yield HoldRefused(**ours, note="no")
    yield MergeFailed(**ours, into="ticket/x/1", reason="not_found")
    alike = Alike(ticket_id="ticket/x/1", score=0.7, reasons=("same_place",))
    yield Compared(**ours, found=2)
    yield SameProposed(**ours, candidates=(alike,))
    yield NotSameSaid(**ours, of=("ticket/x/1",), reason="another lamp")
    yield SameLapsed(**ours, of=("ticket/x/1",), why=UNANSWERED)
    yield Unmerged(**ours, of="ticket/x/1", reason="another lamp")
    yield SurvivorLeft(**ours, of="ticket/x/1", over="ended")
    yield VoiceRemoved(**ours, voice="ticket/x/2")
    yield VoicesOwed(**ours)
    yield VoicesTold(**ours, after=9, told=3)
    yield VoiceRated(**ours, voice="ticket/x/2", rating=Rating(overall=1, speed=2))
    yield NoticePosted(**notice)
    yield NoticeFailed(**notice, what="order", error="500", retry_at=None)
    yield NoticeRetried(**ours, key="k")
    yield PlaceGiven(**ours, place=Place(region="mill"))
    yield Rechecked(**ours, fixed=False)
    yield DisputeLapsed(**ours, number="A1")
    yield Overturned(**ours, reason="a real shop", verdict=ClueVerdict.ADVERTISEMENT)
    yield MovedToList(**ours, unit="roads", reason="the list says otherwise")
    yield TemplateFlagged(**ours, times=3)
    yield RecurrenceSeen(**ours, of="ticket/x/1", closed_at=AT, strength=Strength.WEAK)


def test_events_of_every_kind_are_looked_at() -> None:
    assert {kind_of(event) for event in happened()} == KINDS


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_event_is_a_sentence_with_its_facts(lang: str) -> None:
    for event in happened():
        sentence, details = told(event, lang)
        assert sentence
        assert "?" not in sentence
        for label, text in details.items():
            assert text
            assert "timeline." not in label
        for raw in ("event.", "[", "]", "{", "None"):
            assert raw not in sentence, sentence


def test_nothing_that_people_said_is_lost() -> None:
    said = (
        "reason",
        "basis",
        "note",
        "requirement",
        "public",
        "internal",
        "outcome",
        "phase_reply",
    )
    for event in happened():
        sentence, details = told(event)
        shown = [sentence, *details.values()]
        for name in said:
            words = getattr(event, name, "")
            # One word is a stable value, and told in words of its own.
            if isinstance(words, str) and " " in words and not _told_before(event, name):
                assert any(words in one for one in shown) or "duty" in words, (kind_of(event), name)


def _told_before(event: Event, name: str) -> bool:
    """What repeats the words of the event just before it."""
    return (kind_of(event), name) in {
        ("hold_granted", "reason"),
        ("hold_granted", "phase_reply"),
        ("duty_change_proposed", "basis"),
        ("dispatched", "reason"),
    }


SENTENCES: list[tuple[Event, str, str]] = [
    (
        ReturnRequested(at=AT, by=UNIT, reason="r", basis="b", to="roads"),
        "Asks to return it to Roads and Lights",
        "申请退单，建议转Roads and Lights",
    ),
    (ReturnRequested(at=AT, by=UNIT, reason="r", basis="b"), "Asks to return it", "申请退单"),
    (
        ExtensionRequested(at=AT, by=UNIT, reason="r", days=1),
        "Asks for an extension of 1 working day",
        "申请延期 1 个工作日",
    ),
    (
        HoldRequested(at=AT, by=UNIT, reason="r", review_on=date(2026, 12, 1), phase_reply="later"),
        "Asks for a hold until 2026-12-01",
        "申请挂账至 2026-12-01",
    ),
    (
        HoldEnded(at=AT, by=ENGINE, why="replied"),
        "Hold over: the unit has replied",
        "挂账结束：承办单位已答复",
    ),
    (
        RulingGiven(
            at=AT,
            by=ENGINE,
            number="A1",
            lead="bins",
            assisting=("roads",),
            basis="b",
            final=True,
            item="lamp",
        ),
        "Ruling A1: Bins and Parks is responsible, assisted by Roads and Lights; final",
        "裁决 A1：由Bins and Parks主办，Roads and Lights协办；终局",
    ),
    (
        OrderIssued(
            at=AT,
            by=ENGINE,
            number="D1",
            level=RungKind.RED_CARD,
            trigger=Trigger.OVERDUE,
            unit="bins",
            leader="bins/head",
        ),
        "Supervision order D1, red card, to Bins and Parks · head (Ada Byron)",
        "下发督办单 D1（红牌）：Bins and Parks主要负责人（Ada Byron）",
    ),
    (
        OrderReleased(at=AT, by=ENGINE, number="D1", outcome="redispatched"),
        "Supervision order D1 released: the ticket has gone to another unit",
        "解除督办单 D1：工单已改派",
    ),
    (
        Rang(
            at=AT,
            by=ENGINE,
            clock=ClockName.ASSIST,
            subject="roads",
            rung=RungKind.OVERDUE,
            due=AT,
            late_s=7200,
            missed=(RungKind.REMINDER, RungKind.WARNING),
        ),
        "overdue: assistance of Roads and Lights, rang 2 h late, "
        "missed meanwhile: reminder, warning",
        "超期：Roads and Lights协办，晚响 2 小时，期间错过：提醒、预警",
    ),
    (
        Rang(at=AT, by=ENGINE, clock=ClockName.WATCH, rung=RungKind.PRESSED, due=AT),
        "pressed: still overdue",
        "催办：仍有超期事项",
    ),
    (
        UrgencySet(at=AT, by=ENGINE, urgency=Urgency.URGENT, reason="storm", incident="storm-1"),
        "Now urgent, by the incident storm-1",
        "调为加急（事件 storm-1）",
    ),
    (
        Replied(
            at=AT, by=UNIT, outcome=Outcome.SOLVED, public="p", on_time=True, on_time_first=False
        ),
        "Replied: solved, on time, but after the first due time",
        "答复：已解决，按时，但已过首次时限",
    ),
    (
        Replied(
            at=AT, by=UNIT, outcome=Outcome.SOLVED, public="p", on_time=False, on_time_first=False
        ),
        "Replied: solved, overdue",
        "答复：已解决，超期",
    ),
    (
        Dispatched(
            at=AT,
            by=ENGINE,
            item="lamp",
            lead="bins",
            nature=Nature.REQUEST,
            urgency=Urgency.GENERAL,
            backstop=True,
            ruling="A1",
        ),
        "Dispatched to Bins and Parks, the backstop, since nobody took it, by ruling A1",
        "分拨给Bins and Parks主办（无单位接办，由其兜底），依据裁决 A1",
    ),
    (Arrived(at=AT, by=UNIT, whistled=True), "Turned up", "到场报到"),
    (Arrived(at=AT, by=UNIT, whistled=False), "On site", "到场处置"),
    (
        SentBack(at=AT, by=UNIT, reason="not_accepted"),
        "Sent back for rework: the checker did not accept the reply",
        "退回重办：答复未通过审核",
    ),
    (
        RecurrenceSeen(at=AT, by=ENGINE, of="ticket/x/1", closed_at=AT, strength=Strength.STRONG),
        "The same at the same place: ticket/x/1 was closed 2026-11-20 16:30; "
        "the closing was probably false",
        "同地同事再次发生：ticket/x/1 已于 2026-11-20 16:30 办结，疑似虚假办结",
    ),
    (
        ReplanAsked(at=AT, by=ENGINE, reason="r", lists_version="tinytown@2"),
        "Due times computed anew under tinytown@2",
        "重新计算时限（tinytown@2）",
    ),
]


@pytest.mark.parametrize(("event", "english", "chinese"), SENTENCES)
def test_sentences(event: Event, english: str, chinese: str) -> None:
    assert told(event)[0] == english
    assert told(event, "zh-CN")[0] == chinese


def test_what_stands_below_a_sentence() -> None:
    added = AssistantsAdded(
        at=AT, by=UNIT, units=("roads", "bins"), mandatory=("bins",), requirement="Close the lane."
    )
    assert told(added)[1] == {"mandatory": "Bins and Parks", "requirement": "Close the lane."}
    asked = HoldRequested(
        at=AT, by=UNIT, reason="frost", review_on=date(2026, 12, 1), phase_reply="We wait."
    )
    assert told(asked)[1] == {"reason": "frost", "told so far": "We wait."}
    ruling = RulingGiven(
        at=AT, by=UNIT, number="A1", lead="bins", basis="It lies in the park.", backstop="roads",
        interim_until=date(2026, 12, 31), item="lamp",
    )  # fmt: skip
    assert told(ruling, "zh-CN")[1] == {
        "依据": "It lies in the park.",
        "兜底单位": "Roads and Lights",
        "暂定至": "2026-12-31",
    }
    order = OrderIssued(
        at=AT, by=UNIT, number="D1", level=RungKind.YELLOW_CARD, trigger=Trigger.REFUSING,
        unit="bins", leader="bins/deputy_head", requirement="Say why.", copies=("bins/head",),
    )  # fmt: skip
    assert told(order)[1] == {
        "because": "units refuse it",
        "requirement": "Say why.",
        "copies": "Bins and Parks · head (Ada Byron)",
    }


def test_a_dispatcher_reads_between_whom_to_decide() -> None:
    by_list = Candidate(
        item="lamp",
        lead="roads",
        reason="duty lamp at *: Roads Act s.9",
        source=Source.LIST,
        probability=0.614,
    )
    by_history = Candidate(
        item="lamp", lead="bins", reason="history: 3 of 9", source=Source.HISTORY, probability=0.3
    )
    filed = Filed(
        at=AT,
        by=ENGINE,
        number="TT-1",
        nature=Nature.REQUEST,
        urgency=Urgency.GENERAL,
        candidates=(by_list, by_history),
        problem="list_doubted",
    )
    label = "candidate"
    assert _teller("en").details(filed) == [
        (
            label,
            "Roads and Lights, 61%, responsibility list: responsibility list, Street lamp out, "
            "everywhere: Roads Act s.9 (Street lamp out)",
        ),
        (
            label,
            "Bins and Parks, 30%, past tickets: past tickets, led 3 of 9 such (Street lamp out)",
        ),
    ]
    assert _teller("zh-CN").details(filed)[1] == (
        "候选单位",
        "Bins and Parks，30%，历史工单：历史同类工单 9 件中主办 3 件（Street lamp out）",
    )
    assert _teller("en").details(filed.model_copy(update={"problem": ""})) == []


def test_a_supervisors_word_on_an_order_is_told_as_it_is() -> None:
    desk = Actor(role=Role.SUPERVISOR, unit="town-desk")
    released = OrderReleased(at=AT, by=desk, number="D1", outcome="closed")
    assert told(released) == ("Supervision order D1 released", {"outcome": "closed"})


def test_a_refused_signal_is_told_as_the_person_would_have_been_told() -> None:
    refused = ActionRefused(
        at=AT, by=ENGINE, action="review", code="wrong_role",
        told="role=unit, wanted=checker, supervisor",
    )  # fmt: skip
    sentence, details = told(refused)
    assert sentence == "Refused: review (wrong_role)"
    assert "in your role (unit). It is for: checker, supervisor." in details["reason"]
    unknown = refused.model_copy(update={"code": "bygone", "told": "x"})
    assert told(unknown)[1] == {"reason": "x"}


def test_due_times_tell_their_limit_or_what_moved_them() -> None:
    walked = walk("extended")
    planned = [e.event for e in walked.entries if isinstance(e.event, Planned) and e.event.moved]
    (moved,) = planned[-1].moved
    assert moved.why is PlanWhy.EXTENDED
    teller = Teller(Names(None, "en"), SHANGHAI)
    lines = [text for label, text in teller.details(planned[-1]) if label == "due"]
    assert lines == [
        f"handling now by {teller.short(planned[-1].deadlines[0].due)}, "
        f"was {teller.short(moved.was)}: extended"
    ]
    again = planned[-1].model_copy(update={"moved": (Moved(**{**moved.__dict__, "subject": "x"}),)})
    assert "handling by " in str(teller.details(again))
