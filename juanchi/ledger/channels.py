"""The registry of channels in the ledger, and how the reading of each stands."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain.channels import ChannelState, RegisteredChannel
from juanchi.ledger.channel_tables import (
    ChannelHourRow,
    ChannelJournalRow,
    ChannelStateRow,
    RegistryRow,
)
from juanchi.ledger.errors import NoChannel
from juanchi.ledger.fresh import FRESH_FOR, Fresh

_LOCK: Final = 0x4A5543_05  # one change of the registry at a time: its versions come in order
A_DAY: Final = timedelta(hours=24)
HOURS_KEPT: Final = timedelta(days=30)
_PACE: Final = ("minute", "admitted", "served")
"""What the admission notes of a channel: nobody else's business."""


class Registered(NamedTuple):
    """The registry as of one version; 0 while nothing was ever registered."""

    version: int
    channels: tuple[RegisteredChannel, ...]


class Channels:
    """The registry. Nothing is ever taken out of it: a channel that is not wanted is turned off."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def put(self, channel: RegisteredChannel, *, by: str, why: str = "") -> int:
        """Register a channel, or change one; the registry's version after it.

        The same again changes nothing. Another adapter, or other settings, are another source:
        then it is read from its beginning, and what was seen before is passed over.
        """
        async with self._engine.begin() as connection:
            await _lock(connection)
            return await _put(connection, channel, by, why)

    async def get(self, code: str) -> RegisteredChannel | None:
        """A registered channel; None for one that is not."""
        async with self._engine.connect() as connection:
            return await _get(connection, code)

    async def all(self) -> list[RegisteredChannel]:
        """All that are registered, on or off, by code."""
        return list((await registered(self._engine)).channels)

    async def pause(self, code: str, *, by: str, why: str = "") -> int:
        """Stop reading a channel; what it has brought goes on. Raises ``NoChannel``."""
        return await self._turned(code, on=False, by=by, why=why)

    async def resume(self, code: str, *, by: str, why: str = "") -> int:
        """Read it again, at once. Raises ``NoChannel``."""
        return await self._turned(code, on=True, by=by, why=why)

    async def _turned(self, code: str, *, on: bool, by: str, why: str) -> int:
        async with self._engine.begin() as connection:
            await _lock(connection)
            channel = await _get(connection, code)
            if channel is None:
                raise NoChannel(code)
            if on:
                await _forgive(connection, code)
            return await _put(connection, channel.model_copy(update={"on": on}), by, why)

    async def state(self, code: str) -> ChannelState:
        """How a channel's reading stands; one that was never read stands at its beginning."""
        async with self._engine.connect() as connection:
            found = await _states(connection, code)
        return found[0] if found else ChannelState(code=code)

    async def states(self) -> dict[str, ChannelState]:
        """How the reading of every channel stands that was ever read, by code."""
        async with self._engine.connect() as connection:
            return {state.code: state for state in await _states(connection)}

    async def failed(
        self, code: str, problem: str, *, at: datetime, backoff_until: datetime | None = None
    ) -> ChannelState:
        """A reading failed, and why; its cursor stays. The state after it."""
        values = {"last_read": at, "problem": problem[:500], "backoff_until": backoff_until}
        row = upsert(ChannelStateRow).values(code=code, failures=1, **values)
        failures = ChannelStateRow.failures + 1
        async with self._engine.begin() as connection:
            await connection.execute(
                row.on_conflict_do_update(
                    index_elements=["code"], set_={**values, "failures": failures}
                )
            )
            await count_reading(connection, code, at, failed=True)
            return (await _states(connection, code))[0]

    async def rewind(self, code: str) -> None:
        """Have a channel read from its beginning again; what was seen is passed over."""
        async with self._engine.begin() as connection:
            await rewind(connection, code)


class RegistryReader:
    """The registry, kept in memory and looked at once a second."""

    def __init__(self, engine: AsyncEngine, fresh_for: float = FRESH_FOR) -> None:
        self._engine = engine
        self._now: Fresh[Registered] = Fresh(self._read, fresh_for)

    async def registered(self) -> Registered:
        """The registry, at most about a second old; the same object while nothing changed."""
        return await self._now.get()

    async def _read(self, has: Registered | None) -> Registered:
        if has is not None:
            async with self._engine.connect() as connection:
                if await _version(connection) == has.version:
                    return has
        return await registered(self._engine)


async def registered(engine: AsyncEngine) -> Registered:
    """The whole registry now, by code."""
    async with engine.connect() as connection:
        # One statement, so that the version is that of exactly these rows.
        newest = select(func.coalesce(func.max(ChannelJournalRow.id), 0)).scalar_subquery()
        query = select(newest.label("version"), RegistryRow.body).select_from(
            select(1).subquery().outerjoin(RegistryRow, text("true"))
        )
        rows = (await connection.execute(query.order_by(RegistryRow.code))).all()
    bodies = [row.body for row in rows if row.body is not None]
    return Registered(rows[0].version, tuple(map(RegisteredChannel.model_validate, bodies)))


async def count_reading(
    connection: AsyncConnection, code: str, at: datetime, *, failed: bool
) -> None:
    """Count one reading of a channel in its hour; what is older than a month is forgotten."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    table = ChannelHourRow
    row = upsert(table).values(code=code, hour=hour, readings=1, failed=int(failed))
    counted = row.on_conflict_do_update(
        index_elements=["code", "hour"],
        set_={"readings": table.readings + 1, "failed": table.failed + int(failed)},
    ).returning(table.readings)
    if await connection.scalar(counted) == 1:
        old = (table.code == code) & (table.hour < at - HOURS_KEPT)
        await connection.execute(delete(table).where(old))


async def rewind(connection: AsyncConnection, code: str) -> None:
    """Have a channel read from its beginning again."""
    row = ChannelStateRow.code == code
    await connection.execute(update(ChannelStateRow).where(row).values(cursor=""))


async def _put(connection: AsyncConnection, channel: RegisteredChannel, by: str, why: str) -> int:
    before = await _get(connection, channel.code)
    if before == channel:
        return await _version(connection)
    body = channel.model_dump(mode="json")
    version: int | None = await connection.scalar(
        insert(ChannelJournalRow)
        .values(code=channel.code, at=func.now(), by=by, why=why, body=body)
        .returning(ChannelJournalRow.id)
    )
    assert version is not None  # noqa: S101 - INSERT ... RETURNING gives its row
    now = {"version": version, "body": body}
    row = upsert(RegistryRow).values(code=channel.code, **now)
    await connection.execute(row.on_conflict_do_update(index_elements=["code"], set_=now))
    if before is not None and _source(before) != _source(channel):
        await rewind(connection, channel.code)
        await _forgive(connection, channel.code)
    return version


def _source(channel: RegisteredChannel) -> tuple[str, dict[str, Any]]:
    return channel.adapter, channel.settings


async def _forgive(connection: AsyncConnection, code: str) -> None:
    """Nothing keeps it from being read at once."""
    row = ChannelStateRow.code == code
    await connection.execute(
        update(ChannelStateRow).where(row).values(backoff_until=None, failures=0)
    )


async def _get(connection: AsyncConnection, code: str) -> RegisteredChannel | None:
    if "\0" in code:
        return None
    body = await connection.scalar(select(RegistryRow.body).where(RegistryRow.code == code))
    return RegisteredChannel.model_validate(body) if body is not None else None


async def _version(connection: AsyncConnection) -> int:
    return await connection.scalar(select(func.max(ChannelJournalRow.id))) or 0


async def _states(connection: AsyncConnection, code: str | None = None) -> Sequence[ChannelState]:
    if code is not None and "\0" in code:
        return []
    state, hour = ChannelStateRow, ChannelHourRow
    lately = (
        select(
            func.coalesce(func.sum(hour.readings), 0).label("readings"),
            func.coalesce(func.sum(hour.failed), 0).label("failed"),
        )
        .where(hour.code == state.code, hour.hour > func.now() - A_DAY)
        .lateral()
    )
    columns = [c for c in state.__table__.columns if c.name not in _PACE]
    query = select(*columns, lately.c.readings, lately.c.failed).join(lately, text("true"))
    if code is not None:
        query = query.where(state.code == code)
    rows = (await connection.execute(query.order_by(state.code))).mappings()
    return [ChannelState.model_validate(dict(row)) for row in rows]


async def _lock(connection: AsyncConnection) -> None:
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
