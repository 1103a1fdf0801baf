"""What came in, and what became of it: the figures of the side that reads the city.

A clue belongs to the period in which it was received; what became of it is looked up in its whole
journal. Each clue is in exactly one of the ``Fate``s, so that they add up to what came in.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import nlargest
from typing import TypeVar

from juanchi.domain import machine
from juanchi.domain.actor import ENGINE
from juanchi.domain.clue import Received
from juanchi.domain.events import Entry
from juanchi.domain.filing import Dispatched
from juanchi.domain.likely import SameProposed
from juanchi.domain.merging import MergeAsked
from juanchi.domain.messages import Event
from juanchi.domain.terms import EndKind, Nature, Urgency
from juanchi.domain.ticket import Ticket

E = TypeVar("E", bound=Event)


class Fate(StrEnum):
    """What has become of a clue. The first that holds counts."""

    MERGED_BY_ENGINE = "merged_by_engine"
    MERGED_BY_PERSON = "merged_by_person"
    DISCARDED = "discarded"
    REDIRECTED = "redirected"
    UNFOUNDED = "unfounded"
    WITHDRAWN = "withdrawn"
    DISPATCHED_BY_ENGINE = "dispatched_by_engine"
    DISPATCHED_BY_PERSON = "dispatched_by_person"
    FILED = "filed"
    WAITING = "waiting"


_ENDS = {
    EndKind.DISCARDED: Fate.DISCARDED,
    EndKind.REDIRECTED: Fate.REDIRECTED,
    EndKind.UNFOUNDED: Fate.UNFOUNDED,
    EndKind.WITHDRAWN: Fate.WITHDRAWN,
}

UNHANDLED = frozenset({Fate.DISCARDED, Fate.REDIRECTED, Fate.UNFOUNDED})
"""Ended with a reason, before any unit had it."""

OWN = frozenset({Fate.DISPATCHED_BY_ENGINE, Fate.DISPATCHED_BY_PERSON, Fate.FILED})
"""A matter of its own that has become a ticket with a number."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One clue as its journal tells it. ``why`` is the reason of its end, if it ended unhandled.

    ``voices`` other clues say the same; ``placed``: the place is known. ``proposed``: a dispatcher
    was asked whether another ticket handles it already.
    """

    ticket_id: str
    number: str | None
    channel: str
    fate: Fate
    why: str
    nature: Nature | None
    urgent: bool
    placed: bool
    item: str | None
    district: str | None
    voices: int
    proposed: bool
    words: str


def arrived(life: Sequence[Entry]) -> Arrived:
    """What became of a clue. Raises ``ValueError`` when the journal does not begin with it."""
    events = [entry.event for entry in life]
    if not events or not isinstance(events[0], Received):
        raise ValueError("a life begins with its clue")
    ticket = machine.relive(events)
    ending = ticket.ending
    return Arrived(
        ticket_id=ticket.id,
        number=ticket.number,
        channel=ticket.clue.channel,
        fate=_fate(ticket, events),
        why=ending.reason if ending and ending.kind is not EndKind.CLOSED else "",
        nature=ticket.nature,
        urgent=ticket.urgency is Urgency.URGENT,
        placed=ticket.place is not None,
        item=ticket.item or (ticket.candidates[0].item if ticket.candidates else None),
        district=ticket.district,
        voices=ticket.heard,
        proposed=any(isinstance(event, SameProposed) for event in events),
        words=" ".join(ticket.clue.text.split()),
    )


def _fate(ticket: Ticket, events: Sequence[Event]) -> Fate:
    kind = ticket.ending.kind if ticket.ending else None
    if kind is EndKind.MERGED:
        return Fate.MERGED_BY_ENGINE if _own(_last(events, MergeAsked)) else Fate.MERGED_BY_PERSON
    if kind in _ENDS:
        return _ENDS[kind]
    if first := _first(events, Dispatched):
        return Fate.DISPATCHED_BY_ENGINE if _own(first) else Fate.DISPATCHED_BY_PERSON
    return Fate.FILED if ticket.number else Fate.WAITING


def _own(event: Event | None) -> bool:
    """Whether the engine did it by itself."""
    return event is not None and event.by == ENGINE


def _first(events: Sequence[Event], kind: type[E]) -> E | None:
    return next((event for event in events if isinstance(event, kind)), None)


def _last(events: Sequence[Event], kind: type[E]) -> E | None:
    return next((event for event in reversed(events) if isinstance(event, kind)), None)


@dataclass(slots=True)
class Intake:
    """Adds clues up, one by one; what it keeps grows with channels, reasons and items alone.

    ``own`` are the clues that are matters of their own: filed, and not merged into another.
    """

    most: int = 10
    total: int = 0
    urgent: int = 0
    placed: int = 0
    own: int = 0
    proposed: int = 0
    fates: Counter[Fate] = field(default_factory=Counter)
    channels: dict[str, Counter[Fate]] = field(default_factory=dict)
    reasons: Counter[tuple[Fate, str]] = field(default_factory=Counter)
    natures: Counter[Nature | None] = field(default_factory=Counter)
    items: Counter[str] = field(default_factory=Counter)
    districts: Counter[str] = field(default_factory=Counter)
    loudest: list[Arrived] = field(default_factory=list)

    def add(self, one: Arrived) -> None:
        """Count one more."""
        self.total += 1
        self.urgent += one.urgent
        self.placed += one.placed
        self.proposed += one.proposed
        self.fates[one.fate] += 1
        self.channels.setdefault(one.channel, Counter())[one.fate] += 1
        if one.fate in UNHANDLED:
            self.reasons[one.fate, one.why] += 1
        if one.fate in OWN:
            self.own += 1
            self.natures[one.nature] += 1
            self.items.update([one.item] if one.item else ())
            self.districts.update([one.district] if one.district else ())
        if one.voices:
            self.loudest = nlargest(self.most, [*self.loudest, one], key=lambda it: it.voices)
