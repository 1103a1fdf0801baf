"""Files that are no workbook of lists: each is refused with a sentence, none is opened further."""

import struct
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from juanchi.intake.workbooks import safety
from juanchi.sheets import SheetTrouble, open_book, placed, read_lists, write_lists
from juanchi.words import LANGUAGES
from juanchi.words.catalogue import knows
from tests.sheets.clerk import PACK, Clerk, exported

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    write_lists(tmp_path / "sound.xlsx", exported())
    return tmp_path / "sound.xlsx"


def trouble(path: Path) -> str:
    """The code of what is wrong with a file, for which there is a sentence in each language."""
    with pytest.raises(SheetTrouble) as told:
        open_book(path)
    for lang in LANGUAGES:
        assert knows(f"sheets.trouble.{told.value.code}", lang)
        assert "?" not in told.value.in_language(lang).replace("？", "")
    return told.value.code


def repacked(path: Path, changes: dict[str, bytes | None], to: str = "bad.xlsx") -> Path:
    """A workbook with parts replaced, added or taken out."""
    bad = path.with_name(to)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, data in changes.items():
            if data is not None:
                new.writestr(name, data)
    return bad


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 a picture of a list", "not_a_spreadsheet"),
        (b"PK\x03\x04 and then nothing", "truncated"),
        (OLE + b"\0" * 600, "old_excel"),
        (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    ],
)
def test_not_a_workbook_at_all(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "bad.xlsx"
    path.write_bytes(data)
    assert trouble(path) == code


def test_not_there_a_folder_without_lists_and_a_wrong_kind(tmp_path: Path) -> None:
    assert trouble(tmp_path / "nowhere.xlsx") == "unreadable"
    (tmp_path / "empty").mkdir()
    assert trouble(tmp_path / "empty") == "no_csv"
    (tmp_path / "empty" / "notes.csv").write_text("a,b\n1,2\n")
    assert trouble(tmp_path / "empty") == "no_lists"


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95, 0.999])
def test_truncated(sound: Path, share: float) -> None:
    data = sound.read_bytes()
    sound.write_bytes(data[: int(len(data) * share)])
    assert trouble(sound) == "truncated"


@pytest.mark.parametrize("at", range(40, 4000, 330))
def test_a_damaged_byte_never_ends_in_a_crash(sound: Path, at: int) -> None:
    data = bytearray(sound.read_bytes())
    data[at : at + 4] = bytes(byte ^ 0xFF for byte in data[at : at + 4])
    sound.write_bytes(data)
    # What the byte was part of may not matter, or be beyond repair: never anything else.
    with suppress(SheetTrouble):
        assert read_lists(open_book(sound), PACK).lists


def test_a_part_that_is_no_xml_or_missing(sound: Path) -> None:
    sheet = "xl/worksheets/sheet1.xml"
    assert trouble(repacked(sound, {sheet: b"<worksheet><sheetData><row"})) == "truncated"
    assert trouble(repacked(sound, {sheet: None})) == "truncated"
    assert trouble(repacked(sound, {"xl/workbook.xml": None})) == "not_a_workbook"


def test_macros_are_refused_however_they_come(sound: Path) -> None:
    assert trouble(repacked(sound, {"xl/vbaProject.bin": b"\0"})) == "macros"
    assert trouble(repacked(sound, {"xl/other/VBAPROJECT.BIN": b"\0"})) == "macros"
    assert trouble(repacked(sound, {}, "lists.xlsm")) == "macros"
    with zipfile.ZipFile(sound) as archive:
        types = archive.read("[Content_Types].xml")
    main = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    assert main in types
    enabled = types.replace(main, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    assert trouble(repacked(sound, {"[Content_Types].xml": enabled})) == "macros"


def test_bombs(sound: Path) -> None:
    many = b"<a>" + b" " * (30 * 1024 * 1024) + b"</a>"
    assert trouble(repacked(sound, {"xl/worksheets/sheet1.xml": many})) == "bomb"
    laughs = b'<!DOCTYPE a [<!ENTITY b "haha">]><worksheet/>'
    assert trouble(repacked(sound, {"xl/worksheets/sheet1.xml": laughs})) == "bomb"
    parts: dict[str, bytes | None] = {f"xl/media/{n}": b"" for n in range(safety.MOST_PARTS + 1)}
    assert trouble(repacked(sound, parts)) == "bomb"


def test_a_size_that_lies_is_not_unpacked(sound: Path) -> None:
    """The directory says ten bytes; what is packed is more. A reader takes no more than ten."""
    bad = repacked(sound, {"xl/worksheets/sheet1.xml": b"<a>" + b"x" * 1_000_000 + b"</a>"})
    data = bytearray(bad.read_bytes())
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"xl/worksheets/sheet1.xml"))
    data[entry + 24 : entry + 28] = struct.pack("<I", 10)
    bad.write_bytes(data)
    assert trouble(bad) == "truncated"


def test_a_row_number_out_of_this_world_costs_nothing(sound: Path) -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<sheetData><row r="4000000000"><c r="A4000000000" t="inlineStr"><is><t>x</t></is></c>'
        b"</row></sheetData></worksheet>"
    )
    book = open_book(repacked(sound, {"xl/worksheets/sheet1.xml": sheet}))
    assert read_lists(book, PACK).lists.keys() == {"items", "duties", "handlings", "regions"}


def test_enormous(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safety, "MOST_BYTES", 1000)
    assert trouble(sound) == "too_large"
    monkeypatch.undo()
    monkeypatch.setattr("juanchi.intake.workbooks.reading.MOST_ROWS", 3)
    assert trouble(sound) == "too_many_rows"
    monkeypatch.setattr("juanchi.sheets.csv_files.MOST_ROWS", 3)
    path = sound.with_name("items.csv")
    write_lists(path, exported())
    assert trouble(path) == "too_many_rows"


HEADING = "code,category,name\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_every_usual_encoding(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "whatever.csv"
    text = f"{HEADING}lamp,街道,路灯不亮了怎么办\n".replace(",", delimiter)
    path.write_bytes(text.encode(encoding))
    rows = read_lists(open_book(path), PACK).lists
    assert [(row.value.code, row.value.name, row.line) for row in rows["items"].rows] == [  # type: ignore[index]
        ("lamp", "路灯不亮了怎么办", 2)
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (HEADING.encode() + b"lamp,\xff\xfe\xff,\x81\n" * 3, "encoding"),
        ((HEADING + "lamp,街道,路灯坏\n").encode() * 3 + b"lamp,\xe8\xa1,x\n", "encoding"),
        ((HEADING + "lamp,街道,路灯").encode("utf-16") + b"\0", "encoding"),
        ((HEADING + "lamp,a,b").encode("utf-16-le"), "not_text"),
        ((HEADING + 'lamp,"a\nx,b,c\n').encode(), "bad_csv"),
        ((HEADING + 'lamp,"a"b,c\n').encode(), "bad_csv"),
        ((HEADING + f"lamp,{'x' * 200_000},c\n").encode(), "bad_csv"),
        (b"a,b\n1,2\n", "no_lists"),
    ],
)
def test_bad_csv(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "whatever.csv"
    path.write_bytes(data)
    assert trouble(path) == code


def test_a_zero_lost_in_csv_is_put_back(tmp_path: Path) -> None:
    first = PACK.items[0].model_copy(update={"code": "0101"})
    pack = PACK.model_copy(update={"items": (first, *PACK.items[1:])})
    clerk = Clerk(tmp_path, pack)
    path = tmp_path / "items.csv"
    write_lists(path, exported(pack))
    path.write_text(path.read_text("utf-8-sig").replace("0101", "101"), "utf-8")
    changes, warnings = clerk.give_back(path)
    assert (changes, warnings) == ([], ())


def test_two_sheets_of_one_list(tmp_path: Path) -> None:
    clerk = Clerk(tmp_path)

    def twice(book: Any) -> None:
        book.copy_worksheet(book["items"]).title = " 事项"

    clerk.edit(twice)
    assert clerk.only().code == "list_twice"


def test_places_are_told_in_both_languages(tmp_path: Path) -> None:
    clerk = Clerk(tmp_path)
    clerk.edit(lambda book: setattr(book["items"]["D3"], "value", None))
    problem = clerk.only()
    assert placed(problem, "en") == "items, row 3, column name: is required; fill it in"
    assert placed(problem, "zh-CN") == "items 第 3 行 name 列：必填，请填写"
