"""What the three requests of a lead unit have in common: return, extension, hold.

A pending request never moves the ticket nor stops its clock by itself; the centre's answer has a
clock of its own.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal

from juanchi.domain.actor import ENGINE
from juanchi.domain.deadlines import Deadline
from juanchi.domain.messages import Action, Event
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rules import Rules
from juanchi.domain.supervised import Cause
from juanchi.domain.terms import ClockName
from juanchi.domain.ticket import Ticket

rules = Rules()


class RequestKind(StrEnum):
    RETURN = "return"
    EXTENSION = "extension"
    HOLD = "hold"


_FIELD = {
    RequestKind.RETURN: "returning",
    RequestKind.EXTENSION: "extending",
    RequestKind.HOLD: "holding",
}
_CLOCK = {
    RequestKind.RETURN: ClockName.RETURN,
    RequestKind.EXTENSION: ClockName.EXTENSION,
    RequestKind.HOLD: ClockName.HOLD_REQUEST,
}


class RequestLapsed(Event):
    """A request that needs no answer any more: the unit replied, or another has the ticket."""

    kind: Literal["request_lapsed"] = "request_lapsed"
    request: RequestKind


def only_lead(ticket: Ticket, action: Action) -> str:
    """The unit that asks, which must be the lead. Refused: wrong_unit."""
    unit = action.actor.unit
    if unit is None or unit != ticket.lead:
        raise Refused(Code.WRONG_UNIT, unit=unit, expected=ticket.lead)
    return unit


def none_pending(ticket: Ticket, kind: RequestKind) -> None:
    """Refused (request_pending) while a request of this kind waits for its answer."""
    if getattr(ticket, _FIELD[kind]) is not None:
        raise Refused(Code.REQUEST_PENDING, request=kind)


def not_on_hold(ticket: Ticket) -> None:
    """Refused (on_hold) while the matter is on hold."""
    if ticket.hold is not None:
        raise Refused(Code.ON_HOLD, until=ticket.hold.review_on)


def handling(ticket: Ticket) -> Deadline:
    """The running handling deadline. Refused: wrong_phase."""
    deadline = ticket.deadline(ClockName.HANDLE)
    if deadline is None:
        raise Refused(Code.WRONG_PHASE, phase=ticket.phase)
    return deadline


def reasoned(note: str) -> None:
    """Refused (missing_reason) when a no comes without its why."""
    if not note.strip():
        raise Refused(Code.MISSING_REASON)


def settled(ticket: Ticket, kind: RequestKind) -> Ticket:
    """The ticket without its pending request, whose answer's clock stops."""
    return ticket.without(_CLOCK[kind]).having(**{_FIELD[kind]: None})


def lapsed(ticket: Ticket, cause: Cause, but: RequestKind | None = None) -> Sequence[Event]:
    """The requests that have become pointless."""
    return [
        RequestLapsed(at=cause.at, by=ENGINE, cause=cause.key, request=kind)
        for kind in RequestKind
        if kind is not but and getattr(ticket, _FIELD[kind]) is not None
    ]


@rules.evolves(RequestLapsed)
def request_lapsed(ticket: Ticket, event: RequestLapsed) -> Ticket:
    return settled(ticket, event.request)
