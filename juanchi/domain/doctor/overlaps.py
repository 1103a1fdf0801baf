"""Overlaps: two rows for the same item and region that hold on the same day."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from juanchi.domain.doctor.chart import Chart
from juanchi.domain.doctor.findings import Finding, Kind, Severity
from juanchi.domain.lists import Duty

T = TypeVar("T")


def clashes(rows: Iterable[T], duty_of: Callable[[T], Duty]) -> Iterator[tuple[T, T]]:
    """Each row that begins while another of its item and region holds: that one, then it.

    Of several that hold, the one that begins on the same day, else the one that lasts longest.
    """
    same: dict[tuple[str, str], list[T]] = defaultdict(list)
    for row in rows:
        same[duty_of(row).item, duty_of(row).region].append(row)
    for group in same.values():
        group.sort(key=lambda row: duty_of(row).valid_from)
        before = lasting = group[0]
        for row in group[1:]:
            begins = duty_of(row).valid_from
            if duty_of(before).valid_from == begins:
                yield before, row
            elif not duty_of(lasting).over(begins):
                yield lasting, row
            before = row
            lasting = max(lasting, row, key=lambda one: _end(duty_of(one)))


def _end(duty: Duty) -> tuple[bool, str]:
    return duty.valid_to is None, str(duty.valid_to)


def overlaps(chart: Chart) -> Iterator[Finding]:
    """Two leads for the same item and region from the day on.

    From the same day on nobody can say which is meant. Else the younger row decides, which may be
    meant; but then the elder should end before it.
    """
    for elder, younger in clashes(chart.rows, lambda duty: duty):
        if elder.lead != younger.lead:
            together = elder.valid_from == younger.valid_from
            yield Finding(
                kind=Kind.OVERLAP,
                severity=Severity.ERROR if together else Severity.WARNING,
                told="two_leads" if together else "two_leads_later",
                items=(younger.item,),
                regions=(younger.region,),
                units=(elder.lead, younger.lead),
                facts={"since": str(younger.valid_from)},
            )
