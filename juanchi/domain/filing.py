"""The third stage: number, item and the responsible unit; then dispatched (立案, 分拨)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.actor import ENGINE
from juanchi.domain.assisting import clocks_of, helpers_of
from juanchi.domain.base import Code, Line, Text
from juanchi.domain.messages import Action, Event, Names, Result, Step, duty_of
from juanchi.domain.place import Place
from juanchi.domain.plans import PlanFor
from juanchi.domain.rules import Rules
from juanchi.domain.terms import ClockName, Nature, Role, Trigger, Urgency
from juanchi.domain.ticket import Candidate, Phase, Ticket

rules = Rules()


class Route(Step):
    """Give the ticket its number and find the responsible unit in the lists."""

    kind: Literal["route"] = "route"


class RouteResult(Result):
    """The ticket's number and the units found, best first.

    ``sure``: the first candidate may be dispatched to without a person. ``ruling`` is the precedent
    that says so, if one does; ``incident`` is what made it urgent, if one did.
    """

    number: Line
    candidates: tuple[Candidate, ...] = ()
    sure: bool = False
    nature: Nature | None = None
    urgency: Urgency = Urgency.GENERAL
    urgency_why: Line = ""
    incident: Line = ""
    ruling: Line = ""
    lists_version: Line = ""
    problem: Line = ""
    model: Line = ""


class Filed(Event):
    """The ticket has its number; ``problem`` says why no unit was found for sure.

    ``model`` names the learned models that were in force then, such as ``item#3 dispatch#7``.
    """

    kind: Literal["filed"] = "filed"
    number: Line
    nature: Nature | None
    urgency: Urgency
    urgency_why: Line = ""
    incident: Line = ""
    candidates: tuple[Candidate, ...] = ()
    problem: Line = ""
    model: Line = ""


class Dispatch(Action):
    """A dispatcher names the item and the units."""

    kind: Literal["dispatch"] = "dispatch"
    item: Code
    lead: Code
    assisting: tuple[Code, ...] = Field(default=(), max_length=20)
    mandatory: tuple[Code, ...] = Field(default=(), max_length=20)
    nature: Nature | None = None
    urgency: Urgency | None = None
    place: Place | None = None
    reason: Text = ""

    def names(self, ticket: Ticket) -> Names | None:
        # The place given here, else the one that is known: a street's duties depend on it.
        placed = ticket.having(place=self.place) if self.place else ticket
        return Names(
            units=(self.lead, *self.assisting),
            items=(self.item,),
            places=(self.place,) if self.place else (),
            duties=duty_of(self.lead, self.item, placed),
        )


class Dispatched(Event):
    """A lead unit has the ticket. The handling clock starts here.

    ``ruling`` is the arbitration that named the units, here or for an earlier ticket.
    ``backstop``: nobody else took it.
    """

    kind: Literal["dispatched"] = "dispatched"
    item: Code
    lead: Code
    assisting: tuple[Code, ...] = ()
    mandatory: tuple[Code, ...] = ()
    ruling: Line = ""
    backstop: bool = False
    nature: Nature
    urgency: Urgency
    place: Place | None = None
    reason: Text = ""
    lists_version: Line = ""


@rules.completes(RouteResult)
def route_done(ticket: Ticket, result: RouteResult, now: datetime) -> Sequence[Event]:
    filed = Filed(
        at=now,
        by=ENGINE,
        number=result.number,
        nature=result.nature or ticket.nature,
        urgency=_higher(result.urgency, ticket.urgency),
        urgency_why=result.urgency_why,
        incident=result.incident,
        candidates=result.candidates,
        problem=result.problem,
        model=result.model,
    )
    if not (result.sure and result.candidates):
        return [filed]
    best = result.candidates[0]
    return [
        filed,
        Dispatched(
            at=now,
            by=ENGINE,
            item=best.item,
            lead=best.lead,
            assisting=best.assisting,
            mandatory=best.mandatory,
            ruling=result.ruling,
            nature=filed.nature or Nature.REQUEST,
            urgency=filed.urgency,
            reason=best.reason,
            lists_version=result.lists_version,
        ),
    ]


def _higher(one: Urgency, other: Urgency) -> Urgency:
    return Urgency.URGENT if Urgency.URGENT in (one, other) else Urgency.GENERAL


@rules.evolves(Filed)
def filed(ticket: Ticket, event: Filed) -> Ticket:
    return ticket.moved(
        Phase.DISPATCHING,
        event.at,
        number=event.number,
        nature=event.nature,
        urgency=event.urgency,
        urgency_why=event.urgency_why or ticket.urgency_why,
        raised_by=event.incident or ticket.raised_by,
        candidates=event.candidates,
        stuck=event.problem,
    )


@rules.decides(Dispatch, roles=[Role.DISPATCHER], phases=[Phase.DISPATCHING])
def dispatch(ticket: Ticket, action: Dispatch, now: datetime) -> Sequence[Event]:
    assisting = tuple(u for u in dict.fromkeys(action.assisting) if u != action.lead)
    return [
        Dispatched(
            at=now,
            by=action.actor,
            cause=action.key,
            item=action.item,
            lead=action.lead,
            assisting=assisting,
            mandatory=tuple(unit for unit in assisting if unit in action.mandatory),
            nature=action.nature or ticket.nature or Nature.REQUEST,
            urgency=action.urgency or ticket.urgency,
            place=action.place,
            reason=action.reason,
        )
    ]


@rules.rings(ClockName.DISPATCH)
def nobody_dispatched(ticket: Ticket, now: datetime) -> Sequence[Event]:
    """Nobody has dispatched it for as long as the ladder is: the backstop unit takes it."""
    backstop = next((found for found in ticket.candidates if found.backstop), None)
    if backstop is None:
        return []
    return [
        Dispatched(
            at=now,
            by=ENGINE,
            item=backstop.item,
            lead=backstop.lead,
            nature=ticket.nature or Nature.REQUEST,
            urgency=ticket.urgency,
            reason=backstop.reason,
            backstop=True,
        )
    ]


KEPT = (ClockName.ARBITRATION, ClockName.APPEAL, ClockName.ORDER, ClockName.SAMENESS)
"""Clocks that another lead unit does not start anew."""


@rules.evolves(Dispatched)
def dispatched(ticket: Ticket, event: Dispatched) -> Ticket:
    helpers = helpers_of(event.assisting, event.mandatory, event.at)
    anew = [key for key, one in ticket.deadlines.items() if one.clock not in KEPT]
    ticket = ticket.without(*anew).moved(
        Phase.UNSIGNED,
        event.at,
        item=event.item,
        lead=event.lead,
        assisting=event.assisting,
        helpers=helpers,
        nature=event.nature,
        urgency=event.urgency,
        supervised=_from_the_start(ticket, event),
        place=event.place or ticket.place,
        lists_version=event.lists_version or ticket.lists_version,
        dispatched_at=event.at,
        signed_at=None,
        arrived_at=None,
        answer=None,
        extensions=0,
        stuck="",
    )
    asked = [PlanFor(clock=ClockName.RETURN_WINDOW, start=event.at)]
    if event.urgency is Urgency.URGENT:
        asked.append(PlanFor(clock=ClockName.ON_SITE, start=event.at))
    return ticket.asking(*asked, *clocks_of(helpers, event.at))


def _from_the_start(ticket: Ticket, event: Dispatched) -> tuple[Trigger, ...]:
    """Urgent matters, and those that the city found by itself, are supervised from the start."""
    found = list(ticket.supervised)
    if event.urgency is Urgency.URGENT and Trigger.URGENT not in found:
        found.append(Trigger.URGENT)
    if ticket.verify and Trigger.PROACTIVE not in found:
        found.append(Trigger.PROACTIVE)
    return tuple(found)
