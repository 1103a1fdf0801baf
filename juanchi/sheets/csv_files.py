"""Lists as CSV files: a folder of them, or one file with one list."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from juanchi.intake.encodings import FileTrouble, sniff
from juanchi.intake.workbooks.raw import Raw, RawSheet, blank
from juanchi.intake.workbooks.safety import MOST_ROWS, size_bearable
from juanchi.intake.workbooks.trouble import WorkbookTrouble
from juanchi.sheets.cells import guarded, unguarded
from juanchi.sheets.trouble import SheetTrouble

_DELIMITERS: Final = ",;\t"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


def write_csv(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write rows as a spreadsheet reads them without asking: UTF-8 with a mark at its start."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([guarded(cell) for cell in row] for row in rows)


def read_csv(path: Path) -> RawSheet:
    """A CSV file as a sheet that is named after it. Raises ``SheetTrouble``."""
    try:
        size_bearable(path)
    except WorkbookTrouble as trouble:
        raise SheetTrouble(trouble.code, **trouble.facts) from trouble
    text = _text(path)
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    rows: list[tuple[int, tuple[Raw, ...]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    begins = 1
    try:
        for cells in reader:
            if not blank(cells):
                rows.append((begins, tuple(map(unguarded, cells))))
            begins = reader.line_num + 1
            if len(rows) > MOST_ROWS:
                raise SheetTrouble("too_many_rows", sheet=path.name, most=f"{MOST_ROWS:,}")
    except csv.Error as error:
        raise SheetTrouble("bad_csv", file=path.name, row=begins, problem=error) from None
    return RawSheet(path.stem, rows, typed=False)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        encoding = "utf-16" if data[:2] in _UTF16 else sniff(path).value
        text = data.decode(encoding)
    except FileTrouble as trouble:
        raise SheetTrouble("encoding", file=path.name, line="") from trouble
    except OSError as error:
        raise SheetTrouble("unreadable", file=path.name, problem=error.strerror) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SheetTrouble("encoding", file=path.name, line=line) from None
    if "\0" in text:
        # UTF-16 without its mark, or no text at all.
        raise SheetTrouble("not_text", file=path.name)
    return text
