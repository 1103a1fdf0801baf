"""Units beside the lead (协办): their tasks and replies, and the whistle that calls them.

A street blows the whistle (吹哨) and departments turn up (报到). An assisting unit's mandatory task
must be done before the lead may reply.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain import base
from juanchi.domain.base import Text
from juanchi.domain.messages import Action, Event, Names
from juanchi.domain.overlays import Assistance
from juanchi.domain.phases import WITH_UNIT
from juanchi.domain.place import Evidence
from juanchi.domain.plans import PlanFor
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rules import Rules
from juanchi.domain.terms import ClockName, Role
from juanchi.domain.ticket import Ticket

rules = Rules()

Units = tuple[base.Code, ...]


class AddAssisting(Action):
    """More units shall assist; those in ``mandatory`` must be done before the lead may reply."""

    kind: Literal["add_assisting"] = "add_assisting"
    units: Units = Field(min_length=1, max_length=20)
    mandatory: Units = Field(default=(), max_length=20)
    requirement: Text = ""

    def names(self, ticket: Ticket) -> Names | None:
        return Names(units=self.units)


class AssistantsAdded(Event):
    kind: Literal["assistants_added"] = "assistants_added"
    units: Units
    mandatory: Units = ()
    requirement: Text = ""


class ReleaseAssisting(Action):
    """Assisting units are not needed any more."""

    kind: Literal["release_assisting"] = "release_assisting"
    units: Units = Field(min_length=1, max_length=20)
    reason: Text = Field(min_length=1)


class AssistantReleased(Event):
    kind: Literal["assistant_released"] = "assistant_released"
    unit: base.Code
    reason: Text


class AssistReply(Action):
    """An assisting unit has done its part."""

    kind: Literal["assist_reply"] = "assist_reply"
    note: Text = Field(min_length=1)
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=50)


class AssistReplied(Event):
    kind: Literal["assist_replied"] = "assist_replied"
    note: Text
    evidence: tuple[Evidence, ...] = ()


class Whistle(Action):
    """A street calls departments to turn up at the place (吹哨)."""

    kind: Literal["whistle"] = "whistle"
    units: Units = Field(min_length=1, max_length=20)
    requirement: Text = Field(min_length=1)

    def names(self, ticket: Ticket) -> Names | None:
        caller = (self.actor.unit,) if self.actor.unit else ()
        return Names(units=self.units, streets=caller)


class Whistled(Event):
    kind: Literal["whistled"] = "whistled"
    units: Units
    requirement: Text


class Arrive(Action):
    """A unit is on site: it was whistled for, or the matter is urgent (报到, 介入处置)."""

    kind: Literal["arrive"] = "arrive"
    note: Text = ""
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=50)


class Arrived(Event):
    """``whistled``: it answers a whistle; otherwise the lead has begun on site."""

    kind: Literal["arrived"] = "arrived"
    whistled: bool
    note: Text = ""
    evidence: tuple[Evidence, ...] = ()


def helpers_of(
    units: Iterable[str], mandatory: Sequence[str], at: datetime
) -> tuple[Assistance, ...]:
    """The tasks that assisting units have from a dispatch on."""
    return tuple(Assistance(unit=unit, mandatory=unit in mandatory, since=at) for unit in units)


def clocks_of(helpers: Iterable[Assistance], start: datetime) -> tuple[PlanFor, ...]:
    """The clocks to be planned for open tasks of helpers."""
    return tuple(
        PlanFor(clock=one.clock, subject=one.unit, start=start) for one in helpers if one.open
    )


def open_task(ticket: Ticket, unit: str | None, *, whistle: bool) -> Assistance | None:
    """The open task that a unit has beside the lead."""
    return next(
        (h for h in ticket.helpers if h.unit == unit and h.whistle is whistle and h.open), None
    )


def mandatory_done(ticket: Ticket) -> None:
    """Refused (mandatory_open) while an assisting unit's mandatory task is open."""
    owing = [one.unit for one in ticket.helpers if one.mandatory and one.open]
    if owing:
        raise Refused(Code.MANDATORY_OPEN, units=", ".join(owing))


@rules.decides(AddAssisting, roles=[Role.DISPATCHER, Role.SUPERVISOR], phases=WITH_UNIT)
def add_assisting(ticket: Ticket, action: AddAssisting, now: datetime) -> Sequence[Event]:
    units = not_yet_at_it(ticket, action.units, action.mandatory)
    if not units:
        raise Refused(Code.ASSISTING_ALREADY, units=", ".join(action.units))
    return [
        AssistantsAdded(
            at=now,
            by=action.actor,
            cause=action.key,
            units=units,
            mandatory=tuple(unit for unit in units if unit in action.mandatory),
            requirement=action.requirement,
        )
    ]


def not_yet_at_it(ticket: Ticket, units: Units, mandatory: Units) -> Units:
    """Those of the units that do not assist yet, or whose open task becomes mandatory now."""
    new = [
        unit
        for unit in dict.fromkeys(units)
        if unit not in (ticket.lead, *ticket.assisting)
        or (unit in mandatory and _is_optional(ticket, unit))
    ]
    return tuple(new)


def _is_optional(ticket: Ticket, unit: str) -> bool:
    task = open_task(ticket, unit, whistle=False)
    return task is not None and not task.mandatory


@rules.evolves(AssistantsAdded)
def assistants_added(ticket: Ticket, event: AssistantsAdded) -> Ticket:
    at_it = [unit for unit in event.units if open_task(ticket, unit, whistle=False)]
    # Who is at it already goes on, on the same clock.
    kept = tuple(
        one.model_copy(update={"mandatory": True}) if one.unit in at_it and not one.whistle else one
        for one in ticket.helpers
    )
    new = tuple(
        Assistance(
            unit=unit,
            mandatory=unit in event.mandatory,
            requirement=event.requirement,
            since=event.at,
        )
        for unit in event.units
        if unit not in at_it
    )
    units = tuple(dict.fromkeys((*ticket.assisting, *event.units)))
    return ticket.having(assisting=units, helpers=(*kept, *new)).asking(*clocks_of(new, event.at))


@rules.decides(ReleaseAssisting, roles=[Role.DISPATCHER, Role.SUPERVISOR], phases=WITH_UNIT)
def release_assisting(ticket: Ticket, action: ReleaseAssisting, now: datetime) -> Sequence[Event]:
    beside = {*ticket.assisting, *(helper.unit for helper in ticket.helpers)}
    if strangers := [unit for unit in action.units if unit not in beside]:
        raise Refused(Code.NOT_ASSISTING, unit=", ".join(strangers))
    return [
        AssistantReleased(
            at=now, by=action.actor, cause=action.key, unit=unit, reason=action.reason
        )
        for unit in dict.fromkeys(action.units)
    ]


@rules.evolves(AssistantReleased)
def assistant_released(ticket: Ticket, event: AssistantReleased) -> Ticket:
    gone = tuple(one for one in ticket.helpers if one.unit == event.unit)
    return ticket.without(*_keys(gone)).having(
        assisting=tuple(unit for unit in ticket.assisting if unit != event.unit),
        helpers=tuple(one for one in ticket.helpers if one.unit != event.unit),
    )


@rules.decides(AssistReply, roles=[Role.UNIT], phases=WITH_UNIT)
def assist_reply(ticket: Ticket, action: AssistReply, now: datetime) -> Sequence[Event]:
    if open_task(ticket, action.actor.unit, whistle=False) is None:
        raise Refused(Code.NOT_ASSISTING, unit=action.actor.unit)
    return [
        AssistReplied(
            at=now, by=action.actor, cause=action.key, note=action.note, evidence=action.evidence
        )
    ]


@rules.evolves(AssistReplied)
def assist_replied(ticket: Ticket, event: AssistReplied) -> Ticket:
    return _done(ticket, event.by.unit, event.at, whistle=False)


@rules.decides(Whistle, roles=[Role.UNIT], phases=WITH_UNIT)
def whistle(ticket: Ticket, action: Whistle, now: datetime) -> Sequence[Event]:
    caller = action.actor.unit
    if caller not in (ticket.lead, ticket.street_team, *ticket.assisting):
        raise Refused(Code.WRONG_UNIT, unit=caller, expected=ticket.lead)
    called = {one.unit for one in ticket.helpers if one.whistle and one.open}
    units = tuple(u for u in dict.fromkeys(action.units) if u != caller and u not in called)
    if not units:
        raise Refused(Code.ASSISTING_ALREADY, units=", ".join(action.units))
    return [
        Whistled(
            at=now,
            by=action.actor,
            cause=action.key,
            units=units,
            requirement=action.requirement,
        )
    ]


@rules.evolves(Whistled)
def whistled(ticket: Ticket, event: Whistled) -> Ticket:
    # A unit that answered an earlier whistle is called anew; its old answer stays in the journal.
    kept = tuple(one for one in ticket.helpers if not (one.whistle and one.unit in event.units))
    new = tuple(
        Assistance(unit=unit, whistle=True, requirement=event.requirement, since=event.at)
        for unit in event.units
    )
    return ticket.having(helpers=(*kept, *new)).asking(*clocks_of(new, event.at))


@rules.decides(Arrive, roles=[Role.UNIT], phases=WITH_UNIT)
def arrive(ticket: Ticket, action: Arrive, now: datetime) -> Sequence[Event]:
    unit = action.actor.unit
    called = open_task(ticket, unit, whistle=True) is not None
    if not called:
        if unit is None or unit not in (ticket.lead, *ticket.assisting):
            raise Refused(Code.WRONG_UNIT, unit=unit, expected=ticket.lead)
        if ticket.arrived_at is not None:
            raise Refused(Code.ARRIVED_ALREADY, at=ticket.arrived_at.isoformat())
    return [
        Arrived(
            at=now,
            by=action.actor,
            cause=action.key,
            whistled=called,
            note=action.note,
            evidence=action.evidence,
        )
    ]


@rules.evolves(Arrived)
def arrived(ticket: Ticket, event: Arrived) -> Ticket:
    if event.whistled:
        return _done(ticket, event.by.unit, event.at, whistle=True)
    return ticket.without(ClockName.ON_SITE).having(arrived_at=event.at)


def _done(ticket: Ticket, unit: str | None, at: datetime, *, whistle: bool) -> Ticket:
    task = open_task(ticket, unit, whistle=whistle)
    if task is None:
        return ticket
    helpers = tuple(
        one.model_copy(update={"done_at": at}) if one == task else one for one in ticket.helpers
    )
    return ticket.without(*_keys([task])).having(helpers=helpers)


def _keys(tasks: Iterable[Assistance]) -> list[str]:
    return [PlanFor(clock=one.clock, subject=one.unit, start=one.since).key for one in tasks]
