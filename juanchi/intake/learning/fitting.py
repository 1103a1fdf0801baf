"""Learns the weights of a text model. Only here is scikit-learn needed, and only when it trains.

A gram weighs more the rarer it is, and more again the less evenly it is spread over the classes.
With few classes each is told from all others by a ridge regression; with many, for which that
would take hours and gigabytes, a class is the mean of its texts.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from juanchi.intake.learning.grams import PARTS, Grams, Hashes
from juanchi.intake.learning.linear_text import Known, Weights

MOST_SEPARATED: Final = 64
"""Up to so many classes each gets a separating plane of its own."""

LEAST_TEXTS: Final = 2
"""Texts that a gram must stand in to be known."""

MOST_GRAMS_OF_CLASS: Final = 400
"""Grams by which a class is known where there are many classes."""

_MOST_SPREAD: Final = 0.05
"""Where there are many classes: the share of them that a gram may speak for."""

_PENALTY: Final = 0.1
_STEPS: Final = 60
_SMOOTHING: Final = 2.0
_FOLDS: Final = 3

Floats = NDArray[np.float32]
Classes = NDArray[np.intp]


class Corpus(NamedTuple):
    """Texts as counted grams: for each part of a text a matrix, texts by all grams there are."""

    hashes: tuple[Hashes, ...]
    counts: tuple[sp.csr_matrix, ...]

    @classmethod
    def of(cls, texts: Sequence[tuple[Grams, ...]]) -> "Corpus":
        """The corpus of texts that have been cut into grams."""
        parts = [_counted([text[part] for text in texts]) for part in range(len(PARTS))]
        return cls(tuple(hashes for hashes, _ in parts), tuple(counts for _, counts in parts))

    def rows(self, which: Classes) -> "Corpus":
        """Some of the texts."""
        return Corpus(self.hashes, tuple(counts[which] for counts in self.counts))


class Fitted(NamedTuple):
    """What was learned: the grams that are known, and what each says for each class."""

    known: Known
    weights: Weights


def fit(corpus: Corpus, classes: Classes, how_many: int) -> Fitted:
    """Learn from texts and the number of each one's class, of two classes at least."""
    parts = [
        _weighed(hashes, counts, classes, how_many)
        for hashes, counts in zip(corpus.hashes, corpus.counts, strict=True)
    ]
    hashes = np.concatenate([part[0] for part in parts])
    order = np.argsort(hashes)
    known = Known(hashes[order], np.concatenate([part[1] for part in parts])[order])
    x = sp.hstack(
        [_normal(part[2]) * worth for part, (_, _, worth) in zip(parts, PARTS, strict=True)]
    ).tocsr()[:, order]
    learn = _separated if how_many <= MOST_SEPARATED else _means
    return Fitted(known, learn(x, classes, how_many))


def folds(groups: Sequence[str], seed: int) -> Iterator[tuple[Classes, Classes]]:
    """Which texts to learn from and which to hold out, a group never on both sides."""
    names, group = np.unique(np.asarray(groups), return_inverse=True)
    of_group = np.random.default_rng(seed).permutation(len(names)) % _FOLDS
    fold = of_group[group]
    for one in range(_FOLDS):
        learn, held = np.flatnonzero(fold != one), np.flatnonzero(fold == one)
        if len(learn) and len(held):
            yield learn, held


def _counted(texts: Sequence[Grams]) -> tuple[Hashes, sp.csr_matrix]:
    hashes, column = np.unique(np.concatenate([text.hashes for text in texts]), return_inverse=True)
    counts = np.concatenate([text.counts for text in texts])
    ends = np.cumsum([0, *(len(text.hashes) for text in texts)])
    return hashes, sp.csr_matrix((counts, column, ends), shape=(len(texts), len(hashes)))


def _weighed(
    hashes: Hashes, counts: sp.csr_matrix, classes: Classes, how_many: int
) -> tuple[Hashes, Floats, sp.csr_matrix]:
    """The grams that are known, the weight of each, and the weighed counts of them."""
    texts = np.bincount(counts.indices, minlength=len(hashes))
    kept = np.flatnonzero(texts >= LEAST_TEXTS)
    counts, texts = counts[:, kept], texts[kept]
    rarity = np.log((1 + counts.shape[0]) / (1 + texts)) + 1
    weight = (rarity * (1 + _telling(counts, classes, how_many))).astype(np.float32)
    weighed = counts.copy()
    weighed.data = (1 + np.log(counts.data)) * weight[counts.indices]
    return hashes[kept], weight, weighed


def _telling(counts: sp.csr_matrix, classes: Classes, how_many: int) -> NDArray[np.float64]:
    """How much each gram tells about the class: 0 when evenly spread over them, 1 when of one."""
    seen = counts.copy()
    seen.data = np.ones_like(seen.data)
    # As if all classes were of one size: else what is common would tell most.
    by_class = (_members(classes, how_many, _evened(classes, how_many)) @ seen).tocsc()
    total = np.asarray(by_class.sum(0)).ravel() + _SMOOTHING
    column = np.repeat(np.arange(by_class.shape[1]), np.diff(by_class.indptr))
    some = (by_class.data + _SMOOTHING / how_many) / total[column]
    none = _SMOOTHING / how_many / total
    absent = how_many - np.diff(by_class.indptr)
    disorder = -np.bincount(column, some * np.log(some), minlength=len(total))
    disorder -= absent * none * np.log(none)
    told: NDArray[np.float64] = np.clip(1 - disorder / np.log(how_many), 0, 1)
    return told


def _normal(x: sp.csr_matrix) -> sp.csr_matrix:
    length = np.sqrt(np.asarray(x.multiply(x).sum(1)).ravel())
    length[length == 0] = 1
    return sp.diags(1 / length) @ x


def _separated(x: sp.csr_matrix, classes: Classes, how_many: int) -> Weights:
    from sklearn.linear_model import Ridge

    wanted = np.full((len(classes), how_many), -1.0)
    wanted[np.arange(len(classes)), classes] = 1.0
    # A class counts by the root of its size: by its size, the small ones would hardly be named.
    worth = np.sqrt(_evened(classes, how_many))
    planes = Ridge(alpha=_PENALTY, solver="sparse_cg", tol=1e-3, max_iter=_STEPS)
    planes.fit(x, wanted, sample_weight=worth)
    return Weights.dense(planes.coef_.T.astype(np.float16), planes.intercept_.astype(np.float32))


def _means(x: sp.csr_matrix, classes: Classes, how_many: int) -> Weights:
    mean = _normal((_members(classes, how_many, np.ones(len(classes))) @ x).tocsr())
    return Weights.sparse(_pruned(mean).T.tocsr())


def _pruned(by_class: sp.csr_matrix) -> sp.csr_matrix:
    """Without the grams that speak for too many classes; of each class its heaviest ones only."""
    spread = np.bincount(by_class.indices, minlength=by_class.shape[1])
    by_class = by_class.copy()
    by_class.data[spread[by_class.indices] > max(by_class.shape[0] * _MOST_SPREAD, 32)] = 0
    by_class.eliminate_zeros()
    kept = np.concatenate(
        [
            start + np.argsort(-by_class.data[start:end], kind="stable")[:MOST_GRAMS_OF_CLASS]
            for start, end in zip(by_class.indptr[:-1], by_class.indptr[1:], strict=True)
        ]
    )
    row = np.repeat(np.arange(by_class.shape[0]), np.diff(by_class.indptr))[kept]
    return sp.csr_matrix((by_class.data[kept], (row, by_class.indices[kept])), by_class.shape)


def _evened(classes: Classes, how_many: int) -> NDArray[np.float64]:
    """How much each text counts for all classes to count the same."""
    share: NDArray[np.float64] = len(classes) / how_many / np.bincount(classes)[classes]
    return share


def _members(classes: Classes, how_many: int, worth: NDArray[np.float64]) -> sp.csr_matrix:
    """Classes by texts: what each text counts in its class."""
    texts = np.arange(len(classes))
    return sp.csr_matrix((worth, (classes, texts)), (how_many, len(classes)))
