"""Files as people hand them in: odd encodings, broken rows, cells that are far too big."""

import csv
from pathlib import Path

import pytest

from juanchi.intake.encodings import LONGEST_LINE, Encoding, FileTrouble
from juanchi.intake.files import Format, Row, Source, write_row
from juanchi.intake.records import MOST_LINES

HEAD = "id,text,day\n"


def source(tmp_path: Path, data: str | bytes, name: str = "rows.csv") -> Source:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return Source(path)


def told(rows: list[Row]) -> list[tuple[int, str]]:
    """Line and problem of each row; an empty problem for a sound one."""
    return [(row.line, row.problem.code if row.problem else "") for row in rows]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", Encoding.UTF8),
        ("utf-8-sig", Encoding.UTF8_BOM),
        ("gb18030", Encoding.GB18030),
    ],
)
def test_an_encoding_is_found_by_looking(tmp_path: Path, encoding: str, found: Encoding) -> None:
    opened = source(tmp_path, "编号,内容\n1,路面坑洼😀\n".encode(encoding))
    assert opened.encoding is found
    assert opened.columns == ("编号", "内容")
    assert [row.cells["内容"] for row in opened.rows()] == ["路面坑洼😀"]


def test_one_damaged_line_does_not_change_the_encoding_of_the_others(tmp_path: Path) -> None:
    data = (HEAD + "1,路灯不亮,x\n").encode() + b"2,\xff\xfe\xfa,x\n" + "3,井盖,x\n".encode()
    rows = list(source(tmp_path, data).rows())
    assert told(rows) == [(2, ""), (3, "bad_encoding"), (4, "")]
    assert rows[1].problem is not None
    assert rows[1].problem.column == "text"
    assert "\\udcff" in rows[1].problem.value
    assert rows[2].cells["text"] == "井盖"


def test_a_damaged_line_of_gb18030_is_told_too(tmp_path: Path) -> None:
    good = (HEAD + "1,路灯不亮,x\n2,路灯不亮,x\n").encode("gb18030")
    rows = list(source(tmp_path, good + b"3,\xff\xff,x\n").rows())
    assert told(rows) == [(2, ""), (3, ""), (4, "bad_encoding")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        ("编号\n".encode("utf-16"), "utf16"),
        (b"a,a\n1,2\n", "column_twice"),
        (b"\xff\xff\n\xff\xfb\xff\n", "unknown_encoding"),
    ],
)
def test_a_file_that_cannot_be_read_at_all(tmp_path: Path, data: bytes, code: str) -> None:
    with pytest.raises(FileTrouble) as trouble:
        source(tmp_path, data)
    assert trouble.value.code == code


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileTrouble) as trouble:
        Source(tmp_path / "nowhere.csv")
    assert trouble.value.code == "not_found"


def test_lines_are_counted_through_quoted_line_breaks_and_empty_lines(tmp_path: Path) -> None:
    rows = list(source(tmp_path, HEAD + '1,"two\nlines",x\r\n\n2,"a ""b"", c",x').rows())
    assert told(rows) == [(2, ""), (5, "")]
    assert rows[0].cells["text"] == "two\nlines"
    assert rows[1].cells["text"] == 'a "b", c'


def test_too_few_and_too_many_cells(tmp_path: Path) -> None:
    rows = list(source(tmp_path, HEAD + "1,a\n2,b,x\n3,c,x,y\n").rows())
    assert told(rows) == [(2, "wrong_columns"), (3, ""), (4, "wrong_columns")]
    assert rows[0].raw == ("1", "a")


def test_an_open_quote_costs_its_own_row_and_no_other(tmp_path: Path) -> None:
    rows = list(source(tmp_path, HEAD + '1,"open,x\n2,b,x\n3,c,x\n').rows())
    assert told(rows) == [(2, "unclosed_quote"), (3, ""), (4, "")]


def test_an_open_quote_in_a_long_file_is_given_up_soon(tmp_path: Path) -> None:
    many = "".join(f"{n},b,x\n" for n in range(3 * MOST_LINES))
    rows = list(source(tmp_path, HEAD + '1,"open,x\n' + many).rows())
    assert told(rows)[0] == (2, "unclosed_quote")
    assert len(rows) == 3 * MOST_LINES + 1
    assert all(row.problem is None for row in rows[1:])


def test_two_open_quotes_do_not_hide_each_other(tmp_path: Path) -> None:
    rows = list(source(tmp_path, HEAD + '1,"open,x\n2,"open too,x\n3,c,x\n').rows())
    assert [line for line, _ in told(rows)] == [2, 3, 4]
    assert told(rows)[-1] == (4, "")


def test_a_huge_cell_and_an_endless_line(tmp_path: Path) -> None:
    huge, endless = "a" * (csv.field_size_limit() + 1), "b" * (2 * LONGEST_LINE)
    rows = list(source(tmp_path, f"{HEAD}1,{huge},x\n2,{endless},x\n3,c,x\n").rows())
    assert told(rows) == [(2, "cell_too_long"), (3, "line_too_long"), (4, "")]
    assert rows[0].problem is not None
    assert len(rows[0].problem.value) < 3000


def test_nul_and_other_control_characters_are_left_to_the_clue(tmp_path: Path) -> None:
    rows = list(source(tmp_path, HEAD + "1,a\0b\x1b[31m,x\n").rows())
    assert rows[0].cells["text"] == "a\0b\x1b[31m"


def test_json_lines_are_flattened(tmp_path: Path) -> None:
    line = '{"id": 7, "at": {"lon": 114.05}, "ok": true, "none": null, "many": ["x"]}'
    opened = source(tmp_path, line + "\n", "rows.jsonl")
    assert opened.form is Format.JSON_LINES
    row = next(iter(opened.rows()))
    assert row.cells == {"id": "7", "at.lon": "114.05", "ok": "true", "none": "", "many": '["x"]'}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"id": 1', "bad_json"),
        ("[1, 2]", "not_an_object"),
        ('{"id": "\\ud800"}', "bad_encoding"),
        ("[" * 100_000, "bad_json"),
    ],
)
def test_a_bad_line_of_json_and_the_next_one(tmp_path: Path, line: str, code: str) -> None:
    rows = list(source(tmp_path, f'{line}\n{{"id": 2}}\n', "rows.jsonl").rows())
    assert told(rows) == [(1, code), (2, "")]


def test_rows_are_written_as_they_can_be_read() -> None:
    cells = ("a,b", 'say "hi"', "two\nlines", "路")
    assert next(csv.reader(write_row(cells).splitlines(keepends=True))) == list(cells)
