"""What channels bring, kept in the ledger: seen for ever, waiting until it is a ticket.

A reading and its cursor are one transaction: what is killed in the middle is read again, and what
is read again is known.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain.channels import (
    TRIES,
    ArrivalState,
    ChannelLimits,
    Kept,
    Unreadable,
    veiled,
)
from juanchi.domain.terms import Urgency
from juanchi.domain.ticket import Clue
from juanchi.ledger.channel_tables import ArrivalRow, ChannelStateRow, RegistryRow
from juanchi.ledger.channels import count_reading, rewind
from juanchi.ledger.errors import NoArrival, NotSetAside
from juanchi.ledger.tables import ReporterRow

_APART: Final = {"reporter": {"sealed_contact"}}
"""What of a clue never lies beside it."""

# What is known is left out beforehand, not by the conflict: that would lock and write every row of
# every reading, and meet those whom the admission is letting in.
_READABLE: Final = text("""
INSERT INTO arrivals (channel, external_id, state, urgent, first_at, since, tried_at, clue)
SELECT :channel, g.external_id, 'waiting', g.urgent, :at, :at, :at, g.clue
FROM jsonb_to_recordset(:given) AS g(place int, external_id text, urgent boolean, clue jsonb)
WHERE NOT EXISTS (
    SELECT FROM arrivals a WHERE a.channel = :channel AND a.external_id = g.external_id
        AND (a.state NOT IN ('unreadable', 'set_aside') OR a.clue IS NOT NULL)
)
ORDER BY g.place
ON CONFLICT (channel, external_id) DO UPDATE SET
    state = 'waiting', urgent = EXCLUDED.urgent, tries = 0, since = EXCLUDED.since,
    tried_at = EXCLUDED.tried_at, clue = EXCLUDED.clue, problem = '', raw = ''
    -- What could not be read, and now can. All else stands as it was first seen.
    WHERE arrivals.state IN ('unreadable', 'set_aside') AND arrivals.clue IS NULL
RETURNING external_id
""").bindparams(bindparam("given", type_=JSONB))

_UNREADABLE: Final = text("""
INSERT INTO arrivals (channel, external_id, state, tries, first_at, since, tried_at, problem, raw)
SELECT :channel, g.external_id, 'unreadable', 1, :at, :at, :at, g.problem, g.raw
FROM jsonb_to_recordset(:given) AS g(external_id text, problem text, raw text)
WHERE NOT EXISTS (
    SELECT FROM arrivals a WHERE a.channel = :channel AND a.external_id = g.external_id
        AND a.state <> 'unreadable'
)
ON CONFLICT (channel, external_id) DO UPDATE SET
    tries = arrivals.tries + 1, tried_at = EXCLUDED.tried_at, problem = EXCLUDED.problem,
    raw = EXCLUDED.raw,
    state = CASE WHEN arrivals.tries + 1 >= :most THEN 'set_aside' ELSE 'unreadable' END,
    since = CASE WHEN arrivals.tries + 1 >= :most THEN EXCLUDED.since ELSE arrivals.since END
    WHERE arrivals.state = 'unreadable'
RETURNING state
""").bindparams(bindparam("given", type_=JSONB))

_WAITING: Final = text("""
SELECT count(*) FROM (
    SELECT FROM arrivals WHERE channel = :channel AND state = 'waiting' LIMIT :most
) AS waiting
""")


class Arrivals:
    """What channels have brought."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def keep(
        self,
        channel: str,
        clues: Sequence[Clue],
        unreadable: Sequence[Unreadable] = (),
        *,
        cursor: str | None,
        read_at: datetime,
        urgent: Collection[str] = (),
    ) -> Kept:
        """Keep what one reading brought, and move the channel's cursor, in one transaction.

        ``cursor`` is where to read on; None for what was pushed, which has none. ``urgent`` are
        the external ids that go first, beside those whose clue says so itself. All of it may be
        kept again, here or in another process at the same time: nothing is kept twice. Raises
        what the database raises, and ``ValueError`` for another channel's clue; then nothing was
        kept, and the cursor is where it was.
        """
        if strays := {clue.channel for clue in clues} - {channel}:
            raise ValueError(f"{channel} brought clues of {', '.join(sorted(strays))}")
        given = dict[str, Clue]()
        for clue in clues:
            given.setdefault(clue.external_id, clue)  # of two, what came first stands
        poison = {bad.external_id: bad for bad in unreadable if bad.external_id not in given}
        async with self._engine.begin() as connection:
            await _moved(connection, channel, cursor, read_at)
            await count_reading(connection, channel, read_at, failed=False)
            new = await _readable(connection, channel, given, frozenset(urgent), read_at)
            bad = await _unreadable(connection, channel, poison, read_at)
            if new:
                row = ChannelStateRow.code == channel
                await connection.execute(
                    update(ChannelStateRow).where(row).values(last_new=read_at)
                )
            limits = await _limits(connection, channel)
            waiting = await connection.scalar(
                _WAITING, {"channel": channel, "most": max(limits.waiting, len(new) + 1)}
            )
        waiting = waiting or 0
        return Kept(
            new=len(new),
            known=len(clues) + len(unreadable) - len(new) - bad.total(),
            unreadable=bad[ArrivalState.UNREADABLE],
            set_aside=bad[ArrivalState.SET_ASIDE],
            waiting=waiting,
            slow_down=waiting >= limits.waiting,
            wake=_wakes(waiting, new, given, urgent),
        )

    async def retry(self, channel: str, external_id: str, *, by: str, why: str = "") -> None:
        """Let one that was set aside try again, three times more.

        One that could not be read is read anew: its channel goes back to its beginning, and what
        was seen there is passed over. Raises ``NoArrival``, ``NotSetAside``.
        """
        async with self._engine.begin() as connection:
            row = await _set_aside(connection, channel, external_id)
            unread = row.clue is None
            state = ArrivalState.UNREADABLE if unread else ArrivalState.WAITING
            await _decide(
                connection, channel, external_id, by, why, state=state, tries=0, tried_at=func.now()
            )
            if unread:
                await rewind(connection, channel)

    async def drop(self, channel: str, external_id: str, *, by: str, why: str) -> None:
        """Let one that was set aside never become a ticket, for a reason; its words go, its id
        stays. Raises ``NoArrival``, ``NotSetAside``, and ``ValueError`` without who or why.
        """
        if not by.strip() or not why.strip():
            raise ValueError("say who drops it, and why")
        async with self._engine.begin() as connection:
            await _set_aside(connection, channel, external_id)
            await _decide(
                connection,
                channel,
                external_id,
                by,
                why,
                state=ArrivalState.DROPPED,
                clue=None,
                raw="",
            )


async def lock_channels(connection: AsyncConnection, codes: Collection[str]) -> None:
    """Wait until no reading of these channels is being kept: always before any arrival's row."""
    row = ChannelStateRow
    locked = select(row.code).where(row.code.in_(codes)).order_by(row.code).with_for_update()
    await connection.execute(locked)


async def _moved(
    connection: AsyncConnection, channel: str, cursor: str | None, at: datetime
) -> None:
    """The channel's row, brought up to date and locked: its readings are kept one by one."""
    table = ChannelStateRow
    read = {
        "last_read": at,
        "last_success": at,
        "failures": 0,
        "backoff_until": None,
        "problem": "",
    }
    if cursor is not None:
        read["cursor"] = cursor
    row = upsert(table).values(code=channel, **read)
    await connection.execute(row.on_conflict_do_update(index_elements=["code"], set_=read))


async def _readable(
    connection: AsyncConnection,
    channel: str,
    clues: dict[str, Clue],
    urgent: frozenset[str],
    at: datetime,
) -> frozenset[str]:
    """Keep those that are new; their ids."""
    if not clues:
        return frozenset()
    given = [
        {
            "place": place,
            "external_id": id_,
            "urgent": id_ in urgent or clue.urgency is Urgency.URGENT,
            "clue": clue.model_dump(mode="json", exclude=_APART),
        }
        for place, (id_, clue) in enumerate(clues.items())
    ]
    kept = await connection.scalars(_READABLE, {"channel": channel, "at": at, "given": given})
    new = frozenset(kept)
    # Only of what is new: a person who was erased must not come back with an old post.
    contacts = {
        clue.reporter.id: clue.reporter.sealed_contact
        for id_, clue in clues.items()
        if id_ in new and clue.reporter and clue.reporter.sealed_contact
    }
    if contacts:
        rows = [{"id": id_, "sealed_contact": sealed} for id_, sealed in sorted(contacts.items())]
        put = upsert(ReporterRow).values(rows)
        await connection.execute(
            put.on_conflict_do_update(
                index_elements=["id"], set_={"sealed_contact": put.excluded.sealed_contact}
            )
        )
    return new


async def _unreadable(
    connection: AsyncConnection, channel: str, poison: dict[str, Unreadable], at: datetime
) -> Counter[str]:
    """Count one more try of each that could not be read before either; how many are what now."""
    if not poison:
        return Counter()
    given = [
        {"external_id": id_, "problem": bad.problem, "raw": veiled(bad.raw)}
        for id_, bad in poison.items()
    ]
    values = {"channel": channel, "at": at, "given": given, "most": TRIES}
    return Counter(await connection.scalars(_UNREADABLE, values))


async def _limits(connection: AsyncConnection, channel: str) -> ChannelLimits:
    found = select(RegistryRow.body["limits"]).where(RegistryRow.code == channel)
    body = await connection.scalar(found)
    return ChannelLimits.model_validate(body) if body else ChannelLimits()


def _wakes(
    waiting: int, new: frozenset[str], given: dict[str, Clue], urgent: Collection[str]
) -> bool:
    """Whether the admission may be asleep: it is awake while anything else waits."""
    if not new:
        return False
    first = waiting <= len(new)
    return first or any(id_ in urgent or given[id_].urgency is Urgency.URGENT for id_ in new)


async def _set_aside(connection: AsyncConnection, channel: str, external_id: str) -> Any:
    """The row of one that is set aside, locked. Raises ``NoArrival``, ``NotSetAside``."""
    if "\0" in channel + external_id:
        raise NoArrival(channel, external_id)
    await lock_channels(connection, [channel])
    query = select(ArrivalRow.state, ArrivalRow.clue).where(
        ArrivalRow.channel == channel, ArrivalRow.external_id == external_id
    )
    row = (await connection.execute(query.with_for_update())).one_or_none()
    if row is None:
        raise NoArrival(channel, external_id)
    if row.state != ArrivalState.SET_ASIDE:
        raise NotSetAside(channel, external_id, row.state)
    return row


async def _decide(
    connection: AsyncConnection,
    channel: str,
    external_id: str,
    by: str,
    why: str,
    **changes: Any,
) -> None:
    key = (ArrivalRow.channel == channel) & (ArrivalRow.external_id == external_id)
    values = {"by": by, "why": why, "since": func.now(), **changes}
    await connection.execute(update(ArrivalRow).where(key).values(**values))
