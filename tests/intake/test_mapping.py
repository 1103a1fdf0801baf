"""Mappings that people wrote wrongly, and rows that no mapping can save."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from juanchi.domain.lists import Pack, Unit
from juanchi.domain.terms import Nature
from juanchi.intake.files import Problem, Source
from juanchi.intake.mapper import Mapped, Mapper, Unmappable
from juanchi.intake.mapping import ClueMapping, MappingFaults, check_mapping, read_mapping
from juanchi.intake.scanning import scan
from juanchi.packs import read_pack, shipped
from tests.pure import TINYTOWN

NOW = datetime(2026, 6, 1, tzinfo=UTC)

MAPPING = """
external_id = "old-{id}"
text = "{what}, {street}"
[file]
missing = ["", "-"]
[channel]
column = "source"
values = { "Phone" = "phone", "Web" = "web" }
[reported_at]
column = "day"
format = "%d.%m.%Y"
time_of_day = 08:30:00
[nature]
column = "kind"
values = { "C" = "complaint", "?" = "" }
[place]
address = "{street}"
lon = "lon"
lat = "lat"
[place.region]
column = "street"
[item]
column = "what"
create = true
category = "{group}"
[lead]
column = "unit"
create = true
fold = " [(][^()]*[)]"
[outcome]
column = "end"
on_time = ["ok"]
overdue = ["late"]
"""
COLUMNS = "id,day,kind,source,what,group,street,lon,lat,unit,end"
GOOD = "1,02.01.2026,C,Phone,Pothole,Streets,Mill Parish,0,0,Roads,ok"


@pytest.fixture(scope="module")
def town() -> Pack:
    """Tinytown, on a map."""
    return read_pack(TINYTOWN).model_copy(update={"bounds": (-9.5, 38.0, -9.0, 39.0)})


@pytest.fixture
def mapping(tmp_path: Path) -> ClueMapping:
    return written(tmp_path, MAPPING)


def written(tmp_path: Path, text: str) -> ClueMapping:
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path)


def rows_of(tmp_path: Path, *rows: str, columns: str = COLUMNS) -> Source:
    path = tmp_path / "rows.csv"
    path.write_text("\n".join((columns, *rows, "")), encoding="utf-8")
    return Source(path)


def mapped(tmp_path: Path, mapping: ClueMapping, pack: Pack, row: str) -> Mapped:
    """The row's clue, all that it may create created."""
    source = rows_of(tmp_path, row)
    found = scan(source, Mapper(mapping, pack))
    units = {unit.code: unit for unit in (*pack.units, *found.units)}
    grown = pack.model_copy(
        update={"units": tuple(units.values()), "items": (*pack.items, *found.items)}
    )
    return Mapper(mapping, grown).clue(next(iter(source.rows())), NOW)


def changed(**cells: str) -> str:
    """The good row with some cells changed."""
    names = COLUMNS.split(",")
    row = dict(zip(names, GOOD.split(","), strict=True))
    return ",".join({**row, **cells}[name] for name in names)


def faults(tmp_path: Path, text: str) -> list[tuple[str, str]]:
    with pytest.raises(MappingFaults) as broken:
        written(tmp_path, text)
    return [(fault.key, fault.code) for fault in broken.value.faults]


def test_a_good_row(tmp_path: Path, mapping: ClueMapping, town: Pack) -> None:
    found = mapped(tmp_path, mapping, town, GOOD)
    clue = found.clue
    assert (clue.ticket_id, clue.text) == ("ticket/phone/old-1", "Pothole, Mill Parish")
    assert clue.reported_at.isoformat() == "2026-01-02T08:30:00+00:00"
    assert clue.nature is Nature.COMPLAINT
    assert clue.place is not None
    assert (clue.place.region, clue.place.address, clue.place.lon) == ("mill", "Mill Parish", None)
    # By an alias and by a name; nothing is created that is there.
    assert clue.classified is not None
    assert (clue.classified.item, clue.classified.lead) == ("road-hole", "roads")
    assert found.late is False


def test_missing_cells_leave_things_out(tmp_path: Path, mapping: ClueMapping, town: Pack) -> None:
    clue = mapped(tmp_path, mapping, town, changed(kind="?", street="-", unit="-", what="")).clue
    assert clue.nature is None
    assert clue.place is not None
    assert clue.place.region is None
    assert clue.classified is None
    assert clue.text == ", "


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"id": ""}, "id", "no_id"),
        ({"source": "Fax"}, "source", "unknown_value"),
        ({"kind": "X"}, "kind", "unknown_value"),
        ({"day": ""}, "day", "no_time"),
        ({"day": "2026-01-02"}, "day", "bad_time"),
        ({"day": "31.02.2026"}, "day", "bad_time"),
        ({"day": "01.01.2027"}, "day", "time_in_future"),
        ({"street": "Nowhere"}, "street", "unknown_region"),
        ({"lon": "east"}, "lon", "bad_number"),
        ({"lon": "-9.2"}, "lat", "outside"),
        ({"lon": "38.5", "lat": "-9.2"}, "lon", "outside"),
        ({"lon": "nan", "lat": "38.5"}, "lon", "outside"),
        ({"lon": "-9.2", "lat": ""}, "lat", "half_coordinates"),
        ({"end": "soon"}, "end", "unknown_outcome"),
        ({"what": "x" * 300}, "what", "unknown_item"),
        ({"unit": "bad\0name"}, "unit", "unknown_unit"),
        ({"group": "a\0b", "what": "New"}, "what", "unknown_item"),
        ({"id": "a\0b"}, "", "not_a_clue"),
    ],
)
def test_a_row_that_cannot_be_mapped_says_where_and_why(
    tmp_path: Path,
    mapping: ClueMapping,
    town: Pack,
    cells: dict[str, str],
    column: str,
    code: str,
) -> None:
    with pytest.raises(Unmappable) as broken:
        mapped(tmp_path, mapping, town, changed(**cells))
    problem = broken.value.problem
    assert (problem.line, problem.column, problem.code) == (2, column, code)


def test_a_text_that_is_too_long_is_a_problem_not_a_crash(
    tmp_path: Path, mapping: ClueMapping, town: Pack
) -> None:
    free = mapping.model_copy(update={"item": None})
    with pytest.raises(Unmappable) as broken:
        mapped(tmp_path, free, town, changed(what="x" * 30_000))
    assert broken.value.problem.facts["where"] == "text"


def test_what_is_missing_is_created_once_and_found_ever_after(
    tmp_path: Path, mapping: ClueMapping, town: Pack
) -> None:
    rows = [changed(id=str(n), what="Broken bench", unit="Night Watch") for n in range(3)]
    source = rows_of(tmp_path, *rows)
    found = scan(source, Mapper(mapping, town))
    assert (found.rows, len(found.units), len(found.items)) == (3, 1, 1)
    assert (found.units[0].role, found.units[0].region) == ("imported", "TT")
    assert found.items[0].category == "Streets"
    grown = town.model_copy(
        update={"units": (*town.units, *found.units), "items": (*town.items, *found.items)}
    )
    again = scan(source, Mapper(mapping, grown))
    assert (again.units, again.items) == ((), ())


def test_ids_that_come_twice_are_told_with_their_first_line(
    tmp_path: Path, mapping: ClueMapping, town: Pack
) -> None:
    # The same id on another channel is another clue.
    source = rows_of(tmp_path, GOOD, changed(source="Web"), changed(what="Other"), GOOD)
    assert scan(source, Mapper(mapping, town)).repeated == {4: 2, 5: 2}


def units_made(
    tmp_path: Path, mapping: ClueMapping, town: Pack, *names: str
) -> dict[str, tuple[str, ...]]:
    rows = [changed(id=str(n), unit=name) for n, name in enumerate(names)]
    found: tuple[Unit, ...] = scan(rows_of(tmp_path, *rows), Mapper(mapping, town)).units
    return {unit.name: unit.aliases for unit in found}


@pytest.mark.parametrize(
    ("names", "made"),
    [
        (["Pier", "Pier (Harbour)"], {"Pier": ("Pier (Harbour)",)}),
        (["Pier (Harbour)", "Pier"], {"Pier": ("Pier (Harbour)",)}),
        # Nobody says that there is only one: two parishes may have one each.
        (["Pier (Harbour)"], {"Pier (Harbour)": ()}),
        (
            ["Pier", "Pier (Harbour)", "Pier (Mill)"],
            {"Pier": (), "Pier (Harbour)": (), "Pier (Mill)": ()},
        ),
        # A unit that the city has gets the longer name as an alias.
        (["Bins and Parks (Mill)"], {"Bins and Parks": ("Bins and Parks (Mill)",)}),
    ],
)
def test_one_unit_under_two_names(
    tmp_path: Path,
    mapping: ClueMapping,
    town: Pack,
    names: list[str],
    made: dict[str, tuple[str, ...]],
) -> None:
    assert units_made(tmp_path, mapping, town, *names) == made


def test_a_made_unit_stands_in_the_region_of_its_name(
    tmp_path: Path, mapping: ClueMapping, town: Pack
) -> None:
    row = changed(unit="Street cleaners of Harbour Parish")
    (unit,) = scan(rows_of(tmp_path, row), Mapper(mapping, town)).units
    assert unit.region == "harbour"


@pytest.mark.parametrize(
    ("old", "new", "key", "code"),
    [
        ('column = "day"', "", "reported_at.column", "missing"),
        ("missing = ", "mising = ", "file.mising", "unknown_key"),
        ('"complaint"', '"grumble"', "nature.values.C", "bad_value"),
        ('"{what}, {street}"', '"{what"', "text", "template"),
        ('" [(][^()]*[)]"', '"("', "lead.fold", "regex"),
        ('format = "%d.%m.%Y"', 'timezone = "Mars"', "reported_at.timezone", "timezone"),
        ('category = "{group}"', "", "item", "category_wanted"),
        ('lat = "lat"', "", "place", "lon_and_lat"),
        ('column = "source"', "", "channel", "value_or_column"),
        ("[file]", "[file", "", "not_toml"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_which_key(
    tmp_path: Path, old: str, new: str, key: str, code: str
) -> None:
    assert old in MAPPING
    assert (key, code) in faults(tmp_path, MAPPING.replace(old, new))


def test_columns_and_codes_that_are_not_there(tmp_path: Path, town: Pack) -> None:
    told = written(tmp_path, MAPPING.replace('"web"', '"fax"').replace('{street}"', '{strasse}"'))
    with pytest.raises(MappingFaults) as broken:
        check_mapping(tmp_path, told, town, COLUMNS.split(","))
    found = {(fault.key, fault.code) for fault in broken.value.faults}
    assert found == {
        ("text", "unknown_column"),
        ("place.address", "unknown_column"),
        ("channel", "unknown_code"),
    }


def test_a_mapping_of_another_city(tmp_path: Path, town: Pack) -> None:
    told = written(tmp_path, 'city = "shenzhen"\n' + MAPPING)
    with pytest.raises(MappingFaults) as broken:
        check_mapping(tmp_path, told, town)
    assert [fault.code for fault in broken.value.faults] == ["other_city"]


@pytest.mark.parametrize("name", ["pingshan.toml", "clues-jsonl.toml"])
def test_the_shipped_mappings_fit_the_shipped_city(name: str) -> None:
    path = shipped("shenzhen") / "mappings" / name
    check_mapping(path, read_mapping(path), read_pack(shipped("shenzhen")))


def test_plain_json_lines(tmp_path: Path) -> None:
    told = read_mapping(shipped("shenzhen") / "mappings" / "clues-jsonl.toml")
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '{"id": "a1", "said": "路灯不亮", "at": "2026-01-31T09:30:00+08:00", "from": "app",'
        ' "phone": "00000000", "where": {"lon": 114.05, "lat": 22.54, "street": "坪山街道"}}\n'
        '{"id": "a2", "said": "路灯不亮", "at": "2026-01-31"}\n',
        encoding="utf-8",
    )
    mapper = Mapper(told, read_pack(shipped("shenzhen")))
    one, other = (mapper.clue(row, NOW) for row in Source(path).rows())
    assert (one.clue.channel, one.contact, one.late) == ("app", "00000000", None)
    assert one.clue.place is not None
    assert one.clue.place.region == "440310001"
    assert (other.clue.channel, other.contact) == ("import", None)
    assert other.clue.reported_at.isoformat() == "2026-01-31T12:00:00+08:00"


def test_a_problem_is_a_value() -> None:
    assert Problem(2, "a", "b", "c") == Problem(2, "a", "b", "c")
