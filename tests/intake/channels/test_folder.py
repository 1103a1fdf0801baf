"""Drop folders: files of every form, half written, refused, read-only, killed in the middle."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from juanchi.domain.terms import Nature, Urgency
from juanchi.intake.channels.adapter import Fetched, SourceTrouble
from juanchi.intake.files import write_row
from tests.intake.channels.sources import opened, read, read_all

HEAD = ("编号", "内容", "时间")
MAPPING = {"external_id": "{编号}", "text": "{内容}", "reported_at": {"column": "时间"}}


def settings(folder: Path, **more: Any) -> dict[str, Any]:
    return {"path": str(folder), "mapping": MAPPING, "settle": 0, **more}


def csv(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> str:
    return "".join(write_row(row) for row in (head, *rows))


def rows(count: int, of: str = "") -> list[tuple[str, ...]]:
    return [(f"{of}{n}", f"{of}第{n}盏路灯不亮", "2026-11-30T08:00:00") for n in range(count)]


def all_ids(pages: list[Fetched]) -> list[str]:
    return [one.external_id for page in pages for one in page.arrivals]


def told(pages: list[Fetched]) -> list[str]:
    return [one.problem for page in pages for one in page.unreadable]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


# ------------------------------------------------------------ what is read


def workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEAD)
    sheet.append((1, "路灯不亮", datetime(2026, 11, 30, 8)))  # noqa: DTZ001 - as Excel has it
    sheet.append((None, None, None))
    sheet.append(("b", "井盖丢了", "2026-11-30T08:00:00"))
    book.save(path)


def json_lines(path: Path) -> None:
    cells = [("1", "路灯不亮"), ("b", "井盖丢了")]
    lines = [{"编号": id_, "内容": text, "时间": "2026-11-30 08:00"} for id_, text in cells]
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")


def gbk_csv(path: Path) -> None:
    given = (("1", "路灯不亮", "2026-11-30 08:00"), ("b", "井盖丢了", "2026-11-30T08:00+08:00"))
    path.write_text(csv(*given), "gbk")


@pytest.mark.parametrize(
    ("name", "write"), [("a.xlsx", workbook), ("a.jsonl", json_lines), ("a.csv", gbk_csv)]
)
async def test_every_form_says_the_same(tmp_path: Path, name: str, write: Any) -> None:
    write(tmp_path / name)
    pages = await read_all("folder", settings(tmp_path))
    found = [(one.external_id, one.text) for page in pages for one in page.arrivals]
    assert found == [("1", "路灯不亮"), ("b", "井盖丢了")]
    assert {one.reported_at for page in pages for one in page.arrivals} == {
        datetime(2026, 11, 30, tzinfo=UTC)
    }
    assert told(pages) == []
    assert names(tmp_path) == ["done"]
    assert names(tmp_path / "done") == [name]


async def test_a_mapping_fills_all_of_an_arrival(tmp_path: Path) -> None:
    head = ("号", "事", "类", "急", "路", "经", "纬", "电话", "链接")
    row = ("7", "楼梯破损", "投诉", "是", "海谷科技大厦", "113.9", "22.7", "1380000", "http://x/7")
    (tmp_path / "a.csv").write_text(csv(row, head=head), "utf-8")
    mapping = {
        "external_id": "hot-{号}",
        "text": "{路}：{事}",
        "url": "{链接}",
        "nature": {"column": "类", "values": {"投诉": "complaint"}},
        "urgency": {"column": "急", "values": {"是": "urgent", "": "general"}},
        "place": {"address": "{路}", "lon": "经", "lat": "纬"},
        "contact": "电话",
    }
    pages = await read_all("folder", settings(tmp_path, mapping=mapping))
    [one] = pages[0].arrivals
    assert (one.external_id, one.text, one.url) == ("hot-7", "海谷科技大厦：楼梯破损", "http://x/7")
    assert (one.nature, one.urgency) == (Nature.COMPLAINT, Urgency.URGENT)
    assert one.place is not None
    assert (one.place.lon, one.place.lat) == (113.9, 22.7)
    assert one.contact == "1380000"
    assert one.reported_at is None


async def test_the_same_row_twice_is_one_where_rows_have_no_id(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(csv(*rows(3)), "utf-8")
    (tmp_path / "b.csv").write_text(csv(*rows(4)), "utf-8")
    mapping = {"text": "{内容}"}
    pages = await read_all("folder", settings(tmp_path, mapping=mapping))
    assert len(all_ids(pages)) == 7
    assert len(set(all_ids(pages))) == 4


async def test_broken_rows_are_told_with_file_and_row(tmp_path: Path) -> None:
    text = csv(
        ("1", "路灯不亮", "2026-11-30"),
        ("", "没有编号", "2026-11-30"),
        ("3", "时间不对", "昨天"),
        ("4", "", "2026-11-30"),
        ("5", "控制符\x00\x07也能读", "2026-11-30"),
    )
    (tmp_path / "a.csv").write_text(text.replace("\x00", "") + "6,少一格\n7,好的,2026-11-30\n")
    pages = await read_all("folder", settings(tmp_path))
    assert all_ids(pages) == ["1", "5", "7"]
    problems = told(pages)
    assert [problem.partition(":")[0] for problem in problems] == [
        "a.csv, row 3, column 编号",
        "a.csv, row 4, column 时间",
        "a.csv, row 5, column 内容",
        "a.csv, row 7",
    ]
    assert "not a time" in problems[1]
    assert "3 cells" not in problems[0]
    assert names(tmp_path / "done") == ["a.csv"]


# ------------------------------------------------------------ whole files only


async def test_a_file_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(csv(*rows(2)), "utf-8")
    waiting = settings(tmp_path, settle=60)
    assert all_ids(await read_all("folder", waiting)) == []
    old = datetime.now(UTC).timestamp() - 61
    os.utime(file, (old, old))
    assert len(all_ids(await read_all("folder", waiting))) == 2


async def test_a_date_ahead_of_us_does_not_wait_for_ever(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(csv(*rows(2)), "utf-8")
    ahead = datetime.now(UTC).timestamp() + 86_400
    os.utime(file, (ahead, ahead))
    assert len(all_ids(await read_all("folder", settings(tmp_path, settle=60)))) == 2


async def test_names_that_say_unfinished_links_and_folders_are_passed_over(tmp_path: Path) -> None:
    for name in ("a.csv.part", "b.tmp", ".hidden.csv", "~$c.xlsx", "d.crdownload"):
        (tmp_path / name).write_text(csv(*rows(1)), "utf-8")
    (tmp_path / "folder.csv").mkdir()
    secret = tmp_path / "done" / "secret.csv"
    secret.parent.mkdir()
    secret.write_text(csv(*rows(1)), "utf-8")
    (tmp_path / "link.csv").symlink_to(secret)
    before = names(tmp_path)
    assert all_ids(await read_all("folder", settings(tmp_path))) == []
    assert names(tmp_path) == before


async def test_a_file_that_changes_while_it_is_read_is_read_from_its_beginning(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(csv(*rows(4)), "utf-8")
    first = await read("folder", settings(tmp_path, page=2))
    file.write_text(csv(*rows(9, "new")), "utf-8")
    pages = await read_all("folder", settings(tmp_path, page=2), first.cursor)
    assert len(all_ids([first])) == 2
    assert all_ids(pages) == [row[0] for row in rows(9, "new")]


async def test_a_file_leaves_only_when_the_cursor_says_that_it_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(csv(*rows(2)), "utf-8")
    lost = await read("folder", settings(tmp_path))
    assert names(tmp_path) == ["a.csv"], "killed now, its rows would be gone"
    again = await read("folder", settings(tmp_path))
    assert again == lost
    await read("folder", settings(tmp_path), again.cursor)
    assert names(tmp_path) == ["done"]


async def test_one_name_every_day_is_a_file_every_day(tmp_path: Path) -> None:
    cursor = ""
    for day in range(3):
        (tmp_path / "daily.csv").write_text(csv(*rows(1, f"day{day}-")), "utf-8")
        pages = await read_all("folder", settings(tmp_path), cursor)
        cursor = pages[-1].cursor
        assert all_ids(pages) == [f"day{day}-0"]
    assert len(names(tmp_path / "done")) == 3


# ------------------------------------------------------------ refused files


def macros(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 whatever")


def enormous(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(51 * 1024 * 1024)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.xlsm", b"PK\x03\x04 whatever", ("macros", "宏")),
        ("a.xlsx", b"PK\x03\x04 cut off", ("damaged", "损坏")),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ("Excel 97", "旧格式")),
        ("a.csv", b"", ("empty", "空")),
        ("a.csv", "编号,内容,时间\n1,x,\n".encode("utf-16"), ("UTF-16", "UTF-16")),
        ("a.csv", b"\xff\xff\n\xfe\xfe\xff\n", ("GB18030", "GB18030")),
        ("a.csv", b"MZ\x90\0\x03\0\0\0", ("not text", "文本")),
        ("a.csv", "编号,内容\n1,路灯\n".encode(), ("时间", "时间")),
        ("a.csv", "编号,编号\n".encode(), ("twice", "两次")),
        ("a.exe", b"MZ\x90\0", ("none of the files", "不是")),
        ("a.csv", None, ("larger than 50 MB", "超过 50 MB")),
    ],
)
async def test_a_file_that_must_not_be_read_is_put_aside_and_says_why(
    tmp_path: Path, name: str, content: bytes | None, says: tuple[str, str]
) -> None:
    if content is None:
        enormous(tmp_path / name)
    else:
        (tmp_path / name).write_bytes(content)
    (tmp_path / "z.csv").write_text(csv(*rows(2)), "utf-8")
    pages = await read_all("folder", settings(tmp_path))
    assert len(all_ids(pages)) == 2, "the file behind it is read"
    assert len(told(pages)) == 1
    assert names(tmp_path / "refused") == [name, f"{name}.txt"]
    why = (tmp_path / "refused" / f"{name}.txt").read_text("utf-8")
    assert all(words in why for words in says), why
    assert says[0] in told(pages)[0]


async def test_a_folder_that_is_not_there_is_trouble(tmp_path: Path) -> None:
    with pytest.raises(SourceTrouble, match="cannot be read"):
        await read("folder", settings(tmp_path / "nowhere"))


async def test_a_large_file_is_read_once_through(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(csv(*rows(5_000)), "utf-8")
    async with opened("folder", settings(tmp_path, page=1000)) as adapter:
        fetched = await adapter.fetch("")
        seen = {*all_ids([fetched])}
        while fetched.more:
            fetched = await adapter.fetch(fetched.cursor)
            seen |= {*all_ids([fetched])}
    assert len(seen) == 5_000


async def test_a_folder_full_of_what_cannot_be_moved_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("juanchi.intake.channels.folder.MOST_REMEMBERED", 2)
    # In the way of the folder for what is done lies a link to nowhere.
    (tmp_path / "done").symlink_to(tmp_path / "nowhere" / "else")
    for name in "abc":
        (tmp_path / f"{name}.csv").write_text(csv(*rows(1, name)), "utf-8")
    with pytest.raises(SourceTrouble, match="clear the folder"):
        await read_all("folder", settings(tmp_path))
