"""What a text's grams say for each class, in numpy alone: nothing else is loaded to answer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from juanchi.intake.learning.grams import PARTS, Grams, Hashes

if TYPE_CHECKING:
    import scipy.sparse as sp

Floats = NDArray[np.float32]


class Said(NamedTuple):
    """What a text says: a score for each class, and the share of its grams that are known.

    Of several texts: a row of scores and a share for each.
    """

    scores: Floats
    known: float | Floats


class Known(NamedTuple):
    """The grams that are known, in the order of their hashes, and how much each weighs."""

    hashes: Hashes
    weights: Floats

    def vector(self, parts: Sequence[Grams]) -> tuple[NDArray[np.intp], Floats, float]:
        """A text's known grams by number, what each counts, and their share of all its grams."""
        numbers, values = [], []
        for part, (_, _, worth) in zip(parts, PARTS, strict=True):
            number, here = self._find(part.hashes)
            value = (1 + np.log(part.counts[here])) * self.weights[number]
            length = float(np.sqrt(value @ value)) or 1.0
            numbers.append(number)
            values.append((value * (worth / length)).astype(np.float32))
        share = len(numbers[0]) / max(1, len(parts[0].hashes))
        return np.concatenate(numbers), np.concatenate(values), share

    def in_order(self) -> bool:
        """Whether the grams can be looked up: each once, in the order of their hashes."""
        return len(self.hashes) == len(self.weights) and bool(
            np.all(self.hashes[1:] > self.hashes[:-1])
        )

    def _find(self, hashes: Hashes) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        if not len(self.hashes):
            return np.empty(0, np.intp), np.zeros(len(hashes), bool)
        at = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        here: NDArray[np.bool_] = self.hashes[at] == hashes
        return at[here], here


class Weights(NamedTuple):
    """What each gram says for each class. With many classes a gram speaks for few of them, and
    ``columns`` and ``ends`` say for which (as in a CSR matrix); with few, for all of them.
    """

    values: NDArray[np.float16]
    bias: Floats
    columns: NDArray[np.int32] | None = None
    ends: NDArray[np.int64] | None = None

    @classmethod
    def dense(cls, values: NDArray[np.float16], bias: Floats) -> "Weights":
        """Weights of few classes, grams by classes."""
        return cls(values, bias)

    @classmethod
    def sparse(cls, weights: "sp.csr_matrix") -> "Weights":
        """Weights of many classes, grams by classes."""
        return cls(
            weights.data.astype(np.float16),
            np.zeros(weights.shape[1], np.float32),
            weights.indices.astype(np.int32),
            weights.indptr.astype(np.int64),
        )

    def fit(self, grams: int, classes: int) -> bool:
        """Whether they are for so many grams and classes."""
        if self.bias.shape != (classes,):
            return False
        if self.columns is None or self.ends is None:
            return self.values.shape == (grams, classes)
        size = len(self.values)
        return (
            self.values.shape == self.columns.shape == (size,)
            and self.ends.shape == (grams + 1,)
            and self.ends[0] == 0
            and self.ends[-1] == size
            and bool(np.all(np.diff(self.ends) >= 0))
            and (not size or 0 <= self.columns.min() <= self.columns.max() < classes)
        )

    def scores(self, numbers: NDArray[np.intp], values: Floats) -> Floats:
        """The score of each class for a text's grams."""
        if self.columns is None or self.ends is None:
            summed: Floats = values @ self.values[numbers].astype(np.float32)
            return summed + self.bias
        starts, lengths = self.ends[numbers], self.ends[numbers + 1] - self.ends[numbers]
        # Every gram's stretch of the long arrays, one after the other.
        skipped = np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
        at = np.arange(len(skipped)) + skipped
        weighed = np.repeat(values, lengths) * self.values[at]
        by_class = np.bincount(self.columns[at], weighed, minlength=len(self.bias))
        return (by_class + self.bias).astype(np.float32)


def says(known: Known, weights: Weights, parts: Sequence[Grams]) -> Said:
    """What a text that has been cut into grams says."""
    numbers, values, share = known.vector(parts)
    return Said(weights.scores(numbers, values), share)
