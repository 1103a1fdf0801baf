"""Who is responsible after all (裁决): quickly, with a deadline, and then it stands.

The first unit works on while it is argued. A ruling names the lead, who may not return the ticket;
it may be appealed once. Rulings are precedents for the next such ticket.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain import base
from juanchi.domain.actor import ENGINE
from juanchi.domain.base import Line, Text
from juanchi.domain.clocks import JOINT
from juanchi.domain.messages import Action, Event, Names
from juanchi.domain.overlays import Arbitration, DisputeCause
from juanchi.domain.phases import BEFORE_CLOSE, WITH_UNIT
from juanchi.domain.plans import PlanFor
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.requests import RequestKind, settled
from juanchi.domain.rules import Rules
from juanchi.domain.supervised import Cause, supervised_by
from juanchi.domain.terms import ClockName, Role, Trigger
from juanchi.domain.ticket import Ticket

rules = Rules()


class OpenArbitration(Action):
    """A supervisor sees that units pass a ticket on, and has it ruled."""

    kind: Literal["open_arbitration"] = "open_arbitration"
    reason: Text = Field(min_length=1)


class ArbitrationOpened(Event):
    kind: Literal["arbitration_opened"] = "arbitration_opened"
    number: Line
    dispute: DisputeCause
    reason: Text = ""


class Consult(Action):
    """The arbiter hears the units together: that takes longer, and has its own limit (会商)."""

    kind: Literal["consult"] = "consult"
    units: tuple[base.Code, ...] = Field(min_length=1, max_length=20)
    note: Text = ""

    def names(self, ticket: Ticket) -> Names | None:
        return Names(units=self.units)


class ConsultationCalled(Event):
    kind: Literal["consultation_called"] = "consultation_called"
    units: tuple[base.Code, ...]
    note: Text = ""


class Appeal(Action):
    """The unit that a ruling names asks for another, once; it handles the matter meanwhile."""

    kind: Literal["appeal"] = "appeal"
    reason: Text = Field(min_length=1)


class AppealLodged(Event):
    kind: Literal["appeal_lodged"] = "appeal_lodged"
    number: Line
    reason: Text


class DisputeLapsed(Event):
    """The ticket was closed before the dispute was ruled; whose it was stays open."""

    kind: Literal["dispute_lapsed"] = "dispute_lapsed"
    number: Line


def arbitration_opened(
    ticket: Ticket, dispute: DisputeCause, cause: Cause, reason: str = ""
) -> Sequence[Event]:
    """The events that open an arbitration; whoever refuses a ticket comes under supervision."""
    opened = ArbitrationOpened(
        at=cause.at,
        by=cause.by,
        cause=cause.key,
        number=f"{ticket.number or ticket.id[:150]}-A{len(ticket.rulings) + 1}",
        dispute=dispute,
        reason=reason,
    )
    return [opened, *supervised_by(ticket, Trigger.REFUSING, cause)]


def dispute_lapses(ticket: Ticket, cause: Cause) -> Sequence[Event]:
    """What becomes of an open dispute when the ticket closes."""
    if ticket.dispute is None:
        return []
    return [DisputeLapsed(at=cause.at, by=ENGINE, cause=cause.key, number=ticket.dispute.number)]


def _ruled_for_good(ticket: Ticket) -> None:
    if ticket.rulings and ticket.rulings[-1].final:
        raise Refused(Code.RULED_FINALLY, ruling=ticket.rulings[-1].number)


@rules.decides(OpenArbitration, roles=[Role.SUPERVISOR], phases=WITH_UNIT)
def open_arbitration(ticket: Ticket, action: OpenArbitration, now: datetime) -> Sequence[Event]:
    if ticket.dispute is not None:
        raise Refused(Code.DISPUTE_OPEN, number=ticket.dispute.number)
    _ruled_for_good(ticket)
    cause = Cause(at=now, by=action.actor, key=action.key)
    return arbitration_opened(ticket, DisputeCause.SUPERVISOR, cause, action.reason)


@rules.evolves(ArbitrationOpened)
def opened(ticket: Ticket, event: ArbitrationOpened) -> Ticket:
    dispute = Arbitration(number=event.number, cause=event.dispute, opened_at=event.at)
    return (
        settled(ticket, RequestKind.RETURN)
        .having(dispute=dispute)
        .asking(PlanFor(clock=ClockName.ARBITRATION, start=event.at))
    )


def disputed(ticket: Ticket) -> Arbitration:
    """The open dispute. Refused: no_dispute."""
    if ticket.dispute is None:
        raise Refused(Code.NO_DISPUTE)
    return ticket.dispute


def no_party(ticket: Ticket, action: Action) -> None:
    """Nobody rules in their own cause. Refused: arbiter_is_party."""
    parties = (ticket.lead, *ticket.assisting, *ticket.returned_by)
    if action.actor.unit is not None and action.actor.unit in parties:
        raise Refused(Code.ARBITER_IS_PARTY, unit=action.actor.unit)


@rules.decides(Consult, roles=[Role.ARBITER], phases=BEFORE_CLOSE)
def consult(ticket: Ticket, action: Consult, now: datetime) -> Sequence[Event]:
    dispute = disputed(ticket)
    no_party(ticket, action)
    if dispute.joint:
        raise Refused(Code.CONSULTED_ALREADY, number=dispute.number)
    return [
        ConsultationCalled(
            at=now, by=action.actor, cause=action.key, units=action.units, note=action.note
        )
    ]


@rules.evolves(ConsultationCalled)
def consultation_called(ticket: Ticket, event: ConsultationCalled) -> Ticket:
    dispute = disputed(ticket).model_copy(update={"joint": True})
    clock = ClockName.APPEAL if dispute.appeal else ClockName.ARBITRATION
    joint = PlanFor(clock=ClockName.ARBITRATION, start=event.at, limit_key=JOINT)
    return ticket.without(clock).having(dispute=dispute).asking(joint)


@rules.decides(Appeal, roles=[Role.UNIT], phases=BEFORE_CLOSE)
def appeal(ticket: Ticket, action: Appeal, now: datetime) -> Sequence[Event]:
    if ticket.dispute is not None:
        raise Refused(Code.DISPUTE_OPEN, number=ticket.dispute.number)
    if not ticket.rulings:
        raise Refused(Code.NO_RULING)
    _ruled_for_good(ticket)
    ruling = ticket.rulings[-1]
    if action.actor.unit != ruling.lead:
        raise Refused(Code.WRONG_UNIT, unit=action.actor.unit, expected=ruling.lead)
    return [
        AppealLodged(
            at=now,
            by=action.actor,
            cause=action.key,
            number=f"{ruling.number}-appeal",
            reason=action.reason,
        )
    ]


@rules.evolves(AppealLodged)
def appeal_lodged(ticket: Ticket, event: AppealLodged) -> Ticket:
    dispute = Arbitration(number=event.number, cause=DisputeCause.APPEAL, opened_at=event.at)
    return ticket.having(dispute=dispute).asking(PlanFor(clock=ClockName.APPEAL, start=event.at))


@rules.evolves(DisputeLapsed)
def dispute_lapsed(ticket: Ticket, event: DisputeLapsed) -> Ticket:
    return ticket.without(ClockName.ARBITRATION, ClockName.APPEAL).having(dispute=None)
