"""How far an import has come, kept on disk so that a killed one goes on where it was.

Rows may end in any order; progress is the last line before which every row has ended. Rejects are
written in the order of the file, only when progress passes them, so that none is there twice.
"""

import os
from collections import deque
from pathlib import Path

from pydantic import BaseModel, ValidationError

from juanchi.intake.files import Problem, write_row
from juanchi.words import say

_BOM = b"\xef\xbb\xbf"
"""Spreadsheets take a CSV without it for their own old encoding."""


class Counts(BaseModel):
    """What has become of the rows so far. ``disagree``: the ledger says otherwise than the file."""

    rows: int = 0
    tickets: int = 0
    rejected: int = 0
    on_time: int = 0
    overdue: int = 0
    disagree: int = 0
    not_played: int = 0

    def add(self, other: "Counts") -> None:
        """Count these as well."""
        for name in type(self).model_fields:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class State(BaseModel):
    """What is on disk."""

    file: str
    mapping: str
    rejects: Path
    line: int = 0
    rejects_bytes: int = 0
    counts: Counts = Counts()
    seconds: float = 0.0
    finished: bool = False


class Ended(BaseModel):
    """How one row ended: what it counts as, and what goes to the rejects."""

    counts: Counts
    problem: Problem | None = None
    raw: tuple[str, ...] = ()


class Place:
    """A row that is being worked on, in its place in the file."""

    __slots__ = ("ended", "line")

    def __init__(self, line: int) -> None:
        self.line = line
        self.ended: Ended | None = None


class Keeper:
    """Keeps the progress of one import. Not for two processes at once."""

    def __init__(self, path: Path, state: State, columns: tuple[str, ...], lang: str) -> None:
        self._path = path
        self._lang = lang
        self._columns = columns
        self._open: deque[Place] = deque()
        self._rejects: list[str] = []
        self._saved = state.model_dump_json()
        self.state = state

    @classmethod
    def resumed(cls, path: Path, fresh: State, columns: tuple[str, ...], lang: str) -> "Keeper":
        """The import as it was left, or a fresh one."""
        state = _read(path)
        if state is None:
            fresh.rejects.parent.mkdir(parents=True, exist_ok=True)
            fresh.rejects.write_bytes(b"")
            return cls(path, fresh, columns, lang)
        keeper = cls(path, state, columns, lang)
        keeper._cut(fresh.rejects)
        return keeper

    def begin(self, line: int) -> Place:
        """A row's work begins; rows begin in the order of the file."""
        place = Place(line)
        self._open.append(place)
        return place

    def end(self, place: Place, ended: Ended) -> None:
        """A row's work has ended."""
        place.ended = ended
        while self._open and (first := self._open[0].ended) is not None:
            self.state.line = self._open.popleft().line
            self.state.counts.add(first.counts)
            if first.problem is not None:
                self._rejects.append(self._reject(first.problem, first.raw))

    def save(self) -> None:
        """Write down how far it is: the rejects first, so that no state speaks of missing ones."""
        if self._rejects:
            self._append("".join(self._rejects))
            self._rejects.clear()
        now = self.state.model_dump_json()
        if now == self._saved:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(f".{os.getpid()}.new")
        _write_through(fresh, now.encode(), "wb")
        fresh.replace(self._path)
        self._saved = now

    def _append(self, text: str) -> None:
        data = text.encode()
        if not self.state.rejects_bytes:
            head = (*(say(f"import.rejects.{name}", self._lang) for name in _HEAD), *self._columns)
            data = _BOM + write_row(head).encode() + data
        _write_through(self.state.rejects, data, "ab")
        self.state.rejects_bytes += len(data)

    def _cut(self, rejects: Path) -> None:
        """Drop rejects that were written but not yet counted; take them along to a new file."""
        before = self.state.rejects
        kept = before.read_bytes()[: self.state.rejects_bytes] if before.exists() else b""
        self.state.rejects = rejects
        self.state.rejects_bytes = len(kept)
        rejects.parent.mkdir(parents=True, exist_ok=True)
        _write_through(rejects, kept, "wb")

    def _reject(self, problem: Problem, raw: tuple[str, ...]) -> str:
        told = say(f"import.row.{problem.code}", self._lang, **problem.facts)
        return write_row((str(problem.line), problem.column, problem.value, told, *raw))


_HEAD = ("line", "column", "value", "problem")


def _read(path: Path) -> State | None:
    try:
        return State.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None  # reports are idempotent: from the start is slower, never wrong


def _write_through(path: Path, data: bytes, mode: str) -> None:
    with path.open(mode) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
