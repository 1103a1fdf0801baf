"""Rows of the responsibility list that decide nothing, and rows that end soon."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from juanchi.domain.doctor.chart import Chart
from juanchi.domain.doctor.findings import Finding, Kind, Severity
from juanchi.domain.duties import ANY
from juanchi.domain.lists import Duty

_DAY = timedelta(days=1)


class Span(NamedTuple):
    """From a day to a day, both within."""

    first: date
    last: date


def shadowed(chart: Chart) -> Iterator[Finding]:
    """Rows that never decide again, anywhere, from the day on: others always come before them.

    A row's own region is where it is strongest: there only younger rows of the same item and region
    come before it (for ``*``: those of the city too), and before a row for any item those for each
    item. A row that ends before it begins decides nothing either.
    """
    for duty in chart.pack.duties:
        if duty.over(duty.valid_from):
            yield _decides_nothing("backwards", duty, duty.lead)
    rows = _Rows(chart)
    for duty in chart.rows:
        if winner := rows.stronger(duty):
            yield _decides_nothing("shadowed", duty, duty.lead, winner.lead)
        elif duty.item == ANY and rows.each_item_before(duty):
            yield _decides_nothing("shadowed_by_items", duty, duty.lead)


def _decides_nothing(told: str, duty: Duty, *units: str) -> Finding:
    return Finding(
        kind=Kind.SHADOWED,
        severity=Severity.WARNING,
        told=told,
        items=(duty.item,),
        regions=(duty.region,),
        units=units,
        facts={"from": str(duty.valid_from)},
    )


class _Rows:
    """Rows that are not over, and which come before which."""

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._same: dict[tuple[str, str], list[Duty]] = {}
        for duty in chart.rows:
            self._same.setdefault((duty.item, duty.region), []).append(duty)
        self._items = [item for item in chart.directory.items if not self._always(item)]

    def _always(self, item: str) -> bool:
        """Whether one row for everywhere holds from now on: the usual case."""
        return any(
            duty.valid_to is None and duty.valid_from <= self._chart.on
            for duty in self._same.get((item, ANY), ())
        )

    def stronger(self, duty: Duty) -> Duty | None:
        """The first of the rows for the same item that come before a row on each of its days."""
        before = self._before(duty)
        return before[0] if before and self._covered(duty, before) else None

    def each_item_before(self, duty: Duty) -> bool:
        """Whether before a row for any item there is, on each of its days, one for each item."""
        before, regions = self._before(duty), (*self._above(duty), ANY)
        return bool(self._chart.directory.items) and all(
            self._covered(duty, [*before, *self._of(item, regions)]) for item in self._items
        )

    def _before(self, duty: Duty) -> Sequence[Duty]:
        further = self._of(duty.item, self._above(duty)) if duty.region == ANY else ()
        return [*self._younger(duty), *further]

    def _above(self, duty: Duty) -> Sequence[str]:
        """Its region and those above; for everywhere the city."""
        return self._chart.directory.chain(None if duty.region == ANY else duty.region)

    def _covered(self, duty: Duty, by: Iterable[Duty]) -> bool:
        return _covered(self._span(duty), map(self._span, by))

    def _younger(self, duty: Duty) -> Iterator[Duty]:
        """Rows of the same item and region that win where both hold."""
        seen = False
        for other in self._same[duty.item, duty.region]:
            if other is duty:
                seen = True
            elif other.valid_from > duty.valid_from or (
                other.valid_from == duty.valid_from and not seen
            ):
                yield other

    def _of(self, item: str, regions: Iterable[str]) -> Sequence[Duty]:
        return [duty for region in regions for duty in self._same.get((item, region), ())]

    def _span(self, duty: Duty) -> Span:
        return Span(max(duty.valid_from, self._chart.on), duty.valid_to or date.max)


def _covered(span: Span, by: Iterable[Span]) -> bool:
    """Whether each day of a span lies within one of the others."""
    bare = span.first
    for other in sorted(by):
        if other.first > bare:
            return False
        if other.last >= span.last:
            return True
        bare = max(bare, other.last + _DAY)
    return False


def ending(chart: Chart) -> Iterator[Finding]:
    """Rows whose last day is near, with no row of the same item and region on the day after."""
    for duty in chart.rows:
        if duty.valid_to in (None, date.max) or (duty.valid_to - chart.on).days > chart.soon:
            continue
        after = duty.valid_to + _DAY
        if chart.directory.row(duty.item, duty.region, after):
            continue
        region = None if duty.region == ANY else duty.region
        then = chart.directory.responsible(duty.item, region, after)
        yield Finding(
            kind=Kind.ENDING,
            severity=Severity.WARNING,
            told="ending" if then else "ending_gap",
            items=(duty.item,),
            regions=(duty.region,),
            units=(duty.lead, then.lead) if then else (duty.lead,),
            facts={"last": str(duty.valid_to)},
        )
