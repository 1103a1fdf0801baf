"""What the audit checks of one ticket: pure, from its journal and its rows."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from juanchi.domain import machine
from juanchi.domain.ball import tasks
from juanchi.domain.clocks import Rang
from juanchi.domain.events import ActionRefused, Entry
from juanchi.domain.notices import NoticeFailed, NoticePosted, NoticeRetried
from juanchi.domain.terms import ClockName, EndKind
from juanchi.domain.ticket import Phase, Ticket
from juanchi.ledger.errors import JournalDamaged
from juanchi.ledger.journal import beginning, step
from juanchi.ledger.rows import Row, clue_row, merge_row, task_rows, ticket_row

ENGINE_GRACE = timedelta(minutes=10)
"""How long the engine may have the ball before somebody should look."""

_AFTER_ARCHIVE = (NoticePosted, NoticeFailed, NoticeRetried, ActionRefused)


class Rows(NamedTuple):
    """What the ledger's views hold of one ticket."""

    ticket: Row | None
    tasks: list[Row]
    clue: Row | None
    merge: Row | None


class Lived(NamedTuple):
    """A journal, walked through: where it leads, and what is wrong on the way."""

    ticket: Ticket
    last: datetime
    problems: list[str]


def live(ticket_id: str, entries: Sequence[Entry]) -> Lived:
    """Walk a journal, checking each step. Raises ``JournalDamaged`` when it cannot be walked."""
    ticket = beginning(entries, ticket_id)
    problems: list[str] = []
    for expected, entry in enumerate(entries, start=1):
        if entry.seq != expected:
            raise JournalDamaged(ticket_id, f"entry {expected} is missing")
        if ticket.archived and not isinstance(entry.event, _AFTER_ARCHIVE):
            problems.append(f"entry {entry.seq} ({entry.event.kind}) comes after the archive")
        if isinstance(entry.event, Rang):
            problems += _rung_wrong(ticket, entry.seq, entry.event)
        ticket = step(ticket, entry)
    return Lived(ticket, entries[-1].event.at, problems)


def _rung_wrong(ticket: Ticket, seq: int, rang: Rang) -> Iterator[str]:
    """A rung fires once, in order: what rang must be what was next on the running clock."""
    deadline = ticket.deadlines.get(rang.clock)
    rungs = (*rang.missed, rang.rung)
    expected = () if deadline is None else deadline.rungs[deadline.fired :][: len(rungs)]
    if tuple(rung.kind for rung in expected) != rungs:
        wanted = ", ".join(rung.kind for rung in expected) or "nothing"
        yield f"entry {seq}: {rang.rung} rang on {rang.clock}, next was {wanted}"
    elif expected[-1].at != rang.due:
        yield f"entry {seq}: {rang.rung} on {rang.clock} tells of another due time"
    elif rang.at < rang.due:
        yield f"entry {seq}: {rang.rung} on {rang.clock} rang before its time"


def ended_rightly(ticket: Ticket) -> Iterator[str]:
    """Invariant 1: open, or ended with one outcome and a reason."""
    end = ticket.ending
    if end is None:
        if ticket.phase in (Phase.CLOSED, Phase.ENDED) or ticket.archived:
            yield "it is over but has no ending"
        return
    if not end.reason:
        yield "it ended without a reason"
    if end.kind is EndKind.CLOSED and end.outcome is None:
        yield "it was closed without an outcome"
    if end.kind is EndKind.MERGED and not end.into:
        yield "it was merged into nothing"


def has_ball(ticket: Ticket, last: datetime, now: datetime) -> Iterator[str]:
    """Invariant 2: somebody must do something by some time, or the engine is about to."""
    if ticket.ending is not None:
        stuck = not ticket.archived and ClockName.REOPEN not in ticket.deadlines
        if stuck and (machine.wants(ticket) is None or now - last > ENGINE_GRACE):
            yield "it is closed but no clock leads to its archive"
        return
    if any(task.due is not None for task in tasks(ticket)):
        return
    if machine.wants(ticket) is None:
        yield "it is open but nobody must do anything by any time"
    elif now - last > ENGINE_GRACE:
        yield f"it is open and waits for the engine since {last.isoformat()}"


def rows_differ(ticket: Ticket, last: datetime, rows: Rows) -> Iterator[str]:
    """Invariant 8: folding the journal gives exactly the rows. Names every column that differs."""
    yield from _differ("tickets", ticket_row(ticket, last), rows.ticket)
    yield from _differ("clues", clue_row(ticket), rows.clue)
    yield from _differ("merges", merge_row(ticket), rows.merge)
    wanted = {(row["kind"], row["holder"]): row for row in task_rows(ticket)}
    has = {(row["kind"], row["holder"]): row for row in rows.tasks}
    for key in sorted(wanted.keys() | has.keys()):
        yield from _differ(f"tasks ({' of '.join(key)})", wanted.get(key), has.get(key))


def _differ(where: str, wanted: Row | None, has: Row | None) -> Iterator[str]:
    if wanted == has:
        return
    if has is None:
        yield f"its row in {where} is missing"
    elif wanted is None:
        yield f"a row in {where} should not be there"
    else:
        for name in sorted(name for name in wanted if wanted[name] != has.get(name)):
            yield f"{where}.{name} is {has.get(name)!r}, the journal says {wanted[name]!r}"
