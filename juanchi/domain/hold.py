"""On hold (挂账): the handling clock stands still until a review date, with a reason and a word
to the reporter.

The rule of the stopped clock: elapsed and working hours do not run during the hold; of working
days, those from the day on which the hold began up to the day before it ended do not count.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import Field

from juanchi.domain.actor import ENGINE
from juanchi.domain.base import Line, Text
from juanchi.domain.clocks import city_day, is_rework
from juanchi.domain.messages import Action, Event
from juanchi.domain.overlays import Hold, HoldRequest
from juanchi.domain.pauses import Pause
from juanchi.domain.phases import Phase
from juanchi.domain.plans import PlanFor, PlanWhy
from juanchi.domain.policy_terms import Terms
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.requests import (
    RequestKind,
    handling,
    none_pending,
    not_on_hold,
    only_lead,
    reasoned,
    settled,
)
from juanchi.domain.rules import Rules
from juanchi.domain.supervised import Cause
from juanchi.domain.terms import ClockName, Role
from juanchi.domain.ticket import Ticket

rules = Rules()


class RequestHold(Action):
    """The lead unit asks for a hold up to ``review_on`` (a day of the city's calendar).

    ``phase_reply`` is what the reporter is told meanwhile.
    """

    kind: Literal["request_hold"] = "request_hold"
    reason: Text = Field(min_length=1)
    review_on: date
    phase_reply: Text = Field(min_length=1)


class HoldRequested(Event):
    kind: Literal["hold_requested"] = "hold_requested"
    reason: Text
    review_on: date
    phase_reply: Text


class AnswerHold(Action):
    """The centre grants a hold, or refuses it with a reason."""

    kind: Literal["answer_hold"] = "answer_hold"
    granted: bool
    note: Text = ""


class HoldGranted(Event):
    """The handling clock stands still from now on."""

    kind: Literal["hold_granted"] = "hold_granted"
    review_on: date
    reason: Text
    phase_reply: Text
    note: Text = ""


class HoldRefused(Event):
    kind: Literal["hold_refused"] = "hold_refused"
    note: Text


class EndHold(Action):
    """The hold is over before its review date: the unit goes on, or must."""

    kind: Literal["end_hold"] = "end_hold"
    reason: Text = Field(min_length=1)


class HoldEnded(Event):
    """The handling clock goes on. ``why``: by_hand, review_date or replied; lapsed: the ticket has
    gone to another unit, or is over.
    """

    kind: Literal["hold_ended"] = "hold_ended"
    why: Line
    note: Text = ""


def _review_date(ticket: Ticket, review_on: date, now: datetime) -> None:
    today = city_day(ticket, now)
    most = (ticket.terms or Terms()).hold_days
    if review_on <= today:
        raise Refused(Code.DATE_PAST, date=review_on)
    if review_on > today + timedelta(days=most):
        raise Refused(Code.TOO_LONG, days=(review_on - today).days, most=most)


@rules.decides(RequestHold, roles=[Role.UNIT], phases=[Phase.HANDLING])
def request_hold(ticket: Ticket, action: RequestHold, now: datetime) -> Sequence[Event]:
    only_lead(ticket, action)
    none_pending(ticket, RequestKind.HOLD)
    not_on_hold(ticket)
    due = handling(ticket).due
    if now > due:
        raise Refused(Code.OVERDUE_ALREADY, due=due.isoformat())
    if ticket.holds >= (ticket.terms or Terms()).holds:
        raise Refused(Code.HELD_ENOUGH, times=ticket.holds)
    _review_date(ticket, action.review_on, now)
    return [
        HoldRequested(
            at=now,
            by=action.actor,
            cause=action.key,
            reason=action.reason,
            review_on=action.review_on,
            phase_reply=action.phase_reply,
        )
    ]


@rules.evolves(HoldRequested)
def hold_requested(ticket: Ticket, event: HoldRequested) -> Ticket:
    asked = HoldRequest(
        unit=event.by.unit or "",
        reason=event.reason,
        review_on=event.review_on,
        phase_reply=event.phase_reply,
        at=event.at,
    )
    return ticket.having(holding=asked).asking(
        PlanFor(clock=ClockName.HOLD_REQUEST, start=event.at)
    )


@rules.decides(AnswerHold, roles=[Role.DISPATCHER], phases=[Phase.HANDLING])
def answer_hold(ticket: Ticket, action: AnswerHold, now: datetime) -> Sequence[Event]:
    asked = ticket.holding
    if asked is None:
        raise Refused(Code.NO_REQUEST, request=RequestKind.HOLD)
    if not action.granted:
        reasoned(action.note)
        return [HoldRefused(at=now, by=action.actor, cause=action.key, note=action.note)]
    _review_date(ticket, asked.review_on, now)
    return [
        HoldGranted(
            at=now,
            by=action.actor,
            cause=action.key,
            review_on=asked.review_on,
            reason=asked.reason,
            phase_reply=asked.phase_reply,
            note=action.note,
        )
    ]


@rules.evolves(HoldGranted)
def hold_granted(ticket: Ticket, event: HoldGranted) -> Ticket:
    handle = ticket.deadlines[ClockName.HANDLE]
    stopped = handle.model_copy(
        update={"pauses": (*handle.pauses, Pause(begin=event.at, end=None))}
    )
    return (
        settled(ticket, RequestKind.HOLD)
        .having(
            hold=Hold(since=event.at, review_on=event.review_on, reason=event.reason),
            holds=ticket.holds + 1,
            deadlines={
                **settled(ticket, RequestKind.HOLD).deadlines,
                ClockName.HANDLE.value: stopped,
            },
        )
        .asking(PlanFor(clock=ClockName.HOLD, start=event.at, until=event.review_on))
    )


@rules.evolves(HoldRefused)
def hold_refused(ticket: Ticket, event: HoldRefused) -> Ticket:
    return settled(ticket, RequestKind.HOLD)


@rules.decides(
    EndHold, roles=[Role.UNIT, Role.DISPATCHER, Role.SUPERVISOR], phases=[Phase.HANDLING]
)
def end_hold(ticket: Ticket, action: EndHold, now: datetime) -> Sequence[Event]:
    if action.actor.role is Role.UNIT:
        only_lead(ticket, action)
    if ticket.hold is None:
        raise Refused(Code.NOT_ON_HOLD)
    return [HoldEnded(at=now, by=action.actor, cause=action.key, why="by_hand", note=action.reason)]


def hold_ends(ticket: Ticket, cause: Cause, why: str = "lapsed") -> Sequence[Event]:
    """The end of a running hold by what else has happened."""
    if ticket.hold is None:
        return []
    return [HoldEnded(at=cause.at, by=ENGINE, cause=cause.key, why=why)]


@rules.rings(ClockName.HOLD)
def review_date_has_come(ticket: Ticket, now: datetime) -> Sequence[Event]:
    return [HoldEnded(at=now, by=ENGINE, why="review_date")] if ticket.hold else []


@rules.evolves(HoldEnded)
def hold_ended(ticket: Ticket, event: HoldEnded) -> Ticket:
    ticket = ticket.without(ClockName.HOLD).having(hold=None)
    handle = ticket.deadline(ClockName.HANDLE)
    if handle is None:
        return ticket
    goes_on = handle.model_copy(
        update={"pauses": (*handle.pauses[:-1], Pause(begin=handle.pauses[-1].begin, end=event.at))}
    )
    resumed = PlanFor(
        clock=ClockName.HANDLE,
        start=event.at,
        why=PlanWhy.RESUMED,
        rework=is_rework(ticket, ClockName.HANDLE),
    )
    return ticket.having(deadlines={**ticket.deadlines, ClockName.HANDLE.value: goes_on}).asking(
        resumed
    )
