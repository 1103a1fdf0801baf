"""Measures added up: for each group and metric how many, of how many."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from juanchi.domain.base import Value
from juanchi.domain.measures import Measure, Metric


class By(StrEnum):
    """What measures are grouped by."""

    UNIT = "unit"
    DISTRICT = "district"
    ITEM = "item"
    CHANNEL = "channel"
    NONE = "none"


class Share(Value):
    """One figure: ``numerator`` of ``denominator`` in one group.

    ``group`` is a code; None for what belongs to none, and for all when nothing is grouped.
    """

    group: str | None
    metric: Metric
    numerator: int
    denominator: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where there was nothing to count, which is never a good figure."""
        return self.numerator / self.denominator if self.denominator else None


class Tally:
    """Adds measures up, one by one; what it keeps grows with the groups alone."""

    def __init__(self, by: By) -> None:
        self._by = by
        self._of: Counter[tuple[str | None, Metric]] = Counter()
        self._counted: Counter[tuple[str | None, Metric]] = Counter()

    def add(self, measure: Measure) -> None:
        """Count one more."""
        key = (self._group(measure), measure.metric)
        self._of[key] += 1
        self._counted[key] += measure.counted

    def _group(self, measure: Measure) -> str | None:
        match self._by:
            case By.UNIT:
                return measure.unit
            case By.DISTRICT:
                return measure.district
            case By.ITEM:
                return measure.item
            case By.CHANNEL:
                return measure.channel
            case By.NONE:
                return None

    def shares(self) -> list[Share]:
        """Every metric of every group, by the groups' codes; what belongs to none comes last."""
        groups = {group for group, _ in self._of} or {None}
        return [
            Share(
                group=group,
                metric=metric,
                numerator=self._counted[group, metric],
                denominator=self._of[group, metric],
            )
            for group in sorted(groups, key=lambda code: (code is None, code or ""))
            for metric in Metric
        ]


def summarise(measures: Iterable[Measure], by: By = By.NONE) -> list[Share]:
    """The figures of these measures, as ``Tally`` gives them."""
    tally = Tally(by)
    for measure in measures:
        tally.add(measure)
    return tally.shares()
