"""Softmax regression over named traits: trained by scikit-learn, answering by numpy alone."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_SOFTNESS: Final = 3.0
_ROUNDS: Final = 200


class Linear:
    """``weights`` are traits by classes; ``offsets`` by classes."""

    def __init__(
        self,
        names: Sequence[str],
        weights: npt.NDArray[np.generic],
        offsets: npt.NDArray[np.generic],
    ) -> None:
        self.names = list(names)
        self.weights = weights.astype(np.float32)
        self.offsets = offsets.astype(np.float32)
        if self.weights.shape != (len(self.names), len(self.offsets)):
            raise ValueError(f"{self.weights.shape} weights for {len(self.names)} traits")
        self._row = {name: at for at, name in enumerate(self.names)}

    @classmethod
    def learn(
        cls,
        found: Sequence[Mapping[str, float]],
        classes: Sequence[int],
        weights: Floats,
        count: int,
    ) -> "Linear":
        """From the traits of matters, the class of each (below ``count``) and its weight.

        A class that no matter has gets no chance.
        """
        # Only a training needs them, and they take long to load.
        from scipy.sparse import csr_matrix
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression

        names = sorted({name for traits in found for name in traits})
        row = {name: at for at, name in enumerate(names)}
        table = np.zeros((len(names), count))
        offsets = np.full(count, -np.inf)
        present = np.unique(classes)
        if len(present) == 1:
            offsets[present] = 0.0
            return cls(names, table, offsets)
        starts = np.cumsum([0, *map(len, found)])
        columns = [row[name] for traits in found for name in traits]
        values = [value for traits in found for value in traits.values()]
        matrix = csr_matrix((values, columns, starts), shape=(len(found), len(names)))
        model = LogisticRegression(C=_SOFTNESS, max_iter=_ROUNDS)
        with warnings.catch_warnings():
            # The last digits of weights that are held small anyway are not worth more rounds.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(matrix, np.asarray(classes), sample_weight=weights)
        if len(present) == 2:  # scikit-learn tells only the second of two
            table[:, present[1]], offsets[present] = model.coef_[0], (0.0, model.intercept_[0])
        else:
            table[:, present], offsets[present] = model.coef_.T, model.intercept_
        return cls(names, table, offsets)

    def chances(self, traits: Mapping[str, float]) -> Floats:
        """How likely each class is; traits that were never seen count nothing."""
        known = [(self._row[name], value) for name, value in traits.items() if name in self._row]
        scores = self.offsets.astype(np.float64)
        if known:
            rows, values = zip(*known, strict=True)
            scores = scores + np.array(values) @ self.weights[list(rows)]
        risen = np.exp(scores - scores.max())
        chances: Floats = risen / risen.sum()
        return chances
