"""Cuts lines into CSV records; a record that breaks gives its other lines back."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MOST_LINES = 200
"""Lines of one record. A quote that nobody closed must not swallow the rest of the file."""


class Record(NamedTuple):
    """The cells of a record, and the first line it stands on."""

    line: int
    cells: list[str]


class Broken(NamedTuple):
    """A line that begins no sound record."""

    line: int
    text: str
    code: str
    facts: dict[str, object]


class _Runaway(Exception):
    """A record that does not end."""


class _Overlong(Exception):
    """A line that is too long to be held."""


class _Feed:
    """Gives lines to the csv module and remembers which of them the record took."""

    def __init__(self, lines: Iterable[tuple[int, str | None]]) -> None:
        self._lines = iter(lines)
        self._back: deque[tuple[int, str | None]] = deque()
        self.taken: list[tuple[int, str | None]] = []

    def begin(self) -> None:
        """A new record follows."""
        self.taken = []

    def give_back(self) -> None:
        """All lines of this record but its first stand for themselves."""
        self._back.extendleft(reversed(self.taken[1:]))

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MOST_LINES:
            raise _Runaway
        line = self._back.popleft() if self._back else next(self._lines)
        self.taken.append(line)
        if line[1] is None:
            raise _Overlong
        return line[1]


def records(
    lines: Iterable[tuple[int, str | None]], delimiter: str, columns: int | None = None
) -> Iterator[Record | Broken]:
    """The records in the lines. Empty lines are left out.

    With ``columns`` given, a record with another number of cells is broken; the first, which is
    the header, defines it itself.
    """
    feed = _Feed(lines)
    # Strict: what follows a closing quote must be a delimiter, else two open quotes look closed.
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        feed.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _Runaway:
            yield _broken(feed, "unclosed_quote")
        except _Overlong:
            yield _broken(feed, "line_too_long" if len(feed.taken) == 1 else "unclosed_quote")
        except csv.Error as error:
            if "field larger" in str(error):
                yield _broken(feed, "cell_too_long", most=csv.field_size_limit())
            else:
                yield _broken(feed, "unclosed_quote")
        else:
            if columns is not None and cells and len(cells) != columns:
                yield _broken(feed, "wrong_columns", found=len(cells), wanted=columns)
            elif cells:
                yield Record(feed.taken[0][0], cells)


def _broken(feed: _Feed, code: str, **facts: object) -> Broken:
    line, text = feed.taken[0]
    feed.give_back()
    return Broken(line, text or "", code, facts)
