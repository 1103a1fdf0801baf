"""Whether two clues are the same matter: judged by words, place, item and time (并案).

The same words about different places are different matters, and so are different items at the
same place. Where place or item are not known the words must say it alone, and nearly word for word.
"""

import math
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import Field

from juanchi.domain.base import Code, Moment, TicketId, Value
from juanchi.domain.policy_terms import SamenessTerms
from juanchi.domain.sketches import Sketch, contained, differ, hashed, letters, shared, sketch
from juanchi.domain.ticket import Ticket

COPY: Final = 0.9
"""Words this much the same are one text, copied: also when other things seem to differ."""

QUOTED_RUNS: Final = 20
"""A text shorter than this many runs is in many others by chance."""

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
        region = self.path[0] if self.path else ""
        named = [f"spot\0{self.spot}"] if self.spot else []
        if self.item and region:
            named.append(f"item\0{self.item}\0{region}")
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


def trace_of(ticket: Ticket, path: tuple[str, ...] = ()) -> Trace:
    """What to remember of a ticket; ``path``: its regions, the most exact first."""
    place, classified = ticket.place, ticket.clue.classified
    exact = place is not None and place.lon is not None and place.lat is not None
    return Trace(
        ticket_id=ticket.id,
        words=sketch(ticket.clue.text),
        received_at=ticket.received_at,
        path=path or ((place.region,) if place and place.region else ()),
        spot=letters(place.address) if place else "",
        lon=place.lon if place and exact else None,
        lat=place.lat if place and exact else None,
        item=ticket.item or (classified.item if classified else None),
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
    # Each kind of evidence takes its share of the doubt that the others left.
    doubt = 1 - words
    if place is Ground.SAME_PLACE:
        doubt *= 0.6
    if item is Ground.SAME_ITEM:
        doubt *= 0.6 if place is Ground.SAME_PLACE else 0.9
    score = 1 - doubt
    if place is Ground.OTHER_PLACE:
        score *= 0.5
    if item is Ground.OTHER_ITEM and words < COPY:
        score *= 0.5
    against = place is Ground.OTHER_PLACE or numbers or (item is Ground.OTHER_ITEM and words < COPY)
    reasons = [*grounds, place, item, Ground.OTHER_NUMBERS if numbers else None]
    return Likeness(
        ticket_id=other.ticket_id,
        score=round(score, 4),
        sure=score >= terms.merge_above and not against,
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
    if min(one.runs, other.runs) >= QUOTED_RUNS:
        within = contained(one, other)
        if within >= COPY:
            return max(alike, 0.9 * within), [Ground.QUOTED]
    return alike, [Ground.LIKE_WORDS] if alike >= 0.3 else []


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
