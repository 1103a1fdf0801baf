-- How version 0.1.0 writes: its one statement, for what comes after it to bear.
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
    INSERT INTO tickets (id, number, channel, external_id, version, stage, phase, nature, urgency, region, district, street_team, item, lead, assisting, due, first_due, handle_due, received_at, dispatched_at, signed_at, replied_at, closed_at, reworks, voices, on_time, outcome, rating, end_kind, end_reason, merged_into, archived, overdue, escalated, stuck, text_start, updated_at)
    SELECT id, number, channel, external_id, version, stage, phase, nature, urgency, region, district, street_team, item, lead, assisting, due, first_due, handle_due, received_at, dispatched_at, signed_at, replied_at, closed_at, reworks, voices, on_time, outcome, rating, end_kind, end_reason, merged_into, archived, overdue, escalated, stuck, text_start, updated_at FROM json_populate_recordset(NULL::tickets, $9::json) ORDER BY id
    ON CONFLICT (id) DO UPDATE SET number = EXCLUDED.number, channel = EXCLUDED.channel, external_id = EXCLUDED.external_id, version = EXCLUDED.version, stage = EXCLUDED.stage, phase = EXCLUDED.phase, nature = EXCLUDED.nature, urgency = EXCLUDED.urgency, region = EXCLUDED.region, district = EXCLUDED.district, street_team = EXCLUDED.street_team, item = EXCLUDED.item, lead = EXCLUDED.lead, assisting = EXCLUDED.assisting, due = EXCLUDED.due, first_due = EXCLUDED.first_due, handle_due = EXCLUDED.handle_due, received_at = EXCLUDED.received_at, dispatched_at = EXCLUDED.dispatched_at, signed_at = EXCLUDED.signed_at, replied_at = EXCLUDED.replied_at, closed_at = EXCLUDED.closed_at, reworks = EXCLUDED.reworks, voices = EXCLUDED.voices, on_time = EXCLUDED.on_time, outcome = EXCLUDED.outcome, rating = EXCLUDED.rating, end_kind = EXCLUDED.end_kind, end_reason = EXCLUDED.end_reason, merged_into = EXCLUDED.merged_into, archived = EXCLUDED.archived, overdue = EXCLUDED.overdue, escalated = EXCLUDED.escalated, stuck = EXCLUDED.stuck, text_start = EXCLUDED.text_start, updated_at = EXCLUDED.updated_at
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
    INSERT INTO tasks (ticket_id, kind, holder, role, due, since, version) SELECT ticket_id, kind, holder, role, due, since, version FROM task
    ON CONFLICT (ticket_id, kind, holder) DO UPDATE SET role = EXCLUDED.role, due = EXCLUDED.due, since = EXCLUDED.since, version = EXCLUDED.version
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
