"""A life cut into beats: what stands as one line of its timeline. Pure.

Nothing that happened is left out, but much is told together: due times with what set them, an
order with the rung that brought it, a watch that presses day after day in one line, a clock's end
with what it brings about. What is no news any more is not told again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from juanchi.domain import machine
from juanchi.domain.clocks import Planned, Rang
from juanchi.domain.closure import Archived, Reopened, SentBack
from juanchi.domain.deadlines import Deadline
from juanchi.domain.events import Entry
from juanchi.domain.hold import HoldEnded
from juanchi.domain.messages import Event
from juanchi.domain.orders import open_order
from juanchi.domain.replanning import ReplanAsked
from juanchi.domain.supervised import OrderIssued, Supervised, addressed
from juanchi.domain.terms import ClockName, RungKind, Stage
from juanchi.domain.ticket import Ticket

TOGETHER = timedelta(minutes=1)
"""Due times that are set within this time of something were set because of it."""


class Again(NamedTuple):
    """How often a ticket has come back: sent back as rework, and reopened."""

    reworks: int = 0
    reopenings: int = 0


class Chapter(NamedTuple):
    """Where a ticket is for a while. ``back`` is what brought it back last, if anything did."""

    stage: Stage
    lead: str | None
    again: Again
    back: type[Event] | None


class Beat(NamedTuple):
    """What happened, where the ticket was, and how long after the beat before.

    ``planned`` are the due times that came of it, ``order`` is the order; ``replaces`` is the
    number of an earlier order whose place it took. ``told`` are the holders who hear of a ring
    besides those concerned. ``times``: so often in all, the last time at ``until``.
    """

    event: Event
    chapter: Chapter
    waited: timedelta
    planned: Planned | None = None
    order: OrderIssued | None = None
    replaces: str = ""
    told: tuple[str, ...] = ()
    times: int = 1
    until: datetime | None = None


class Life(NamedTuple):
    """A ticket as it stands, and its beats."""

    ticket: Ticket
    beats: Sequence[Beat]


def lived(entries: Sequence[Entry]) -> Life:
    """The life that a journal tells. Raises ``ValueError`` when it does not begin with a clue."""
    received = entries[0].event
    if received.kind != "received":
        raise ValueError("a life begins with the clue's receipt")
    ticket, _ = machine.begin(received.clue, received.at, received.by)
    cut = _Cut()
    for entry in entries:
        cut.take(ticket, entry.event)
        ticket = machine.evolve(ticket, entry.event)
    return Life(ticket, cut.beats)


class _Cut:
    """The beats so far; each event comes with the ticket as it stood before."""

    def __init__(self) -> None:
        self.beats: list[Beat] = []
        self._again = Again()
        self._back: type[Event] | None = None
        self._watch: int | None = None

    def take(self, ticket: Ticket, event: Event) -> None:
        """One more event."""
        if ticket.watch_from is None:
            self._watch = None
        match event:
            case Planned():
                self._planned(ticket, event)
            case Rang(clock=ClockName.WATCH):
                self._pressed(ticket, event)
            case Rang():
                self._add(ticket, event, _also_told(ticket, event))
            case OrderIssued():
                self._ordered(ticket, event)
            case Archived() | HoldEnded() if self.beats and _ran_out(self.beats[-1], event.at):
                self.beats[-1] = self.beats[-1]._replace(event=event, told=())
            case _:
                self._add(ticket, event)
        self._count(event)

    def _add(self, ticket: Ticket, event: Event, told: tuple[str, ...] = ()) -> None:
        before = self.beats[-1].event.at if self.beats else event.at
        lead = ticket.lead if ticket.stage is Stage.SUPERVISION else None
        chapter = Chapter(ticket.stage, lead, self._again, self._back)
        self.beats.append(Beat(event, chapter, event.at - before, told=told))

    def _count(self, event: Event) -> None:
        again = self._again
        match event:
            case SentBack():
                again = again._replace(reworks=again.reworks + 1)
            case Reopened():
                again = again._replace(reopenings=again.reopenings + 1)
            case _:
                return
        self._again, self._back = again, type(event)

    def _pressed(self, ticket: Ticket, event: Rang) -> None:
        """A watch goes on pressing until nothing is overdue any more: that is one beat."""
        if self._watch is None or event.late_s:
            self._add(ticket, event)
            self._watch = len(self.beats) - 1
            return
        first = self.beats[self._watch]
        self.beats[self._watch] = first._replace(times=first.times + 1, until=event.at)

    def _planned(self, ticket: Ticket, event: Planned) -> None:
        known = event.evidence_wanted == ticket.evidence_wanted
        news = event.model_copy(
            update={
                "deadlines": tuple(_news(ticket, event)),
                "evidence_wanted": None if known else event.evidence_wanted,
            }
        )
        place = self._cause_of(event)
        if place is not None and (
            news.deadlines or isinstance(self.beats[place].event, ReplanAsked)
        ):
            self.beats[place] = self.beats[place]._replace(planned=news)
        elif news.deadlines:
            self._add(ticket, news)

    def _cause_of(self, event: Planned) -> int | None:
        """The place of the last beat that due times can have come of: no ring alone sets any."""
        for place in range(len(self.beats) - 1, -1, -1):
            beat = self.beats[place]
            if event.at - beat.event.at >= TOGETHER:
                return None
            if beat.planned is None and (beat.order or not isinstance(beat.event, Rang)):
                return place
        return None

    def _ordered(self, ticket: Ticket, event: OrderIssued) -> None:
        if event.evidence_wanted == ticket.evidence_wanted:
            event = event.model_copy(update={"evidence_wanted": ()})
        last = self.beats[-1] if self.beats else None
        if last and last.order is None and _brings(last.event, event):
            self.beats[-1] = last._replace(order=event)
        else:
            self._add(ticket, event)
        if before := open_order(ticket):
            self.beats[-1] = self.beats[-1]._replace(replaces=before.number)


def _news(ticket: Ticket, event: Planned) -> Iterable[Deadline]:
    for deadline in event.deadlines:
        before = ticket.deadlines.get(deadline.key)
        # The engine presses the supervisors by its watch; that says enough when it rings.
        if deadline.clock is not ClockName.WATCH and (before is None or before.due != deadline.due):
            yield deadline


def _also_told(ticket: Ticket, event: Rang) -> tuple[str, ...]:
    """Whom the policy has told of a ring besides those concerned."""
    deadline = ticket.deadline(event.clock, event.subject)
    rungs = deadline.rungs[deadline.fired :] if deadline else ()
    rang = next((rung for rung in rungs if rung.kind is event.rung), None)
    return tuple(addressed(holder, ticket.lead) for holder in rang.tell) if rang else ()


def _of_watch(event: Event) -> bool:
    return isinstance(event, Rang) and event.clock is ClockName.WATCH


def _brings(event: Event, order: OrderIssued) -> bool:
    """Whether an order came of this at once: its rung, or its reason for supervision."""
    if event.at != order.at:
        return False
    match event:
        case Rang():
            return event.rung is order.level and not _of_watch(event)
        case Supervised():
            return event.trigger is order.trigger
    return False


def _ran_out(beat: Beat, at: datetime) -> bool:
    """Whether a clock has just ended in time, so that what it brings about tells it."""
    event = beat.event
    elapsed = isinstance(event, Rang) and event.rung is RungKind.ELAPSED and not event.late_s
    return elapsed and event.at == at
