"""The city's data in the ledger: loaded as batches, read whole, newest first."""

import asyncio
import hashlib
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain.base import Value
from juanchi.domain.lists import Item, Pack, Unit
from juanchi.ledger.city_rows import LISTS, Listing, listing
from juanchi.ledger.city_tables import BatchRow, Listed, PackRow
from juanchi.ledger.errors import NoCity

FRESH_FOR = 1.0
"""Seconds for which a reader trusts what it has before it asks for a newer batch."""

_LOCK = 0x4A5543_02  # one load of city data at a time


class Change(Value):
    """What a batch changed in one list: counts, and the first keys of each."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    keys: tuple[str, ...] = ()


class Loaded(Value):
    """What a load did. ``new`` is false when the same data was in force already."""

    batch: int
    version: str
    new: bool
    changed: dict[str, Change]


class City(NamedTuple):
    """A city as of one batch. ``version`` names it in a ticket's ``lists_version``."""

    pack: Pack
    batch: int
    version: str


async def load_pack(engine: AsyncEngine, pack: Pack, by: str) -> Loaded:
    """Load a whole city as a new batch; nothing happens when it is in force already."""
    async with engine.begin() as connection:
        await _lock(connection)
        return await _load(connection, pack, by)


async def add_units_and_items(
    engine: AsyncEngine, units: Iterable[Unit], items: Iterable[Item], by: str
) -> Loaded:
    """A new batch: the pack in force with these units and items added, or replaced by code.

    Raises ``NoCity`` when none is loaded.
    """
    async with engine.begin() as connection:
        await _lock(connection)
        pack = (await _newest(connection)).pack
        added = pack.model_copy(
            update={
                "units": _with(pack.units, units),
                "items": _with(pack.items, items),
            }
        )
        return await _load(connection, added, by)


async def current_pack(engine: AsyncEngine) -> tuple[Pack, str]:
    """The pack in force and its version, ``<pack>@<pack's version>#<batch>``. Raises ``NoCity``."""
    async with engine.connect() as connection:
        city = await _newest(connection)
    return city.pack, city.version


async def city_at(engine: AsyncEngine, batch: int) -> City:
    """The city as it was loaded by a batch: what a ticket was filed under. Raises ``NoCity``."""
    async with engine.connect() as connection:
        return await _newest(connection, up_to=batch)


class CityReader:
    """The city in force, kept in memory and read again only when a newer batch is there."""

    def __init__(self, engine: AsyncEngine, fresh_for: float = FRESH_FOR) -> None:
        self._engine = engine
        self._fresh_for = fresh_for
        self._city: City | None = None
        self._checked = float("-inf")
        self._asking = asyncio.Lock()

    async def city(self) -> City:
        """The city, at most about a second old. Raises ``NoCity`` when none is loaded."""
        if self._city is not None and self._fresh():
            return self._city
        async with self._asking:
            # Somebody else may have asked while we waited.
            if self._city is None or not self._fresh():
                self._city = await self._read()
                self._checked = time.monotonic()
            return self._city

    def _fresh(self) -> bool:
        return time.monotonic() - self._checked < self._fresh_for

    async def _read(self) -> City:
        async with self._engine.connect() as connection:
            newest = await connection.scalar(text("SELECT max(id) FROM batches"))
            if self._city is not None and newest == self._city.batch:
                return self._city
            return await _newest(connection)


async def _lock(connection: AsyncConnection) -> None:
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


async def _newest(connection: AsyncConnection, up_to: int | None = None) -> City:
    found = (
        select(BatchRow.id, BatchRow.pack, BatchRow.pack_version, PackRow.pack.label("whole"))
        .join(PackRow, PackRow.batch == BatchRow.id)
        .order_by(BatchRow.id.desc())
        .limit(1)
    )
    if up_to is not None:
        found = found.where(BatchRow.id <= up_to)
    row = (await connection.execute(found)).one_or_none()
    if row is None:
        raise NoCity
    batch, code, version, whole = row
    return City(Pack.model_validate(whole), batch, _version(code, version, batch))


def _version(code: str, version: str, batch: int) -> str:
    return f"{code}@{version}#{batch}"


async def _load(connection: AsyncConnection, pack: Pack, by: str) -> Loaded:
    whole = pack.model_dump(mode="json")
    digest = hashlib.sha256(pack.model_dump_json().encode()).hexdigest()
    newest = select(BatchRow.id, BatchRow.digest).order_by(BatchRow.id.desc()).limit(1)
    last = (await connection.execute(newest)).one_or_none()
    if last is not None and last.digest == digest:
        version = _version(pack.code, pack.version, last.id)
        return Loaded(batch=last.id, version=version, new=False, changed={})
    batch = await connection.scalar(
        insert(BatchRow)
        .values(
            pack=pack.code,
            pack_version=pack.version,
            digest=digest,
            loaded_at=text("now()"),
            by=by,
            changed={},
        )
        .returning(BatchRow.id)
    )
    assert batch is not None  # noqa: S101 - INSERT ... RETURNING gives its row
    await connection.execute(insert(PackRow).values(batch=batch, pack=whole))
    changed = {
        table.__tablename__: await _bring(connection, table, listing(table, pack), batch)
        for table in LISTS
    }
    told = {name: change.model_dump(mode="json") for name, change in changed.items()}
    await connection.execute(update(BatchRow).where(BatchRow.id == batch).values(changed=told))
    version = _version(pack.code, pack.version, batch)
    return Loaded(batch=batch, version=version, new=True, changed=changed)


async def _bring(
    connection: AsyncConnection, table: type[Listed], wanted: Listing, batch: int
) -> Change:
    """End the rows that are changed or gone, and add those that are changed or new."""
    found = await connection.execute(select(table.key, table.body).where(table.batch_to.is_(None)))
    has: dict[str, dict[str, Any]] = {row.key: row.body for row in found}
    added = [key for key in wanted if key not in has]
    removed = [key for key in has if key not in wanted]
    changed = [key for key in wanted if key in has and wanted[key]["body"] != has[key]]
    if ended := removed + changed:
        await connection.execute(
            update(table)
            .where(table.batch_to.is_(None), table.key.in_(ended))
            .values(batch_to=batch)
        )
    if begun := added + changed:
        rows = [{"key": key, "batch_from": batch, **wanted[key]} for key in begun]
        await connection.execute(insert(table), rows)
    return Change(
        added=len(added),
        changed=len(changed),
        removed=len(removed),
        keys=tuple((added + changed + removed)[:20]),
    )


def _with(old: tuple[Any, ...], new: Iterable[Any]) -> tuple[Any, ...]:
    return tuple({**{one.code: one for one in old}, **{one.code: one for one in new}}.values())
