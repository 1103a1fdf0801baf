"""Likely the same matter: proposed to a dispatcher, who merges it or says that it is not.

The ticket does not wait for the answer. A proposal that nobody has answered in time, or before a
unit has begun, falls away.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.actor import ENGINE
from juanchi.domain.base import Line, Text
from juanchi.domain.messages import Action, Event
from juanchi.domain.overlays import Alike, SameProposal
from juanchi.domain.phases import BEFORE_HANDLING
from juanchi.domain.plans import PlanFor
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rules import Rules
from juanchi.domain.supervised import Cause
from juanchi.domain.terms import ClockName, Role
from juanchi.domain.ticket import Ticket

rules = Rules()

UNANSWERED = "unanswered"
SIGNED = "signed"


class SameProposed(Event):
    """These earlier tickets may be about the same matter, the likeliest first."""

    kind: Literal["same_proposed"] = "same_proposed"
    candidates: tuple[Alike, ...]


class NotSame(Action):
    """A dispatcher says that the matter is none of those proposed."""

    kind: Literal["not_same"] = "not_same"
    reason: Text = Field(min_length=1)


class NotSameSaid(Event):
    """It is another matter than ``of``. Never proposed again; comparing learns from it."""

    kind: Literal["not_same_said"] = "not_same_said"
    of: tuple[str, ...]
    reason: Text


class SameLapsed(Event):
    """A proposal fell away unanswered: its time was over, or a unit has begun."""

    kind: Literal["same_lapsed"] = "same_lapsed"
    of: tuple[str, ...]
    why: Line


def without_proposal(ticket: Ticket) -> Ticket:
    """The ticket with nothing proposed, and no clock for it."""
    return ticket.without(ClockName.SAMENESS).having(proposed=None)


def proposal_lapses(ticket: Ticket, cause: Cause, why: str) -> Sequence[Event]:
    """What becomes of a proposal that can no longer be answered; nothing where there is none."""
    if ticket.proposed is None:
        return []
    of = ticket.proposed.tickets
    return [SameLapsed(at=cause.at, by=ENGINE, cause=cause.key, of=of, why=why)]


@rules.evolves(SameProposed)
def same_proposed(ticket: Ticket, event: SameProposed) -> Ticket:
    proposal = SameProposal(candidates=event.candidates, at=event.at)
    clock = PlanFor(clock=ClockName.SAMENESS, start=event.at)
    return without_proposal(ticket).having(proposed=proposal).asking(clock)


@rules.decides(NotSame, roles=[Role.DISPATCHER], phases=BEFORE_HANDLING)
def not_same(ticket: Ticket, action: NotSame, now: datetime) -> Sequence[Event]:
    if ticket.proposed is None:
        raise Refused(Code.NOTHING_PROPOSED)
    return [
        NotSameSaid(
            at=now,
            by=action.actor,
            cause=action.key,
            of=ticket.proposed.tickets,
            reason=action.reason,
        )
    ]


@rules.evolves(NotSameSaid)
def not_same_said(ticket: Ticket, event: NotSameSaid) -> Ticket:
    return without_proposal(ticket).having(unlike=(*ticket.unlike, *event.of))


@rules.rings(ClockName.SAMENESS)
def time_is_over(ticket: Ticket, now: datetime) -> Sequence[Event]:
    return proposal_lapses(ticket, Cause(at=now), UNANSWERED)


@rules.evolves(SameLapsed)
def same_lapsed(ticket: Ticket, event: SameLapsed) -> Ticket:
    return without_proposal(ticket)
