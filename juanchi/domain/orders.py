"""Supervision orders (督办单): a leader answers, a supervisor releases."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from juanchi.domain.actor import ENGINE
from juanchi.domain.base import Line, Text
from juanchi.domain.clocks import Rang
from juanchi.domain.holders import CENTRE, Holder, parse
from juanchi.domain.messages import Action, Event, Names
from juanchi.domain.overlays import Order
from juanchi.domain.phases import BEFORE_CLOSE
from juanchi.domain.place import Evidence
from juanchi.domain.plans import PlanFor
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rules import Rules
from juanchi.domain.rungs import OrderSpec, Rung
from juanchi.domain.supervised import Cause, order_of
from juanchi.domain.terms import ClockName, EvidenceKind, Role, RungKind, Trigger
from juanchi.domain.ticket import Ticket

rules = Rules()

LEVELS = (RungKind.YELLOW_CARD, RungKind.RED_CARD, RungKind.RAISED, RungKind.REPORTED)
"""The levels of an order, in the order of pressure."""


def _at_hand(holder: str) -> str:
    named = parse(holder)
    if named.who == CENTRE or named.role:
        raise ValueError("name the unit itself, as in roads/head, or lead/head, or a desk")
    return holder


AtHand = Annotated[Holder, AfterValidator(_at_hand)]
"""A holder that needs no place to be found: a post of the lead or of a unit, or a desk."""


class GiveOrder(Action):
    """A supervisor gives an order by hand. ``leader`` is a holder, such as ``lead/head``."""

    kind: Literal["order"] = "order"
    level: RungKind = RungKind.YELLOW_CARD
    leader: AtHand = "lead/head"
    requirement: Text = Field(min_length=1)
    copies: tuple[AtHand, ...] = Field(default=(), max_length=20)
    evidence_wanted: tuple[EvidenceKind, ...] = ()

    def names(self, ticket: Ticket) -> Names | None:
        named = (parse(holder).unit for holder in (self.leader, *self.copies))
        units = tuple(unit for unit in named if unit)
        return Names(units=units) if units else None


class FeedBack(Action):
    """The unit answers an order: what was done about it (反馈)."""

    kind: Literal["feed_back"] = "feed_back"
    note: Text = Field(min_length=1)
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=50)


class OrderFedBack(Event):
    kind: Literal["order_fed_back"] = "order_fed_back"
    number: Line
    note: Text
    evidence: tuple[Evidence, ...] = ()


class ReleaseOrder(Action):
    """A supervisor is satisfied: the order is released (解除督办)."""

    kind: Literal["release_order"] = "release_order"
    outcome: Text = Field(min_length=1)


class OrderReleased(Event):
    """``outcome`` is the supervisor's words, or why the order had become void."""

    kind: Literal["order_released"] = "order_released"
    number: Line
    outcome: Text


def open_order(ticket: Ticket) -> Order | None:
    """The order that is open now; there is at most one."""
    return next((order for order in reversed(ticket.orders) if order.open), None)


def _owed(ticket: Ticket) -> Order:
    order = open_order(ticket)
    if order is None:
        raise Refused(Code.NO_ORDER)
    return order


def orders_void(ticket: Ticket, cause: Cause, why: str) -> Sequence[Event]:
    """The open order is released because what it was about is over."""
    order = open_order(ticket)
    if order is None:
        return []
    return [
        OrderReleased(at=cause.at, by=ENGINE, cause=cause.key, number=order.number, outcome=why)
    ]


def order_of_rung(ticket: Ticket, rang: Rang, rung: Rung) -> Sequence[Event]:
    """The order that a rung brings, if policy wants one there: to the unit whose clock it is.

    Before a unit has the ticket there is nobody to be ordered; and nothing when it is closed.
    """
    if rung.order is None or ticket.phase not in BEFORE_CLOSE:
        return []
    cause = Cause(at=rang.at)
    unit = rang.subject or None
    return [order_of(ticket, rung.order, rung.kind, Trigger.OVERDUE, cause, unit)]


@rules.decides(GiveOrder, roles=[Role.SUPERVISOR], phases=BEFORE_CLOSE)
def give_order(ticket: Ticket, action: GiveOrder, now: datetime) -> Sequence[Event]:
    if action.level not in LEVELS:
        raise Refused(Code.NOT_A_LEVEL, level=action.level, wanted=", ".join(LEVELS))
    wanted = OrderSpec(
        leader=action.leader, requirement=action.requirement[:200], copies=action.copies
    )
    cause = Cause(at=now, by=action.actor, key=action.key)
    order = order_of(ticket, wanted, action.level, Trigger.BY_HAND, cause)
    more: dict[str, Any] = {"requirement": action.requirement}
    if action.evidence_wanted:
        more["evidence_wanted"] = action.evidence_wanted
    return [order.model_copy(update=more)]


@rules.decides(FeedBack, roles=[Role.UNIT], phases=BEFORE_CLOSE)
def feed_back(ticket: Ticket, action: FeedBack, now: datetime) -> Sequence[Event]:
    order = _owed(ticket)
    if action.actor.unit != order.unit:
        raise Refused(Code.WRONG_UNIT, unit=action.actor.unit, expected=order.unit)
    if order.fed_back_at is not None:
        raise Refused(Code.FED_BACK_ALREADY, number=order.number)
    return [
        OrderFedBack(
            at=now,
            by=action.actor,
            cause=action.key,
            number=order.number,
            note=action.note,
            evidence=action.evidence,
        )
    ]


@rules.evolves(OrderFedBack)
def order_fed_back(ticket: Ticket, event: OrderFedBack) -> Ticket:
    # The clock starts anew, now for the supervisor who must release it.
    return (
        ticket.without(ClockName.ORDER)
        .having(orders=_changed(ticket, event.number, fed_back_at=event.at))
        .asking(PlanFor(clock=ClockName.ORDER, start=event.at))
    )


@rules.decides(ReleaseOrder, roles=[Role.SUPERVISOR], phases=BEFORE_CLOSE)
def release_order(ticket: Ticket, action: ReleaseOrder, now: datetime) -> Sequence[Event]:
    return [
        OrderReleased(
            at=now,
            by=action.actor,
            cause=action.key,
            number=_owed(ticket).number,
            outcome=action.outcome,
        )
    ]


@rules.evolves(OrderReleased)
def order_released(ticket: Ticket, event: OrderReleased) -> Ticket:
    return ticket.without(ClockName.ORDER).having(
        orders=_changed(ticket, event.number, released_at=event.at, outcome=event.outcome)
    )


def _changed(ticket: Ticket, number: str, **changes: Any) -> tuple[Order, ...]:
    return tuple(
        order.model_copy(update=changes) if order.number == number else order
        for order in ticket.orders
    )
