"""Why a ticket is supervised, and the order that this may bring (督办)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from juanchi.domain.actor import ENGINE, Actor
from juanchi.domain.base import Code, Line, Text
from juanchi.domain.messages import Event
from juanchi.domain.overlays import Order
from juanchi.domain.plans import PlanFor
from juanchi.domain.policy_terms import Terms
from juanchi.domain.rules import Rules
from juanchi.domain.rungs import OrderSpec
from juanchi.domain.terms import ClockName, EvidenceKind, RungKind, Trigger
from juanchi.domain.ticket import Ticket

rules = Rules()

LEAD = "lead/"
"""Begins a holder that is a post in whichever unit leads at that moment."""

SUPERSEDED = "superseded"


class Supervised(Event):
    """From now on supervisors hear of all that rings on this ticket."""

    kind: Literal["supervised"] = "supervised"
    trigger: Trigger


class OrderIssued(Event):
    """A supervision order; it takes the place of an earlier one that is still open."""

    kind: Literal["order_issued"] = "order_issued"
    number: Line
    level: RungKind
    trigger: Trigger
    unit: Code | None = None
    leader: Line
    requirement: Text = ""
    copies: tuple[Line, ...] = ()
    evidence_wanted: tuple[EvidenceKind, ...] = ()


@dataclass(frozen=True)
class Cause:
    """What brings supervision about: when, by whom, by which action."""

    at: datetime
    by: Actor = ENGINE
    key: str | None = None


def supervised_by(
    ticket: Ticket, trigger: Trigger, cause: Cause, terms: Terms | None = None
) -> Sequence[Event]:
    """The ticket comes under supervision for one more reason, with the order that policy wants.

    Nothing when it is supervised for that reason already.
    """
    if trigger in ticket.supervised:
        return []
    events: list[Event] = [
        Supervised(at=cause.at, by=ENGINE, cause=cause.key, trigger=trigger),
    ]
    terms = terms or ticket.terms
    if terms and (wanted := terms.triggers.get(trigger)):
        events.append(order_of(ticket, wanted.order, wanted.level, trigger, cause))
    return events


def order_of(
    ticket: Ticket,
    wanted: OrderSpec,
    level: RungKind,
    trigger: Trigger,
    cause: Cause,
    unit: str | None = None,
) -> OrderIssued:
    """An order to a unit (else the lead), as policy words it."""
    to = unit or ticket.lead
    return OrderIssued(
        at=cause.at,
        by=cause.by,
        cause=cause.key,
        number=f"{ticket.number or ticket.id[:150]}-D{len(ticket.orders) + 1}",
        level=level,
        trigger=trigger,
        unit=to,
        leader=addressed(wanted.leader, to),
        requirement=wanted.requirement,
        copies=tuple(addressed(copy, to) for copy in wanted.copies),
        evidence_wanted=ticket.evidence_wanted,
    )


def addressed(holder: str, unit: str | None) -> str:
    """The holder that is meant, now that the unit is known."""
    if holder.startswith(LEAD) and unit:
        return f"{unit}/{holder.removeprefix(LEAD)}"
    return holder


@rules.evolves(Supervised)
def supervised(ticket: Ticket, event: Supervised) -> Ticket:
    return ticket.having(supervised=(*ticket.supervised, event.trigger))


@rules.evolves(OrderIssued)
def order_issued(ticket: Ticket, event: OrderIssued) -> Ticket:
    before = (
        one.model_copy(update={"released_at": event.at, "outcome": SUPERSEDED}) if one.open else one
        for one in ticket.orders
    )
    order = Order(
        number=event.number,
        level=event.level,
        trigger=event.trigger,
        unit=event.unit,
        leader=event.leader,
        requirement=event.requirement,
        copies=event.copies,
        evidence_wanted=event.evidence_wanted,
        issued_at=event.at,
    )
    known = event.trigger in ticket.supervised
    return (
        ticket.without(ClockName.ORDER)
        .having(
            orders=(*before, order),
            supervised=ticket.supervised if known else (*ticket.supervised, event.trigger),
        )
        .asking(PlanFor(clock=ClockName.ORDER, start=event.at))
    )
