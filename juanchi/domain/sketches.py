"""A text's sketch: a few numbers by which texts that share many words are found and compared.

Of all runs of ``GRAM`` letters and digits the smallest hashes are kept (bottom-k MinHash). How many
of them two sketches share estimates how much of their words two texts share, whatever the order,
spaces, punctuation, case and width; a typing error costs as many runs as it touches.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final
from zlib import crc32

from pydantic import Field

from juanchi.domain.base import Value
from juanchi.domain.wording import letters

GRAM: Final = 4
"""Characters in a run."""

KEPT: Final = 64
"""Hashes kept of a text: a likeness is then known within about 6 in 100."""

BEGINNING: Final = 160
"""Characters in which a text says what it is about; an advertisement is glued on behind them."""

HEAD: Final = 40
"""Characters of a title and a first sentence: where the names are that tell copies of one form
apart."""

HEAD_KEPT: Final = HEAD
"""Hashes kept of a head: all of them, names are but a few."""

KEYS: Final = 8
"""Keys of a text's beginning, and as many of what follows it."""

TELLING: Final = 10
"""Hashes that two texts must share before one is said to quote the other."""

MARKS: Final = 16
"""Numbers kept of a text at most."""

_WIDTH: Final = 4  # bytes of a character in UTF-32
_MIX: Final = 0x9E3779B1
_WORD: Final = 0xFFFFFFFF
_SIGN: Final = 1 << 31
# A longer number is a telephone's, a card's or masked: it says who, not where.
_NUMBER: Final = re.compile(r"(?<!\d)[a-z]{0,3}\d{1,4}(?!\d)[a-z]?\w?")


class Sketch(Value):
    """What is kept of a text's words.

    ``smallest``: the smallest hashes of its runs, ascending. ``runs``: how many different runs it
    has. ``head``: the smallest hashes of its first characters. ``marks``: hashes of the numbers it
    names (building 12, line 6), which tell texts of one form apart. ``keys``: the hashes that it is
    found by.
    """

    smallest: tuple[int, ...] = Field(default=(), max_length=KEPT)
    runs: int = Field(default=0, ge=0)
    head: tuple[int, ...] = Field(default=(), max_length=HEAD_KEPT)
    marks: tuple[int, ...] = Field(default=(), max_length=MARKS)
    keys: tuple[int, ...] = Field(default=(), max_length=2 * KEYS)


def hashed(data: bytes) -> int:
    """A stable hash as PostgreSQL's ``integer`` holds it."""
    # A CRC alone keeps neighbouring texts neighbours; the product scatters them.
    return (crc32(data) * _MIX & _WORD) - _SIGN


def sketch(text: str) -> Sketch:
    """The sketch of a text; of one without a letter it is empty, and like nothing."""
    plain = letters(text)
    if not plain:
        return Sketch()
    first, rest = _hashes(plain[:BEGINNING]), set[int]()
    if len(plain) > BEGINNING:
        rest = _hashes(plain[BEGINNING - GRAM + 1 :])
    runs = first | rest
    return Sketch(
        smallest=tuple(sorted(runs)[:KEPT]),
        runs=len(runs),
        head=tuple(sorted(_hashes(plain[:HEAD]))[:HEAD_KEPT]),
        marks=_marks(text),
        keys=tuple(sorted({*sorted(first)[:KEYS], *sorted(rest)[:KEYS]})),
    )


def _hashes(plain: str) -> set[int]:
    data = plain.encode("utf-32-le", "surrogatepass")
    size = GRAM * _WIDTH
    last = max(len(data) - size, 0)
    return {
        (crc32(data[at : at + size]) * _MIX & _WORD) - _SIGN for at in range(0, last + 1, _WIDTH)
    }


def _marks(text: str) -> tuple[int, ...]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    found = dict.fromkeys(hashed(one.encode()) for one in _NUMBER.findall(plain))
    return tuple(sorted(list(found)[:MARKS]))


def shared(one: Sketch, other: Sketch) -> float:
    """The share of all their runs that both texts have, 0 to 1 (Jaccard), estimated."""
    return _alike(one.smallest, other.smallest, KEPT)


def heads_alike(one: Sketch, other: Sketch) -> float:
    """The same of their first characters alone."""
    return _alike(one.head, other.head, HEAD_KEPT)


def contained(one: Sketch, other: Sketch) -> float:
    """The share of the shorter text's runs that the longer has, 0 to 1, estimated.

    0 where too few hashes tell: of a short text in a very long one chance would decide.
    """
    if len(set(one.smallest).intersection(other.smallest)) < TELLING:
        return 0.0
    alike = shared(one, other)
    return min(1.0, alike / (1 + alike) * (one.runs + other.runs) / min(one.runs, other.runs))


def differ(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether each of two sets of marks has one that the other lacks."""
    return bool(set(one) - set(other)) and bool(set(other) - set(one))


def _alike(one: Sequence[int], other: Sequence[int], kept: int) -> float:
    both, union = set(one).intersection(other), set(one).union(other)
    if len(union) > kept:
        # Of the smallest of all together each was kept by whoever has it: a fair sample.
        union = set(sorted(union)[:kept])
        both &= union
    return len(both) / len(union) if union else 0.0
