"""What a clerk's spreadsheet does to a list, survived or told at its place."""

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from juanchi.domain.list_changes import ListName, with_rows
from juanchi.domain.lists import Item
from juanchi.domain.terms import Nature
from juanchi.sheets import placed
from tests.sheets.clerk import PACK, Clerk, Edit, at, changed


@pytest.fixture
def clerk(tmp_path: Path) -> Clerk:
    return Clerk(tmp_path)


def test_dates_as_cells_and_in_every_usual_way(clerk: Clerk) -> None:
    ways = ["2026/1/2", "2026.1.2", "2026年1月2日", "２０２６-０１-０２", "20260102", 20260102]
    ways += [datetime(2026, 1, 2), date(2026, 1, 2)]  # noqa: DTZ001 - as a spreadsheet has them

    def end(book: Any) -> None:
        for row, way in enumerate(ways, start=2):
            book["duties"].cell(row, 8).value = way

    clerk.edit(end)
    changes, _ = clerk.give_back()
    assert [cell.new for one in changes for cell in one.cells] == ["2026-01-02"] * len(ways)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("01/02/2026", "date_order"),
        (46_000, "date_number"),
        ("next year", "not_a_date"),
        ("2026-02-30", "not_a_date"),
    ],
)
def test_a_date_that_is_not_certain_is_never_guessed(clerk: Clerk, given: Any, code: str) -> None:
    clerk.edit(lambda book: setattr(book["duties"]["H3"], "value", given))
    problem = clerk.only()
    assert (problem.file, problem.line, problem.column) == ("duties", 3, "valid_to")
    assert problem.code == code


def test_an_order_of_columns_and_rows_of_their_own_changes_nothing(clerk: Clerk) -> None:
    def shuffle(book: Any) -> None:
        rows = [list(row) for row in book["items"].values]
        book.remove(book["items"])
        sheet = book.create_sheet("Items ")
        for row in (rows[0], *sorted(rows[1:], key=lambda row: str(row[3]))):
            sheet.append([*reversed(row), None, None])
        for _ in range(3):
            sheet.append([" ", None, ""])

    clerk.edit(shuffle)
    assert clerk.give_back() == ([], ())


def test_spaces_and_full_width_characters_are_put_right_in_codes_only(clerk: Clerk) -> None:
    def edit(book: Any) -> None:
        at(book["duties"], "lamp", "lead").value = "　＠ｒｏａｄｓ "
        at(book["duties"], "wire-down", "assisting").value = "rescue、 ＠warden"
        at(book["items"], "lamp", "name").value = "  路灯（不亮）　"
        at(book["items"], "lamp", "natures").value = "投诉，求助"

    clerk.edit(edit)
    changes, warnings = clerk.give_back()
    assert [(cell.column, cell.new) for one in changes for cell in one.cells] == [
        ("name", "路灯（不亮）")
    ]
    assert not warnings


def test_a_column_of_comments_is_told_and_left_out(clerk: Clerk) -> None:
    def edit(book: Any) -> None:
        book["items"]["J1"].value = "remarks of Mrs Li"
        book["items"]["J2"].value = "ask the works office"
        book["duties"]["L5"].value = "stray"

    clerk.edit(edit)
    changes, warnings = clerk.give_back()
    assert changes == []
    assert [(one.file, one.code) for one in warnings] == [
        ("duties", "no_heading"),
        ("items", "column_ignored"),
    ]


def test_a_hidden_sheet_is_read_and_other_sheets_are_told(clerk: Clerk) -> None:
    def edit(book: Any) -> None:
        book["items"].sheet_state = "hidden"
        at(book["items"], "lamp", "name").value = "Lamp out"
        book.create_sheet("Sheet1").append(["=1+1"])

    clerk.edit(edit)
    changes, warnings = clerk.give_back()
    assert changed(changes) == [(ListName.ITEMS, "lamp", "changed")]
    assert {(one.file, one.code) for one in warnings} == {
        ("items", "sheet_hidden"),
        ("Sheet1", "sheet_ignored"),
    }


def test_lists_without_a_sheet_and_columns_left_out_stay(clerk: Clerk) -> None:
    def edit(book: Any) -> None:
        for name in ("units", "items", "handlings", "regions"):
            book.remove(book[name])
        book["duties"].delete_cols(6)  # basis
        at(book["duties"], "lamp", "lead").value = "bins"

    clerk.edit(edit)
    changes, _ = clerk.give_back()
    assert changed(changes) == [(ListName.DUTIES, "lamp|*|2025-01-01", "changed")]
    assert [cell.column for cell in changes[0].cells] == ["lead"]


def numbered(*codes: str) -> Any:
    """Tinytown with items whose codes look like numbers."""
    items = tuple(Item(code=code, category="c", name=f"n{code}") for code in codes)
    return with_rows(PACK, {ListName.ITEMS: (*PACK.items, *items)})


def test_a_code_that_became_a_number_is_repaired_where_it_is_certain(tmp_path: Path) -> None:
    clerk = Clerk(tmp_path, numbered("0101", "440303", "1.10"))

    def edit(book: Any) -> None:
        at(book["items"], "0101", "name").value = "renamed"
        for code, number in (("0101", 101), ("440303", 440303), ("1.10", 1.1)):
            at(book["items"], code, "code").value = number
        book["duties"].append([101, "*", "bins", None, None, None, date(2026, 1, 1)])

    clerk.edit(edit)
    changes, warnings = clerk.give_back()
    assert changed(changes) == [
        (ListName.ITEMS, "0101", "changed"),
        (ListName.DUTIES, "0101|*|2026-01-01", "added"),
    ]
    assert [(one.file, one.code) for one in warnings] == [("duties", "code_repaired")]


@pytest.mark.parametrize(
    ("codes", "given", "code"),
    [
        (("1.1", "1.10"), 1.1, "code_ambiguous"),
        (("007",), 8, "code_number"),
        ((), datetime(2001, 1, 1), "code_is_date"),  # noqa: DTZ001 - as a spreadsheet has it
    ],
)
def test_a_code_that_may_have_been_another_is_told(
    tmp_path: Path, codes: tuple[str, ...], given: Any, code: str
) -> None:
    clerk = Clerk(tmp_path, numbered(*codes))
    clerk.edit(lambda book: book["items"].append([given, "c", None, "new"]))
    problem = clerk.only()
    assert (problem.file, problem.column, problem.code) == ("items", "code", code)
    assert problem.line == len(PACK.items) + len(codes) + 2


def test_formulas_count_as_what_they_showed_and_else_are_refused(clerk: Clerk) -> None:
    clerk.edit(lambda book: setattr(at(book["items"], "lamp", "name"), "value", '="La"&"mp"'))
    problem = clerk.only()
    assert (problem.line, problem.column, problem.code) == (3, "name", "formula_without_value")

    stored(clerk.file, "Lamp")
    changes, warnings = clerk.give_back()
    assert [(one.key, one.cells[0].new) for one in changes] == [("lamp", "Lamp")]
    assert [(one.line, one.code) for one in warnings] == [(3, "formula_value")]

    stored(clerk.file, "#REF!")
    assert clerk.only().code == "cell_error"


def stored(path: Path, value: str) -> None:
    """Store a value beside the workbook's one formula, as a spreadsheet does."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, data in parts.items():
        if b"<f>" in data:
            data = re.sub(rb'(<c r="D3"[^>]*?)(?: t="\w+")?>', rb'\1 t="str">', data)
            shown = f"</f><v>{value}</v>".encode()
            parts[name] = re.sub(rb"</f><v ?/>|</f><v></v>|</f><v>[^<]*</v>", shown, data)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def break_(sheet: str, key: str, column: str, value: Any) -> Edit:
    """An edit of one cell."""
    return lambda book: setattr(at(book[sheet], key, column), "value", value)


@pytest.mark.parametrize(
    ("edit", "place", "chinese"),
    [
        (
            break_("duties", "lamp", "lead", "roadz"),
            ("duties", 3, "lead"),
            "units 中没有单位 'roadz'",
        ),
        (
            break_("duties", "lamp", "item", "lump"),
            ("duties", 3, "item"),
            "items 中没有事项 'lump'",
        ),
        (
            break_("duties", "lamp", "valid_to", "2024-01-01"),
            ("duties", 3, "valid_to"),
            "早于 valid_from",
        ),
        (break_("handlings", "@roads", "limit", 5), ("handlings", 2, "limit"), "'5' 不是时限"),
        (
            break_("handlings", "@roads", "evidence", "photo"),
            ("handlings", 2, "evidence"),
            "不在可选值之内",
        ),
        (break_("items", "lamp", "name", None), ("items", 3, "name"), "必填"),
        (break_("items", "lamp", "name", "x" * 201), ("items", 3, "name"), "太长"),
        (break_("items", "lamp", "code", "bin-full"), ("items", 6, "code"), "已被使用（第 3 行）"),
        (break_("items", "lamp", "code", "路灯"), ("items", 3, "code"), "不是代码"),
        (break_("units", "bins", "region", "moon"), ("units", 4, "region"), "没有区域 'moon'"),
        (break_("units", "bins", "leaders", "Ada"), ("units", 4, "leaders"), "不是“职位=姓名”"),
        (break_("regions", "north", "name", "Nord"), ("regions", 3, ""), "仅供查阅"),
        (
            lambda book: setattr(book["duties"]["H1"], "value", "vaild_to"),
            ("duties", 1, "vaild_to"),
            "是否应为 valid_to",
        ),
        (
            lambda book: setattr(book["duties"]["G1"], "value", ""),
            ("duties", 1, "valid_from"),
            "缺少这一列",
        ),
        (
            lambda book: setattr(book["duties"]["H1"], "value", "lead"),
            ("duties", 1, "lead"),
            "出现两次",
        ),
    ],
)
def test_each_mistake_names_its_place_and_a_sentence_in_the_clerks_language(
    clerk: Clerk, edit: Callable[[Any], None], place: tuple[str, int, str], chinese: str
) -> None:
    clerk.edit(edit)
    at_place = [one for one in clerk.errors() if (one.file, one.line, one.column) == place]
    assert len(at_place) == 1
    first = at_place[0]
    told = placed(first, "zh-CN")
    assert chinese in told
    assert told.startswith(f"{place[0]} 第 {place[1]} 行")
    assert placed(first, "en").startswith(f"{place[0]}, row {place[1]}")


def test_circles_of_regions_and_of_aliases(clerk: Clerk) -> None:
    def edit(book: Any) -> None:
        at(book["regions"], "north", "parent").value = "mill"
        at(book["regions"], "north", "level").value = "district"
        at(book["units"], "bins", "aliases").value = "Fire and Rescue"
        at(book["units"], "rescue", "aliases").value = "bins"

    clerk.edit(edit)
    found = clerk.errors()
    assert {one.code for one in found} == {"circle", "regions_fixed", "alias_circle"}
    circle = next(one for one in found if one.code == "alias_circle")
    assert "bins > rescue > bins" in circle.message


def test_what_was_wrong_before_is_not_held_against_a_batch(tmp_path: Path) -> None:
    lost = PACK.duties[0].model_copy(update={"lead": "gone-unit"})
    clerk = Clerk(tmp_path, with_rows(PACK, {ListName.DUTIES: (lost, *PACK.duties[1:])}))
    clerk.edit(break_("items", "lamp", "name", "Lamp out"))
    changes, _ = clerk.give_back()
    assert changed(changes) == [(ListName.ITEMS, "lamp", "changed")]


def test_what_others_have_changed_since_the_export_stays(clerk: Clerk) -> None:
    others = with_rows(
        PACK,
        {
            ListName.ITEMS: [
                item.model_copy(update={"name": "Theirs"}) if item.code == "bin-full" else item
                for item in PACK.items
            ]
        },
    )
    clerk.edit(break_("items", "lamp", "name", "Mine"))
    changes, _ = clerk.give_back(now=others)
    assert [(one.key, one.cells[0].new) for one in changes] == [("lamp", "Mine")]

    clerk.edit(break_("items", "bin-full", "name", "Mine too"))
    (clash,) = clerk.errors(now=others)
    assert (clash.file, clash.line, clash.code) == ("items", 6, "edited_since")


def test_half_a_list_does_not_go_by_accident(tmp_path: Path) -> None:
    items = tuple(Item(code=f"n{n}", category="c", name=f"n{n}") for n in range(30))
    clerk = Clerk(tmp_path, with_rows(PACK, {ListName.ITEMS: (*PACK.items, *items)}))

    def only_ten(book: Any) -> None:
        book["items"].delete_rows(12, 100)
        for row in (2, 3):
            book["items"].cell(row, 8).value = Nature.COMPLAINT.value

    clerk.edit(only_ten)
    assert [one.code for one in clerk.errors()] == ["removes_most"]
    changes, _ = clerk.give_back(allow_removals=True)
    assert [one.kind for one in changes].count("removed") == 28  # type: ignore[arg-type]
    changes, _ = clerk.give_back(additions=True)
    assert {one.kind.value for one in changes} == {"changed"}


def test_a_sheet_without_rows_leaves_its_list_alone(clerk: Clerk) -> None:
    clerk.edit(lambda book: book["duties"].delete_rows(2, 100))
    changes, (warning,) = clerk.give_back()
    assert changes == []
    assert (warning.file, warning.code) == ("duties", "sheet_empty")


def test_the_workbook_is_fit_for_a_spreadsheet(clerk: Clerk) -> None:
    book = openpyxl.load_workbook(clerk.file)
    assert book["duties"].freeze_panes == "A2"
    assert at(book["items"], "lamp", "code").number_format == "@"
    assert at(book["duties"], "lamp", "valid_from").value == datetime(2025, 1, 1)  # noqa: DTZ001
