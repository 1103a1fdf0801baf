"""The writer's one statement, and what of a recording goes into it.

One round trip for a whole batch: the journal's new rows, the newer tickets' rows with their tasks,
clues, merges, reporters, notices and what became of them. It returns the notices that have a
webhook, and every place where the journal already holds another event: then it must be undone.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from juanchi.domain.clue import Received
from juanchi.domain.events import Entry
from juanchi.domain.notices import NoticeFailed, NoticePosted
from juanchi.domain.turn import Recording
from juanchi.ledger.errors import JournalConflict
from juanchi.ledger.rows import Row, clue_row, merge_row, task_rows, ticket_row
from juanchi.ledger.tables import TaskRow, TicketRow

_TICKET: Final = tuple(TicketRow.__table__.columns.keys())
_TASK: Final = tuple(TaskRow.__table__.columns.keys())


def _set(columns: Iterable[str]) -> str:
    return ", ".join(f"{name} = EXCLUDED.{name}" for name in columns)


# The lateral joins with OFFSET 0 look up row by row: a hash join would read the whole table.
RECORD: Final = f"""
WITH given AS MATERIALIZED (
    SELECT * FROM unnest(
        $1::text[], $2::int[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[],
        $8::text[]
    ) AS g(ticket_id, seq, at, kind, by_role, by_unit, cause, event)
), written AS (
    INSERT INTO journal (ticket_id, seq, at, kind, by_role, by_unit, cause, event)
    SELECT ticket_id, seq, at, kind, by_role, by_unit, cause, event::jsonb FROM given
    ON CONFLICT (ticket_id, seq) DO NOTHING
    RETURNING ticket_id, seq
), stood AS (
    INSERT INTO tickets ({", ".join(_TICKET)})
    SELECT {", ".join(_TICKET)} FROM json_populate_recordset(NULL::tickets, $9::json) ORDER BY id
    ON CONFLICT (id) DO UPDATE SET {_set(_TICKET[1:])}
    WHERE tickets.version < EXCLUDED.version
    RETURNING id
), task AS MATERIALIZED (
    SELECT n.* FROM json_populate_recordset(NULL::tasks, $10::json) n
    JOIN stood ON stood.id = n.ticket_id
), done AS (
    DELETE FROM tasks USING (
        SELECT old.ticket_id, old.kind, old.holder FROM stood CROSS JOIN LATERAL (
            SELECT t.ticket_id, t.kind, t.holder FROM tasks t WHERE t.ticket_id = stood.id OFFSET 0
        ) old
        EXCEPT SELECT ticket_id, kind, holder FROM task
    ) d
    WHERE (tasks.ticket_id, tasks.kind, tasks.holder) = (d.ticket_id, d.kind, d.holder)
), todo AS (
    INSERT INTO tasks ({", ".join(_TASK)}) SELECT {", ".join(_TASK)} FROM task
    ON CONFLICT (ticket_id, kind, holder) DO UPDATE SET {_set(_TASK[3:])}
), clue AS (
    INSERT INTO clues (ticket_id, channel, external_id, received_at, text, url, reporter_id)
    SELECT ticket_id, channel, external_id, received_at, text, url, reporter_id
    FROM json_populate_recordset(NULL::clues, $11::json)
    ON CONFLICT DO NOTHING
), merged AS (
    INSERT INTO merges (ticket_id, into_id, at)
    SELECT ticket_id, into_id, at FROM json_populate_recordset(NULL::merges, $12::json)
    ON CONFLICT DO NOTHING
), reporter AS (
    INSERT INTO reporters (id, sealed_contact)
    SELECT DISTINCT ON (r.id) r.id, r.sealed_contact
    FROM json_to_recordset($13::json)
        AS r(ticket_id text, seq int, id text, sealed_contact text)
    JOIN written USING (ticket_id, seq)
    ORDER BY r.id
    ON CONFLICT (id) DO UPDATE SET sealed_contact = EXCLUDED.sealed_contact
), delivery AS MATERIALIZED (
    SELECT DISTINCT ON (d.key) d.key, d.posted_at, d.failed
    FROM json_to_recordset($14::json)
        AS d(ticket_id text, seq int, key text, posted_at timestamptz, failed text)
    JOIN written USING (ticket_id, seq)
    ORDER BY d.key, d.seq DESC
), delivered AS (
    UPDATE notices n SET posted_at = d.posted_at, failed = d.failed
    FROM delivery d WHERE n.key = d.key AND n.posted_at IS NULL
), told AS (
    INSERT INTO notices (key, ticket_id, "to", kind, at, webhook, posted_at, failed)
    SELECT n.key, n.ticket_id, n."to", n.kind, n.at,
        EXISTS (
            SELECT FROM units u
            WHERE u.key = n."to" AND u.batch_to IS NULL AND u.webhook IS NOT NULL
        ),
        d.posted_at, d.failed
    FROM json_populate_recordset(NULL::notices, $15::json) n LEFT JOIN delivery d USING (key)
    ON CONFLICT (key) DO NOTHING
    RETURNING key, webhook
), clash AS (
    SELECT g.ticket_id, g.seq FROM given g
    LEFT JOIN written w USING (ticket_id, seq)
    LEFT JOIN LATERAL (
        SELECT j.event FROM journal j WHERE j.ticket_id = g.ticket_id AND j.seq = g.seq OFFSET 0
    ) j ON true
    WHERE w.seq IS NULL AND j.event IS DISTINCT FROM g.event::jsonb
)
SELECT key, NULL::int AS seq FROM told WHERE webhook
UNION ALL
SELECT key, NULL::int FROM notices WHERE key = ANY($16::text[]) AND webhook
UNION ALL
SELECT ticket_id, seq FROM clash
"""  # noqa: S608 - column names of our own tables

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
    )


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


def parameters(batch: Sequence[Prepared]) -> tuple[Any, ...]:
    """The statement's parameters. Of several turns of one ticket the last one stands."""
    # In one order for everybody: two processes with the same tickets wait, but never deadlock.
    batch = sorted(batch, key=lambda one: (one.ticket_id, one.version))
    newest = {one.ticket_id: one for one in batch}
    journal = _once(row for one in batch for row in one.journal)
    notices = [row for one in batch for row in one.notices]
    return (
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
    return json.dumps(rows, ensure_ascii=False, default=datetime.isoformat)
