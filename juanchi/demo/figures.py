"""The demo's numbers, each counted twice: from the ledger's rows, and from the journal's events."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from juanchi.domain.base import Value
from juanchi.domain.clocks import Rang
from juanchi.domain.closure import Closed, Reopened, SentBack
from juanchi.domain.clue import Received
from juanchi.domain.ending import Ended
from juanchi.domain.events import Entry
from juanchi.domain.filing import Dispatched, Filed
from juanchi.domain.lines import NoticeLine, TicketLine
from juanchi.domain.notices import NoticeKind
from juanchi.domain.supervision import Replied, Signed
from juanchi.domain.terms import EndKind, RungKind

ENDS: Final = tuple(kind for kind in EndKind if kind is not EndKind.CLOSED)
SPANS: Final = ("dispatch", "sign", "reply", "close")
"""Average times: received to dispatched, dispatched to signed and replied, received to closed."""


class Figures(Value):
    """What the summary tells. ``ends`` are those other than closed, by kind; ``outcomes`` are of
    the closed. Times are in seconds, each the average of ``timed`` tickets.
    """

    clues: int
    ends: dict[str, int]
    filed: int
    closed: int
    outcomes: dict[str, int]
    rated: int
    not_rated: int
    reworked: int
    escalated: int
    replied_late: int
    timed: dict[str, int]
    average_s: dict[str, float]

    def differing(self, other: "Figures") -> list[str]:
        """The names of the figures that are not the same."""
        mine, theirs = self.model_dump(), other.model_dump()
        return [name for name in mine if mine[name] != theirs[name]]


def from_rows(lines: Iterable[TicketLine], told: Iterable[NoticeLine]) -> Figures:
    """The figures out of the ledger's rows; ``told`` are the notices of the supervisors' desk."""
    lines = list(lines)
    closed = [line for line in lines if line.end_kind == EndKind.CLOSED]
    rated = sum(line.rating is not None for line in closed)
    escalated = {n.ticket_id for n in told if n.kind == NoticeKind.ESCALATED}
    times = _Times()
    for line in lines:
        times.add("dispatch", line.received_at, line.dispatched_at)
        times.add("sign", line.dispatched_at, line.signed_at)
        times.add("reply", line.dispatched_at, line.replied_at)
        if line.end_kind == EndKind.CLOSED:
            times.add("close", line.received_at, line.closed_at)
    return Figures(
        clues=len(lines),
        ends=_counted(line.end_kind for line in lines if line.end_kind in ENDS),
        filed=sum(line.number is not None for line in lines),
        closed=len(closed),
        outcomes=_counted(line.outcome for line in closed),
        rated=rated,
        not_rated=len(closed) - rated,
        reworked=sum(line.reworks > 0 for line in lines),
        escalated=len(escalated),
        replied_late=sum(line.on_time is False for line in lines),
        timed=times.counts(),
        average_s=times.averages(),
    )


def from_journal(lives: Mapping[str, Sequence[Entry]]) -> Figures:
    """The figures out of what happened, and nothing else."""
    all_ = [_Life(entries) for entries in lives.values()]
    ended = [life.ended for life in all_ if life.ended]
    closed = [life.closed for life in all_ if life.closed]
    times = _Times()
    for life in all_:
        dispatched = life.last(Dispatched)
        replied = life.last(Replied)
        times.add("dispatch", life.received.at, dispatched and dispatched.at)
        if dispatched:
            signed = life.last(Signed)
            times.add("sign", dispatched.at, signed and signed.at)
            times.add("reply", dispatched.at, replied and replied.at)
        if life.closed:
            times.add("close", life.received.at, life.closed.at)
    return Figures(
        clues=len(all_),
        ends=_counted(event.end for event in ended),
        filed=sum(life.last(Filed) is not None for life in all_),
        closed=len(closed),
        outcomes=_counted(event.outcome for event in closed),
        rated=sum(event.rated for event in closed),
        not_rated=sum(not event.rated for event in closed),
        reworked=sum(bool(life.last(SentBack) or life.last(Reopened)) for life in all_),
        escalated=sum(life.escalated for life in all_),
        replied_late=sum(
            replied is not None and not replied.on_time
            for replied in (life.last(Replied) for life in all_)
        ),
        timed=times.counts(),
        average_s=times.averages(),
    )


class _Life:
    """One ticket's events."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._events: list[Any] = [entry.event for entry in entries]

    def last(self, kind: type[Any]) -> Any:
        """The last event of a kind, or None."""
        return next((e for e in reversed(self._events) if isinstance(e, kind)), None)

    @property
    def received(self) -> Any:
        return self.last(Received)

    @property
    def ended(self) -> Any:
        return self.last(Ended)

    @property
    def closed(self) -> Any:
        """The closing that stands: a later reopening undoes it."""
        found = (e for e in reversed(self._events) if isinstance(e, Closed | Reopened))
        last = next(found, None)
        return last if isinstance(last, Closed) else None

    @property
    def escalated(self) -> bool:
        return any(isinstance(e, Rang) and e.rung is RungKind.ESCALATED for e in self._events)


class _Times:
    def __init__(self) -> None:
        self._found: dict[str, list[float]] = {name: [] for name in SPANS}

    def add(self, name: str, start: datetime | None, end: datetime | None) -> None:
        if start is not None and end is not None:
            self._found[name].append((end - start).total_seconds())

    def counts(self) -> dict[str, int]:
        return {name: len(found) for name, found in self._found.items()}

    def averages(self) -> dict[str, float]:
        # To the millisecond: a sum in another order differs in its last bits.
        return {
            name: round(sum(found) / len(found), 3) for name, found in self._found.items() if found
        }


def _counted(values: Iterable[str | None]) -> dict[str, int]:
    return dict(sorted(Counter(str(value) for value in values).items()))
