"""Probabilities that mean what they say: their curve, their repair, and where they suffice."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from juanchi.domain.models import Bin

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

CONFIDENCE: Final = 0.75
"""How sure it must be that the precision asked for is reached, not just seen by luck."""

LEAST: Final = 30
"""Answers below which nothing is said about a precision."""

_EDGE: Final = 1e-6
_STEPS: Final = 100
_NEAR: Final = 1e-9


class Calibrator(NamedTuple):
    """Beta calibration: ``logit(p) = rise * ln(q) - fall * ln(1 - q) + shift`` of a raw ``q``.

    It never turns the order around, and with ``rise = fall = 1`` and ``shift = 0`` it changes
    nothing.
    """

    rise: float = 1.0
    fall: float = 1.0
    shift: float = 0.0

    @classmethod
    def fit(cls, raw: Sequence[float] | Floats, right: Sequence[bool] | Bools) -> "Calibrator":
        """The calibrator under which these answers were likeliest; little evidence moves little."""
        if not len(raw):
            return cls()
        logs = _logs(np.asarray(raw, dtype=float))
        y = np.asarray(right, dtype=float)
        # Where the best curve would turn the order around, that end is held straight.
        for kept in ([0, 1, 2], [0, 2], [1, 2]):
            start = np.array([1.0, 1.0, 0.0])[kept]
            fitted = fit_logistic(logs[:, kept], y, start, np.ones(len(kept)))
            if min(fitted[:-1]) >= 0:
                found = np.zeros(3)
                found[kept] = fitted
                return cls(*map(float, found))
        return cls()

    def __call__(self, raw: Floats) -> Floats:
        """The calibrated probabilities."""
        return logistic(_logs(raw) @ np.array(self))


def _logs(raw: Floats) -> Floats:
    q = np.clip(raw, _EDGE, 1 - _EDGE)
    return np.stack([np.log(q), -np.log1p(-q), np.ones_like(q)], axis=-1)


def fit_logistic(x: Floats, y: Floats, start: Floats, pull: Floats) -> Floats:
    """The weights of a logistic regression, each drawn to its start by so much."""
    found = start.copy()
    for _ in range(_STEPS):
        p = logistic(x @ found)
        slope = x.T @ (y - p) - pull * (found - start)
        bend = (x * (p * (1 - p))[:, None]).T @ x + np.diag(pull)
        step = np.linalg.solve(bend, slope)
        # In small steps: far from the end, Newton's own would overshoot.
        found = found + np.clip(step, -1, 1)
        if float(np.abs(step).max()) < _NEAR:
            break
    return found


def logistic(z: Floats) -> Floats:
    """From the logarithm of odds to a probability."""
    p: Floats = 1 / (1 + np.exp(-np.clip(z, -50, 50)))
    return p


def reliability(
    promised: Sequence[float] | Floats, right: Sequence[bool] | Bools, bins: int = 10
) -> tuple[Bin, ...]:
    """The reliability curve in bins of equal width; empty ones are left out."""
    p, y = np.asarray(promised, dtype=float), np.asarray(right, dtype=float)
    at = np.minimum((p * bins).astype(int), bins - 1)
    return tuple(
        Bin(
            promised=float(p[at == one].mean()),
            right=float(y[at == one].mean()),
            count=int((at == one).sum()),
        )
        for one in np.unique(at)
    )


def ece(promised: Sequence[float] | Floats, right: Sequence[bool] | Bools, bins: int = 10) -> float:
    """The expected calibration error: how far the curve is from the diagonal, on average."""
    curve = reliability(promised, right, bins)
    total = sum(one.count for one in curve)
    return sum(abs(one.promised - one.right) * one.count for one in curve) / max(total, 1)


def brier(promised: Sequence[float] | Floats, right: Sequence[bool] | Bools) -> float:
    """The mean squared distance between what was promised and what came."""
    p, y = np.asarray(promised, dtype=float), np.asarray(right, dtype=float)
    return float(np.mean((p - y) ** 2)) if len(p) else 0.0


def threshold_for(
    promised: Sequence[float] | Floats,
    right: Sequence[bool] | Bools,
    precision: float = 0.98,
    *,
    confidence: float = CONFIDENCE,
    least: int = LEAST,
) -> float | None:
    """The least probability at and above which answers are right often enough; None: nowhere.

    Not the share that was seen counts but its lower bound (Clopper-Pearson), so that a few lucky
    answers set no threshold: for 98 % it takes 69 answers without an error.
    """
    p, y = np.asarray(promised, dtype=float), np.asarray(right, dtype=bool)
    if len(p) < least:
        return None
    order = np.argsort(-p, kind="stable")
    p, hits = p[order], np.cumsum(y[order])
    counts = np.arange(1, len(p) + 1)
    last_of_its_value = np.append(p[1:] != p[:-1], True)
    enough = last_of_its_value & (counts >= least) & (hits >= precision * counts)
    for at in np.flatnonzero(enough)[::-1]:
        if lower_bound(int(hits[at]), int(counts[at]), confidence) >= precision:
            return float(p[at])
    return None


def lower_bound(right: int, of: int, confidence: float = CONFIDENCE) -> float:
    """The least share that the seen one does not contradict: one-sided Clopper-Pearson."""
    # Only needed where a model is trained: what answers loads no scipy.
    from scipy.special import betaincinv

    if right <= 0:
        return 0.0
    return float(betaincinv(right, of - right + 1, 1 - confidence))


def coverage_at(
    promised: Sequence[float] | Floats, right: Sequence[bool] | Bools, precision: float
) -> float:
    """The largest share of answers, most probable first, of which so many are right.

    Read off the answers themselves, so it says what a perfect choice of the threshold would have
    given: for comparing models, not for setting one.
    """
    order = np.argsort(-np.asarray(promised, dtype=float), kind="stable")
    hits = np.cumsum(np.asarray(right, dtype=bool)[order])
    counts = np.arange(1, len(hits) + 1)
    reached = np.flatnonzero(hits >= precision * counts)
    return float(counts[reached[-1]] / len(hits)) if len(reached) else 0.0
