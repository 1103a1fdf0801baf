"""The same place and item again: the matter is repeated, the earlier closing perhaps false."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from juanchi.domain.actor import ENGINE
from juanchi.domain.base import Moment
from juanchi.domain.messages import Event
from juanchi.domain.overlays import Recurrence, Strength
from juanchi.domain.policy_terms import Terms
from juanchi.domain.rules import Rules
from juanchi.domain.supervised import Cause, supervised_by
from juanchi.domain.terms import Trigger
from juanchi.domain.ticket import Ticket

rules = Rules()


class RecurrenceSeen(Event):
    """A ticket of the same place and item was closed not long before this one came in."""

    kind: Literal["recurrence_seen"] = "recurrence_seen"
    of: str
    closed_at: Moment
    strength: Strength


def recurrence(ticket: Ticket, of: str, closed_at: datetime, terms: Terms) -> Recurrence:
    """What it says of an earlier closing that the same has come in again."""
    strong_since = ticket.received_at - timedelta(hours=terms.strong_hours)
    strength = Strength.STRONG if closed_at >= strong_since else Strength.WEAK
    return Recurrence(ticket_id=of, closed_at=closed_at, strength=strength)


def recurrence_seen(
    ticket: Ticket, recurs: Sequence[Recurrence], terms: Terms | None, now: datetime
) -> Sequence[Event]:
    """What the recurrences that were found mean for the newer ticket.

    With its first terms it becomes clear whether the voices it has already are many.
    """
    known = {seen.ticket_id for seen in ticket.recurs}
    events: list[Event] = [
        RecurrenceSeen(
            at=now,
            by=ENGINE,
            of=found.ticket_id,
            closed_at=found.closed_at,
            strength=found.strength,
        )
        for found in recurs
        if found.ticket_id not in known
    ]
    many = terms is not None and ticket.heard >= terms.voices
    if events or many:
        events += supervised_by(ticket, Trigger.REPEATED, Cause(at=now), terms)
    return events


@rules.evolves(RecurrenceSeen)
def seen(ticket: Ticket, event: RecurrenceSeen) -> Ticket:
    found = Recurrence(ticket_id=event.of, closed_at=event.closed_at, strength=event.strength)
    return ticket.having(recurs=(*ticket.recurs, found))
