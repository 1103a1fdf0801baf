"""A working-day deadline, day by day: which days counted, which did not, and why."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from juanchi.domain.base import Value
from juanchi.domain.calendar import SkippedDay
from juanchi.domain.deadlines import Deadline, Explanation, Extended
from juanchi.domain.limits import LimitKind, limit_of

START_DAY = "start_day"
MAKEUP = "makeup"

_DAY = timedelta(days=1)


class DayCounted(Value):
    """One day of a deadline. ``number`` is which working day it was, from 1, if it counted.

    ``why`` is ``start_day``, ``weekend``, ``holiday:<name>`` or ``on_hold`` for a day that did not
    count, ``makeup`` for a rest day by the week that did, and empty for a plain working day.
    """

    day: date
    counts: bool
    number: int | None = None
    why: str = ""


def days(deadline: Deadline) -> list[DayCounted]:
    """Each day from the start of a deadline to its due time, by its own explanation.

    It tells how the deadline was counted when it was planned, whatever the tables say today.
    Empty when it was not counted in working days.
    """
    limits = (deadline.why.limit, *deadline.extended)
    return list(_days(deadline)) if all(map(_in_working_days, limits)) else []


def _in_working_days(text: str) -> bool:
    try:
        return limit_of(text).kind is LimitKind.WORKING_DAYS
    except ValueError:  # a day that a person has set
        return False


def _days(deadline: Deadline) -> Iterator[DayCounted]:
    told: tuple[Explanation | Extended, ...] = (deadline.why, *deadline.why.extended)
    skipped = _each([days for one in told for days in one.skipped])
    makeup = {day for one in told for day in one.counted_makeup}
    # Deadlines carry the city's own offset.
    start, last, number = deadline.why.start.date(), deadline.due.date(), 0
    for day in (start + n * _DAY for n in range((last - start).days + 1)):
        if day == start:
            yield DayCounted(day=day, counts=False, why=START_DAY)
        elif day in skipped:
            yield DayCounted(day=day, counts=False, why=skipped[day])
        else:
            number += 1
            yield DayCounted(
                day=day, counts=True, number=number, why=MAKEUP if day in makeup else ""
            )


def _each(ranges: Sequence[SkippedDay]) -> dict[date, str]:
    return {
        range_.first + n * _DAY: range_.why
        for range_ in ranges
        for n in range((range_.last - range_.first).days + 1)
    }
