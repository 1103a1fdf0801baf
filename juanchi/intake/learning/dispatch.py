"""Which unit leads a matter, learned from who led such matters in the end.

Candidates come from two views (``views``) and from the responsibility list; a judge (``judge``)
says how likely each is right. The judge, its calibration and the threshold for acting alone are
fitted on matters that are *later* than those the views were learned from: that is how the model is
used, and duties move.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from importlib.metadata import version
from itertools import pairwise
from typing import Final

import numpy as np

from juanchi.domain.duties import Directory
from juanchi.domain.models import Card, ModelKind
from juanchi.domain.promotion import AIM
from juanchi.intake.learning.archive import FORMAT, ModelUnreadable, Unreadable, pack, unpack
from juanchi.intake.learning.calibration import (
    Calibrator,
    brier,
    coverage_at,
    ece,
    reliability,
    threshold_for,
)
from juanchi.intake.learning.example import Example
from juanchi.intake.learning.habits import Seen
from juanchi.intake.learning.judge import Checked, Judge, Trial, cross_checked
from juanchi.intake.learning.traits import Surroundings, item_key, region_key
from juanchi.intake.learning.views import Views

NEWEST: Final = 40_000
"""Matters that are learned from at most: the newest."""

FOLDS: Final = (0.7, 0.8, 0.9, 1.0)
"""The newest of the matters are answered in steps, each by what was known before it."""

FEWEST: Final = 50
"""Matters below which nothing can be held out, so nothing can be promised."""


class TooLittle(ValueError):
    """The examples are too few, or too much alike, to learn from."""


class DispatchModel:
    """Answers which unit leads, with calibrated probabilities. Immutable but for its card."""

    def __init__(
        self,
        card: Card,
        units: Sequence[str],
        views: Views,
        judge: Judge,
        listed: Mapping[str, str],
    ) -> None:
        self.card = card
        self._units, self._views, self._judge = list(units), views, judge
        self._rows = {unit: row for row, unit in enumerate(units)}
        self._listed = dict(listed)

    @classmethod
    def train(
        cls,
        examples: Sequence[Example],
        directory: Directory | None = None,
        on: date | None = None,
    ) -> "DispatchModel":
        """Learn from past matters; those without an item or a lead are left out.

        ``directory`` says what the responsibility list named, ``on`` as of which day (None: each
        matter's own). Deterministic but for the card's time. Raises ``TooLittle``.
        """
        matters = sorted((one for one in examples if one.item and one.lead), key=_when)[-NEWEST:]
        units = sorted({one.lead for one in matters if one.lead})
        if len(matters) < FEWEST or len(units) < 2:
            raise TooLittle(
                f"{len(matters)} examples with an item and a lead, of {len(units)} units: it takes "
                f"{FEWEST} of 2. Collect more, or leave dispatch to the lists."
            )
        rows = {unit: row for row, unit in enumerate(units)}
        around = Surroundings.of(directory).around(matters)
        trials = [
            _tried(Views.learn(known, rows, around), asked, rows, directory, on)
            for known, asked in _steps(matters)
        ]
        if not trials:
            raise TooLittle(
                "the newest examples are all near-duplicates of older ones, so nothing can be held "
                "out. Collect more that differ."
            )
        card = _card(matters, units, cross_checked(trials))
        named = (
            {}
            if directory is None
            else {region_key(one): listed_lead(one, directory, on) or "" for one in matters}
        )
        return cls(card, units, Views.learn(matters, rows, around), Judge.fit(trials), named)

    def ranked(self, matter: Example, listed: str | None, most: int = 3) -> list[tuple[str, float]]:
        """The likeliest units with their calibrated probabilities, best first.

        ``listed`` is the unit that the responsibility list names, also one that never led.
        """
        row = None if listed is None else self._rows.get(listed, -1)
        units, evidence = self._views.consider(matter, row)
        chances = self._judge(evidence)
        found, left = [], 1.0
        for at in np.argsort(-chances, kind="stable")[:most]:
            # Each is judged by itself; together they cannot promise more than certainty.
            chance = min(float(chances[at]), left)
            left -= chance
            found.append(((listed or "") if units[at] < 0 else self._units[units[at]], chance))
        return found

    def has_say(self, matter: Example, listed: str | None) -> bool:
        """Whether what was learned holds for a matter.

        It does not for an item that was never seen, nor where the list now names another unit
        than it did while this was learned: a change of the list is not to be undone by history.
        """
        then = self._listed.get(region_key(matter))
        (seen,) = self._views.habits.seen(item_key(matter), [-1])
        return seen.of > 0 and (then is None or then == (listed or ""))

    def seen(self, matter: Example, unit: str) -> Seen:
        """How often a unit led such matters: of the item in the region, or else of the item."""
        row = self._rows.get(unit, -1)
        (exact,) = self._views.habits.seen(region_key(matter), [row])
        (rough,) = self._views.habits.seen(item_key(matter), [row])
        return exact if exact.of else rough

    def dump(self) -> bytes:
        """The model as bytes."""
        centre, scale, weights, calibrator = self._judge
        words = {"units": self._units, "calibrator": list(calibrator), **self._views.words()}
        words["listed"] = self._listed
        judge = {"judge": np.stack([np.append(centre, 0.0), np.append(scale, 1.0), weights])}
        return pack(self.card, {**judge, **self._views.arrays()}, words)

    @classmethod
    def load(cls, data: bytes) -> "DispatchModel":
        """A model from its bytes. Raises ``ModelUnreadable``."""
        card, arrays, words = unpack(data, ModelKind.DISPATCH)
        try:
            centre, scale, weights = arrays["judge"]
            judge = Judge(centre[:-1], scale[:-1], weights, Calibrator(*words["calibrator"]))
            return cls(card, words["units"], Views.stored(words, arrays), judge, words["listed"])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelUnreadable(Unreadable.INCOMPLETE) from error


def listed_lead(matter: Example, directory: Directory | None, on: date | None = None) -> str | None:
    """The unit that the responsibility list names for a matter, on a day or on its own."""
    day = on or (matter.at.date() if matter.at else None)
    if directory is None or matter.item is None or day is None:
        return None
    found = directory.assign(matter.item, matter.region, day)
    return found.lead.code if found and found.lead else None


def _when(matter: Example) -> float:
    return matter.at.timestamp() if matter.at else float("-inf")


def _steps(matters: Sequence[Example]) -> Iterator[tuple[Sequence[Example], list[Example]]]:
    """What is known at each step, and what is asked then; no near-duplicate of what is known."""
    ends = [round(share * len(matters)) for share in FOLDS]
    for begin, end in pairwise(ends):
        known = {one.group for one in matters[:begin] if one.group}
        if asked := [one for one in matters[begin:end] if one.group not in known]:
            yield matters[:begin], asked


def _tried(
    views: Views,
    asked: Sequence[Example],
    rows: dict[str, int],
    directory: Directory | None,
    on: date | None,
) -> Trial:
    evidence, matter, right = [], [], []
    for number, one in enumerate(asked):
        listed = listed_lead(one, directory, on)
        found = views.consider(one, None if listed is None else rows.get(listed, -1))
        evidence.append(found.evidence)
        matter += [number] * len(found.units)
        right += [unit == rows[one.lead or ""] for unit in found.units]
    return Trial(np.concatenate(evidence), np.array(matter), np.array(right), len(asked))


def _card(matters: Sequence[Example], units: Sequence[str], checked: Checked) -> Card:
    promised, right, among_three = checked
    threshold = threshold_for(promised, right, AIM)
    alone = right[promised >= (2.0 if threshold is None else threshold)]
    figures = {
        "top1": float(right.mean()),
        "top3": float(among_three.mean()),
        "coverage": len(alone) / len(right),
        "coverage_at_98": coverage_at(promised, right, AIM),
        "ece": ece(promised, right),
        "brier": brier(promised, right),
    }
    if len(alone):
        figures["precision"] = float(alone.mean())
    return Card(
        kind=ModelKind.DISPATCH,
        format=FORMAT,
        trained_at=datetime.now(UTC),
        trained_on="past dispatches",
        examples=len(matters),
        held_out=len(right),
        classes=len(units),
        figures=figures,
        threshold=threshold,
        reliability=reliability(promised, right),
        libraries={name: version(name) for name in ("numpy", "scikit-learn")},
    )
