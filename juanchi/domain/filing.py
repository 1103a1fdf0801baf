"""The third stage: number, item and the responsible unit; then dispatched (立案, 分拨)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.actor import ENGINE
from juanchi.domain.base import Code, Line, Text
from juanchi.domain.messages import Action, Event, Names, Result, Step
from juanchi.domain.place import Place
from juanchi.domain.rules import Rules
from juanchi.domain.terms import Nature, Role, Urgency
from juanchi.domain.ticket import Candidate, Phase, Ticket

rules = Rules()


class Route(Step):
    """Give the ticket its number and find the responsible unit in the lists."""

    kind: Literal["route"] = "route"


class RouteResult(Result):
    """The ticket's number and the units found, best first.

    ``sure``: the first candidate may be dispatched to without a person.
    """

    number: Line
    candidates: tuple[Candidate, ...] = ()
    sure: bool = False
    nature: Nature | None = None
    urgency: Urgency = Urgency.GENERAL
    lists_version: Line = ""
    problem: Line = ""


class Filed(Event):
    """The ticket has its number; ``problem`` says why no unit was found for sure."""

    kind: Literal["filed"] = "filed"
    number: Line
    nature: Nature | None
    urgency: Urgency
    candidates: tuple[Candidate, ...] = ()
    problem: Line = ""


class Dispatch(Action):
    """A dispatcher names the item and the units."""

    kind: Literal["dispatch"] = "dispatch"
    item: Code
    lead: Code
    assisting: tuple[Code, ...] = Field(default=(), max_length=20)
    nature: Nature | None = None
    urgency: Urgency | None = None
    place: Place | None = None
    reason: Text = ""

    def names(self) -> Names | None:
        return Names(
            units=(self.lead, *self.assisting),
            items=(self.item,),
            places=(self.place,) if self.place else (),
        )


class Dispatched(Event):
    """A lead unit has the ticket. The handling clock starts here."""

    kind: Literal["dispatched"] = "dispatched"
    item: Code
    lead: Code
    assisting: tuple[Code, ...] = ()
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
        candidates=result.candidates,
        problem=result.problem,
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
        candidates=event.candidates,
        stuck=event.problem,
    )


@rules.decides(Dispatch, roles=[Role.DISPATCHER], phases=[Phase.DISPATCHING])
def dispatch(ticket: Ticket, action: Dispatch, now: datetime) -> Sequence[Event]:
    return [
        Dispatched(
            at=now,
            by=action.actor,
            cause=action.key,
            item=action.item,
            lead=action.lead,
            assisting=tuple(u for u in dict.fromkeys(action.assisting) if u != action.lead),
            nature=action.nature or ticket.nature or Nature.REQUEST,
            urgency=action.urgency or ticket.urgency,
            place=action.place,
            reason=action.reason,
        )
    ]


@rules.evolves(Dispatched)
def dispatched(ticket: Ticket, event: Dispatched) -> Ticket:
    return ticket.moved(
        Phase.UNSIGNED,
        event.at,
        item=event.item,
        lead=event.lead,
        assisting=event.assisting,
        nature=event.nature,
        urgency=event.urgency,
        place=event.place or ticket.place,
        lists_version=event.lists_version,
        dispatched_at=event.at,
        stuck="",
    )
