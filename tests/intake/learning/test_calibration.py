"""Promised probabilities against what came: the curve, its repair, and where a precision holds."""

import numpy as np
import pytest

from juanchi.intake.learning.calibration import (
    Bools,
    Calibrator,
    Floats,
    brier,
    coverage_at,
    ece,
    lower_bound,
    reliability,
    threshold_for,
)


def drawn(count: int, bent: float) -> tuple[Floats, Bools]:
    """Raw probabilities, and outcomes that come by a bent curve of them."""
    chance = np.random.default_rng(7)
    raw = chance.uniform(0.02, 0.98, count)
    odds = bent * np.log(raw / (1 - raw))
    return raw, chance.uniform(size=count) < 1 / (1 + np.exp(-odds))


@pytest.mark.parametrize("bent", [0.4, 1.0, 2.5])
def test_a_calibrator_straightens_a_bent_curve(bent: float) -> None:
    raw, right = drawn(4000, bent)
    fitted = Calibrator.fit(raw[:2000], right[:2000])
    said = fitted(raw[2000:])
    assert ece(said, right[2000:]) < 0.04
    assert brier(said, right[2000:]) <= brier(raw[2000:], right[2000:]) + 0.002
    assert (np.diff(said[np.argsort(raw[2000:])]) >= 0).all()


def test_a_calibrator_never_turns_the_order_around() -> None:
    raw, right = drawn(2000, 1.0)
    fitted = Calibrator.fit(raw, ~right)
    assert fitted.rise >= 0
    assert fitted.fall >= 0


def test_without_evidence_nothing_changes() -> None:
    raw = np.array([0.1, 0.5, 0.9])
    assert Calibrator.fit([], [])(raw) == pytest.approx(raw)


def test_the_curve_counts_every_answer_once() -> None:
    curve = reliability([0.05, 0.05, 0.95, 1.0], [False, True, True, True])
    assert [one.promised for one in curve] == pytest.approx([0.05, 0.975])
    assert [(one.right, one.count) for one in curve] == [(0.5, 2), (1.0, 2)]
    assert reliability([], []) == ()


def test_a_few_lucky_answers_set_no_threshold() -> None:
    assert threshold_for([0.99] * 40, [True] * 40) is None
    assert threshold_for([0.99] * 69, [True] * 69) == 0.99
    assert threshold_for([], []) is None


def test_the_threshold_is_the_least_that_holds() -> None:
    promised = [0.99] * 200 + [0.9] * 100 + [0.5] * 100
    right = [True] * 300 + [True, False] * 50
    assert threshold_for(promised, right) == 0.9
    assert threshold_for(promised, [True] * 200 + [False] * 200) == 0.99
    assert threshold_for(promised, right, 0.8) == 0.5
    # Answers of one probability are dispatched all or none.
    assert threshold_for([0.7] * 400, right) is None


def test_the_lower_bound_is_clopper_and_pearson_s() -> None:
    assert lower_bound(0, 10) == 0.0
    assert lower_bound(100, 100, 0.95) == pytest.approx(0.05 ** (1 / 100))
    assert lower_bound(95, 100) < 0.95 < lower_bound(9900, 10000)


def test_coverage_is_read_off_the_curve() -> None:
    assert coverage_at([0.9, 0.8, 0.7, 0.6], [True, True, False, True], 0.98) == 0.5
    assert coverage_at([0.9, 0.8], [False, True], 0.98) == 0.0
    assert coverage_at([], [], 0.98) == 0.0
