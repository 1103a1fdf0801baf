"""Walks a journal event by event, checking that each may follow what was before: pure.

It knows nothing of how the events came about, only what must be true of them: so it finds what any
defect, restart or re-plan has done to a ticket.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from juanchi.domain.clocks import Moved, Planned, Rang, missing_clocks
from juanchi.domain.closure import Called, Closed, Rated, Rechecked, Reviewed, SentBack
from juanchi.domain.deadlines import Deadline, clock_key
from juanchi.domain.events import ActionRefused, Entry
from juanchi.domain.messages import Event
from juanchi.domain.notices import NoticeFailed, NoticePosted, NoticeRetried
from juanchi.domain.overturning import Overturned
from juanchi.domain.phases import BEFORE_CLOSE
from juanchi.domain.plans import PlanFor
from juanchi.domain.returns import ReturnRequested
from juanchi.domain.rungs import Rung
from juanchi.domain.supervised import OrderIssued
from juanchi.domain.supervision import Replied
from juanchi.domain.terms import Outcome, Trigger
from juanchi.domain.ticket import Ticket
from juanchi.domain.unmerging import Unmerged
from juanchi.ledger.errors import JournalDamaged
from juanchi.ledger.journal import beginning, step

_AFTER_ARCHIVE = (NoticePosted, NoticeFailed, NoticeRetried, ActionRefused, Overturned, Unmerged)


class Lived(NamedTuple):
    """A journal, walked through: where it leads, and what is wrong on the way."""

    ticket: Ticket
    last: datetime
    problems: list[str]


def live(ticket_id: str, entries: Sequence[Entry]) -> Lived:
    """Walk a journal, checking each step. Raises ``JournalDamaged`` when it cannot be walked."""
    ticket = beginning(entries, ticket_id)
    problems: list[str] = []
    owed: Rung | None = None
    for expected, entry in enumerate(entries, start=1):
        if entry.seq != expected:
            raise JournalDamaged(ticket_id, f"entry {expected} is missing")
        event = entry.event
        if ticket.archived and not isinstance(event, _AFTER_ARCHIVE):
            problems.append(f"entry {entry.seq} ({event.kind}) comes after the archive")
        if check := _CHECKS.get(type(event)):
            problems += [f"entry {entry.seq}: {problem}" for problem in check(ticket, event)]
        problems += [f"entry {entry.seq}: {problem}" for problem in _order_wrong(owed, event)]
        owed = _order_owed(ticket, event)
        ticket = step(ticket, entry)
    if owed is not None:
        problems.append(f"entry {entries[-1].seq}: {owed.kind} rang, its order was never given")
    return Lived(ticket, entries[-1].event.at, problems)


def _rung_wrong(ticket: Ticket, rang: Rang) -> Iterator[str]:
    """A rung fires once, in order: what rang must be what was next on the running clock."""
    key = clock_key(rang.clock, rang.subject)
    deadline = ticket.deadlines.get(key)
    rungs = (*rang.missed, rang.rung)
    expected = () if deadline is None else deadline.rungs[deadline.fired :][: len(rungs)]
    if deadline is None or tuple(rung.kind for rung in expected) != rungs:
        wanted = ", ".join(rung.kind for rung in expected) or "nothing"
        yield f"{rang.rung} rang on {key}, next was {wanted}"
    elif expected[-1].at != rang.due:
        yield f"{rang.rung} on {key} tells of another due time"
    elif rang.at < rang.due:
        yield f"{rang.rung} on {key} rang before its time"
    elif deadline.paused:
        yield f"{rang.rung} rang on {key}, which stands still"
    elif any(asked.key == key for asked in ticket.unplanned):
        yield f"{rang.rung} rang on {key}, whose due time was just being moved"


def _plan_wrong(ticket: Ticket, planned: Planned) -> Iterator[str]:
    """A due time is given or moved only where something asks for it, and says so."""
    step = missing_clocks(ticket)
    wanted = {asked.key: asked for asked in step.clocks} if step else {}
    moved = {clock_key(one.clock, one.subject): one for one in planned.moved}
    for key, new in {one.key: one for one in planned.deadlines}.items():
        asked, old = wanted.get(key), ticket.deadlines.get(key)
        if asked is None:
            yield f"{key} was planned, but nothing asked for it"
        elif old is not None:
            yield from _move_wrong(asked, old, new, moved.get(key))
        elif new.fired:
            yield f"{key} begins with rungs that have rung"


def _move_wrong(asked: PlanFor, old: Deadline, new: Deadline, moved: Moved | None) -> Iterator[str]:
    """What has rung stays so, the first due time stays, and the move is told of."""
    if old.rungs[: old.fired] != new.rungs[: new.fired]:
        yield f"{new.key} was planned anew and forgot what has rung"
    guessed = old.provisional and not old.extended
    if old.original_due != new.original_due and not guessed:
        yield f"{new.key} was planned anew and lost its original due time"
    if old.due == new.due:
        return
    if moved is None:
        yield f"{new.key} moved and nothing tells of it"
    elif (moved.was, moved.why) != (old.due, asked.why):
        yield f"{new.key} moved, and how is told wrongly"


def _order_owed(ticket: Ticket, event: Event) -> Rung | None:
    """The rung that has just fired and brings an order, which must be the next event.

    Before a unit has the ticket, and when it is closed, there is nobody to be ordered.
    """
    if not isinstance(event, Rang) or ticket.phase not in BEFORE_CLOSE:
        return None
    deadline = ticket.deadlines.get(clock_key(event.clock, event.subject))
    rungs = deadline.rungs[deadline.fired + len(event.missed) :] if deadline else ()
    return rungs[0] if rungs and rungs[0].order else None


def _order_wrong(owed: Rung | None, event: Event) -> Iterator[str]:
    """An order of the ladder follows exactly one ring, and such a ring exactly one order."""
    level = None
    if isinstance(event, OrderIssued) and event.trigger is Trigger.OVERDUE:
        level = event.level
    if owed is not None and level is not owed.kind:
        yield f"{owed.kind} rang, but its order does not follow"
    if owed is None and level is not None:
        yield f"an order ({level}) that no rung has brought"


def _number_wrong(ticket: Ticket, issued: OrderIssued) -> Iterator[str]:
    if any(order.number == issued.number for order in ticket.orders):
        yield f"the number {issued.number} was given to another order"


def _return_wrong(ticket: Ticket, asked: ReturnRequested) -> Iterator[str]:
    """No endless passing: whom a ruling names may not return the ticket."""
    if any(ticket.lead in (ruling.lead, ruling.backstop) for ruling in ticket.rulings):
        yield f"{ticket.lead} asked to return what a ruling has given to it"


def _check_wrong(ticket: Ticket, checked: Event) -> Iterator[str]:
    """No faked closing: nobody checks their own work."""
    unit = checked.by.unit
    if unit is not None and unit in (ticket.lead, *ticket.assisting):
        yield f"{unit} handled it and checked it too"


def _reply_wrong(ticket: Ticket, reply: Replied) -> Iterator[str]:
    """No faked closing: solved with the evidence that is wanted, and nothing mandatory undone."""
    given = {proof.kind for proof in reply.evidence}
    if reply.outcome is Outcome.SOLVED and not given.issuperset(ticket.evidence_wanted):
        yield "it was replied solved without the evidence that is wanted"
    if any(helper.mandatory and helper.open for helper in ticket.helpers):
        yield "it was replied while a mandatory task was open"


def _closing_wrong(ticket: Ticket, closed: Closed) -> Iterator[str]:
    """Silence is never praise."""
    if closed.rated and ticket.rating is None:
        yield "it was closed as rated, but nobody rated"


_CHECKS: Final[dict[type[Event], Callable[[Ticket, Any], Iterator[str]]]] = {
    Rang: _rung_wrong,
    Planned: _plan_wrong,
    OrderIssued: _number_wrong,
    ReturnRequested: _return_wrong,
    Reviewed: _check_wrong,
    SentBack: _check_wrong,
    Called: _check_wrong,
    Rated: _check_wrong,
    Rechecked: _check_wrong,
    Replied: _reply_wrong,
    Closed: _closing_wrong,
}
