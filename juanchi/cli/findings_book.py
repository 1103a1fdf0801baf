"""The list doctor's findings as a workbook: a sheet for each kind, for a clerk to work through."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from juanchi.domain.doctor import Diagnosis, Finding, Kind
from juanchi.words import named, say
from juanchi.words.findings import item_name, region_name, todo, told
from juanchi.words.naming import Names

_WIDTHS: Final = {
    "severity": 10,
    "items": 16,
    "item_names": 32,
    "regions": 16,
    "region_names": 24,
    "units": 20,
    "unit_names": 28,
    "told": 80,
    "todo": 60,
}
_MOST: Final = 100
"""Items in one row: a cell holds 32,767 letters, and what is more would be cut off."""


def write_book(file: Path, found: Diagnosis, names: Names) -> None:
    """Write all findings. Raises ``OSError`` when the file cannot be written."""
    book = Workbook()
    book.worksheets[0].title = "0"
    for kind in Kind:
        if findings := found.of(kind):
            _fill(book.create_sheet(named("doctor.kind", kind, names.lang)), findings, names)
    if found.findings:
        book.remove(book.worksheets[0])
    else:
        _write(book.worksheets[0], 1, [say("doctor.healthy", names.lang)])
    book.save(file)


def _fill(sheet: Worksheet, findings: Sequence[Finding], names: Names) -> None:
    sheet.freeze_panes = "A2"
    headings = [say(f"doctor.column.{name}", names.lang) for name in _WIDTHS]
    _write(sheet, 1, headings)
    for column, width in enumerate(_WIDTHS.values(), start=1):
        sheet.cell(1, column).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    rows = (row for finding in findings for row in _rows(finding, names))
    for number, row in enumerate(rows, start=2):
        _write(sheet, number, row)


def _rows(finding: Finding, names: Names) -> Iterator[Sequence[str]]:
    for begin in range(0, max(1, len(finding.items)), _MOST):
        items = finding.items[begin : begin + _MOST]
        yield (
            named("doctor.severity", finding.severity, names.lang),
            "|".join(items),
            "|".join(item_name(code, names) for code in items),
            "|".join(finding.regions),
            "|".join(region_name(code, names) for code in finding.regions),
            "|".join(finding.units),
            "|".join(map(names.unit, finding.units)),
            told(finding, names),
            todo(finding, names),
        )


def _write(sheet: Worksheet, number: int, row: Sequence[str]) -> None:
    for column, text in enumerate(row, start=1):
        cell = sheet.cell(number, column, text)
        # A name may begin with "=": what somebody wrote is never a formula, nor becomes one when
        # it is edited.
        cell.data_type = "s"
        cell.quotePrefix = True
