"""Reads a workbook's sheets. Formulas are noted; what they last showed is what is read."""

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell.cell import TYPE_FORMULA

from juanchi.intake.workbooks.raw import Formula, Raw, RawSheet, blank
from juanchi.intake.workbooks.safety import LAST_ROW, MOST_COLUMNS, MOST_ROWS, look_at
from juanchi.intake.workbooks.trouble import WorkbookTrouble

_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet\s")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[ >/]")


def read_workbook(path: Path) -> list[RawSheet]:
    """All sheets of an .xlsx file. Raises ``WorkbookTrouble`` when it is none, or none to open."""
    look_at(path)
    try:
        with warnings.catch_warnings():
            # What openpyxl does not know (extensions, odd styles) has no values in it.
            warnings.simplefilter("ignore")
            return [*_sheets(path)]
    except WorkbookTrouble:
        raise
    except OSError as error:
        raise WorkbookTrouble("unreadable", file=path.name, problem=error.strerror) from None
    except (
        *(zipfile.BadZipFile, zlib.error, ParseError, EOFError),
        *(KeyError, ValueError, TypeError, AttributeError, IndexError, LookupError),
    ) as error:
        # A damaged part comes to light anywhere in the reader, as whatever it trips over.
        raise WorkbookTrouble("truncated", file=path.name, problem=error) from None


def _sheets(path: Path) -> Iterator[RawSheet]:
    formulas = _formulas(path) if _has_formulas(path) else {}
    with _book(path, data_only=True) as book:
        if len(book.sheetnames) < _declared(path):
            # The reader passes over a sheet whose part is lost, as if it had never been there.
            raise WorkbookTrouble("truncated", file=path.name)
        for sheet in book.worksheets:
            rows = _rows(sheet)
            values = dict(rows)
            yield RawSheet(
                name=sheet.title,
                rows=rows,
                hidden=sheet.sheet_state != "visible",
                formulas=[
                    Formula(row, column, _value(values, row, column) is not None)
                    for row, column in formulas.get(sheet.title, ())
                ],
            )


def _declared(path: Path) -> int:
    """How many sheets a workbook says that it has."""
    with zipfile.ZipFile(path) as archive:
        return len(_SHEET.findall(archive.read("xl/workbook.xml")))


@contextmanager
def _book(path: Path, *, data_only: bool) -> Iterator[Any]:
    # Opened here: given a path, openpyxl leaves the file open when it trips over what is in it.
    with path.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True, data_only=data_only)
        try:
            yield book
        finally:
            book.close()


def _rows(sheet: Any) -> list[tuple[int, tuple[Raw, ...]]]:
    # The size that a sheet claims may be wrong; without it the rows themselves are read.
    sheet.reset_dimensions()
    found: list[tuple[int, tuple[Raw, ...]]] = []
    rows = sheet.iter_rows(max_row=LAST_ROW, max_col=MOST_COLUMNS, values_only=True)
    for number, cells in enumerate(rows, start=1):
        # Counted first: a sheet may claim a million rows in which there is nothing.
        if cells.count(None) == len(cells) or blank(cells):
            continue
        if len(found) >= MOST_ROWS:
            raise WorkbookTrouble("too_many_rows", sheet=sheet.title, most=f"{MOST_ROWS:,}")
        found.append((number, tuple(map(_unescaped, cells))))
    return found


def _unescaped(cell: Raw) -> Raw:
    """A text as it was before it was made fit for XML."""
    if isinstance(cell, str) and "_x" in cell:
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), cell)
    return cell


def _value(rows: dict[int, tuple[Raw, ...]], row: int, column: int) -> Raw:
    cells = rows.get(row, ())
    return cells[column - 1] if column <= len(cells) else None


def _has_formulas(path: Path) -> bool:
    """Whether a second reading, which shows formulas and not their values, is worth its time."""
    with zipfile.ZipFile(path) as archive:
        for part in archive.infolist():
            if not part.filename.lower().startswith("xl/worksheets/"):
                continue
            with archive.open(part) as file:
                before = b""
                while block := file.read(1 << 20):
                    if _FORMULA.search(before + block):
                        return True
                    before = block[-16:]
    return False


def _formulas(path: Path) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    with _book(path, data_only=False) as book:
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            found[sheet.title] = [
                (cell.row, cell.column)
                for cells in sheet.iter_rows(max_row=LAST_ROW, max_col=MOST_COLUMNS)
                for cell in cells
                if cell.data_type == TYPE_FORMULA
            ]
    return found
