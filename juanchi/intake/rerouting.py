"""What if (推演) of lists: tickets routed again, by other lists or another threshold.

A ticket is taken as it was when it was filed, with the rulings that were precedents then, and
routed twice: by the lists of that time, and by the others. Both are compared with the unit that was
right in the end: the one that its last ruling names, else the one that has it after all returns.
People, incidents and whatever came after the filing play no part, so that what differs is the
lists' doing.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from juanchi.domain import machine
from juanchi.domain.clue import Received
from juanchi.domain.events import Entry
from juanchi.domain.filing import Dispatched, Filed
from juanchi.domain.situation import Precedent, Situation
from juanchi.domain.ticket import Ticket
from juanchi.intake.routing import Routing
from juanchi.intake.tools import Tools

_HOPELESS: Final = ("no_item", "no_duty", "no_place")
"""Problems that no threshold does away with."""


class Version(NamedTuple):
    """Lists to route by. ``at``: as of this moment; without it each ticket's own.

    ``threshold``: from which probability on the engine dispatches alone; without it, or where a
    candidate has no probability, as the router itself decides.
    """

    tools: Tools
    at: datetime | None = None
    threshold: float | None = None


class Answer(NamedTuple):
    """Whom a router names first, and whether the engine dispatches there alone."""

    item: str | None
    unit: str | None
    alone: bool


class Change(StrEnum):
    """What other lists make of a ticket, as far as they name another unit.

    ``saved``: it was passed on until it came to the right unit, which they name at once. ``right``:
    they name the right unit, of a ticket that came there all the same. ``wrong``: they no longer
    name it. ``elsewhere``: neither names it.
    """

    SAVED = "saved"
    RIGHT = "right"
    WRONG = "wrong"
    ELSEWHERE = "elsewhere"


class Rerouted(NamedTuple):
    """One ticket by both lists. ``first`` had it first, ``right`` was right in the end."""

    ticket_id: str
    number: str | None
    item: str | None
    first: str
    right: str
    before: Answer
    after: Answer

    @property
    def change(self) -> Change | None:
        """What has changed; None when the same unit is named."""
        if self.before.unit == self.after.unit:
            return None
        if self.before.unit == self.right:
            return Change.WRONG
        if self.after.unit != self.right:
            return Change.ELSEWHERE
        return Change.SAVED if self.first != self.right else Change.RIGHT

    @property
    def differs(self) -> bool:
        """Whether another unit is named, or the engine no longer, or only now, dispatches alone."""
        return self.change is not None or self.before.alone != self.after.alone


class Rulings:
    """All rulings ever given, the eldest first, and which were precedents at a moment."""

    def __init__(self, precedents: Iterable[Precedent]) -> None:
        self._all = sorted(precedents, key=lambda one: one.since)
        self._then: dict[tuple[int, date], Situation] = {}

    def at(self, moment: datetime, day: date) -> Situation:
        """The precedents of a moment, which falls on this day in the city.

        That they held is settled here: an interim ruling has no end in them any more.
        """
        given = bisect_right(self._all, moment, key=lambda one: one.since)
        if (given, day) not in self._then:
            newest = {(one.item, one.region): one for one in self._all[:given]}
            held = (one for one in newest.values() if one.until is None or day <= one.until)
            for_good = tuple(one.model_copy(update={"until": None}) for one in held)
            self._then[given, day] = Situation(precedents=for_good)
        return self._then[given, day]


class Story(NamedTuple):
    """A ticket when it was filed, and what became of it. ``right`` is None while it is disputed."""

    filed: Ticket
    at: datetime
    last: Ticket
    first: str | None
    right: str | None


def story(life: Sequence[Entry]) -> Story | None:
    """What a journal tells of a ticket's way; None for one that was never filed.

    Raises ``ValueError`` when it does not begin with the clue's receipt, and what ``evolve`` raises
    when it does not fold.
    """
    received = life[0].event if life else None
    if not isinstance(received, Received):
        raise ValueError("a life begins with its clue")
    ticket, _ = machine.begin(received.clue, received.at, received.by)
    before: Ticket | None = None
    at, first = received.at, None
    for event in (entry.event for entry in life):
        if isinstance(event, Filed) and before is None:
            before, at = ticket, event.at
        elif isinstance(event, Dispatched):
            first = first or event.lead
        ticket = machine.evolve(ticket, event)
    if before is None:
        return None
    disputed = ticket.returning is not None or ticket.dispute is not None
    settled = ticket.rulings[-1].lead if ticket.rulings else ticket.lead
    return Story(before, at, ticket, first, None if disputed else settled)


def reroute(told: Story, before: Version, after: Version, rulings: Rulings) -> Rerouted | None:
    """A filed ticket by both lists; None while nobody can say whose it is."""
    if told.first is None or told.right is None:
        return None
    situation = rulings.at(told.at, before.tools.local_day(told.at))
    return Rerouted(
        ticket_id=told.last.id,
        number=told.last.number,
        item=told.last.item,
        first=told.first,
        right=told.right,
        before=_answer(told, before, situation),
        after=_answer(told, after, situation),
    )


def _answer(told: Story, version: Version, situation: Situation) -> Answer:
    routing = version.tools.router.route(told.filed, version.at or told.at, situation)
    best = next((one for one in routing.candidates if not one.backstop), None)
    if best is None:
        return Answer(None, None, alone=False)
    return Answer(best.item, best.lead, _alone(routing, best.probability, version.threshold))


def _alone(routing: Routing, probability: float | None, threshold: float | None) -> bool:
    if threshold is None or probability is None:
        return routing.sure
    return probability >= threshold and routing.problem not in _HOPELESS


@dataclass
class Side:
    """What one version makes of all tickets.

    ``named``: it names the right unit first. ``alone``: it dispatches without a person;
    ``alone_right`` of them to the right unit.
    """

    named: int = 0
    alone: int = 0
    alone_right: int = 0

    def add(self, answer: Answer, right: str) -> None:
        """One more ticket."""
        self.named += answer.unit == right
        self.alone += answer.alone
        self.alone_right += answer.alone and answer.unit == right


@dataclass
class Sum:
    """Tickets added up. ``passed_on``: not with the first unit in the end."""

    tickets: int = 0
    passed_on: int = 0
    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)
    changes: Counter[Change] = field(default_factory=Counter)

    def add(self, one: Rerouted) -> None:
        """One more ticket."""
        self.tickets += 1
        self.passed_on += one.first != one.right
        self.before.add(one.before, one.right)
        self.after.add(one.after, one.right)
        if one.change is not None:
            self.changes[one.change] += 1
