"""What of a recording goes into the writer's one statement.

One round trip for a whole batch: the journal's new rows, the newer tickets' rows with their tasks,
orders, rulings, clues, merges, reporters, notices and what became of them. It returns the notices
that have a webhook, and every place where the journal already holds another event: then it must be
undone.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import methodcaller
from typing import Any, Final, NamedTuple

from juanchi.domain.clue import Received
from juanchi.domain.events import Entry
from juanchi.domain.notices import NoticeFailed, NoticePosted
from juanchi.domain.ticket import Ticket
from juanchi.domain.turn import Recording
from juanchi.domain.unmerging import Unmerged
from juanchi.ledger.errors import JournalConflict
from juanchi.ledger.rows import Row, clue_row, merge_row, task_rows, ticket_row
from juanchi.ledger.statement import RECORD, RECORD_SUPERVISED, SUPERVISION
from juanchi.ledger.supervision_rows import order_rows, proposal_rows, ruling_rows
from juanchi.ledger.supervision_tables import OrderRow, ProposalRow, RulingRow
from juanchi.ledger.tables import Table

_ISO: Final = methodcaller("isoformat")
_CONTACT: Final = {"clue": {"reporter": {"sealed_contact"}}}


JournalValues = tuple[str, int, datetime, str, str, str | None, str | None, str]
"""ticket, seq, at, kind, role, unit, cause, event as JSON."""


class Prepared(NamedTuple):
    """What of one recording goes into the statement; made before it joins a batch."""

    ticket_id: str
    version: int
    journal: list[JournalValues]
    ticket: Row
    tasks: list[Row]
    clue: Row | None
    merge: Row | None
    reporter: Row | None
    deliveries: list[Row]
    notices: list[Row]
    supervision: dict[type[Table], list[Row]]
    unmerged: bool


def prepare(recording: Recording) -> Prepared:
    """Take a recording apart. Raises ``ValueError`` when its entries do not lead to its ticket."""
    ticket, entries = recording.ticket, recording.entries
    seqs = [entry.seq for entry in entries]
    if seqs != list(range(ticket.version - len(seqs) + 1, ticket.version + 1)):
        raise ValueError(f"{ticket.id}: entries {seqs} do not lead to version {ticket.version}")
    first, last = entries[0].event, entries[-1].event
    begins = isinstance(first, Received)
    return Prepared(
        ticket_id=ticket.id,
        version=ticket.version,
        journal=[_journal_row(ticket.id, entry) for entry in entries],
        ticket=ticket_row(ticket, last.at),
        tasks=task_rows(ticket),
        clue=clue_row(ticket) if begins else None,
        merge=merge_row(ticket),
        reporter=_reporter(ticket.id, first) if isinstance(first, Received) else None,
        deliveries=[row for entry in entries if (row := _delivery(ticket.id, entry))],
        notices=[
            {"key": n.key, "ticket_id": n.ticket_id, "to": n.to, "kind": n.kind, "at": n.at}
            for n in recording.notices
        ],
        supervision=_supervision(ticket),
        unmerged=any(isinstance(entry.event, Unmerged) for entry in entries),
    )


def _supervision(ticket: Ticket) -> dict[type[Table], list[Row]]:
    """Orders and rulings; nothing at all for the many tickets that have neither."""
    if not ticket.orders and not ticket.rulings:
        return {}
    return {
        OrderRow: order_rows(ticket),
        RulingRow: ruling_rows(ticket),
        ProposalRow: proposal_rows(ticket),
    }


def event_json(event: Any) -> str:
    """An event as the journal keeps it: without contact data."""
    if isinstance(event, Received):
        return event.model_dump_json(exclude=_CONTACT)
    return str(event.model_dump_json())


def _journal_row(ticket_id: str, entry: Entry) -> JournalValues:
    event = entry.event
    by = event.by
    return (
        ticket_id,
        entry.seq,
        event.at,
        event.kind,
        by.role.value,
        by.unit,
        event.cause,
        event_json(event),
    )


def _reporter(ticket_id: str, event: Received) -> Row | None:
    reporter = event.clue.reporter
    if reporter is None or reporter.sealed_contact is None:
        return None
    return {
        "ticket_id": ticket_id,
        "seq": 1,
        "id": reporter.id,
        "sealed_contact": reporter.sealed_contact,
    }


def _delivery(ticket_id: str, entry: Entry) -> Row | None:
    event = entry.event
    if isinstance(event, NoticePosted):
        posted_at, failed = event.at, None
    elif isinstance(event, NoticeFailed):
        posted_at, failed = None, event.error
    else:
        return None
    return {
        "ticket_id": ticket_id,
        "seq": entry.seq,
        "key": event.key,
        "posted_at": posted_at,
        "failed": failed,
    }


class Statement(NamedTuple):
    """What is sent."""

    sql: str
    parameters: tuple[Any, ...]


def statement(batch: Sequence[Prepared]) -> Statement:
    """The statement that writes a batch. Of several turns of one ticket the last one stands."""
    # In one order for everybody: two processes with the same tickets wait, but never deadlock.
    batch = sorted(batch, key=lambda one: (one.ticket_id, one.version))
    newest = {one.ticket_id: one for one in batch}
    journal = _once(row for one in batch for row in one.journal)
    notices = [row for one in batch for row in one.notices]
    plain = (
        *(list(column) for column in zip(*journal, strict=True)),
        _json([one.ticket for one in newest.values()]),
        _json([row for one in newest.values() for row in one.tasks]),
        _json([one.clue for one in batch if one.clue]),
        _json([one.merge for one in batch if one.merge]),
        _json([one.reporter for one in batch if one.reporter]),
        _json([row for one in batch for row in one.deliveries]),
        _json(notices),
        [row["key"] for row in notices],
    )
    supervised = [one.supervision for one in newest.values() if one.supervision]
    if not supervised:
        return Statement(RECORD, plain)
    more = (_json([row for one in supervised for row in one[table]]) for table in SUPERVISION)
    return Statement(RECORD_SUPERVISED, (*plain, *more))


def unmerged(batch: Sequence[Prepared]) -> list[str]:
    """The tickets that speak for themselves again: their merges are no more."""
    return [one.ticket_id for one in batch if one.unmerged]


def _once(rows: Iterable[JournalValues]) -> list[JournalValues]:
    # Within one statement PostgreSQL would pass over the second of two different events in silence.
    kept: dict[tuple[str, int], JournalValues] = {}
    for row in rows:
        if kept.setdefault(row[:2], row) != row:
            raise JournalConflict(*row[:2])
    return list(kept.values())


def _json(rows: list[Row]) -> str:
    if not rows:
        return "[]"
    return json.dumps(rows, ensure_ascii=False, default=_ISO)
