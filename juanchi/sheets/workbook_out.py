"""Writes lists as a workbook in which codes stay text and nothing is ever a formula."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from juanchi.sheets.columns import Column, Kind
from juanchi.sheets.trouble import SheetTrouble

LONGEST_CELL: Final = 32_767
"""Characters that a spreadsheet keeps in one cell."""

_WIDTHS: Final = {Kind.CODE: 16, Kind.NAMED: 20, Kind.WORD: 16, Kind.DATE: 12, Kind.LIMIT: 12}
_TEXT_WIDTH: Final = 28
_FIRST_DAY: Final = date(1901, 1, 1)
# What XML cannot hold, and what looks like the escape for it.
_UNFIT: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class Book:
    """A workbook being written, sheet by sheet."""

    def __init__(self) -> None:
        self._book = Workbook(write_only=True)
        self._bold = Font(bold=True)
        self._fill = PatternFill("solid", fgColor="DDEBF7")
        self._wrapped = Alignment(wrap_text=True, vertical="top")

    def add_list(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
        """A list's sheet: the heading stays in sight, codes are formatted as text."""
        sheet = self._sheet(name, [_WIDTHS.get(one.kind, _TEXT_WIDTH) for one in columns])
        for place, column in enumerate(columns, start=1):
            if column.kind in (Kind.CODE, Kind.NAMED):
                # So that a code typed into a new row is not turned into a number.
                sheet.column_dimensions[get_column_letter(place)].number_format = "@"
        sheet.append(self._heading(sheet, [one.name for one in columns]))
        text, day = self._styled(sheet, "@"), self._styled(sheet, "yyyy-mm-dd")
        for number, row in enumerate(rows, start=2):
            cells = []
            for column, value in zip(columns, row, strict=True):
                if len(value) > LONGEST_CELL:
                    raise SheetTrouble("cell_too_long", sheet=name, row=number, column=column.name)
                cells.append(_cell(sheet, value, column, text, day))
            sheet.append(cells)

    def add_notes(self, name: str, rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
        """A sheet for people: a heading and lines of text."""
        sheet = self._sheet(name, widths)
        heading, *lines = rows
        sheet.append(self._heading(sheet, heading))
        for line in lines:
            cells = []
            for value in line:
                cell = _text_cell(sheet, value)
                cell.alignment = self._wrapped
                cells.append(cell)
            sheet.append(cells)

    def save(self, path: Path) -> None:
        """Write it all. Raises ``OSError``."""
        self._book.save(path)

    def _sheet(self, name: str, widths: Sequence[int]) -> Any:
        sheet = self._book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for place, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(place)].width = width
        return sheet

    def _heading(self, sheet: Any, names: Sequence[str]) -> list[Any]:
        cells = [_text_cell(sheet, name) for name in names]
        for cell in cells:
            cell.font, cell.fill = self._bold, self._fill
        return cells

    def _styled(self, sheet: Any, number_format: str) -> Any:
        cell = WriteOnlyCell(sheet, "")
        cell.number_format = number_format
        return cell


def _cell(sheet: Any, value: str, column: Column, text: Any, day: Any) -> Any:
    if not value:
        return None
    if column.kind is Kind.DATE and value >= _FIRST_DAY.isoformat():
        cell: Any = WriteOnlyCell(sheet, datetime.fromisoformat(value))
        # One style shared by all cells: looked up for each, it would take most of the time.
        cell._style = day._style
        return cell
    if column.kind in (Kind.CODE, Kind.NAMED):
        cell = _text_cell(sheet, value)
        cell._style = text._style
        return cell
    # A bare text is written twice as fast, but what begins with = would become a formula.
    return _text_cell(sheet, value) if value.startswith("=") else _fit(value)


def _text_cell(sheet: Any, value: str) -> Any:
    cell: Any = WriteOnlyCell(sheet, _fit(value))
    cell.data_type = "s"
    return cell


def _fit(value: str) -> str:
    return _UNFIT.sub(lambda found: f"_x{ord(found[0]):04X}_", value)
