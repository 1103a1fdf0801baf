"""More time (延期): asked before the due time, granted at most twice, never for urgent matters."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.base import Text
from juanchi.domain.clocks import is_rework
from juanchi.domain.deadlines import Deadline
from juanchi.domain.limits import LimitKind, limit_of
from juanchi.domain.messages import Action, Event
from juanchi.domain.overlays import ExtensionRequest
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
from juanchi.domain.terms import ClockName, Role, Urgency
from juanchi.domain.ticket import Ticket

rules = Rules()


class RequestExtension(Action):
    """The lead unit asks for ``days`` more working days."""

    kind: Literal["request_extension"] = "request_extension"
    reason: Text = Field(min_length=1)
    days: int = Field(ge=1, le=1000)


class ExtensionRequested(Event):
    kind: Literal["extension_requested"] = "extension_requested"
    reason: Text
    days: int


class AnswerExtension(Action):
    """The centre answers a first request, a supervisor a second one."""

    kind: Literal["answer_extension"] = "answer_extension"
    granted: bool
    note: Text = ""


class ExtensionGranted(Event):
    kind: Literal["extension_granted"] = "extension_granted"
    days: int
    note: Text = ""


class ExtensionRefused(Event):
    kind: Literal["extension_refused"] = "extension_refused"
    note: Text


def approver(ticket: Ticket) -> Role:
    """Who answers the next request: the centre the first, a supervisor the second."""
    return Role.DISPATCHER if ticket.extensions == 0 else Role.SUPERVISOR


def most_days(deadline: Deadline, terms: Terms) -> int:
    """The most working days that may be asked for: the original limit, but never past policy's.

    A limit in hours counts as the days it begins.
    """
    limit = limit_of(deadline.why.limit)
    match limit.kind:
        case LimitKind.WORKING_DAYS:
            days = int(limit.amount)
        case LimitKind.ELAPSED:
            days = math.ceil(limit.amount / 86400)
        case _:
            days = 1
    return max(1, min(days, terms.extension_days))


@rules.decides(RequestExtension, roles=[Role.UNIT], phases=[Phase.HANDLING])
def request_extension(ticket: Ticket, action: RequestExtension, now: datetime) -> Sequence[Event]:
    only_lead(ticket, action)
    none_pending(ticket, RequestKind.EXTENSION)
    not_on_hold(ticket)
    if ticket.urgency is Urgency.URGENT:
        raise Refused(Code.URGENT_NOT_EXTENDED)
    deadline, terms = handling(ticket), ticket.terms or Terms()
    if now > deadline.due:
        raise Refused(Code.OVERDUE_ALREADY, due=deadline.due.isoformat())
    if ticket.extensions >= terms.extensions:
        raise Refused(Code.EXTENDED_ENOUGH, times=ticket.extensions)
    most = most_days(deadline, terms)
    if action.days > most:
        raise Refused(Code.TOO_LONG, days=action.days, most=most)
    return [
        ExtensionRequested(
            at=now, by=action.actor, cause=action.key, reason=action.reason, days=action.days
        )
    ]


@rules.evolves(ExtensionRequested)
def extension_requested(ticket: Ticket, event: ExtensionRequested) -> Ticket:
    asked = ExtensionRequest(
        unit=event.by.unit or "", reason=event.reason, days=event.days, at=event.at
    )
    return ticket.having(extending=asked).asking(PlanFor(clock=ClockName.EXTENSION, start=event.at))


@rules.decides(AnswerExtension, roles=[Role.DISPATCHER, Role.SUPERVISOR], phases=[Phase.HANDLING])
def answer_extension(ticket: Ticket, action: AnswerExtension, now: datetime) -> Sequence[Event]:
    if ticket.extending is None:
        raise Refused(Code.NO_REQUEST, request=RequestKind.EXTENSION)
    if action.actor.role is not (wanted := approver(ticket)):
        raise Refused(Code.WRONG_ROLE, role=action.actor.role, wanted=wanted)
    if action.granted:
        _may_be_granted(ticket)
        return [
            ExtensionGranted(
                at=now,
                by=action.actor,
                cause=action.key,
                days=ticket.extending.days,
                note=action.note,
            )
        ]
    reasoned(action.note)
    return [ExtensionRefused(at=now, by=action.actor, cause=action.key, note=action.note)]


def _may_be_granted(ticket: Ticket) -> None:
    """Between a request and its answer a matter may become urgent, or be put on hold."""
    if ticket.urgency is Urgency.URGENT:
        raise Refused(Code.URGENT_NOT_EXTENDED)
    not_on_hold(ticket)


@rules.evolves(ExtensionGranted)
def extension_granted(ticket: Ticket, event: ExtensionGranted) -> Ticket:
    more = PlanFor(
        clock=ClockName.HANDLE,
        start=event.at,
        why=PlanWhy.EXTENDED,
        extend=f"{event.days}wd",
        rework=is_rework(ticket, ClockName.HANDLE),
    )
    return (
        settled(ticket, RequestKind.EXTENSION).having(extensions=ticket.extensions + 1).asking(more)
    )


@rules.evolves(ExtensionRefused)
def extension_refused(ticket: Ticket, event: ExtensionRefused) -> Ticket:
    return settled(ticket, RequestKind.EXTENSION)
