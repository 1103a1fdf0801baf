"""Batches of lists: their history, the way back, and what loading a pack keeps."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.list_changes import ListName, with_rows
from juanchi.domain.lists import CalendarYear, Pack, Unit, with_calendar, with_policy
from juanchi.ledger.batches import batches, city_now, city_of, city_on, duty_since
from juanchi.ledger.city import (
    BatchKind,
    add_units_and_items,
    change_pack,
    current_pack,
    load_pack,
)
from juanchi.ledger.errors import ListsRefused, NoCity
from juanchi.ledger.list_batches import Drops, change_lists, load_whole_pack, roll_back
from juanchi.packs import read_pack
from tests.pure import TINYTOWN

PACK = read_pack(TINYTOWN)
NEXT_YEAR = CalendarYear(year=2027, days=())
STRICTER = PACK.policy.model_copy(update={"version": "2"})
NEW_UNIT = Unit(code="new-unit", name="New", role="works", region="TT")


def lamps_to_bins(pack: Pack) -> Pack:
    """The lamps go to the parks office."""
    duties = [
        duty.model_copy(update={"lead": "bins"}) if duty.item == "lamp" else duty
        for duty in pack.duties
    ]
    return with_rows(pack, {ListName.DUTIES: duties})


async def living(engine: AsyncEngine) -> Pack:
    """A city to which something came in every way there is."""
    await load_pack(engine, PACK, by="tests")
    await change_lists(engine, lamps_to_bins, by="clerk", note="because")
    await add_units_and_items(engine, [NEW_UNIT], [], by="import file.csv")
    await change_pack(engine, lambda pack: with_calendar(pack, NEXT_YEAR), by="starter.py")
    await change_pack(engine, lambda pack: with_policy(pack, STRICTER), by="starter.py")
    return (await current_pack(engine))[0]


async def test_the_history_says_who_when_why_and_how_many(engine: AsyncEngine) -> None:
    await living(engine)
    newest, *_, lists, first = found = await batches(engine)
    assert [one.id for one in found] == [5, 4, 3, 2, 1]
    assert (lists.kind, lists.by, lists.note) == (BatchKind.LISTS, "clerk", "because")
    assert (lists.changed["duties"].changed, lists.changed["items"].changed) == (1, 0)
    assert (first.kind, newest.kind) == (BatchKind.PACK, BatchKind.CHANGE)
    assert newest.version == "tinytown@1#5"
    assert [one.id for one in await batches(engine, limit=2, before=4)] == [3, 2]
    key = "lamp|*|2025-01-01"
    assert [await duty_since(engine, key, batch) for batch in (1, 2, 5)] == [1, 2, 2]
    assert await duty_since(engine, "no such", 5) is None


async def test_batches_of_an_older_version_say_their_kind_by_who_made_them(
    engine: AsyncEngine,
) -> None:
    for by, changes in (("starter.py pack load", PACK), ("starter.py", lamps_to_bins(PACK))):
        await load_pack(engine, changes, by=by)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE batches SET changed = changed - 'batch'"))
    assert [one.kind for one in await batches(engine)] == [BatchKind.CHANGE, BatchKind.PACK]


async def test_as_of_a_day_in_the_citys_zone(engine: AsyncEngine) -> None:
    with pytest.raises(NoCity):
        await city_on(engine, datetime.now(UTC).date())
    await load_pack(engine, PACK, by="tests")
    await change_lists(engine, lamps_to_bins, by="clerk")
    zone = ZoneInfo(PACK.timezone)
    today = datetime.now(zone).date()
    midnight = datetime(today.year, today.month, today.day, tzinfo=zone)
    async with engine.begin() as connection:
        for batch, at in ((1, midnight - timedelta(seconds=1)), (2, midnight)):
            facts = {"at": at, "id": batch}
            await connection.execute(
                text("UPDATE batches SET loaded_at = :at WHERE id = :id"), facts
            )
    yesterday = today - timedelta(days=1)
    assert (await city_on(engine, yesterday)).batch == 1
    assert (await city_on(engine, today)).batch == (await city_now(engine)).batch == 2
    with pytest.raises(ListsRefused, match="before_first"):
        await city_on(engine, yesterday - timedelta(days=1))
    with pytest.raises(ListsRefused, match="no_batch"):
        await city_of(engine, 3)


async def test_a_rollback_is_a_new_batch_of_old_lists_and_nothing_else(
    engine: AsyncEngine,
) -> None:
    now = await living(engine)
    dry = await roll_back(engine, 1, by="clerk", dry_run=True)
    assert dry.loaded is None
    assert (await city_now(engine)).batch == 5
    back = await roll_back(engine, 1, by="clerk", note="lamps again")
    assert back.loaded is not None
    pack, version = await current_pack(engine)
    assert version == "tinytown@1#6"
    assert pack.duties == PACK.duties
    assert NEW_UNIT not in pack.units
    assert (pack.calendars, pack.policies) == (now.calendars, now.policies)
    assert (await batches(engine))[0].kind is BatchKind.ROLLBACK


async def test_what_fails_changes_nothing(engine: AsyncEngine) -> None:
    await load_pack(engine, PACK, by="tests")

    def fails(pack: Pack) -> Pack:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await change_lists(engine, fails, by="clerk")
    assert (await city_now(engine)).batch == 1


async def test_a_pack_does_not_drop_what_came_otherwise_by_itself(engine: AsyncEngine) -> None:
    now = await living(engine)
    with pytest.raises(ListsRefused, match="would_drop") as refused:
        await load_whole_pack(engine, PACK, "operator")
    assert refused.value.facts["n"] == "4"
    dry = await load_whole_pack(engine, PACK, "operator", dry_run=True)
    assert {(one.listing.value, one.key) for one in dry.own} == {
        ("units", "new-unit"),
        ("duties", "lamp|*|2025-01-01"),
        ("calendars", "2027"),
        ("policies", "tinytown|2"),
    }
    assert (await city_now(engine)).pack == now
    await load_whole_pack(engine, PACK, "operator", Drops.REPLACE)
    assert (await city_now(engine)).pack == PACK


async def test_a_newer_pack_can_be_loaded_with_all_that_kept(engine: AsyncEngine) -> None:
    now = await living(engine)
    renamed = [item.model_copy(update={"name_en": f"{item.code}!"}) for item in PACK.items]
    newer = with_rows(PACK, {ListName.ITEMS: renamed}).model_copy(update={"version": "2"})
    done = await load_whole_pack(engine, newer, "operator", Drops.KEEP)
    assert len(done.own) == 4
    pack = (await city_now(engine)).pack
    assert (pack.version, pack.items) == ("2", tuple(renamed))
    assert (pack.duties, pack.units) == (now.duties, now.units)
    assert (pack.calendars, pack.policies) == (now.calendars, now.policies)


async def test_a_pack_that_has_it_all_needs_no_word(engine: AsyncEngine) -> None:
    """What was changed in the ledger and is in the folder now is nothing to mind."""
    now = await living(engine)
    changed: dict[str, Any] = {"version": "2"}
    done = await load_whole_pack(engine, now.model_copy(update=changed), "operator")
    assert done.own == ()
    assert done.loaded is not None
    newer = await load_whole_pack(engine, PACK, "operator", dry_run=True)
    assert newer.own == (), "it is the pack's own word now"


async def test_another_city(engine: AsyncEngine) -> None:
    await living(engine)
    other = PACK.model_copy(update={"code": "othertown"})
    with pytest.raises(ListsRefused, match="would_drop"):
        await load_whole_pack(engine, other, "operator", Drops.REFUSE)
    await load_whole_pack(engine, other, "operator", Drops.REPLACE)
    with pytest.raises(ListsRefused, match="other_city"):
        await roll_back(engine, 1, by="clerk")
