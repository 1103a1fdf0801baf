"""Two views of a matter put side by side as evidence for each unit that may lead it.

A linear view (softmax regression over traits) generalises to what was never seen together; habits
(fading counts) know what is usual for exactly this item, place and channel.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from juanchi.intake.learning.calibration import Floats
from juanchi.intake.learning.example import Example
from juanchi.intake.learning.habits import Habits
from juanchi.intake.learning.linear import Linear
from juanchi.intake.learning.traits import Surroundings, Traits

HALF_LIVES: Final = (90.0, 12.0)
"""A matter counts half as much as one so many days later: duties move, and people's habits fast.

The linear view fades at the first speed alone.
"""

CONSIDERED: Final = 5
"""Candidates of the linear view; the first of the habits' and the listed one come to them."""

_EXACT: Final = 4
_FLOOR: Final = 1e-4
_FLOOR_OF_HABITS: Final = 1e-3


class Considered(NamedTuple):
    """The units that may lead a matter, by row (-1: the listed one, which never led anything), and
    the evidence for each.
    """

    units: list[int]
    evidence: Floats


class Views(NamedTuple):
    """What has been learned of some matters."""

    traits: Traits
    linear: Linear
    habits: Habits

    @classmethod
    def learn(
        cls, matters: Sequence[Example], rows: Mapping[str, int], around: Surroundings
    ) -> "Views":
        """Learn from matters; ``rows`` numbers all units there are."""
        leads = [rows[one.lead or ""] for one in matters]
        weights = np.column_stack([_fading(matters, days) for days in HALF_LIVES])
        traits = Traits.learn(matters, around)
        told = [dict(traits.of(one)) for one in matters]
        circumstances = [traits.circumstances(one) for one in matters]
        return cls(
            traits,
            Linear.learn(told, leads, weights[:, 0], len(rows)),
            Habits.learn(circumstances, leads, weights, len(rows)),
        )

    def consider(self, matter: Example, listed: int | None) -> Considered:
        """The candidates for a matter. ``listed``: the row of the unit that the list names, -1 for
        one that never led; None: it names none.
        """
        linear = self.linear.chances(dict(self.traits.of(matter)))
        keys = self.traits.circumstances(matter)
        habits = self.habits.chances(keys)[-_EXACT:]
        ranked = np.argsort(-linear, kind="stable")
        wanted = [*ranked[:CONSIDERED], int(habits[-1, 0].argmax())]
        units = list(dict.fromkeys(int(one) for one in wanted))
        if listed is not None and listed not in units:
            units.append(listed)
        rivals = [linear[ranked[1 if one == ranked[0] and len(ranked) > 1 else 0]] for one in units]
        never = np.array(units) < 0
        mine = np.where(never, 0.0, linear[units])
        usual = np.where(never, 0.0, habits[:, :, units]).reshape(-1, len(units))
        support = np.array([self.habits.seen(key, units) for key in keys[-_EXACT:]], dtype=float)
        led, of = support[:, :, 0], support[:, :, 1]
        rows = [
            *_logs(mine, _FLOOR),
            np.log(mine + _FLOOR) - np.log(np.array(rivals) + _FLOOR),
            *(part for chance in usual for part in _logs(chance, _FLOOR_OF_HABITS)),
            *np.log1p(of),
            *np.log1p(of - led),
            *((led + 0.5) / (of + 1)),
            np.array([one == listed for one in units]) * 1.0,
            np.full(len(units), 1.0 if listed is not None else 0.0),
        ]
        return Considered(units, np.column_stack(rows))

    def words(self) -> dict[str, Any]:
        """What is text in it, to be stored."""
        return {
            "traits": self.linear.names,
            "grams": sorted(self.traits.grams),
            "classes": dict(self.traits.around.classes),
            "regions": dict(self.traits.around.regions),
            "habits": self.habits.keys,
        }

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What is numbers in it, to be stored."""
        linear = {"weights": self.linear.weights, "offsets": self.linear.offsets}
        return {**linear, **self.habits.arrays()}

    @classmethod
    def stored(cls, words: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> "Views":
        """What ``words`` and ``arrays`` gave. Raises ``KeyError`` or ``ValueError`` for parts that
        are missing or do not fit.
        """
        offsets = arrays["offsets"]
        return cls(
            Traits(Surroundings(words["classes"], words["regions"]), words["grams"]),
            Linear(words["traits"], arrays["weights"], offsets),
            Habits(words["habits"], arrays["habit_starts"], arrays["habit_cells"], len(offsets)),
        )


def _logs(chance: Floats, floor: float) -> tuple[Floats, Floats]:
    return np.log(chance + floor), -np.log(1 - chance + floor)


def _fading(matters: Sequence[Example], half_life: float) -> Floats:
    """Weights by age in days; a matter without a time counts as the oldest."""
    times = [one.at.timestamp() for one in matters if one.at]
    if not times:
        return np.ones(len(matters))
    at = np.array([one.at.timestamp() if one.at else min(times) for one in matters])
    weights: Floats = 0.5 ** ((max(times) - at) / 86400 / half_life)
    return weights
