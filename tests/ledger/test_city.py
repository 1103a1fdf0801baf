"""The city's lists: loaded as batches, versioned row by row, read when they have changed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.lists import Item, Pack, Unit
from juanchi.ledger.city import (
    CityReader,
    add_units_and_items,
    city_at,
    current_pack,
    load_pack,
)
from juanchi.ledger.city_rows import LISTS, listing
from juanchi.ledger.city_tables import BatchRow, ItemRow, UnitRow
from juanchi.ledger.errors import NoCity
from juanchi.packs import read_pack
from tests.ledger.peek import rows

TINYTOWN = read_pack(Path(__file__).parents[1] / "packs" / "tinytown")


def changed(pack: Pack = TINYTOWN) -> Pack:
    """One unit renamed, the last item gone, one item new."""
    first = pack.units[0].model_copy(update={"name": "Renamed"})
    new = Item(code="new-item", category="test", name="New")
    return pack.model_copy(
        update={"units": (first, *pack.units[1:]), "items": (*pack.items[:-1], new)}
    )


async def test_what_is_loaded_is_read(engine: AsyncEngine) -> None:
    loaded = await load_pack(engine, TINYTOWN, by="tester")
    assert (loaded.new, loaded.batch, loaded.version) == (True, 1, "tinytown@1#1")
    assert loaded.changed["units"].added == len(TINYTOWN.units)
    assert await current_pack(engine) == (TINYTOWN, "tinytown@1#1")


async def test_every_list_has_its_rows(engine: AsyncEngine) -> None:
    await load_pack(engine, TINYTOWN, by="tester")
    for table in LISTS:
        wanted = listing(table, TINYTOWN)
        found = {row["key"]: row["body"] for row in await rows(engine, table)}  # type: ignore[arg-type]
        assert found == {key: row["body"] for key, row in wanted.items()}
        assert wanted, table.__tablename__


async def test_loading_it_again_is_nothing(engine: AsyncEngine) -> None:
    await load_pack(engine, TINYTOWN, by="tester")
    again = await asyncio.gather(*(load_pack(engine, TINYTOWN, by="other") for _ in range(4)))
    assert {(loaded.new, loaded.batch) for loaded in again} == {(False, 1)}
    assert len(await rows(engine, BatchRow)) == 1


async def test_a_change_is_told_and_dated(engine: AsyncEngine) -> None:
    await load_pack(engine, TINYTOWN, by="tester")
    loaded = await load_pack(engine, changed(), by="tester")
    units, items = loaded.changed["units"], loaded.changed["items"]
    assert (units.added, units.changed, units.removed) == (0, 1, 0)
    assert units.keys == (TINYTOWN.units[0].code,)
    assert (items.added, items.changed, items.removed) == (1, 0, 1)
    assert items.keys == ("new-item", TINYTOWN.items[-1].code)
    assert await as_of(engine, ItemRow, 1) == {item.code for item in TINYTOWN.items}
    assert await as_of(engine, ItemRow, 2) == {item.code for item in changed().items}
    assert (await city_at(engine, 1)).pack == TINYTOWN
    assert (await city_at(engine, 2)).pack == changed()


async def as_of(engine: AsyncEngine, table: Any, batch: int) -> set[str]:
    query = select(table.key).where(
        table.batch_from <= batch, table.batch_to.is_(None) | (table.batch_to > batch)
    )
    async with engine.connect() as connection:
        return set((await connection.scalars(query)).all())


async def test_back_to_what_it_was(engine: AsyncEngine) -> None:
    for pack in (TINYTOWN, changed(), TINYTOWN):
        assert (await load_pack(engine, pack, by="tester")).new
    assert (await current_pack(engine))[0] == TINYTOWN
    assert await as_of(engine, UnitRow, 3) == {unit.code for unit in TINYTOWN.units}


async def test_an_importer_adds_units_and_items(engine: AsyncEngine) -> None:
    await load_pack(engine, TINYTOWN, by="tester")
    unit = Unit(code="new-unit", name="New", role="works", region=TINYTOWN.regions[0].code)
    renamed = TINYTOWN.items[0].model_copy(update={"name": "Renamed"})
    loaded = await add_units_and_items(engine, [unit], [renamed], by="importer")
    assert loaded.changed["units"].keys == ("new-unit",)
    assert loaded.changed["items"].changed == 1
    pack, _ = await current_pack(engine)
    assert unit in pack.units
    assert len(pack.items) == len(TINYTOWN.items)
    assert not (await add_units_and_items(engine, [unit], [renamed], by="importer")).new


async def test_without_a_city(engine: AsyncEngine) -> None:
    for asking in (
        current_pack(engine),
        CityReader(engine).city(),
        add_units_and_items(engine, [], [], by="importer"),
    ):
        with pytest.raises(NoCity, match="pack load"):
            await asking


async def test_a_reader_asks_rarely_and_sees_changes(engine: AsyncEngine) -> None:
    await load_pack(engine, TINYTOWN, by="tester")
    asked: list[str] = []

    def note(*args: Any) -> None:
        asked.append(args[2])

    reader = CityReader(engine, fresh_for=0.2)
    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        cities = await asyncio.gather(*(reader.city() for _ in range(50)))
        assert len(asked) == 2, "who asks, and the whole pack once"
        assert {city.version for city in cities} == {"tinytown@1#1"}
        await load_pack(engine, changed(), by="tester")
        asked.clear()
        assert (await reader.city()).batch == 1, "not asked again yet"
        assert asked == []
        await asyncio.sleep(0.25)
        assert (await reader.city()).pack == changed()
        await asyncio.sleep(0.25)
        asked.clear()
        await reader.city()
        assert len(asked) == 1, "nothing changed: one cheap query"
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
