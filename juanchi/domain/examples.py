"""What past tickets teach: a matter as it came in, and how people decided it in the end.

Pure. An example counts only once its matter is settled, and says by whom: whatever the engine
decided alone is learned from only when it went through to the closing and nobody objected.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from juanchi.domain.arbitration import AppealLodged, ArbitrationOpened, DisputeLapsed
from juanchi.domain.closure import Closed
from juanchi.domain.clue import Located, PlaceGiven, Received
from juanchi.domain.filing import Dispatched
from juanchi.domain.messages import Event
from juanchi.domain.place import Place
from juanchi.domain.requests import RequestKind, RequestLapsed
from juanchi.domain.returns import ReturnAgreed, ReturnRefused, ReturnRequested
from juanchi.domain.ruling import RulingGiven
from juanchi.domain.supervision import Replied
from juanchi.domain.terms import ClueVerdict, Nature, Role
from juanchi.domain.ticket import Clue
from juanchi.domain.verification import Verified

_GIST: Final = 60
_LETTERS: Final = re.compile(r"[\W\d_]+")


class Example(NamedTuple):
    """One past ticket. ``group`` ties near-duplicates: never split it between train and test.

    ``lead`` is the unit that was right in the end: after returns and rulings. What is not known is
    None or empty.
    """

    text: str
    at: datetime | None = None
    channel: str = ""
    item: str | None = None
    nature: Nature | None = None
    region: str | None = None
    address: str = ""
    lead: str | None = None
    group: str = ""
    verdict: ClueVerdict | None = None


class SettledBy(StrEnum):
    """Whose word settled it, the weightiest first; ``SILENCE``: the engine's, and none objected."""

    RULING = "ruling"
    RETURN = "return"
    DISPATCHER = "dispatcher"
    CHANNEL = "channel"
    SILENCE = "silence"


class Settled(NamedTuple):
    """An example, when its matter was settled, and by whom."""

    example: Example
    at: datetime
    by: SettledBy


READ: Final = (
    "received",
    "located",
    "place_given",
    "verified",
    "dispatched",
    "replied",
    "return_requested",
    "return_agreed",
    "return_refused",
    "request_lapsed",
    "arbitration_opened",
    "appeal_lodged",
    "dispute_lapsed",
    "ruling_given",
    "closed",
)
"""The kinds of events that say how a matter was decided; the others need not be read."""


def gist(text: str) -> str:
    """What near-duplicates of a text share: its first letters, whatever stands between them."""
    return _LETTERS.sub("", text.casefold())[:_GIST]


def settled(events: Iterable[Event]) -> Settled | None:
    """What a ticket teaches, out of its events in order; None while its matter is not settled.

    A ruling is the last word; then an answered return (agreed: the next unit; refused: the unit
    stays); then a dispatcher, once the unit has replied; then the channel, and the engine alone,
    once the ticket was closed and no unit ever objected. A backstop unit, which got the ticket
    because nobody else took it, is nobody's answer.
    """
    course = _Course()
    for event in events:
        course.take(event)
    return course.told()


class _Course:
    """How a ticket went, as far as it says whose the matter was."""

    def __init__(self) -> None:
        self.clue: Clue | None = None
        self.place: Place | None = None
        self.dispatched: Dispatched | None = None
        self.objected = False
        self.open_question = False
        self.returned_at: datetime | None = None
        self.ruling: RulingGiven | None = None
        self.replied_at: datetime | None = None
        self.closed_at: datetime | None = None

    def take(self, event: Event) -> None:
        match event:
            case Received():
                self.clue, self.place = event.clue, event.clue.place
            case Located() | PlaceGiven() | Verified() if event.place is not None:
                self.place = event.place
            case Dispatched():
                self._dispatch(event)
            case ReturnRequested() | ArbitrationOpened() | AppealLodged():
                self.objected = self.open_question = True
            case RequestLapsed(request=RequestKind.RETURN):
                self.open_question = False
            case ReturnAgreed() | ReturnRefused():
                self.open_question, self.returned_at = False, event.at
            case RulingGiven():
                self.open_question, self.ruling = False, event
            case DisputeLapsed():
                self.open_question = True  # whose it was stays open
            case Replied():
                self.replied_at = event.at
            case Closed():
                self.closed_at = event.at

    def _dispatch(self, event: Dispatched) -> None:
        if self.dispatched is not None and event.by.role is Role.SYSTEM:
            self.objected = True  # a backstop took over: the first unit did not take it
        self.dispatched, self.place = event, event.place or self.place
        self.replied_at = self.closed_at = None

    def told(self) -> Settled | None:
        if self.clue is None or self.dispatched is None or self.open_question:
            return None
        found = self._by()
        if found is None:
            return None
        by, at = found
        return Settled(self._example(self.clue, self.dispatched), at, by)

    def _by(self) -> tuple[SettledBy, datetime] | None:
        if self.ruling is not None:
            return SettledBy.RULING, self.ruling.at
        if self.dispatched is None or self.dispatched.backstop:
            return None
        if self.returned_at is not None:
            return SettledBy.RETURN, self.returned_at
        if self.dispatched.by.role is not Role.SYSTEM:
            return (SettledBy.DISPATCHER, self.replied_at) if self.replied_at else None
        if self.objected or self.closed_at is None:
            return None
        given = self.clue.classified if self.clue else None
        by_channel = given is not None and given.item == self.dispatched.item
        return (SettledBy.CHANNEL if by_channel else SettledBy.SILENCE), self.closed_at

    def _example(self, clue: Clue, last: Dispatched) -> Example:
        ruling, place = self.ruling, self.place or Place()
        # A nature that nobody has looked at is the screening words' own: nothing to learn from.
        looked_at = last.by.role is not Role.SYSTEM
        return Example(
            text=clue.text,
            at=clue.reported_at,
            channel=clue.channel,
            item=ruling.item if ruling else last.item,
            nature=last.nature if looked_at else clue.nature,
            region=place.region,
            address=place.address,
            lead=ruling.lead if ruling else last.lead,
            group=gist(clue.text),
        )


SILENT_TO_SPOKEN: Final = 4
"""At most so many examples that nobody has confirmed, for each that somebody has."""


def balanced(found: Iterable[Settled]) -> list[Settled]:
    """The examples to learn from, the oldest first: all that people decided, and of the engine's
    own, which nobody objected to, the newest up to ``SILENT_TO_SPOKEN`` times as many.

    So a model never learns from itself alone: where people decide nothing, there is nothing to
    learn.
    """
    ordered = sorted(found, key=lambda one: one.at)
    silent = [one for one in ordered if one.by is SettledBy.SILENCE]
    most = SILENT_TO_SPOKEN * (len(ordered) - len(silent))
    left_out = set(map(id, silent[: max(len(silent) - most, 0)]))
    return [one for one in ordered if id(one) not in left_out]
