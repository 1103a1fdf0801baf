"""What was done with such matters before: counts that fade, from the rough to the exact."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Array = npt.NDArray[Any]

_PULL: Final = 3.0
"""So many matters it takes until the exact circumstances count as much as the rougher ones."""


class Seen(NamedTuple):
    """How many matters of the same circumstances there were, and how many a unit led."""

    led: int
    of: int


class Habits:
    """Who led in which circumstances, with recent matters counting more.

    Circumstances are keys from the roughest to the most exact; each is smoothed by the one before
    it. All counts fade alike as time passes, so they need no up-dating between two trainings.
    ``cells`` has per key and unit: the unit's row, the plain count, and the count at each speed of
    fading.
    """

    def __init__(self, keys: Sequence[str], starts: Array, cells: Array, units: int) -> None:
        if len(starts) != len(keys) + 1 or starts[-1] != len(cells):
            raise ValueError(f"{len(starts)} starts for {len(keys)} keys")
        self.keys, self.starts, self.cells = list(keys), starts, cells.astype(np.float32)
        self._units = units
        self._rows = {key: row for row, key in enumerate(self.keys)}

    @classmethod
    def learn(
        cls,
        circumstances: Sequence[Sequence[str]],
        leads: Sequence[int],
        weights: Floats,
        units: int,
    ) -> "Habits":
        """From the circumstances of matters, the row of the unit that led each, and the weights of
        each (a column per speed of fading).
        """
        table: dict[str, dict[int, Floats]] = defaultdict(dict)
        counted = np.column_stack([np.ones(len(weights)), weights])
        for keys, lead, weight in zip(circumstances, leads, counted, strict=True):
            for key in keys:
                table[key][lead] = table[key].get(lead, 0) + weight
        cells = [[lead, *cell] for row in table.values() for lead, cell in sorted(row.items())]
        starts = np.cumsum([0, *map(len, table.values())], dtype=np.int32)
        return cls(list(table), starts, np.array(cells), units)

    def chances(self, keys: Sequence[str]) -> Floats:
        """How likely each unit leads: by key, by speed of fading, by unit."""
        speeds = self.cells.shape[1] - 2
        at = np.full((speeds, self._units), 1 / self._units)
        found = np.empty((len(keys), speeds, self._units))
        for level, key in enumerate(keys):
            cells = self._of(key)
            if cells is not None:
                weights = cells[:, 2:].T
                at = at * _PULL
                at[:, cells[:, 0].astype(int)] += weights
                at = at / (_PULL + weights.sum(axis=1, keepdims=True))
            found[level] = at
        return found

    def seen(self, key: str, units: Sequence[int]) -> list[Seen]:
        """How often each of some units led in these circumstances."""
        cells = self._of(key)
        if cells is None:
            return [Seen(0, 0)] * len(units)
        of = int(cells[:, 1].sum())
        led = dict(zip(cells[:, 0].tolist(), cells[:, 1].tolist(), strict=True))
        return [Seen(int(led.get(unit, 0)), of) for unit in units]

    def _of(self, key: str) -> Array | None:
        row = self._rows.get(key)
        return None if row is None else self.cells[self.starts[row] : self.starts[row + 1]]

    def arrays(self) -> Mapping[str, Array]:
        """All but the keys, to be stored."""
        return {"habit_starts": self.starts, "habit_cells": self.cells}
