"""Whether a newly trained model is better than what is in force: pure, one rule for each kind.

Both are judged on the same tickets, which the new one has not seen: those of the newest week. With
no model in force the rival is what the lists' own words and rows would have said.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from juanchi.domain.models import Card, ModelKind

AIM: Final = 0.98
"""The share of what is dispatched without a person that must be right."""

COVERAGE_MARGIN: Final = 0.01
"""How much more of the tickets a new dispatch model must dispatch alone to count as better."""

MARGIN: Final = 0.005
"""How much better the score itself must be: less is the luck of the week."""


class Why(StrEnum):
    """Why a model was promoted, or was not."""

    BETTER_SCORE = "better_score"
    BETTER_COVERAGE = "better_coverage"
    SAFER = "safer"
    NOT_BETTER = "not_better"
    LESS_COVERAGE = "less_coverage"
    UNDER_AIM = "under_aim"
    BY_HAND = "by_hand"


class Judgement(NamedTuple):
    """Whether to promote, and why or why not."""

    promote: bool
    why: Why


def judge(new: Card, rival: Card) -> Judgement:
    """Compare two cards of one kind, measured on the same held-out tickets.

    Items and natures: the macro-averaged F1 must be better by ``MARGIN``. Dispatch: first what it
    would dispatch alone (by ``COVERAGE_MARGIN``), then how often its first answer is right (by
    ``MARGIN``); and never where what it dispatches alone would be right less often than ``AIM``. A
    rival that is itself under the aim counts as one that may not dispatch alone at all.
    """
    if new.kind is ModelKind.DISPATCH:
        return _judge_dispatch(new, rival)
    return _by_score(new, rival, "macro_f1")


def _judge_dispatch(new: Card, rival: Card) -> Judgement:
    if not keeps_aim(new):
        return Judgement(False, Why.UNDER_AIM)
    if not keeps_aim(rival):
        return Judgement(True, Why.SAFER)
    gain = _figure(new, "coverage") - _figure(rival, "coverage")
    if gain >= COVERAGE_MARGIN:
        return Judgement(True, Why.BETTER_COVERAGE)
    if gain <= -COVERAGE_MARGIN:
        return Judgement(False, Why.LESS_COVERAGE)
    return _by_score(new, rival, "top1")


def keeps_aim(card: Card) -> bool:
    """Whether what it would dispatch alone is right often enough; also when that is nothing."""
    return not _figure(card, "coverage") or _figure(card, "precision") >= AIM


def _by_score(new: Card, rival: Card, name: str) -> Judgement:
    if _figure(new, name) - _figure(rival, name) >= MARGIN:
        return Judgement(True, Why.BETTER_SCORE)
    return Judgement(False, Why.NOT_BETTER)


def _figure(card: Card, name: str) -> float:
    return card.figures.get(name, 0.0)
