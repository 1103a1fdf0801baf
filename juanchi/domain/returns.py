"""Not ours (退单): asked with reason and basis, answered by the centre, and never without end.

A second refused return, or a second unit's return, opens an arbitration by itself; whoever a ruling
names may not return the ticket at all.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain import base
from juanchi.domain.arbitration import arbitration_opened
from juanchi.domain.base import Text
from juanchi.domain.filing import Dispatched
from juanchi.domain.loose_ends import handed_over
from juanchi.domain.messages import Action, Event, Names, duty_of
from juanchi.domain.overlays import DisputeCause, ReturnRequest
from juanchi.domain.phases import WITH_UNIT, Phase
from juanchi.domain.plans import PlanFor
from juanchi.domain.policy_terms import Terms
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.requests import (
    RequestKind,
    none_pending,
    not_on_hold,
    only_lead,
    reasoned,
    settled,
)
from juanchi.domain.rules import Rules
from juanchi.domain.supervised import Cause
from juanchi.domain.terms import ClockName, Nature, Role, Urgency
from juanchi.domain.ticket import Ticket

rules = Rules()


class RequestReturn(Action):
    """The lead unit says why the matter is not its own, on what basis, and whose it is."""

    kind: Literal["request_return"] = "request_return"
    reason: Text = Field(min_length=1)
    basis: Text = Field(min_length=1)
    to: base.Code | None = None

    def names(self, ticket: Ticket) -> Names | None:
        return Names(units=(self.to,)) if self.to else None


class ReturnRequested(Event):
    kind: Literal["return_requested"] = "return_requested"
    reason: Text
    basis: Text
    to: base.Code | None = None


class AnswerReturn(Action):
    """The centre agrees, naming the next lead unless the request did; or refuses with a reason."""

    kind: Literal["answer_return"] = "answer_return"
    agreed: bool
    note: Text = ""
    lead: base.Code | None = None
    item: base.Code | None = None
    assisting: tuple[base.Code, ...] = Field(default=(), max_length=20)

    def names(self, ticket: Ticket) -> Names | None:
        lead = self._next(ticket)
        if not self.agreed or lead is None:
            return None
        item = self.item or ticket.item
        return Names(
            units=(lead, *self.assisting),
            items=(self.item,) if self.item else (),
            duties=duty_of(lead, item, ticket),
        )

    def _next(self, ticket: Ticket) -> str | None:
        return self.lead or (ticket.returning.to if ticket.returning else None)


class ReturnAgreed(Event):
    """The unit was right: the ticket goes to another."""

    kind: Literal["return_agreed"] = "return_agreed"
    unit: base.Code
    note: Text = ""


class ReturnRefused(Event):
    kind: Literal["return_refused"] = "return_refused"
    unit: base.Code
    note: Text


def _in_time(ticket: Ticket, now: datetime) -> None:
    """Before signing, or within the window from dispatch; for urgent matters the window alone."""
    window = ticket.deadline(ClockName.RETURN_WINDOW)
    if window is not None and now <= window.due:
        return
    unsigned = ticket.phase is Phase.UNSIGNED
    if unsigned and (ticket.urgency is not Urgency.URGENT or window is None):
        return
    raise Refused(Code.RETURN_TOO_LATE, due=window.due.isoformat() if window else "")


def _not_ruled(ticket: Ticket) -> None:
    for ruling in ticket.rulings:
        if ticket.lead in (ruling.lead, ruling.backstop):
            raise Refused(Code.RULED_MAY_NOT_RETURN, ruling=ruling.number)


@rules.decides(RequestReturn, roles=[Role.UNIT], phases=WITH_UNIT)
def request_return(ticket: Ticket, action: RequestReturn, now: datetime) -> Sequence[Event]:
    unit = only_lead(ticket, action)
    _not_ruled(ticket)
    if ticket.dispute is not None:
        raise Refused(Code.DISPUTE_OPEN, number=ticket.dispute.number)
    none_pending(ticket, RequestKind.RETURN)
    not_on_hold(ticket)
    _in_time(ticket, now)
    if action.to == unit:
        raise Refused(Code.SAME_UNIT, unit=unit)
    requested = ReturnRequested(
        at=now,
        by=action.actor,
        cause=action.key,
        reason=action.reason,
        basis=action.basis,
        to=action.to,
    )
    others = [other for other in ticket.returned_by if other != unit]
    if not others:
        return [requested]
    cause = Cause(at=now, key=action.key)
    return [requested, *arbitration_opened(ticket, DisputeCause.SECOND_UNIT, cause)]


@rules.evolves(ReturnRequested)
def return_requested(ticket: Ticket, event: ReturnRequested) -> Ticket:
    unit = event.by.unit or ""
    asked = ReturnRequest(
        unit=unit, reason=event.reason, basis=event.basis, to=event.to, at=event.at
    )
    before = ticket.returned_by
    return ticket.having(
        returning=asked, returned_by=before if unit in before else (*before, unit)
    ).asking(PlanFor(clock=ClockName.RETURN, start=event.at))


@rules.decides(AnswerReturn, roles=[Role.DISPATCHER], phases=WITH_UNIT)
def answer_return(ticket: Ticket, action: AnswerReturn, now: datetime) -> Sequence[Event]:
    asked = _asked(ticket)
    if action.agreed:
        return _agreed(ticket, asked, action, now)
    reasoned(action.note)
    refused = ReturnRefused(
        at=now, by=action.actor, cause=action.key, unit=asked.unit, note=action.note
    )
    if ticket.refused_returns + 1 < (ticket.terms or Terms()).refused_returns:
        return [refused]
    cause = Cause(at=now, key=action.key)
    return [refused, *arbitration_opened(ticket, DisputeCause.REFUSED_RETURNS, cause)]


def _asked(ticket: Ticket) -> ReturnRequest:
    if ticket.returning is None:
        raise Refused(Code.NO_REQUEST, request=RequestKind.RETURN)
    return ticket.returning


def _agreed(
    ticket: Ticket, asked: ReturnRequest, action: AnswerReturn, now: datetime
) -> Sequence[Event]:
    lead, item = action.lead or asked.to, action.item or ticket.item
    if lead is None or item is None:
        raise Refused(Code.MISSING_UNIT)
    if lead == ticket.lead:
        raise Refused(Code.SAME_UNIT, unit=lead)
    cause = Cause(at=now, by=action.actor, key=action.key)
    return [
        ReturnAgreed(at=now, by=action.actor, cause=action.key, unit=asked.unit, note=action.note),
        *handed_over(ticket, cause, but=RequestKind.RETURN),
        Dispatched(
            at=now,
            by=action.actor,
            cause=action.key,
            item=item,
            lead=lead,
            assisting=tuple(u for u in dict.fromkeys(action.assisting) if u != lead),
            nature=ticket.nature or Nature.REQUEST,
            urgency=ticket.urgency,
            reason=action.note,
        ),
    ]


@rules.evolves(ReturnAgreed)
def return_agreed(ticket: Ticket, event: ReturnAgreed) -> Ticket:
    return settled(ticket, RequestKind.RETURN)


@rules.evolves(ReturnRefused)
def return_refused(ticket: Ticket, event: ReturnRefused) -> Ticket:
    return settled(ticket, RequestKind.RETURN).having(refused_returns=ticket.refused_returns + 1)
