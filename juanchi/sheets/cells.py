"""Cells as text: how a value is written, and how what a clerk wrote is put right.

Only what is certain is put right; a name's own characters are never touched.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Final

from juanchi.domain.base import Value
from juanchi.sheets.columns import Column, Kind
from juanchi.words import LANGUAGES, named

BAR: Final = "|"
_ANY_BAR: Final = re.compile(r"\\([\\|｜])|([|｜])")
_BETWEEN_CODES: Final = re.compile(r"[|,;、\s]+")
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff]")
_NUMBER: Final = re.compile(r"^\d+(?:\.\d+)?$")
_DATE: Final = re.compile(
    r"^(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})"
    r"|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))(?:[ T]00:00(?::00)?)?$"
)
_DANGEROUS: Final = re.compile(r"^'*[=+\-@\t\r]")


# ------------------------------------------------------------ writing


def written_row(row: Value, columns: Sequence[Column]) -> list[str]:
    """A row's cells as text; ``parts`` gives the same values back."""
    return [written(getattr(row, column.name), column) for column in columns]


def written(value: object, column: Column) -> str:
    """A value as the text of a cell."""
    if value is None:
        return ""
    if column.many and isinstance(value, tuple):
        return joined([str(part) for part in value], column)
    return str(value)


def joined(parts: Sequence[str], column: Column) -> str:
    """The parts of a list with bars between them; a bar within a part is escaped."""
    if column.kind is Kind.TEXT and any(
        "\\" in part or "|" in part or "｜" in part for part in parts
    ):
        parts = [re.sub(r"([\\|｜])", r"\\\1", part) for part in parts]
    return BAR.join(parts)


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula when it opens a CSV file."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def unguarded(text: str) -> str:
    """What ``guarded`` was given."""
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text) else text


# ------------------------------------------------------------ reading


def tidy(text: str, column: Column) -> str:
    """A cell's text as it would be written: the same value always becomes the same text."""
    if not text or (column.kind is Kind.TEXT and not column.many):
        return text
    return joined(parts(text, column), column) if column.many else _one(text, column)


def parts(text: str, column: Column) -> tuple[str, ...]:
    """The parts of a cell that holds a list."""
    if column.kind is Kind.TEXT:
        return tuple(part for part in map(str.strip, _split(text)) if part)
    return tuple(_one(part, column) for part in _BETWEEN_CODES.split(narrow(text)) if part)


@lru_cache(maxsize=65_536)
def narrow(text: str) -> str:
    """A code in half-width characters, without what cannot be seen."""
    if text.isascii():
        return text
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip()


def is_number(text: str) -> bool:
    """Whether a text looks as a spreadsheet writes a number."""
    return _NUMBER.match(text) is not None


def as_date(text: str) -> str:
    """A date in ISO form; a text that is no certain date as it is."""
    found = _DATE.match(narrow(text))
    if found is None:
        return text
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return text


def _one(text: str, column: Column) -> str:
    if column.kind is Kind.DATE:
        return as_date(text)
    if column.kind is Kind.WORD:
        return _words(column).get(narrow(text).casefold(), text)
    return narrow(text)


def _split(text: str) -> list[str]:
    """Parts between bars of either width; an escaped bar belongs to its part."""
    if "\\" not in text:
        return text.replace("｜", BAR).split(BAR)
    found, start, part = [], 0, ""
    for mark in _ANY_BAR.finditer(text):
        part += text[start : mark.start()] + (mark[1] or "")
        start = mark.end()
        if mark[2]:
            found.append(part)
            part = ""
    return [*found, part + text[start:]]


@cache
def _words(column: Column) -> dict[str, str]:
    """The values of a column by how they may be written: themselves, or in people's words."""
    found: dict[str, str] = {}
    for value in column.words or ():
        for lang in LANGUAGES if column.section else ():
            found.setdefault(named(column.section, value, lang).casefold(), value.value)
    return found | {value.value.casefold(): value.value for value in column.words or ()}
