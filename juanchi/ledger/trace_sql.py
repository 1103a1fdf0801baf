"""Remembering clues and finding those like them, in SQL: a whole batch in one statement each."""

from typing import Final

LOCK: Final = 0x7261_6365  # "race"
"""The lock under which traces get their numbers."""

NEWEST: Final = 64
"""How many traces of one key are read, the newest: a phrase that everybody writes costs no more."""

COMPARED: Final = 32
"""Of how many traces found the hashes are counted: those that share most keys, rare ones first."""

COUNTED: Final = 24
"""How many of a text's hashes are counted there, its smallest."""

LIKELIEST: Final = 12
"""How many of these are judged: those that share most hashes."""

PLACE_HASHES: Final = 4
"""How many shared hashes one of the place, or of the item there, is worth."""

COMMON: Final = 8
"""A key that this many newest traces have is worth half of one that a single trace has."""

PLACE_WEIGHT: Final = 4
"""How many keys of words one of the place, or of the item there, is worth."""

CHAIN: Final = 64
"""How many merges in a row are followed to their survivor."""

_COLUMNS: Final = (
    *("ticket_id", "received_at", "smallest", "runs", "head", "marks", "keys"),
    *("path", "spot", "lon", "lat", "item"),
)
_NAMES: Final = ", ".join(_COLUMNS)

# A number is taken for each row only after the lock was got, which is the first thing that is read.
# The lateral join with OFFSET 0 looks up row by row, also when the plan was made with small tables.
REMEMBER: Final = f"""
WITH turn AS MATERIALIZED (
    SELECT pg_advisory_xact_lock({LOCK}) AS got
), given AS MATERIALIZED (
    SELECT g.* FROM turn CROSS JOIN json_to_recordset($1::json) AS g(
        ticket_id text, received_at timestamptz, smallest int[], runs int, head int[],
        marks int[], keys int[], path text[], spot text, lon float8, lat float8, item text
    )
), old AS MATERIALIZED (
    SELECT t.number, t.keys, given.keys AS now FROM given CROSS JOIN LATERAL (
        SELECT o.number, o.keys FROM traces o WHERE o.ticket_id = given.ticket_id OFFSET 0
    ) t
), gone AS (
    DELETE FROM trace_keys x USING (
        SELECT old.number, k.key FROM old CROSS JOIN unnest(old.keys) AS k(key)
        WHERE k.key <> ALL (old.now)
    ) d
    WHERE x.key = d.key AND x.number = d.number
), kept AS (
    INSERT INTO traces ({_NAMES}) SELECT {_NAMES} FROM given
    ON CONFLICT (ticket_id) DO UPDATE
    SET {", ".join(f"{name} = EXCLUDED.{name}" for name in _COLUMNS[1:])}
    RETURNING number, ticket_id, keys
), found_by AS (
    INSERT INTO trace_keys (key, number)
    SELECT k.key, kept.number FROM kept CROSS JOIN unnest(kept.keys) AS k(key)
    ON CONFLICT DO NOTHING
)
SELECT ticket_id, number FROM kept
"""  # noqa: S608 - columns of our own table

# Only what was remembered before: of many that come in at once each then finds one to merge into,
# and asked again it finds the same. Of equal ones the earliest is judged, out of the newest.
# OFFSET 0 keeps the planner from reading a whole table to join it: made while the tables were
# small, the statement's plan is kept.
LOOK: Final = f"""
SELECT asked.nth, old.ticket_id, old.received_at, old.smallest, old.runs, old.head,
    old.marks, old.path,
    t.known, t.region, t.district, t.end_kind, t.closed_at,
    CASE WHEN t.known THEN t.spot ELSE old.spot END AS spot,
    CASE WHEN t.known THEN t.lon ELSE old.lon END AS lon,
    CASE WHEN t.known THEN t.lat ELSE old.lat END AS lat,
    coalesce(t.item, old.item) AS item,
    old.number, mine.number AS mine,
    survivor.id AS survivor, survivor.end_kind AS survivor_end,
    survivor.closed_at AS survivor_closed_at,
    survivor.number AS survivor_number
FROM (
    SELECT id, words, places, since, nth, string_to_array(hashes, ' ')::int[] AS smallest
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
        WITH ORDINALITY AS a(id, words, places, hashes, since, nth) OFFSET 0
) asked
LEFT JOIN LATERAL (
    SELECT m.number FROM traces m WHERE m.ticket_id = asked.id OFFSET 0
) mine ON true
CROSS JOIN LATERAL (
    SELECT o.* FROM (
        SELECT hit.number, sum(k.place) AS places FROM (
            SELECT word::int AS key, 0 AS place
            FROM unnest(string_to_array(asked.words, ' ')) AS word
            UNION ALL
            SELECT place::int, 1 FROM unnest(string_to_array(asked.places, ' ')) AS place
        ) k
        CROSS JOIN LATERAL (
            SELECT array_agg(newest.number) AS numbers, count(*) AS many FROM (
                SELECT x.number FROM trace_keys x
                WHERE x.key = k.key AND x.number < coalesce(mine.number, {2**63 - 1})
                ORDER BY x.number DESC LIMIT {NEWEST}
            ) newest
        ) hits
        CROSS JOIN LATERAL unnest(hits.numbers) AS hit(number)
        GROUP BY hit.number
        ORDER BY sum((1 + {PLACE_WEIGHT} * k.place) / ({COMMON}.0 + hits.many)) DESC,
            hit.number DESC
        LIMIT {COMPARED}
    ) near
    CROSS JOIN LATERAL (
        SELECT r.* FROM traces r WHERE r.number = near.number AND r.received_at >= asked.since
        OFFSET 0
    ) o
    CROSS JOIN LATERAL (
        SELECT count(*) AS shared FROM unnest(o.smallest[1:{COUNTED}]) AS h
        WHERE h = ANY (asked.smallest)
    ) same
    ORDER BY same.shared + {PLACE_HASHES} * near.places DESC, o.number
    LIMIT {LIKELIEST}
) old
LEFT JOIN LATERAL (
    SELECT true AS known, r.region, r.district, r.spot, r.lon, r.lat, r.item, r.end_kind,
        r.closed_at, r.merged_into
    FROM tickets r WHERE r.id = old.ticket_id OFFSET 0
) t ON true
LEFT JOIN LATERAL (
    WITH RECURSIVE chain(id, hop) AS (
        SELECT t.merged_into, 1 WHERE t.merged_into IS NOT NULL
        UNION ALL
        SELECT n.merged_into, chain.hop + 1 FROM chain JOIN tickets n ON n.id = chain.id
        WHERE n.merged_into IS NOT NULL AND chain.hop < {CHAIN}
    )
    SELECT chain.id, s.end_kind, s.closed_at, st.number FROM chain
    JOIN tickets s ON s.id = chain.id LEFT JOIN traces st ON st.ticket_id = chain.id
    ORDER BY chain.hop DESC LIMIT 1
) survivor ON true
ORDER BY asked.nth
"""  # noqa: S608 - numbers of our own
