"""The rows of a dropped file, whatever its form; a file that must not be read says why."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import Field

from juanchi.domain.base import Value
from juanchi.intake.encodings import FileTrouble
from juanchi.intake.files import Row
from juanchi.intake.files import Source as TextFile
from juanchi.intake.mapping import FileShape
from juanchi.intake.workbooks.raw import RawSheet, plain
from juanchi.intake.workbooks.reading import read_workbook
from juanchi.intake.workbooks.safety import size_bearable
from juanchi.intake.workbooks.trouble import WorkbookTrouble

_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_TEXTS: Final = frozenset({".csv", ".tsv", ".txt", ".jsonl", ".ndjson"})


class Refusal(Value):
    """Why a file is not read. ``code`` is stable; ``facts`` fill its sentence."""

    code: str
    facts: Mapping[str, str] = Field(default_factory=dict)


class Refused(Exception):
    """A file that is not read at all."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class Rows(NamedTuple):
    """A file's columns (none: each row has its own) and its rows."""

    columns: tuple[str, ...]
    rows: Iterator[Row]


def rows_of(path: Path, shape: FileShape, sheet: str = "") -> Rows:
    """A file's rows. Raises ``Refused`` before the first when it is not to be read."""
    try:
        size_bearable(path)
        if path.suffix.lower() in _TEXTS or shape.format:
            return _text_rows(path, shape)
        return _sheet_rows(path, _sheet(read_workbook(path), sheet, path))
    except (WorkbookTrouble, FileTrouble) as trouble:
        facts = {name: str(fact) for name, fact in trouble.facts.items()} | {"file": path.name}
        raise Refused(Refusal(code=trouble.code, facts=facts)) from trouble


def _text_rows(path: Path, shape: FileShape) -> Rows:
    delimiter = "\t" if path.suffix.lower() == ".tsv" else shape.delimiter
    if _holds_nul(path):
        # A file of another kind under this name: a picture, a program.
        raise FileTrouble(path, "not_text")
    source = TextFile(path, shape.format, delimiter)
    return Rows(source.columns, source.rows())


def _holds_nul(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(65_536)
    except OSError as error:
        raise FileTrouble(path, "unreadable", problem=error.strerror) from None
    return b"\0" in start and not start.startswith(_UTF16)


def _sheet(sheets: list[RawSheet], wanted: str, path: Path) -> RawSheet:
    seen = [sheet for sheet in sheets if sheet.name == wanted or not (wanted or sheet.hidden)]
    filled = [sheet for sheet in seen if sheet.rows]
    if not filled:
        raise WorkbookTrouble("empty", file=path.name)
    return filled[0]


def _sheet_rows(path: Path, sheet: RawSheet) -> Rows:
    heading = [plain(cell) for cell in sheet.rows[0][1]]
    twice = next((name for name in heading if name and heading.count(name) > 1), None)
    if twice:
        raise FileTrouble(path, "column_twice", column=twice)
    return Rows(tuple(heading), _cells(heading, sheet))


def _cells(heading: list[str], sheet: RawSheet) -> Iterator[Row]:
    for number, raw in sheet.rows[1:]:
        cells = tuple(plain(cell) for cell in raw)
        named = {name: cell for name, cell in zip(heading, cells, strict=False) if name}
        yield Row(number, named, cells)
