"""A ruling (裁决): it names who is responsible, and stands.

Whoever it names may not return the ticket. It is a precedent for the next such ticket until the
list says otherwise; where it found a gap in the list, a change is proposed.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from pydantic import Field

from juanchi.domain import base
from juanchi.domain.actor import ENGINE
from juanchi.domain.arbitration import disputed, no_party
from juanchi.domain.assisting import AssistantsAdded, not_yet_at_it
from juanchi.domain.base import Line, Text
from juanchi.domain.clocks import city_day
from juanchi.domain.filing import Dispatched
from juanchi.domain.loose_ends import handed_over
from juanchi.domain.messages import Action, Event, Names, duty_of
from juanchi.domain.overlays import Ruling
from juanchi.domain.phases import BEFORE_CLOSE, WITH_UNIT
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.requests import RequestKind, settled
from juanchi.domain.rules import Rules
from juanchi.domain.supervised import Cause
from juanchi.domain.terms import ClockName, Nature, Role
from juanchi.domain.ticket import Ticket

rules = Rules()


class Rule(Action):
    """The arbiter's ruling. ``region`` is where it holds for the next tickets: else this place."""

    kind: Literal["rule"] = "rule"
    lead: base.Code
    assisting: tuple[base.Code, ...] = Field(default=(), max_length=20)
    mandatory: tuple[base.Code, ...] = Field(default=(), max_length=20)
    backstop: base.Code | None = None
    basis: Text = Field(min_length=1)
    interim_until: date | None = None
    gap: bool = False
    region: base.Code | None = None

    def names(self, ticket: Ticket) -> Names | None:
        backstop = (self.backstop,) if self.backstop else ()
        return Names(
            units=(self.lead, *self.assisting, *backstop),
            regions=(self.region,) if self.region else (),
            duties=() if self.gap else duty_of(self.lead, ticket.item, ticket),
        )


class RulingGiven(Event):
    """``final``: it was given on appeal, so it stands."""

    kind: Literal["ruling_given"] = "ruling_given"
    number: Line
    lead: base.Code
    assisting: tuple[base.Code, ...] = ()
    backstop: base.Code | None = None
    basis: Text
    interim_until: date | None = None
    gap: bool = False
    final: bool = False
    item: base.Code
    region: base.Code | None = None


class DutyChangeProposed(Event):
    """A ruling found a gap in the responsibility list; this is to be put into the list."""

    kind: Literal["duty_change_proposed"] = "duty_change_proposed"
    ruling: Line
    item: base.Code
    region: base.Code | None = None
    lead: base.Code
    assisting: tuple[base.Code, ...] = ()
    basis: Text


@rules.decides(Rule, roles=[Role.ARBITER], phases=BEFORE_CLOSE)
def rule(ticket: Ticket, action: Rule, now: datetime) -> Sequence[Event]:
    dispute = disputed(ticket)
    no_party(ticket, action)
    if ticket.item is None:
        raise Refused(Code.WRONG_PHASE, phase=ticket.phase)
    if action.backstop == action.lead:
        raise Refused(Code.SAME_UNIT, unit=action.backstop)
    if action.interim_until is not None and action.interim_until < city_day(ticket, now):
        raise Refused(Code.DATE_PAST, date=action.interim_until)
    given = RulingGiven(
        at=now,
        by=action.actor,
        cause=action.key,
        number=dispute.number,
        lead=action.lead,
        assisting=_others(action.assisting, action.lead),
        backstop=action.backstop,
        basis=action.basis,
        interim_until=action.interim_until,
        gap=action.gap,
        final=dispute.appeal,
        item=ticket.item,
        region=action.region or (ticket.place.region if ticket.place else None),
    )
    events: list[Event] = [given]
    if action.gap:
        events.append(_proposal(given))
    return [*events, *_carried_out(ticket, action, given, now)]


def _others(units: Sequence[str], lead: str) -> tuple[str, ...]:
    return tuple(unit for unit in dict.fromkeys(units) if unit != lead)


def _proposal(given: RulingGiven) -> DutyChangeProposed:
    return DutyChangeProposed(
        at=given.at,
        by=given.by,
        cause=given.cause,
        ruling=given.number,
        item=given.item,
        region=given.region,
        lead=given.lead,
        assisting=given.assisting,
        basis=given.basis,
    )


def _carried_out(
    ticket: Ticket, action: Rule, given: RulingGiven, now: datetime
) -> Sequence[Event]:
    """What a ruling changes on its own ticket: nothing once the unit has replied."""
    if ticket.phase not in WITH_UNIT:
        return []
    cause = Cause(at=now, by=action.actor, key=action.key)
    mandatory = tuple(unit for unit in given.assisting if unit in action.mandatory)
    if given.lead != ticket.lead:
        return [
            *handed_over(ticket, cause, but=RequestKind.RETURN),
            Dispatched(
                at=now,
                by=action.actor,
                cause=action.key,
                item=given.item,
                lead=given.lead,
                assisting=given.assisting,
                mandatory=mandatory,
                nature=ticket.nature or Nature.REQUEST,
                urgency=ticket.urgency,
                reason=given.basis[:2000],
                ruling=given.number,
            ),
        ]
    new = not_yet_at_it(ticket, given.assisting, mandatory)
    if not new:
        return []
    return [
        AssistantsAdded(
            at=now,
            by=action.actor,
            cause=action.key,
            units=new,
            mandatory=tuple(unit for unit in new if unit in mandatory),
        )
    ]


@rules.evolves(RulingGiven)
def ruling_given(ticket: Ticket, event: RulingGiven) -> Ticket:
    ruling = Ruling(
        number=event.number,
        lead=event.lead,
        assisting=event.assisting,
        backstop=event.backstop,
        basis=event.basis,
        interim_until=event.interim_until,
        gap=event.gap,
        final=event.final,
        item=event.item,
        region=event.region,
        at=event.at,
    )
    return (
        settled(ticket, RequestKind.RETURN)
        .without(ClockName.ARBITRATION, ClockName.APPEAL)
        .having(dispute=None, rulings=(*ticket.rulings, ruling))
    )


@rules.evolves(DutyChangeProposed)
def duty_change_proposed(ticket: Ticket, event: DutyChangeProposed) -> Ticket:
    return ticket


@rules.rings(ClockName.SIGN)
def nobody_signed(ticket: Ticket, now: datetime) -> Sequence[Event]:
    """The ruled unit has not signed for as long as the ladder is: its backstop takes it."""
    ruling = ticket.rulings[-1] if ticket.rulings else None
    if ruling is None or ruling.backstop is None or ticket.lead != ruling.lead:
        return []
    if ruling.backstop == ticket.lead:  # ruled before this was refused: nobody is behind it
        return []
    cause = Cause(at=now)
    return [
        *handed_over(ticket, cause),
        Dispatched(
            at=now,
            by=ENGINE,
            item=ruling.item,
            lead=ruling.backstop,
            assisting=_others(ruling.assisting, ruling.backstop),
            nature=ticket.nature or Nature.REQUEST,
            urgency=ticket.urgency,
            reason=ruling.basis[:2000],
            ruling=ruling.number,
            backstop=True,
        ),
    ]
