"""The queue of arrivals as the admission works it off: whose turn it is, what became of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ARRAY, CursorResult, Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain.admission import AsideLine, Queue, QueueLine, Room, WaitingClue
from juanchi.domain.channels import TRIES, ChannelLimits
from juanchi.ledger.arrivals import lock_channels

NOT_OFFERED: Final = timedelta(hours=1)
"""What could not be read, and was not offered again for so long, will not be: it is set aside."""

_PER_MINUTE: Final = ChannelLimits().per_minute

# Row by row, with OFFSET 0: a hash join would read all clues there ever were.
_SETTLE: Final = text("""
WITH under_way AS MATERIALIZED (
    SELECT channel, external_id FROM arrivals
    WHERE state = 'admitted' AND clue IS NOT NULL ORDER BY tried_at LIMIT 1000
    FOR UPDATE SKIP LOCKED
), arrived AS (
    SELECT u.channel, u.external_id FROM under_way u CROSS JOIN LATERAL (
        SELECT FROM clues c
        WHERE c.channel = u.channel AND c.external_id = u.external_id OFFSET 0
    ) c
)
UPDATE arrivals a SET clue = NULL FROM arrived w
WHERE a.channel = w.channel AND a.external_id = w.external_id AND a.state = 'admitted'
""")

_UNDER_WAY: Final = text(
    "SELECT count(*) FROM arrivals WHERE state = 'admitted' AND clue IS NOT NULL"
)

# A channel's first, every channel's second ...; whoever was served longest ago comes first.
_TURNS: Final = text("""
SELECT s.code AS channel, w.external_id, w.clue AS body, w.urgent, w.tries FROM channel_states s
LEFT JOIN channel_registry r ON r.code = s.code
CROSS JOIN LATERAL (
    SELECT a.external_id, a.clue, a.urgent, a.tries, a.position,
        row_number() OVER (ORDER BY a.position) AS turn
    FROM arrivals a
    WHERE a.state = 'waiting' AND a.channel = s.code AND a.urgent = :urgent
    ORDER BY a.position
    LIMIT CASE WHEN :urgent THEN :room ELSE least(:room, greatest(0,
        coalesce((r.body #>> '{limits,per_minute}')::int, :per_minute)
        - CASE WHEN s.minute = :minute THEN s.admitted ELSE 0 END
    )) END
) w
ORDER BY w.turn, s.served NULLS FIRST, w.position
LIMIT :room
""")

_WAITS: Final = text("SELECT EXISTS (SELECT FROM arrivals WHERE state = 'waiting')")

_KEYS: Final = (bindparam("channels", type_=ARRAY(Text)), bindparam("ids", type_=ARRAY(Text)))

_ADMITTED: Final = text("""
WITH given AS (SELECT * FROM unnest(:channels, :ids) AS g(channel, external_id)), let_in AS (
    UPDATE arrivals a SET state = 'admitted', since = :at, tried_at = :at, problem = ''
    FROM given g
    WHERE a.channel = g.channel AND a.external_id = g.external_id AND a.state = 'waiting'
    RETURNING a.channel
)
UPDATE channel_states s SET served = :at, minute = :minute,
    admitted = n.admitted + CASE WHEN s.minute = :minute THEN s.admitted ELSE 0 END
FROM (SELECT channel, count(*)::int AS admitted FROM let_in GROUP BY channel) n
WHERE s.code = n.channel
""").bindparams(*_KEYS)

# Behind the others of its channel: who is refused holds up nobody.
_REFUSED: Final = text("""
UPDATE arrivals SET tries = tries + 1, problem = :problem, tried_at = :at, position = DEFAULT,
    state = CASE WHEN tries + 1 >= :most THEN 'set_aside' ELSE state END,
    since = CASE WHEN tries + 1 >= :most THEN :at ELSE since END
WHERE channel = :channel AND external_id = :external_id AND state = 'waiting'
RETURNING state = 'set_aside'
""")

_LATE: Final = text("""
UPDATE arrivals SET tried_at = :at
WHERE (channel, external_id) IN (
    SELECT channel, external_id FROM arrivals
    WHERE state = 'admitted' AND clue IS NOT NULL AND tried_at < :before
    ORDER BY tried_at LIMIT :most
)
RETURNING channel, external_id, clue AS body, urgent, tries
""")

_GIVE_UP: Final = text("""
UPDATE arrivals SET state = 'set_aside', since = :at
WHERE (channel, external_id) IN (
    SELECT channel, external_id FROM arrivals
    WHERE state = 'unreadable' AND tried_at < :before FOR UPDATE SKIP LOCKED
)
""")

_QUEUE: Final = text("""
SELECT channel,
    count(*) FILTER (WHERE state = 'waiting')::int AS waiting,
    count(*) FILTER (WHERE state = 'waiting' AND urgent)::int AS urgent,
    min(first_at) FILTER (WHERE state = 'waiting') AS oldest,
    count(*) FILTER (WHERE state = 'unreadable')::int AS unreadable,
    count(*) FILTER (WHERE state = 'set_aside')::int AS set_aside
FROM (
    SELECT channel, state, urgent, first_at FROM arrivals WHERE state = 'waiting'
    UNION ALL
    SELECT channel, state, urgent, first_at FROM arrivals WHERE state IN ('unreadable', 'set_aside')
) AS unsettled
GROUP BY channel ORDER BY channel
""")

_ASIDE: Final = text("""
SELECT channel, external_id, problem, tries, coalesce(clue ->> 'text', raw) AS text,
    first_at, since AS set_aside_at
FROM arrivals
WHERE state IN ('unreadable', 'set_aside') AND state = 'set_aside'
    AND (CAST(:channel AS text) IS NULL OR channel = :channel)
ORDER BY since DESC, channel, external_id LIMIT :limit
""")


class AdmissionQueue:
    """The queue, for the one who lets arrivals in. Any of it may be done again: nothing doubles."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def settle(self, now: datetime) -> int:
        """Forget the words of those that are tickets now; how many are still under way.

        What could not be read and is no longer offered is set aside for a person.
        """
        async with self._engine.begin() as connection:
            await connection.execute(_SETTLE)
            await connection.execute(_GIVE_UP, {"at": now, "before": now - NOT_OFFERED})
            return await connection.scalar(_UNDER_WAY) or 0

    async def turn(self, room: Room, now: datetime) -> list[WaitingClue]:
        """Those whose turn it is: the urgent, then the general, within their channels' limits."""
        async with self._engine.connect() as connection:
            urgent = await _turns(connection, room.urgent, now, urgent=True)
            left = room.general - len(urgent)
            return urgent + await _turns(connection, left, now, urgent=False)

    async def waits(self) -> bool:
        """Whether any wait, be it their turn or not."""
        async with self._engine.connect() as connection:
            return bool(await connection.scalar(_WAITS))

    async def admitted(self, let_in: Sequence[WaitingClue], now: datetime) -> None:
        """They were handed to the engine."""
        if not let_in:
            return
        values = {
            "channels": [waiting.channel for waiting in let_in],
            "ids": [waiting.external_id for waiting in let_in],
        }
        async with self._engine.begin() as connection:
            await lock_channels(connection, {waiting.channel for waiting in let_in})
            await connection.execute(_ADMITTED, {**values, "at": now, "minute": _minute(now)})

    async def refused(self, waiting: WaitingClue, problem: str, now: datetime) -> bool:
        """One could not become a ticket, and why; whether it is set aside now."""
        values = {
            "channel": waiting.channel,
            "external_id": waiting.external_id,
            "problem": problem[:500],
            "at": now,
            "most": TRIES,
        }
        async with self._engine.begin() as connection:
            return bool(await connection.scalar(_REFUSED, values))

    async def late(self, before: datetime, now: datetime, limit: int = 100) -> list[WaitingClue]:
        """Those handed to the engine before then that the ledger still does not know."""
        async with self._engine.begin() as connection:
            values = {"at": now, "before": before, "most": limit}
            return _waiting(await connection.execute(_LATE, values))


async def queue(engine: AsyncEngine) -> Queue:
    """All that is between the channels and the tickets, channel by channel: for a supervisor."""
    async with engine.connect() as connection:
        rows = (await connection.execute(_QUEUE)).mappings()
        lines = tuple(QueueLine.model_validate(dict(row)) for row in rows)
        return Queue(channels=lines, under_way=await connection.scalar(_UNDER_WAY) or 0)


async def set_aside(
    engine: AsyncEngine, channel: str | None = None, limit: int = 100
) -> list[AsideLine]:
    """What was set aside, of one channel or of all, the newest first."""
    if channel is not None and "\0" in channel:
        return []
    async with engine.connect() as connection:
        rows = await connection.execute(_ASIDE, {"channel": channel, "limit": limit})
        return [AsideLine.model_validate(dict(row)) for row in rows.mappings()]


async def _turns(
    connection: AsyncConnection, room: int, now: datetime, *, urgent: bool
) -> list[WaitingClue]:
    if room <= 0:
        return []
    values = {"room": room, "urgent": urgent, "minute": _minute(now), "per_minute": _PER_MINUTE}
    return _waiting(await connection.execute(_TURNS, values))


def _waiting(rows: CursorResult[Any]) -> list[WaitingClue]:
    return [WaitingClue.model_validate(dict(row)) for row in rows.mappings()]


def _minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)
