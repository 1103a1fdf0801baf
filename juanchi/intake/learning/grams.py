"""A text as numbers: its character grams, each known by a hash of 64 bits.

What stands at the beginning says most of what a message is about (a title, the first sentences),
so the grams of beginnings are counted once more, by themselves.
"""

import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

READ_FIRST: Final = 4_000
READ_LAST: Final = 1_000
"""Characters read of a long text, of its beginning and its end; what lies between is not read."""


class Part(NamedTuple):
    """A part of a text that is looked at: its first characters (None: all of it), how long its
    longest grams are, and how much it counts.
    """

    first: int | None
    longest: int
    worth: float


PARTS: Final = (Part(None, 4, 1.0), Part(30, 3, 0.5), Part(100, 3, 0.5))

Hashes = NDArray[np.uint64]
Counts = NDArray[np.float32]

_EMPTY: Final = np.empty(0, np.uint64)
_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = np.uint64(0xBF58476D1CE4E5B9)
_SALT: Final = 0x94D049BB133111EB
_SHIFT: Final = np.uint64(29)


class Grams(NamedTuple):
    """The grams of one part of a text, each once, and how often it stands there."""

    hashes: Hashes
    counts: Counts


def tidy(text: str) -> str:
    """A text as it is read: shortened, of one width and case, with single spaces."""
    if len(text) > READ_FIRST + READ_LAST:
        text = f"{text[:READ_FIRST]} {text[-READ_LAST:]}"
    folded = unicodedata.normalize("NFKC", text).lower()
    # One character may become eighteen, and the bound on time must hold all the same.
    return " ".join(folded[: 2 * (READ_FIRST + READ_LAST)].split())


def grams(text: str) -> tuple[Grams, ...]:
    """The grams of each part of a text; the same characters in another part are another gram."""
    read = np.frombuffer(tidy(text).encode("utf-32-le", "surrogatepass"), np.uint32)
    points = read.astype(np.uint64)
    return tuple(
        _counted(_hashed(points[: part.first], part.longest), np.uint64(number * _SALT % 2**64))
        for number, part in enumerate(PARTS)
    )


def _hashed(points: Hashes, longest: int) -> Sequence[Hashes]:
    """The hashes of all grams, by their length."""
    found: list[Hashes] = []
    rolling = np.zeros(len(points), np.uint64)
    for length in range(1, min(longest, len(points)) + 1):
        ends = points[length - 1 :]
        rolling = (rolling[: len(ends)] ^ ends) * _STEP
        rolling ^= rolling >> _SHIFT
        found.append(rolling * _MIX + np.uint64(length))
    return found


def _counted(found: Sequence[Hashes], salt: np.uint64) -> Grams:
    if not found:
        return Grams(_EMPTY, np.empty(0, np.float32))
    hashes, counts = np.unique(np.concatenate(found) ^ salt, return_counts=True)
    return Grams(hashes, counts.astype(np.float32))
