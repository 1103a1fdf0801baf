"""Periods as people write them: a year, a month, a week, a day, or from a day to another."""

import re
from datetime import date, datetime, time, timedelta, tzinfo

from juanchi.domain.base import Moment, Value

_YEAR = re.compile(r"(\d{4})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_DAY = timedelta(days=1)


class Period(Value):
    """From the ``first`` day to the ``last``: from ``start`` up to and without ``end``."""

    first: date
    last: date
    start: Moment
    end: Moment

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def period_of(text: str, zone: tzinfo) -> Period:
    """The period that a text means in a city's time: ``2026``, ``2026-10``, ``2026-W43`` (from
    Monday on), ``2026-10-05``, ``2026-10-01..2026-10-15`` (both days included).

    Raises ``ValueError`` when it means none.
    """
    try:
        first, after = _days(text.strip())
    except OverflowError:
        raise ValueError("that is beyond the calendar") from None
    start, end = (datetime.combine(day, time.min, tzinfo=zone) for day in (first, after))
    return Period(first=first, last=after - _DAY, start=start, end=end)


def _days(text: str) -> tuple[date, date]:
    """The first day, and the first one after."""
    first, dots, last = text.partition("..")
    if dots:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
        if end < begin:
            raise ValueError(f"{last} comes before {first}")
        return begin, end + _DAY
    if found := _YEAR.fullmatch(text):
        year = int(found[1])
        return date(year, 1, 1), date(year + 1, 1, 1)
    if found := _MONTH.fullmatch(text):
        begin = date(int(found[1]), int(found[2]), 1)
        return begin, (begin + 31 * _DAY).replace(day=1)
    if found := _WEEK.fullmatch(text):
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        return monday, monday + 7 * _DAY
    day = date.fromisoformat(text)
    return day, day + _DAY
