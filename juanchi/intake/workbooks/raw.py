"""A sheet as it lies in a file: rows of cells with the numbers that the clerk sees beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

Raw = str | int | float | bool | date | datetime | time | timedelta | None
"""What stands in a cell. Of a CSV file always text."""


class Formula(NamedTuple):
    """A formula in a cell: where, and whether a value was stored beside it."""

    row: int
    column: int
    has_value: bool


@dataclass(frozen=True)
class RawSheet:
    """A sheet's name, its rows that are not blank, and what is odd about it.

    ``typed``: numbers and dates are known from text, as in a workbook.
    """

    name: str
    rows: Sequence[tuple[int, tuple[Raw, ...]]]
    hidden: bool = False
    typed: bool = True
    formulas: Sequence[Formula] = field(default_factory=tuple)


ERRORS: Final = frozenset(
    ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!")
)
"""What a spreadsheet shows where a formula failed."""


def blank(cells: Sequence[Raw]) -> bool:
    """Whether nothing stands in a row."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)


def plain(raw: Raw) -> str:
    """What stands in a cell, as text."""
    match raw:
        case None:
            return ""
        case str():
            return raw.replace("\r\n", "\n").replace("\r", "\n").strip()
        case bool():
            return str(raw).lower()
        case float() if raw.is_integer():
            return str(int(raw))
        case datetime() if raw.time() == time():
            return raw.date().isoformat()
    return str(raw)
