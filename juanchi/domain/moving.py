"""An open ticket is moved to the lists in force: by hand, never by itself.

A ticket stays under the version of the lists that it was dispatched under. Who leads it now is
asked of the lists anew, or named outright; what the old unit had pending lapses as with any
redispatch.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain import base
from juanchi.domain.base import Text
from juanchi.domain.filing import Dispatched
from juanchi.domain.loose_ends import handed_over
from juanchi.domain.messages import Action, Event, Facts, Listed, MatterAt, Names, duty_of
from juanchi.domain.phases import WITH_UNIT
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.requests import RequestKind, none_pending
from juanchi.domain.rules import Rules
from juanchi.domain.supervised import Cause
from juanchi.domain.terms import Nature, Role
from juanchi.domain.ticket import Ticket

rules = Rules()


class MoveToList(Action):
    """The ticket goes to whom the lists in force name, or to ``lead``, with a reason."""

    kind: Literal["move_to_list"] = "move_to_list"
    reason: Text = Field(min_length=1)
    lead: base.Code | None = None
    assisting: tuple[base.Code, ...] = Field(default=(), max_length=20)

    def names(self, ticket: Ticket) -> Names | None:
        if ticket.item is None:
            return None
        if self.lead is not None:
            duties = duty_of(self.lead, ticket.item, ticket)
            return Names(units=(self.lead, *self.assisting), duties=duties)
        region = ticket.place.region if ticket.place else None
        return Names(listed=MatterAt(item=ticket.item, region=region))


class MovedToList(Event):
    """The ticket leaves a unit because the lists say otherwise now."""

    kind: Literal["moved_to_list"] = "moved_to_list"
    unit: base.Code
    reason: Text


@rules.decides_knowing(MoveToList, roles=[Role.DISPATCHER, Role.SUPERVISOR], phases=WITH_UNIT)
def move_to_list(
    ticket: Ticket, action: MoveToList, now: datetime, facts: Facts
) -> Sequence[Event]:
    _free(ticket)
    wanted = _wanted(action, facts)
    if wanted is None:
        return []  # the lists have not been asked yet: nothing more can be said
    if ticket.item is None or ticket.lead is None or wanted.lead is None:
        raise Refused(Code.NOT_IN_LISTS, item=ticket.item)
    if wanted.lead == ticket.lead:
        raise Refused(Code.SAME_UNIT, unit=wanted.lead)
    if wanted.lead in ticket.returned_by:
        raise Refused(Code.RETURNED_BEFORE, unit=wanted.lead)
    by, key = action.actor, action.key
    return [
        MovedToList(at=now, by=by, cause=key, unit=ticket.lead, reason=action.reason),
        *handed_over(ticket, Cause(at=now, by=by, key=key)),
        Dispatched(
            at=now,
            by=by,
            cause=key,
            item=ticket.item,
            lead=wanted.lead,
            assisting=wanted.assisting,
            mandatory=wanted.mandatory,
            nature=ticket.nature or Nature.REQUEST,
            urgency=ticket.urgency,
            reason=wanted.reason,
            lists_version=wanted.lists_version,
        ),
    ]


def _free(ticket: Ticket) -> None:
    """Whose the ticket is must be open neither to a ruling nor to an answer that is due."""
    for ruling in ticket.rulings:
        if ticket.lead in (ruling.lead, ruling.backstop):
            raise Refused(Code.RULED_STAYS, ruling=ruling.number)
    if ticket.dispute is not None:
        raise Refused(Code.DISPUTE_OPEN, number=ticket.dispute.number)
    none_pending(ticket, RequestKind.RETURN)


def _wanted(action: MoveToList, facts: Facts) -> Listed | None:
    if action.lead is None:
        return facts.listed
    others = tuple(unit for unit in dict.fromkeys(action.assisting) if unit != action.lead)
    return Listed(lead=action.lead, assisting=others)


@rules.evolves(MovedToList)
def moved_to_list(ticket: Ticket, event: MovedToList) -> Ticket:
    return ticket
