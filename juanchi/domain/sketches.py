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

GRAM: Final = 4
"""Characters in a run."""

KEPT: Final = 64
"""Hashes kept of a text: a likeness is then known within about 6 in 100."""

HEAD: Final = 160
"""Characters in which a text says what it is about; an advertisement is glued on behind them."""

KEYS: Final = 8
"""Keys of a text's head, and as many of what follows it."""

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
    has. ``marks``: hashes of the numbers it names (building 12, line 6), which tell texts of one
    form apart. ``keys``: the hashes it is found by.
    """

    smallest: tuple[int, ...] = Field(default=(), max_length=KEPT)
    runs: int = Field(default=0, ge=0)
    marks: tuple[int, ...] = Field(default=(), max_length=MARKS)
    keys: tuple[int, ...] = Field(default=(), max_length=2 * KEYS)


def hashed(data: bytes) -> int:
    """A stable hash as PostgreSQL's ``integer`` holds it."""
    # A CRC alone keeps neighbouring texts neighbours; the product scatters them.
    return (crc32(data) * _MIX & _WORD) - _SIGN


def letters(text: str) -> str:
    """A text as it is compared: its letters and digits alone, in one case and one width."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def sketch(text: str) -> Sketch:
    """The sketch of a text; of one without a letter it is empty, and like nothing."""
    plain = letters(text)
    if not plain:
        return Sketch()
    head, rest = _hashes(plain[:HEAD]), set[int]()
    if len(plain) > HEAD:
        rest = _hashes(plain[HEAD - GRAM + 1 :])
    runs = head | rest
    return Sketch(
        smallest=tuple(sorted(runs)[:KEPT]),
        runs=len(runs),
        marks=_marks(text),
        keys=tuple(sorted({*sorted(head)[:KEYS], *sorted(rest)[:KEYS]})),
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
    if not one.smallest or not other.smallest:
        return 0.0
    both = set(one.smallest) & set(other.smallest)
    if len(one.smallest) < KEPT and len(other.smallest) < KEPT:  # both whole: exact
        return len(both) / (one.runs + other.runs - len(both))
    union = sorted({*one.smallest, *other.smallest})[:KEPT]
    return len(both.intersection(union)) / len(union)


def contained(one: Sketch, other: Sketch) -> float:
    """The share of the shorter text's runs that the longer has, 0 to 1, estimated."""
    alike = shared(one, other)
    least = min(one.runs, other.runs)
    if not least:
        return 0.0
    return min(1.0, alike / (1 + alike) * (one.runs + other.runs) / least)


def differ(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether each of two sets of marks has one that the other lacks."""
    return bool(set(one) - set(other)) and bool(set(other) - set(one))
