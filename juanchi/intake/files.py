"""Reads CSV and JSON lines row by row, with line numbers; a bad row never costs the next one."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from juanchi.intake.encodings import Encoding, FileTrouble, bad_text, lines, shown, sniff
from juanchi.intake.records import Broken, records

RAW = "row"
"""The column under which a row that has no columns of its own is shown."""


class Format(StrEnum):
    """The kinds of file. JSON lines hold one object on each line."""

    CSV = "csv"
    JSON_LINES = "jsonl"


@dataclass(frozen=True)
class Problem:
    """What is wrong with one row: the column (empty: all of it), what stands there, and why.

    ``code`` is stable; ``facts`` fill the sentence that a catalogue holds for it.
    """

    line: int
    column: str
    value: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``line`` is the first line it stands on, from 1; ``raw`` its cells as they are."""

    line: int
    cells: Mapping[str, str]
    raw: tuple[str, ...]
    problem: Problem | None = None


class Source:
    """A file of rows. Opening it reads it once to find its encoding; raises ``FileTrouble``.

    The format is told by the name (``.jsonl``, ``.ndjson``: JSON lines) unless it is given.
    """

    def __init__(self, path: Path, form: Format | None = None, delimiter: str = ",") -> None:
        self.path = path
        named_json = path.suffix.lower() in (".jsonl", ".ndjson")
        self.form = form or (Format.JSON_LINES if named_json else Format.CSV)
        self.encoding: Encoding = sniff(path)
        self._delimiter = delimiter
        self.columns: tuple[str, ...] = ()
        if self.form is Format.CSV:
            self.columns = self._header()

    @property
    def shown_columns(self) -> tuple[str, ...]:
        """The columns under which a rejected row is shown again."""
        return self.columns or (RAW,)

    def rows(self) -> Iterator[Row]:
        """All rows; of a bad one only its problem and its raw text."""
        return self._csv_rows() if self.form is Format.CSV else self._json_rows()

    def _header(self) -> tuple[str, ...]:
        first = next(self._records(), None)
        if first is None:
            raise FileTrouble(self.path, "empty")
        if isinstance(first, Broken):
            raise FileTrouble(self.path, "header", problem=first.code)
        names = tuple(name.strip() for name in first.cells)
        if bad := next((name for name in names if bad_text(name)), None):
            raise FileTrouble(self.path, "header", problem=shown(bad))
        if twice := next((name for name in names if name and names.count(name) > 1), None):
            raise FileTrouble(self.path, "column_twice", column=twice)
        return names

    def _records(self) -> Iterator[Any]:
        return records(lines(self.path, self.encoding), self._delimiter)

    def _csv_rows(self) -> Iterator[Row]:
        found = records(lines(self.path, self.encoding), self._delimiter, columns=len(self.columns))
        next(found, None)
        for record in found:
            if isinstance(record, Broken):
                told = Problem(record.line, "", shown(record.text), record.code, record.facts)
                yield Row(record.line, {}, _raw_cells(record.text, self._delimiter), told)
                continue
            cells = dict(zip(self.columns, record.cells, strict=False))
            raw = tuple(shown(cell) for cell in record.cells)
            yield Row(record.line, cells, raw, _unreadable(record.line, cells))

    def _json_rows(self) -> Iterator[Row]:
        for number, text in lines(self.path, self.encoding):
            if text is None:
                yield _broken_json(number, "", "line_too_long")
            elif text.strip():
                yield _json_row(number, text)


def _unreadable(line: int, cells: Mapping[str, str]) -> Problem | None:
    """Bytes that are not of the file's encoding arrive as surrogates: told, never guessed."""
    for column, cell in cells.items():
        if bad_text(cell):
            return Problem(line, column, shown(cell), "bad_encoding")
    return None


def _raw_cells(text: str, delimiter: str) -> tuple[str, ...]:
    """A broken record's text as cells, as well as it can be cut."""
    return tuple(shown(cell) for cell in text.rstrip("\r\n").split(delimiter))


def _json_row(line: int, text: str) -> Row:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        at = getattr(error, "colno", 0)
        return _broken_json(line, text, "bad_json", at=at)
    if not isinstance(data, dict):
        return _broken_json(line, text, "not_an_object")
    cells = dict(_flat(data))
    return Row(line, cells, (shown(text.strip()),), _unreadable(line, cells))


def _broken_json(line: int, text: str, code: str, **facts: object) -> Row:
    told = shown(text.strip())
    return Row(line, {}, (told,), Problem(line, "", told, code, facts))


def _flat(data: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Nested objects as dotted columns: ``{"at": {"lon": 1}}`` is ``at.lon``."""
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        elif isinstance(value, str):
            yield f"{above}{key}", value
        elif value is None:
            yield f"{above}{key}", ""
        else:
            yield f"{above}{key}", json.dumps(value, ensure_ascii=False)


def write_row(cells: tuple[str, ...]) -> str:
    """Cells as one line of CSV."""
    line = _Line()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.text


class _Line:
    text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)
