"""Supervision, told: handling and pressing, units beside the lead, orders, urgency."""

from collections.abc import Iterator

from juanchi.domain.assisting import Arrived, AssistantReleased, AssistantsAdded, Whistled
from juanchi.domain.orders import OrderFedBack, OrderReleased
from juanchi.domain.recurrence import RecurrenceSeen
from juanchi.domain.supervised import OrderIssued, Supervised
from juanchi.domain.supervision import Replied
from juanchi.domain.terms import Role
from juanchi.domain.urgency import UrgencySet
from juanchi.words.catalogue import say
from juanchi.words.telling.voice import Detail, Facts, Tells, Voice

tells = Tells()


@tells.sentence(Replied)
def _replied(event: Replied, voice: Voice) -> Facts:
    late_by_first = event.on_time and event.on_time_first is False
    return {
        "outcome": voice.word("outcome", event.outcome),
        "on_time": voice.either("on_time", "overdue", event.on_time),
        "first": say("timeline.after_first_due", voice.lang) if late_by_first else "",
    }


@tells.beside(Replied)
def _answer(event: Replied, voice: Voice) -> Iterator[Detail]:
    yield "timeline.text", event.public
    yield "timeline.reason", event.reason
    yield "timeline.internal", event.internal
    yield "timeline.evidence", voice.evidence(event.evidence)


@tells.sentence(UrgencySet)
def _urgency_set(event: UrgencySet, voice: Voice) -> Facts:
    return {"urgency": voice.word("urgency", event.urgency), "incident": event.incident}


@tells.sentence(Supervised)
def _supervised(event: Supervised, voice: Voice) -> Facts:
    return {"trigger": voice.word("trigger", event.trigger)}


@tells.sentence(OrderIssued)
def _order_issued(event: OrderIssued, voice: Voice) -> Facts:
    return {
        "number": event.number,
        "level": voice.word("rung", event.level),
        "leader": voice.names.holder(event.leader),
    }


@tells.beside(OrderIssued)
def _order(event: OrderIssued, voice: Voice) -> Iterator[Detail]:
    yield "timeline.trigger", voice.word("trigger", event.trigger)
    yield "timeline.requirement", event.requirement
    yield "timeline.copies", voice.holders(event.copies)
    yield "timeline.wanted", voice.wanted(event.evidence_wanted)


@tells.sentence(OrderFedBack)
def _order_fed_back(event: OrderFedBack, voice: Voice) -> Facts:
    return {"number": event.number}


@tells.sentence(OrderReleased)
def _order_released(event: OrderReleased, voice: Voice) -> Facts:
    void = voice.word("void", event.outcome) if _void(event) else ""
    return {"number": event.number, "void": void}


@tells.beside(OrderReleased)
def _outcome(event: OrderReleased, voice: Voice) -> Iterator[Detail]:
    if not _void(event):
        yield "timeline.outcome", event.outcome


def _void(event: OrderReleased) -> bool:
    """Whether it was not a supervisor's word, but what it was about is over."""
    return event.by.role is Role.SYSTEM


@tells.sentence(AssistantsAdded, Whistled)
def _called(event: AssistantsAdded | Whistled, voice: Voice) -> Facts:
    return {"units": voice.units(event.units)}


@tells.beside(AssistantsAdded)
def _mandatory(event: AssistantsAdded, voice: Voice) -> Iterator[Detail]:
    yield "timeline.mandatory", voice.units(event.mandatory)
    yield "timeline.requirement", event.requirement


@tells.sentence(AssistantReleased)
def _assistant_released(event: AssistantReleased, voice: Voice) -> Facts:
    return {"unit": voice.names.unit(event.unit)}


@tells.sentence(Arrived)
def _arrived(event: Arrived, voice: Voice) -> Facts:
    return {"arrived": voice.either("turned_up", "on_site", event.whistled)}


@tells.sentence(RecurrenceSeen)
def _recurrence_seen(event: RecurrenceSeen, voice: Voice) -> Facts:
    return {
        "of": event.of,
        "closed": voice.moment(event.closed_at),
        "strength": voice.word("strength", event.strength),
    }
