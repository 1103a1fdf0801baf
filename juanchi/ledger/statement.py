"""The writer's one statement in SQL: plain, and with the orders and rulings that few tickets have.

The plain one is what nearly every turn needs; each further part costs every turn that carries it.
"""

from collections.abc import Iterable
from typing import Final

from juanchi.ledger.supervision_tables import OrderRow, ProposalRow, RulingRow
from juanchi.ledger.tables import Table, TaskRow, TicketRow


def _columns(table: type[Table]) -> tuple[str, ...]:
    return tuple(table.__table__.columns.keys())


_TICKET: Final = _columns(TicketRow)
_TASK: Final = _columns(TaskRow)


def _set(columns: Iterable[str]) -> str:
    return ", ".join(f"{name} = EXCLUDED.{name}" for name in columns)


# The lateral joins with OFFSET 0 look up row by row: a hash join would read the whole table.
_GIVEN: Final = f"""
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
    INSERT INTO clues
        (ticket_id, channel, external_id, received_at, text, url, reporter_id, pictures)
    SELECT ticket_id, channel, external_id, received_at, text, url,
        -- No view names who has been erased.
        CASE WHEN EXISTS (SELECT FROM contributors k WHERE k.id = reporter_id AND k.erased)
        THEN NULL ELSE reporter_id END, pictures
    FROM json_populate_recordset(NULL::clues, $11::json)
    ON CONFLICT DO NOTHING
), merged AS (
    INSERT INTO merges (ticket_id, into_id, at)
    SELECT ticket_id, into_id, at FROM json_populate_recordset(NULL::merges, $12::json)
    -- One that was taken back may be merged again, into another.
    ON CONFLICT (ticket_id) DO UPDATE SET into_id = EXCLUDED.into_id, at = EXCLUDED.at
    WHERE merges.at < EXCLUDED.at
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
            -- Posts have no webhook of their own: works/head is told where works is.
            WHERE u.key = split_part(n."to", '/', 1)
                AND u.batch_to IS NULL AND u.webhook IS NOT NULL
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
"""  # noqa: S608 - column names of our own tables
_ANSWER: Final = """
SELECT key, NULL::int AS seq FROM told WHERE webhook
UNION ALL
SELECT key, NULL::int FROM notices WHERE key = ANY($16::text[]) AND webhook
UNION ALL
SELECT ticket_id, seq FROM clash
"""


def _derived(table: type[Table], parameter: int) -> str:
    """A part that brings rows of a view up to date, for the tickets whose row is."""
    name, columns = table.__tablename__, _columns(table)
    key = [column.name for column in table.__mapper__.primary_key]
    rest = [column for column in columns if column not in key]
    return f"""
, {name}_now AS (
    INSERT INTO {name} ({", ".join(columns)})
    SELECT {", ".join(f"n.{column}" for column in columns)}
    FROM json_populate_recordset(NULL::{name}, ${parameter}::json) n
    JOIN stood ON stood.id = n.ticket_id
    ON CONFLICT ({", ".join(key)}) DO UPDATE SET {_set(rest)}
)
"""  # noqa: S608 - names of our own tables


RECORD: Final = _GIVEN + _ANSWER

SUPERVISION: Final = (OrderRow, RulingRow, ProposalRow)
"""The views whose rows the longer statement takes, in the order of its last parameters."""

RECORD_SUPERVISED: Final = (
    _GIVEN + "".join(_derived(table, 17 + n) for n, table in enumerate(SUPERVISION)) + _ANSWER
)
