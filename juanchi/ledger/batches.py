"""The history of a city's data: its batches, and the city as of one of them or of a day."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain.base import Value
from juanchi.ledger.city import ABOUT, BatchKind, Change, City, newest, version_of
from juanchi.ledger.city_tables import BatchRow, DutyRow
from juanchi.ledger.errors import ListsRefused

PAGE = 50


class Batch(Value):
    """One batch: what it was, who made it when and why, and how many rows it changed."""

    id: int
    version: str
    kind: BatchKind
    at: datetime
    by: str
    note: str
    changed: dict[str, Change]


async def batches(engine: AsyncEngine, limit: int = PAGE, before: int | None = None) -> list[Batch]:
    """A page of the batches, the newest first."""
    found = select(BatchRow.__table__).order_by(BatchRow.id.desc()).limit(limit)
    if before is not None:
        found = found.where(BatchRow.id < before)
    async with engine.connect() as connection:
        return [_batch(row) for row in (await connection.execute(found)).mappings()]


async def city_now(engine: AsyncEngine) -> City:
    """The city in force, with its batch. Raises ``NoCity``."""
    async with engine.connect() as connection:
        return await newest(connection)


async def city_of(engine: AsyncEngine, batch: int) -> City:
    """The city as a batch made it. Raises ``ListsRefused``: no_batch."""
    async with engine.connect() as connection:
        return await city_in(connection, batch)


async def city_in(connection: AsyncConnection, batch: int) -> City:
    """The city as a batch made it, within a transaction. Raises ``ListsRefused``: no_batch."""
    # PostgreSQL's own limit: a number beyond it is no batch either.
    known = 0 < batch < 2**63 and await connection.scalar(
        select(BatchRow.id).where(BatchRow.id == batch)
    )
    if not known:
        last = await connection.scalar(select(func.max(BatchRow.id)))
        raise ListsRefused("no_batch", batch=batch, last=last or "")
    return await newest(connection, up_to=batch)


async def city_on(engine: AsyncEngine, day: date) -> City:
    """The city in force at the end of a day, in its own time zone.

    Raises ``NoCity``, and ``ListsRefused``: before_first.
    """
    async with engine.connect() as connection:
        zone = ZoneInfo((await newest(connection)).pack.timezone)
        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
        batch = await connection.scalar(
            select(func.max(BatchRow.id)).where(BatchRow.loaded_at < end)
        )
        if batch is None:
            first = await connection.scalar(select(func.min(BatchRow.loaded_at)))
            began = first.astimezone(zone).date() if first else ""
            raise ListsRefused("before_first", day=day, first=began)
        return await newest(connection, up_to=batch)


async def last_pack(connection: AsyncConnection) -> City | None:
    """The city as it was last loaded as a whole pack: what has changed since came otherwise."""
    found = await connection.execute(
        select(BatchRow.id, BatchRow.by, BatchRow.changed[ABOUT]).order_by(BatchRow.id.desc())
    )
    for batch, by, about in found:
        if _kind(by, about) is BatchKind.PACK:
            return await newest(connection, up_to=batch)
    return None


async def duty_since(engine: AsyncEngine, key: str, batch: int) -> int | None:
    """The batch that brought a duty's row as it stood in another batch."""
    found = select(DutyRow.batch_from).where(
        DutyRow.key == key,
        DutyRow.batch_from <= batch,
        DutyRow.batch_to.is_(None) | (DutyRow.batch_to > batch),
    )
    async with engine.connect() as connection:
        since: int | None = await connection.scalar(found)
    return since


def _batch(row: Mapping[Any, Any]) -> Batch:
    changed = dict(row["changed"])
    about = changed.pop(ABOUT, None)
    return Batch(
        id=row["id"],
        version=version_of(row["pack"], row["pack_version"], row["id"]),
        kind=_kind(row["by"], about),
        at=row["loaded_at"],
        by=row["by"],
        note=about["note"] if about else "",
        changed={name: Change.model_validate(one) for name, one in changed.items()},
    )


def _kind(by: str, about: Mapping[str, str] | None) -> BatchKind:
    if about:
        return BatchKind(about["kind"])
    # Batches of 0.2.0 and before say nothing of their kind; who made them does.
    changed = by == "starter.py" or (by.startswith("import ") and by != "import --replay")
    return BatchKind.CHANGE if changed else BatchKind.PACK
