"""Whether two clues are the same matter: judged by words, place, item and time (并案).

The same words about different places are different matters, and so are different items at the
same place. Where the place is not known, the words must say it alone: then they must also begin the
same, since copies of one form differ in the names that stand in their first words, or be copies
word for word from one part of the city.
"""

import math
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import Field

from juanchi.domain.base import Code, Moment, TicketId, Value
from juanchi.domain.policy_terms import SamenessTerms
from juanchi.domain.sketches import (
    Sketch,
    contained,
    differ,
    hashed,
    heads_alike,
    shared,
    sketch,
)
from juanchi.domain.ticket import Ticket
from juanchi.domain.wording import letters

COPY: Final = 0.9
"""Words this much the same are one text, copied: also when other things seem to differ."""

LIKE: Final = 0.3
"""Words this much the same are worth telling."""

HEADS: Final = 0.55
"""How much the first words must be the same where nothing else tells that the place is."""

_SAME_PLACE: Final = 0.6
_SAME_ITEM_THERE: Final = 0.6
_SAME_ITEM: Final = 0.9
"""The share of a doubt that is left when this is known besides."""

_AGAINST: Final = 0.4
"""The share of a score that is left when the place, or the item, is another."""

_METRES_A_DEGREE: Final = 111_320


class Standing(StrEnum):
    """How the ticket of a remembered clue stands."""

    OPEN = "open"
    CLOSED = "closed"
    GONE = "gone"


class Ground(StrEnum):
    """Why two clues are held to be the same matter, or not."""

    COPIED = "copied"
    QUOTED = "quoted"
    LIKE_WORDS = "like_words"
    SAME_PLACE = "same_place"
    SAME_ITEM = "same_item"
    OTHER_PLACE = "other_place"
    OTHER_ITEM = "other_item"
    OTHER_NUMBERS = "other_numbers"


class Trace(Value):
    """What is remembered of a clue to know its matter again.

    ``path``: the regions its place lies in, the most exact first. ``spot``: its address as it is
    compared. ``closed_at``: when it was closed, while it stands ``closed``.
    """

    ticket_id: TicketId
    words: Sketch
    received_at: Moment
    path: tuple[Code, ...] = ()
    spot: str = ""
    lon: float | None = None
    lat: float | None = None
    item: Code | None = None
    standing: Standing = Standing.OPEN
    closed_at: Moment | None = None

    @property
    def place_keys(self) -> tuple[int, ...]:
        """What it is found by besides its words: its place, and its item there."""
        named = [f"spot\0{self.spot}"] if self.spot else []
        # In the whole city an item is no place.
        if self.item and len(self.path) > 1:
            named.append(f"item\0{self.item}\0{self.path[0]}")
        return tuple(hashed(one.encode()) for one in named)


class Likeness(Value):
    """How much a clue is the same matter as another ticket's, and why.

    ``sure``: enough to merge without asking. ``mergeable``: the other ticket is open and was
    remembered earlier, so of two clues at most one may give itself up for the other. ``via``: the
    merged ticket that is alike, when ``ticket_id`` only speaks for it.
    """

    ticket_id: TicketId
    score: float = Field(ge=0, le=1)
    sure: bool = False
    reasons: tuple[Ground, ...] = ()
    mergeable: bool = False
    closed: bool = False
    via: TicketId | None = None


def trace_of(ticket: Ticket, path: tuple[str, ...] = (), item: str | None = None) -> Trace:
    """What to remember of a ticket.

    ``path``: its regions, the most exact first. ``item``: what its words clearly speak of, while
    it has none itself.
    """
    place, classified = ticket.place, ticket.clue.classified
    exact = place is not None and place.lon is not None and place.lat is not None
    return Trace(
        ticket_id=ticket.id,
        words=sketch(ticket.words),
        received_at=ticket.received_at,
        path=path or ((place.region,) if place and place.region else ()),
        spot=letters(place.address) if place else "",
        lon=place.lon if place and exact else None,
        lat=place.lat if place and exact else None,
        item=ticket.item or (classified.item if classified else None) or item,
    )


def judge(trace: Trace, other: Trace, terms: SamenessTerms) -> Likeness:
    """How much a clue is the same matter as one remembered before.

    The score is 0 out of the time windows. ``mergeable`` is left to whoever knows which of the two
    was remembered first.
    """
    closed = other.standing is Standing.CLOSED
    if not in_time(trace.received_at, other, terms):
        return Likeness(ticket_id=other.ticket_id, score=0, closed=closed)
    words, grounds = _by_words(trace.words, other.words)
    place, item = _place(trace, other, terms), _item(trace, other)
    numbers = differ(trace.words.marks, other.words.marks)
    other_item = item is Ground.OTHER_ITEM and words < COPY
    # Each kind of evidence takes its share of the doubt that the others left.
    doubt = 1 - words
    if place is Ground.SAME_PLACE:
        doubt *= _SAME_PLACE
    if item is Ground.SAME_ITEM:
        doubt *= _SAME_ITEM_THERE if place is Ground.SAME_PLACE else _SAME_ITEM
    score = 1 - doubt
    if place is Ground.OTHER_PLACE or other_item:
        score *= _AGAINST
    against = place is Ground.OTHER_PLACE or other_item or numbers
    reasons = [*grounds, place, item, Ground.OTHER_NUMBERS if numbers else None]
    return Likeness(
        ticket_id=other.ticket_id,
        score=round(score, 4),
        sure=score >= terms.merge_above
        and not against
        and (place is Ground.SAME_PLACE or _by_names_too(trace, other, words)),
        reasons=tuple(reason for reason in reasons if reason is not None),
        closed=closed,
    )


def in_time(at: datetime, other: Trace, terms: SamenessTerms) -> bool:
    """Whether another clue is near enough in time: open and not old, or closed not long ago.

    A clue that says it came in before the other is measured from the other: channels are late.
    """
    match other.standing:
        case Standing.OPEN:
            return abs(at - other.received_at) <= timedelta(days=terms.open_days)
        case Standing.CLOSED if other.closed_at is not None:
            return at - other.closed_at <= timedelta(days=terms.closed_days)
    return False


def _by_words(one: Sketch, other: Sketch) -> tuple[float, list[Ground]]:
    alike = shared(one, other)
    if alike >= COPY:
        return alike, [Ground.COPIED]
    within = contained(one, other)
    if within >= COPY:
        return max(alike, 0.9 * within), [Ground.QUOTED]
    return alike, [Ground.LIKE_WORDS] if alike >= LIKE else []


def _item(one: Trace, other: Trace) -> Ground | None:
    if one.item is None or other.item is None:
        return None
    return Ground.SAME_ITEM if one.item == other.item else Ground.OTHER_ITEM


def _place(one: Trace, other: Trace, terms: SamenessTerms) -> Ground | None:
    """Same or other, by the most exact that both tell of; None when they do not tell enough."""
    if one.path and other.path and not _within(one.path, other.path):
        return Ground.OTHER_PLACE
    if (apart := _metres(one, other)) is not None:
        return Ground.SAME_PLACE if apart <= terms.radius_m else Ground.OTHER_PLACE
    if one.spot and other.spot:
        return Ground.SAME_PLACE if _same_spot(one.spot, other.spot) else Ground.OTHER_PLACE
    return None


def _within(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return one[0] in other or other[0] in one


def _by_names_too(one: Trace, other: Trace, words: float) -> bool:
    """Whether words alone may be trusted: texts of one form differ in the names in them."""
    if heads_alike(one.words, other.words) >= HEADS:
        return True
    return words >= COPY and _one_region(one.path, other.path)


def _one_region(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether both are known to be in the very same part of the city."""
    return len(one) > 1 and one[:1] == other[:1]


def _same_spot(one: str, other: str) -> bool:
    """One address, perhaps told more exactly: what is more must not be another number."""
    short, long = sorted((one, other), key=len)
    at = long.find(short)
    if at < 0:
        return False
    end = at + len(short)
    cut = end < len(long) and long[end].isdecimal() and long[end - 1].isdecimal()
    return not cut and not (at > 0 and long[at].isdecimal() and long[at - 1].isdecimal())


def _metres(one: Trace, other: Trace) -> float | None:
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    north = (one.lat - other.lat) * _METRES_A_DEGREE
    east = (one.lon - other.lon) * _METRES_A_DEGREE * math.cos(math.radians(one.lat))
    return math.hypot(north, east)
