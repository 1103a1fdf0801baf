"""How likely a candidate is right, weighed from all that speaks for it and against it."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from juanchi.intake.learning.calibration import (
    Bools,
    Calibrator,
    Floats,
    fit_logistic,
    logistic,
)

_PULL: Final = 10.0
_LEAST: Final = 1e-6


class Trial(NamedTuple):
    """Matters whose truth is known, answered by what was known before them.

    ``evidence`` is by candidate; ``matter`` says which matter each is a candidate of (numbered
    from 0), ``right`` whether it was the unit that led. ``matters`` counts also those without any
    right candidate.
    """

    evidence: Floats
    matter: npt.NDArray[np.int_]
    right: Bools
    matters: int


class Judge(NamedTuple):
    """A logistic regression on evidence, and the calibration of what it says.

    It is fitted on answers to matters that came later than those the views were learned from, so
    it knows how far each of them can be trusted.
    """

    centre: Floats
    scale: Floats
    weights: Floats
    calibrator: Calibrator = Calibrator()

    @classmethod
    def fit(cls, trials: Sequence[Trial]) -> "Judge":
        """Fit on trials; the calibrator on what judges of the other trials said of each."""
        judge = cls._weighing(trials)
        if len(trials) < 2:
            return judge
        others = [cls._weighing([*trials[:at], *trials[at + 1 :]]) for at in range(len(trials))]
        said = [other(trial.evidence) for other, trial in zip(others, trials, strict=True)]
        right = np.concatenate([trial.right for trial in trials])
        return judge._replace(calibrator=Calibrator.fit(np.concatenate(said), right))

    @classmethod
    def _weighing(cls, trials: Sequence[Trial]) -> "Judge":
        evidence = np.concatenate([trial.evidence for trial in trials])
        right = np.concatenate([trial.right for trial in trials])
        centre, scale = evidence.mean(axis=0), evidence.std(axis=0)
        # What is the same everywhere says nothing.
        scale[scale < _LEAST] = np.inf
        x = np.column_stack([(evidence - centre) / scale, np.ones(len(evidence))])
        pull = np.full(x.shape[1], _PULL)
        pull[-1] = _LEAST
        return cls(centre, scale, fit_logistic(x, right * 1.0, np.zeros(x.shape[1]), pull))

    def __call__(self, evidence: Floats) -> Floats:
        """How likely each candidate is right."""
        score = (evidence - self.centre) / self.scale @ self.weights[:-1] + self.weights[-1]
        return self.calibrator(logistic(score))


class Checked(NamedTuple):
    """How the first answers of all trials did: what was promised, what was right, first and among
    the first three.
    """

    promised: Floats
    right: Bools
    among_three: Bools


def cross_checked(trials: Sequence[Trial]) -> Checked:
    """Each trial judged by what the others taught; a single one by itself. At least one."""
    parts = []
    for at, trial in enumerate(trials):
        others = [*trials[:at], *trials[at + 1 :]]
        judge = Judge.fit(others or trials)
        parts.append(_ranked(trial, judge(trial.evidence)))
    return Checked(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _ranked(trial: Trial, chances: Floats) -> Checked:
    order = np.lexsort((-chances, trial.matter))
    matter = trial.matter[order]
    begins = np.searchsorted(matter, np.arange(trial.matters))
    place = np.arange(len(matter)) - begins[matter]
    right = trial.right[order]
    among = np.zeros(trial.matters, dtype=bool)
    among[matter[right & (place < 3)]] = True
    return Checked(chances[order][begins], right[begins], among)
