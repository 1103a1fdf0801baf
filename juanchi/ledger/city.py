"""The city's data in the ledger: loaded as batches, read whole, newest first."""

import hashlib
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain.base import Value
from juanchi.domain.lists import Item, Pack, Unit
from juanchi.ledger.city_rows import LISTS, Listing, listing
from juanchi.ledger.city_tables import BatchRow, Listed, PackRow
from juanchi.ledger.errors import NoCity
from juanchi.ledger.fresh import FRESH_FOR as FRESH_FOR
from juanchi.ledger.fresh import Fresh

_LOCK = 0x4A5543_02  # one load of city data at a time
ABOUT: Final = "batch"
"""Beside the lists in what a batch has changed: its kind and its note."""


class BatchKind(StrEnum):
    """Where a batch came from: a whole pack, a change to the pack in force, lists, a rollback."""

    PACK = "pack"
    CHANGE = "change"
    LISTS = "lists"
    ROLLBACK = "rollback"


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
        await lock(connection)
        return await load(connection, pack, by, BatchKind.PACK)


async def change_pack(
    engine: AsyncEngine,
    change: Callable[[Pack], Pack],
    by: str,
    *,
    kind: BatchKind = BatchKind.CHANGE,
    note: str = "",
) -> Loaded:
    """A new batch: the pack in force with a change to it. Raises ``NoCity`` when none is loaded."""
    async with engine.begin() as connection:
        return await change_within(connection, change, by, kind=kind, note=note)


async def change_within(
    connection: AsyncConnection,
    change: Callable[[Pack], Pack],
    by: str,
    *,
    kind: BatchKind = BatchKind.CHANGE,
    note: str = "",
) -> Loaded:
    """``change_pack`` in a transaction that is there already: what else it writes goes with it.

    What ``change`` raises is passed on; then nothing has been loaded.
    """
    await lock(connection)
    pack = (await newest(connection)).pack
    return await load(connection, change(pack), by, kind, note)


async def add_units_and_items(
    engine: AsyncEngine, units: Iterable[Unit], items: Iterable[Item], by: str
) -> Loaded:
    """A new batch: the pack in force with these units and items added, or replaced by code.

    Raises ``NoCity`` when none is loaded.
    """

    def added(pack: Pack) -> Pack:
        both = {"units": _with(pack.units, units), "items": _with(pack.items, items)}
        return pack.model_copy(update=both)

    return await change_pack(engine, added, by)


async def current_pack(engine: AsyncEngine) -> tuple[Pack, str]:
    """The pack in force and its version, ``<pack>@<pack's version>#<batch>``. Raises ``NoCity``."""
    async with engine.connect() as connection:
        city = await newest(connection)
    return city.pack, city.version


async def city_at(engine: AsyncEngine, batch: int) -> City:
    """The city as it was loaded by a batch: what a ticket was filed under. Raises ``NoCity``."""
    async with engine.connect() as connection:
        return await newest(connection, up_to=batch)


class CityReader:
    """The city in force, kept in memory and read again only when a newer batch is there."""

    def __init__(self, engine: AsyncEngine, fresh_for: float = FRESH_FOR) -> None:
        self._engine = engine
        self._city = Fresh(self._read, fresh_for)

    async def city(self) -> City:
        """The city, at most about a second old. Raises ``NoCity`` when none is loaded."""
        return await self._city.get()

    async def _read(self, has: City | None) -> City:
        async with self._engine.connect() as connection:
            latest = await connection.scalar(text("SELECT max(id) FROM batches"))
            if has is not None and latest == has.batch:
                return has
            return await newest(connection)


async def lock(connection: AsyncConnection) -> None:
    """Wait until nobody else changes the city's data; held to the transaction's end."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


async def newest(connection: AsyncConnection, up_to: int | None = None) -> City:
    """The city in force, or as of a batch. Raises ``NoCity``."""
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
    return City(Pack.model_validate(whole), batch, version_of(code, version, batch))


def version_of(code: str, version: str, batch: int) -> str:
    """How a ticket names the lists that it was dispatched under."""
    return f"{code}@{version}#{batch}"


async def load(
    connection: AsyncConnection, pack: Pack, by: str, kind: BatchKind, note: str = ""
) -> Loaded:
    """Make a pack the newest batch; the caller holds the lock."""
    whole = pack.model_dump(mode="json")
    digest = hashlib.sha256(pack.model_dump_json().encode()).hexdigest()
    latest = select(BatchRow.id, BatchRow.digest).order_by(BatchRow.id.desc()).limit(1)
    last = (await connection.execute(latest)).one_or_none()
    if last is not None and last.digest == digest:
        version = version_of(pack.code, pack.version, last.id)
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
    told[ABOUT] = {"kind": kind.value, "note": note}
    await connection.execute(update(BatchRow).where(BatchRow.id == batch).values(changed=told))
    version = version_of(pack.code, pack.version, batch)
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
