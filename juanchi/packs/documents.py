"""Reads the TOML files of a pack into documents that know on which line each key stands."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from juanchi.packs.problems import Findings, sentence
from juanchi.packs.tables import read_text

M = TypeVar("M", bound=BaseModel)

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[\w-]+)*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_AT = re.compile(r"\s*\(at line (\d+), column \d+\)")


@dataclass(frozen=True)
class Document:
    """A TOML file's data, and on which line each key stands."""

    file: str
    data: dict[str, Any]
    lines: dict[tuple[str | int, ...], int]

    def line(self, *path: str | int) -> int:
        """The line of a key, or of the nearest one that holds it; 0 if none does."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 0

    def read(self, model: type[M], findings: Findings) -> M | None:
        """The document as a model, or None with every reason noted."""
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            for details in error.errors(include_url=False):
                path = tuple(key for key in details["loc"] if key != "[key]")
                column = ".".join(map(str, path))
                findings.error(self.file, self.line(*path), column, sentence(details))
            return None


def read_toml(folder: Path, name: str, findings: Findings) -> Document | None:
    """A TOML file, or None with the reason noted."""
    text = read_text(folder, name, findings)
    if text is None:
        return None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        what = _AT.sub("", str(error))
        line = int(at[1]) if at else len(text.splitlines())
        findings.error(name, line, "", f"the file is not TOML: {what}")
        return None
    return Document(name, data, dict(_lines(text)))


def _lines(text: str) -> Iterator[tuple[tuple[str | int, ...], int]]:
    """Where keys stand, by the look of the lines: tomllib itself forgets it."""
    table: tuple[str | int, ...] = ()
    key: tuple[str | int, ...] = ()
    element = 0
    seen: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _HEADER.match(line):
            name = _parts(found[2])
            if found[1] == "[[":
                seen[name] = seen.get(name, -1) + 1
            table = tuple(_indexed(name, seen))
            yield table, number
        elif found := _KEY.match(line):
            key, element = (*table, *_parts(found[1])), 0
            yield key, number
        elif line.lstrip().startswith("{") and key:
            yield (*key, element), number
            element += 1


def _indexed(name: tuple[str, ...], seen: dict[tuple[str, ...], int]) -> Iterator[str | int]:
    """A table's name, with the number of the element wherever it lies in an array of tables."""
    for end, part in enumerate(name, start=1):
        yield part
        if name[:end] in seen:
            yield seen[name[:end]]


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
