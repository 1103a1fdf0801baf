"""What is exported and given back unchanged is what it was, to the character."""

import csv
import tempfile
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from juanchi.domain.limits import Limit
from juanchi.domain.list_changes import EDITED, ListName, compare, with_rows
from juanchi.domain.lists import Duty, Handling, Item, Pack, Unit
from juanchi.domain.terms import EvidenceKind, Nature, Urgency
from juanchi.packs import read_pack, shipped
from juanchi.sheets import SheetTrouble, apply, open_book, read_lists, write_lists, write_template
from tests.sheets.clerk import PACK, exported

# Whatever a line may hold: not only what a clerk would type.
_LINE = st.text(
    st.characters(
        blacklist_categories=("Cs", "Cc"), whitelist_characters="\t\n\r=+-@'|\\\"｜，0１＠＝"
    ),
    max_size=20,
)
_ODD = st.sampled_from(["=1+1", "+86", "@works", "-", "'=x", "_x0041_", "#N/A", "007", "1.10"])
_NAME = _LINE | _ODD
_TIDY = _NAME.map(lambda text: text.replace("\r", "").replace("｜", "").strip("#").strip() or "x")
_CODE = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_.:\-]{0,8}\Z")
_DAY = st.dates(date(1890, 1, 1), date(2100, 1, 1))
_LIMIT = st.sampled_from(["30m", "24h", "15d", "4wh", "10wd", "1.5h"]).map(Limit.model_validate)


def _items(codes: list[str], names: st.SearchStrategy[str]) -> st.SearchStrategy[list[Item]]:
    several = st.lists(names, max_size=3).map(tuple)
    item = st.fixed_dictionaries(
        {
            "category": names,
            "subcategory": names,
            "name": names,
            "name_en": names,
            "aliases": several,
            "keywords": several,
            "natures": st.lists(st.sampled_from(Nature), max_size=2).map(tuple),
            "urgency": st.sampled_from(Urgency),
        }
    )
    rows = st.tuples(*(item for _ in codes))
    return rows.map(lambda rows: [Item(code=c, **r) for c, r in zip(codes, rows, strict=True)])


_CODES = st.lists(_CODE, min_size=1, max_size=4, unique=True)


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    """Tinytown with other items, duties and terms, and names of every kind."""
    codes = draw(_CODES)
    items = draw(_items(codes, _NAME))
    units = [
        Unit.model_validate({**dict(unit), "name": draw(_NAME), "name_en": draw(_NAME)})
        for unit in PACK.units
    ]
    keys = draw(
        st.lists(
            st.tuples(
                st.sampled_from([*codes, "*"]), st.sampled_from(["*", "mill", "south"]), _DAY
            ),
            max_size=5,
            unique=True,
        )
    )
    duties = [
        Duty(
            item=item,
            region=region,
            lead=draw(st.sampled_from(["@roads", "bins"])),
            assisting=draw(st.sampled_from([(), ("@warden",), ("rescue", "@warden")])),
            basis=draw(_NAME),
            valid_from=day,
            valid_to=draw(st.none() | st.dates(day, date(2110, 1, 1))),
        )
        for item, region, day in keys
    ]
    of = draw(st.lists(st.sampled_from([*codes, "*"]), max_size=3, unique=True))
    handlings = [
        Handling(
            unit=draw(st.sampled_from(["*", "@roads", "bins"])),
            item=item,
            team=draw(_NAME),
            limit=draw(st.none() | _LIMIT),
            evidence=tuple(draw(st.lists(st.sampled_from(EvidenceKind), max_size=2))),
        )
        for item in of
    ]
    lists: dict[ListName, Any] = {
        ListName.ITEMS: items,
        ListName.UNITS: units,
        ListName.DUTIES: duties,
        ListName.HANDLINGS: handlings,
    }
    return with_rows(PACK, lists)


def given_back(pack: Pack, name: str) -> Pack:
    """The city after its own export has been imported."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_lists(path, exported(pack))
        return apply(read_lists(open_book(path), pack), pack, pack).pack


QUICKLY = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)


@pytest.mark.parametrize("name", ["lists.xlsx", "lists"])
@given(pack=packs())
@QUICKLY
def test_export_and_import_is_the_identity(name: str, pack: Pack) -> None:
    assert given_back(pack, name) == pack


@pytest.mark.parametrize("name", ["lists.xlsx", "lists"])
@given(items=_CODES.flatmap(lambda codes: _items(codes, _TIDY)))
@QUICKLY
def test_every_tidy_word_comes_into_a_city_that_has_none_of_it(
    name: str, items: list[Item]
) -> None:
    bare = with_rows(PACK, dict.fromkeys((ListName.ITEMS, ListName.DUTIES, ListName.HANDLINGS), ()))
    pack = with_rows(bare, {ListName.ITEMS: items})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_lists(path, exported(pack), [ListName.ITEMS])
        found = apply(read_lists(open_book(path), bare), bare, bare)
    assert found.pack == pack


def test_the_shipped_city_comes_back() -> None:
    pack = read_pack(shipped("shenzhen"))
    assert given_back(pack, "city.xlsx") == pack
    assert given_back(pack, "city") == pack


def test_one_list_as_one_file(tmp_path: Path) -> None:
    assert write_lists(tmp_path / "duties.csv", exported()) == (ListName.DUTIES,)
    assert write_lists(tmp_path / "x.csv", exported(), [ListName.ITEMS]) == (ListName.ITEMS,)
    for name in ("duties.csv", "x.csv"):
        reading = read_lists(open_book(tmp_path / name), PACK)
        assert len(reading.lists) == 1
        assert apply(reading, PACK, PACK).pack == PACK
    with pytest.raises(SheetTrouble, match="Say which"):
        write_lists(tmp_path / "which.csv", exported())
    with pytest.raises(SheetTrouble, match="not written as"):
        write_lists(tmp_path / "lists.ods", exported())


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    first = PACK.items[0].model_copy(update={"name": "=HYPERLINK(1)", "category": "@SUM(A1)"})
    pack = with_rows(PACK, {ListName.ITEMS: (first, *PACK.items[1:])})
    write_lists(tmp_path / "a.xlsx", exported(pack))
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        assert sheets
        assert not any(b"<f" in archive.read(name) for name in sheets)
    write_lists(tmp_path / "csv", exported(pack))
    for name in EDITED:
        with (tmp_path / "csv" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert given_back(pack, "csv") == pack


def test_a_template_has_every_column_explained_in_both_languages(tmp_path: Path) -> None:
    write_template(tmp_path / "template.xlsx", "tinytown")
    book = openpyxl.load_workbook(tmp_path / "template.xlsx")
    assert book.sheetnames == [*EDITED, "explanations", "about"]
    _, *lines = book["explanations"].values
    explained = {(row[0], row[1]): row for row in lines}
    for name in EDITED:
        for (column,) in book[name].iter_cols(max_row=1, values_only=True):
            row = explained[name.value, column]
            assert row[3] != row[4], "English and Chinese"
            assert "sheets.column" not in f"{row[3]}{row[4]}"
    with pytest.raises(SheetTrouble, match="not written as"):
        write_template(tmp_path / "template.csv")


def test_a_filled_template_adds_and_removes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    write_template(path, "tinytown")
    book = openpyxl.load_workbook(path)
    book["items"].append(["kerb", "Streets", None, "Broken kerb"])
    book.save(path)
    applied = apply(read_lists(open_book(path), PACK), PACK, PACK)
    assert [(one.key, one.kind) for one in compare(PACK, applied.pack)] == [("kerb", "added")]
