"""Urgent or not (加急): decided by a person, or by an incident for a whole class of items."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.base import Line, Text
from juanchi.domain.clocks import replans
from juanchi.domain.deadlines import Deadline
from juanchi.domain.messages import Action, Event
from juanchi.domain.phases import WITH_UNIT
from juanchi.domain.plans import PlanFor, PlanWhy
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rules import OPEN_PHASES, Rules
from juanchi.domain.terms import ClockName, Role, Trigger, Urgency
from juanchi.domain.ticket import Ticket

rules = Rules()

BY_URGENCY = (
    ClockName.TRIAGE,
    ClockName.VERIFY,
    ClockName.DISPATCH,
    ClockName.SIGN,
    ClockName.HANDLE,
    ClockName.RETURN_WINDOW,
    ClockName.RETURN,
    ClockName.EXTENSION,
    ClockName.HOLD_REQUEST,
    ClockName.ASSIST,
    ClockName.WHISTLE,
    ClockName.ARBITRATION,
    ClockName.APPEAL,
    ClockName.ORDER,
    ClockName.SAMENESS,
)
"""The clocks that may run faster for an urgent matter."""


class SetUrgency(Action):
    """Raise a matter to urgent, or put it back to general, and say why.

    ``incident`` is the code of an incident (a storm) that raises a whole class of items; what an
    incident has raised, only the same incident or a person puts back.
    """

    kind: Literal["set_urgency"] = "set_urgency"
    urgency: Urgency
    reason: Text = Field(min_length=1)
    incident: Line = ""


class UrgencySet(Event):
    kind: Literal["urgency_set"] = "urgency_set"
    urgency: Urgency
    reason: Text
    incident: Line = ""


@rules.decides(
    SetUrgency, roles=[Role.DISPATCHER, Role.SUPERVISOR, Role.SYSTEM], phases=OPEN_PHASES
)
def set_urgency(ticket: Ticket, action: SetUrgency, now: datetime) -> Sequence[Event]:
    if ticket.urgency is action.urgency:
        raise Refused(Code.ALREADY_SO, urgency=action.urgency)
    by_person = action.actor.role is not Role.SYSTEM and not action.incident
    puts_back = action.urgency is Urgency.GENERAL
    if puts_back and not by_person and ticket.raised_by != action.incident:
        raise Refused(Code.NOT_RAISED_BY_IT, incident=action.incident)
    return [
        UrgencySet(
            at=now,
            by=action.actor,
            cause=action.key,
            urgency=action.urgency,
            reason=action.reason,
            incident=action.incident,
        )
    ]


@rules.evolves(UrgencySet)
def urgency_set(ticket: Ticket, event: UrgencySet) -> Ticket:
    if event.urgency is Urgency.URGENT:
        return _raised(ticket, event)
    ticket = ticket.without(ClockName.ON_SITE).having(
        urgency=event.urgency, urgency_why=event.reason[:200], raised_by=""
    )
    return _marked(ticket, None).asking(*replans(ticket, PlanWhy.LOWERED, event.at, BY_URGENCY))


def _marked(ticket: Ticket, raised_at: datetime | None) -> Ticket:
    """The ticket whose clocks know when it was raised; those that stand still on hold too."""
    deadlines = {
        key: one.model_copy(update={"raised_at": raised_at}) if one.clock in BY_URGENCY else one
        for key, one in ticket.deadlines.items()
    }
    return ticket.having(deadlines=deadlines)


def by_urgency(
    ticket: Ticket, before: Deadline, plan: Callable[[Ticket, datetime], Deadline]
) -> Deadline:
    """A running clock planned anew: ``plan`` gives its due time for a ticket, from a moment on.

    One that was raised to urgent while it ran starts its shorter limit at that moment: what had
    been lost until then cannot be made up. Where its old limit ends sooner, that holds.
    """
    if before.raised_at is None:
        return plan(ticket, before.started)
    calm = plan(ticket.having(urgency=Urgency.GENERAL), before.started)
    hurried = plan(ticket, before.raised_at)
    sooner = hurried if hurried.due < calm.due else calm
    return sooner.model_copy(update={"started": before.started, "raised_at": before.raised_at})


def _raised(ticket: Ticket, event: UrgencySet) -> Ticket:
    known = Trigger.URGENT in ticket.supervised
    with_unit = ticket.phase in WITH_UNIT
    ticket = ticket.having(
        urgency=event.urgency,
        urgency_why=event.reason[:200],
        raised_by=event.incident,
        supervised=(*ticket.supervised, Trigger.URGENT)
        if with_unit and not known
        else ticket.supervised,
    )
    ticket = _marked(ticket, event.at).asking(
        *replans(ticket, PlanWhy.RAISED, event.at, BY_URGENCY)
    )
    if with_unit and ticket.arrived_at is None:
        return ticket.asking(PlanFor(clock=ClockName.ON_SITE, start=event.at))
    return ticket
