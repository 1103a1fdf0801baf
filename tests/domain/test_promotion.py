"""When a new model is put in force: never for luck, never at the cost of the aim."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from juanchi.domain.models import Card, ModelKind
from juanchi.domain.promotion import Why, judge

AT = datetime(2026, 11, 23, tzinfo=UTC)


def card(kind: ModelKind, **figures: float) -> Card:
    return Card(
        kind=kind,
        format=1,
        trained_at=AT,
        trained_on="tests",
        examples=1,
        held_out=1,
        classes=2,
        figures=figures,
    )


@pytest.mark.parametrize("kind", [ModelKind.ITEM, ModelKind.NATURE])
@pytest.mark.parametrize(
    ("new", "old", "promote", "why"),
    [
        (0.90, 0.80, True, Why.BETTER_SCORE),
        (0.806, 0.80, True, Why.BETTER_SCORE),
        (0.803, 0.80, False, Why.NOT_BETTER),
        (0.80, 0.80, False, Why.NOT_BETTER),
        (0.70, 0.80, False, Why.NOT_BETTER),
    ],
)
def test_texts_by_their_score(
    kind: ModelKind, new: float, old: float, promote: bool, why: Why
) -> None:
    assert judge(card(kind, macro_f1=new), card(kind, macro_f1=old)) == (promote, why)


@pytest.mark.parametrize(
    ("new", "old", "promote", "why"),
    [
        # coverage, precision, top1
        ((0.30, 0.99, 0.5), (0.20, 0.99, 0.6), True, Why.BETTER_COVERAGE),
        ((0.20, 0.99, 0.6), (0.30, 0.99, 0.5), False, Why.LESS_COVERAGE),
        ((0.20, 0.99, 0.6), (0.20, 0.99, 0.5), True, Why.BETTER_SCORE),
        ((0.20, 0.99, 0.5), (0.20, 0.99, 0.5), False, Why.NOT_BETTER),
        ((0.90, 0.97, 0.9), (0.20, 0.99, 0.5), False, Why.UNDER_AIM),
        ((0.20, 0.98, 0.5), (0.90, 0.97, 0.9), True, Why.SAFER),
        ((0.90, 0.97, 0.9), (0.90, 0.90, 0.5), False, Why.UNDER_AIM),
    ],
)
def test_dispatch_by_its_aim_first(
    new: tuple[float, ...], old: tuple[float, ...], promote: bool, why: Why
) -> None:
    cards = [
        card(ModelKind.DISPATCH, coverage=coverage, precision=precision, top1=top1)
        for coverage, precision, top1 in (new, old)
    ]
    assert judge(*cards) == (promote, why)


def test_who_dispatches_nothing_alone_has_no_precision() -> None:
    lists = card(ModelKind.DISPATCH, coverage=0.0, top1=0.5)
    assert judge(card(ModelKind.DISPATCH, coverage=0.0, top1=0.6), lists).promote
    first = card(ModelKind.DISPATCH, coverage=0.2, precision=0.99, top1=0.5)
    assert judge(first, lists) == (True, Why.BETTER_COVERAGE)
