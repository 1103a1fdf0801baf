"""Sheets read into rows of the lists, each at its place; what did not change stays as it is.

A row is compared, as text, with the row of its key in the version that the file was exported
from. Cells that say the same keep their value exactly, so a spreadsheet's habits change nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from juanchi.domain.base import Value
from juanchi.domain.limits import limit_of
from juanchi.domain.list_changes import KEYS, Keyed, ListName, keyed, values
from juanchi.domain.lists import Pack
from juanchi.intake.workbooks.raw import ERRORS, Raw, RawSheet, plain
from juanchi.packs.problems import Findings, Sentence, quote, sentence
from juanchi.packs.tables import Placed, Rows
from juanchi.sheets.book import Book
from juanchi.sheets.cells import is_number, parts, tidy, written
from juanchi.sheets.columns import COLUMNS, MODELS, Column, Kind
from juanchi.sheets.headings import placed_columns
from juanchi.sheets.numerals import Numerals

_ORDER: Final = (
    ListName.REGIONS,
    ListName.UNITS,
    ListName.ITEMS,
    ListName.DUTIES,
    ListName.HANDLINGS,
)
"""What is named comes before what names it."""

_DAY_MONTH: Final = re.compile(r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}$")
_ISO: Final = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_WARNINGS: Final = frozenset({"code_repaired"})


@dataclass(frozen=True)
class Reading:
    """The rows of every list that the file has, and what is wrong with them."""

    book: Book
    lists: Mapping[ListName, Rows[Any]] = field(default_factory=dict)


class _Cell(NamedTuple):
    text: str
    problem: Sentence | None = None


def read_lists(book: Book, base: Pack) -> Reading:
    """A file's rows. ``base`` is the version that it was exported from, else the one in force."""
    known = {name: Numerals() for name in _ORDER}
    for name in (ListName.REGIONS, ListName.UNITS, ListName.ITEMS):
        known[name].add(row.code for row in getattr(base, name.value))
    lists: dict[ListName, Rows[Any]] = {}
    for name in _ORDER:
        sheet = book.sheets.get(name)
        if sheet is None:
            continue
        if len(sheet.rows) < 2:
            book.findings.warn(sheet.name, 0, "", Sentence("sheet_empty"))
            continue
        reader = _Reader(name, sheet, keyed(values(base, name), name), known, book.findings)
        lists[name] = reader.read()
    return Reading(book, lists)


class _Reader:
    def __init__(
        self,
        name: ListName,
        sheet: RawSheet,
        base: Keyed,
        known: Mapping[ListName, Numerals],
        findings: Findings,
    ) -> None:
        self._name, self._sheet, self._base = name, sheet, base
        self._known, self._findings = known, findings
        self._columns = COLUMNS[name]
        self._keys: dict[str, int] = {}
        self._unread: set[int] = set()

    def read(self) -> Rows[Any]:
        found: Rows[Any] = Rows(self._sheet.name)
        places = placed_columns(self._sheet, self._columns, self._findings)
        if not {column.name for column in self._columns if column.needed} <= {
            column.name for column in places.values()
        }:
            found.readable = found.whole = False
            return found
        self._formulas(places)
        for line, raw in self._sheet.rows[1:]:
            cells = {
                column.name: self._cell(raw[place] if place < len(raw) else None, column)
                for place, column in places.items()
            }
            if "code" in cells:
                code = cells["code"].text
                found.codes.add(code)
                self._known[self._name].add([code])
            value = None if line in self._unread else self._row(line, cells)
            if value is None:
                found.whole = False
            else:
                found.rows.append(Placed(value, self._sheet.name, line))
        return found

    def _formulas(self, places: Mapping[int, Column]) -> None:
        for place, column in places.items():
            here = [one for one in self._sheet.formulas if one.column == place + 1]
            for one in here:
                if not one.has_value:
                    self._unread.add(one.row)
                    told = Sentence("formula_without_value")
                    self._findings.error(self._sheet.name, one.row, column.name, told)
            shown = [one.row for one in here if one.has_value]
            if shown:
                more = len(shown) - 1 or ""
                told = Sentence("formula_value", rows=more)
                self._findings.warn(self._sheet.name, shown[0], column.name, told)

    # -------------------------------------------------------- cells

    def _cell(self, raw: Raw, column: Column) -> _Cell:
        """A cell's text as it would be written, and what is odd about it."""
        text = tidy(plain(raw), column)
        if text in ERRORS:
            return _Cell(text, Sentence("cell_error", given=text))
        if column.kind is Kind.DATE:
            return _Cell(text, _date_problem(raw, text))
        if column.kind not in (Kind.CODE, Kind.NAMED) or not text:
            return _Cell(text)
        if isinstance(raw, date | datetime):
            return _Cell(text, Sentence("code_is_date", given=text))
        number = isinstance(raw, int | float) and not isinstance(raw, bool)
        if not is_number(text) or not (number or not self._sheet.typed):
            return _Cell(text)
        new = column.kind is Kind.CODE
        listing = self._name if new else column.names
        if listing is None:
            return _Cell(text)
        return _Cell(*self._known[listing].repaired(text, number=number, new=new))

    # -------------------------------------------------------- rows

    def _row(self, line: int, cells: Mapping[str, _Cell]) -> Value | None:
        base: Value | None = self._base.get(self._key(cells))
        was = {c.name: _as_text(getattr(base, c.name), c) for c in self._columns} if base else {}
        same = {name for name, cell in cells.items() if was.get(name) == cell.text}
        if base is not None and len(same) == len(cells):
            return base
        data: dict[str, object] = {}
        wrong: set[str | int] = set()
        for column in self._columns:
            name, cell = column.name, cells.get(column.name)
            if base is not None and (cell is None or name in same):
                data[name] = getattr(base, name)
                continue
            if cell is None or not cell.text:
                continue
            if told := cell.problem or _form_problem(cell.text, column):
                wrong |= self._note(line, name, told)
            data[name] = parts(cell.text, column) if column.many else cell.text
        return self._valid(line, data, wrong)

    def _note(self, line: int, column: str, told: Sentence) -> set[str]:
        if told.code in _WARNINGS:
            self._findings.warn(self._sheet.name, line, column, told)
            return set()
        self._findings.error(self._sheet.name, line, column, told)
        return {column}

    def _valid(self, line: int, data: Mapping[str, object], wrong: set[str | int]) -> Value | None:
        try:
            value = MODELS[self._name].model_validate(data)
        except ValidationError as error:
            for details in error.errors(include_url=False):
                at = details["loc"][0] if details["loc"] else ""
                if at not in wrong:
                    self._findings.error(self._sheet.name, line, str(at), sentence(details))
            return None
        return None if wrong else value

    def _key(self, cells: Mapping[str, _Cell]) -> str:
        """The row's key as ``keyed`` gives it: a key that comes again is numbered."""
        key = "|".join(cells[part].text or _default(self._name, part) for part in KEYS[self._name])
        self._keys[key] = again = self._keys.get(key, 0) + 1
        return key if again == 1 else f"{key}|{again}"


def _as_text(value: object, column: Column) -> str:
    return tidy(plain(written(value, column)), column)


def _default(name: ListName, column: str) -> str:
    default = MODELS[name].model_fields[column].default
    return default if isinstance(default, str) else ""


def _date_problem(raw: Raw, text: str) -> Sentence | None:
    if not text or _ISO.match(text):
        return None
    if isinstance(raw, int | float):
        return Sentence("date_number", given=text)
    if _DAY_MONTH.match(text):
        return Sentence("date_order", given=quote(text))
    return Sentence("not_a_date", given=quote(text))


def _form_problem(text: str, column: Column) -> Sentence | None:
    """What is wrong with how a changed cell is written, where the model's own words are English."""
    if column.kind is Kind.LIMIT:
        try:
            limit_of(text)
        except ValueError:
            return Sentence("not_a_limit", given=quote(text))
    if column.kind is Kind.WORD and column.words is not None:
        known = {word.value for word in column.words}
        for word in parts(text, column) if column.many else (text,):
            if word not in known:
                return Sentence("not_one_of", given=quote(word), expected=", ".join(sorted(known)))
    return None


def rows_by_key(rows: Rows[Any], name: ListName) -> Iterable[tuple[str, Placed[Any]]]:
    """A sheet's rows with their keys, in its order."""
    placed: Iterator[Placed[Any]] = iter(rows.rows)
    return zip(keyed(rows.values, name), placed, strict=True)
