"""Reads the tables of a pack into rows that remember their file and line."""

import csv
import difflib
import io
import re
import types
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from juanchi.packs.problems import Findings, quote, sentence

M = TypeVar("M", bound=BaseModel)

_ISO_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True)
class Placed(Generic[M]):
    """A value and the line it was read from."""

    value: M
    file: str
    line: int


@dataclass
class Rows(Generic[M]):
    """A table as read. ``codes`` holds those of wrong rows too, so that one mistake is told once.

    ``whole``: every row could be read, so what is not there is really missing.
    """

    file: str
    rows: list[Placed[M]] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    readable: bool = True
    whole: bool = True

    @property
    def values(self) -> tuple[M, ...]:
        return tuple(row.value for row in self.rows)

    def lacks(self, code: str) -> bool:
        """Whether a code is certainly not in the table."""
        return self.readable and code not in self.codes


def read_text(folder: Path, name: str, findings: Findings) -> str | None:
    """A file's text, or None with the reason noted."""
    try:
        raw = (folder / name).read_bytes()
    except FileNotFoundError:
        findings.error(name, 0, "", "the file is missing; every pack needs it")
        return None
    except OSError as error:
        findings.error(name, 0, "", f"the file cannot be read: {error.strerror}")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        findings.error(
            name,
            line,
            "",
            f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file again as UTF-8 "
            "(in a spreadsheet: 'CSV UTF-8')",
        )
        return None


def read_csv(folder: Path, name: str, model: type[M], findings: Findings) -> Rows[M]:
    """A CSV file whose columns are a model's fields; list cells are separated by ``|``."""
    found: Rows[M] = Rows(name)
    text = read_text(folder, name, findings)
    records = None if text is None else _records(text, name, findings)
    columns = None if records is None else _columns(records, name, model, findings)
    if records is None or columns is None:
        found.readable = found.whole = False
        return found
    key = columns.index("code") if "code" in columns else len(columns)
    for line, cells in records[1:]:
        found.codes.update(cell.strip() for cell in cells[key : key + 1])
        if len(cells) != len(columns):
            findings.error(
                name,
                line,
                "",
                f"the row has {len(cells)} cells but the header {len(columns)}; put a cell that "
                "contains a comma in double quotes",
            )
            found.whole = False
            continue
        row = {c: cell.strip() for c, cell in zip(columns, cells, strict=True) if cell.strip()}
        value = _row(row, name, line, model, findings)
        if value is None:
            found.whole = False
        else:
            found.rows.append(Placed(value, name, line))
    return found


def _records(text: str, name: str, findings: Findings) -> list[tuple[int, list[str]]] | None:
    """The lines that are not blank, each with the number of the line it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                records.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        findings.error(name, begins, "", f"the row cannot be read ({error}); check its quotes")
        return None
    return records


def _columns(
    records: list[tuple[int, list[str]]], name: str, model: type[M], findings: Findings
) -> list[str] | None:
    fields = model.model_fields
    if not records:
        findings.error(name, 0, "", f"the file is empty; its first line must be {','.join(fields)}")
        return None
    line, columns = records[0][0], [cell.strip() for cell in records[0][1]]
    sound = True
    for column in columns:
        if columns.count(column) > 1:
            findings.error(name, line, column, "the column is there twice; remove one")
            sound = False
            break
        if column not in fields:
            near = difflib.get_close_matches(column, fields, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(fields)}"
            findings.error(name, line, column, f"the column {quote(column)} is not known; {hint}")
    for column, info in fields.items():
        if info.is_required() and column not in columns:
            findings.error(name, line, column, "the column is missing; add it to the header")
            sound = False
    return columns if sound else None


def _row(row: dict[str, str], name: str, line: int, model: type[M], findings: Findings) -> M | None:
    data: dict[str, str | tuple[str, ...]] = {}
    wrong: set[str | int] = set()
    for column, cell in row.items():
        if column not in model.model_fields:
            continue  # told once, at the header
        kinds = _kinds(model.model_fields[column].annotation)
        if tuple in kinds:
            data[column] = tuple(part.strip() for part in cell.split("|") if part.strip())
        elif date in kinds and not _ISO_DATE.match(cell):
            # Not left to pydantic: it takes bare digits for seconds since 1970.
            message = f"{quote(cell)} is not a date; write it like 2026-01-31"
            findings.error(name, line, column, message)
            wrong.add(column)
        else:
            data[column] = cell
    try:
        value = model.model_validate(data)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            at = details["loc"][0] if details["loc"] else ""
            if at not in wrong:
                findings.error(name, line, str(at), sentence(details))
        return None
    return None if wrong else value


def _kinds(annotation: Any) -> set[Any]:
    """The plain types in an annotation: ``date | None`` is date, ``tuple[Line, ...]`` tuple."""
    if isinstance(annotation, types.UnionType):
        return {kind for part in get_args(annotation) for kind in _kinds(part)}
    return {get_origin(annotation) or annotation}
