"""An oracle that knows no shortcuts: days one after the other, hours one minute after the other.

It shares nothing with the calendar that it checks: limits are texts, holds are pairs of moments,
rest days are a table's rows.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)

Hours = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Hold:
    """A pause in whole seconds of UTC; those of minute-counted plans begin and end on minutes."""

    begin: datetime
    end: datetime


class Oracle:
    """Counts in one city. Moments are in UTC."""

    def __init__(self, zone: str, special: dict[date, str]) -> None:
        self.zone = ZoneInfo(zone)
        self.special = special
        self.known: dict[tuple[date, Hours], list[range]] = {}

    def works(self, day: date) -> bool:
        return self.special.get(day, "work" if day.isoweekday() <= 5 else "rest") == "work"

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def instant(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def belongs_to(self, moment: datetime) -> date:
        """The day that a hold begins or ends on: a day is over in its last second."""
        here = self.local(moment)
        return here.date() + DAY if here.time() >= time(23, 59, 59) else here.date()

    def on_hold(self, holds: list[Hold]) -> set[date]:
        days: set[date] = set()
        for hold in holds:
            day = self.belongs_to(hold.begin)
            while day < self.belongs_to(hold.end):
                days.add(day)
                day += DAY
        return days

    def plus_days(self, count: int, start: datetime, holds: list[Hold]) -> datetime:
        off = self.on_hold(holds)
        day = self.local(start).date()
        if count == 0:
            while day in off or not self.works(day):
                day += DAY
        while count:
            day += DAY
            if self.works(day) and day not in off:
                count -= 1
        return self.instant(day, time(23, 59, 59))

    def minus_days(self, count: int, due: datetime, holds: list[Hold]) -> datetime:
        off = self.on_hold(holds)
        here = self.local(due)
        day = here.date()
        while count:
            day -= DAY
            if self.works(day) and day not in off:
                count -= 1
        return self.instant(day, here.time())

    def minutes(self, start: int, step: int, hours: Hours | None) -> Iterator[int]:
        """Minutes in which a clock could run, onward from a moment or (step -1) backward."""
        if hours is None:
            yield from itertools.count(start if step > 0 else start - 1, step)
        day = self.local(moment(start)).date()
        while True:
            for span in self.opened(day, hours or ())[::step]:
                for at in span[::step]:
                    if (at >= start) if step > 0 else (at < start):
                        yield at
            day += step * DAY

    def opened(self, day: date, hours: Hours) -> list[range]:
        known = self.known.get((day, hours))
        if known is None:
            known = [
                range(
                    minute(self.instant(day, time.fromisoformat(opens))),
                    minute(self.instant(day, time.fromisoformat(closes))),
                )
                for opens, closes in hours
                if self.works(day)
            ]
            self.known[day, hours] = known
        return known

    def run(
        self,
        count: int,
        start: datetime,
        holds: list[Hold],
        hours: Hours | None = None,
        step: int = 1,
    ) -> datetime:
        """The end of the count-th minute that ran; backward the beginning."""
        held = [(minute(hold.begin), minute(hold.end)) for hold in holds]
        low = min((begin for begin, _ in held), default=0)
        stopped = bytearray(max((end for _, end in held), default=0) - low)
        for begin, end in held:
            stopped[begin - low : end - low] = b"\1" * (end - begin)
        high = low + len(stopped)
        for at in self.minutes(minute(start), step, hours):
            if low <= at < high and stopped[at - low]:
                continue
            count -= 1
            if count == 0:
                return moment(at + 1 if step > 0 else at)
        raise AssertionError("time has no end")

    def add(self, limit: str, start: datetime, holds: list[Hold], hours: Hours) -> datetime:
        if limit.endswith("wd"):
            return self.plus_days(int(limit[:-2]), start, holds)
        if limit.endswith("wh"):
            return self.run(round(float(limit[:-2]) * 60), start, holds, hours)
        return self.run(minutes_of(limit), start, holds)

    def share(self, percent: int, start: datetime, due: datetime, holds: list[Hold]) -> datetime:
        """When so much of the time has gone, holds left out, stretch by stretch."""
        edges = {start, due} | {edge for hold in holds for edge in (hold.begin, hold.end)}
        ordered = sorted(edge for edge in edges if start <= edge <= due)
        stretches = [
            (one, other)
            for one, other in itertools.pairwise(ordered)
            if not any(hold.begin <= one and other <= hold.end for hold in holds)
        ]
        whole = sum((other - one for one, other in stretches), timedelta())
        left = whole * percent / 100
        for one, other in stretches:
            if left <= other - one:
                return one + left
            left -= other - one
        return ordered[-1]


def minute(at: datetime) -> int:
    """Minutes since 1970; the moments that it is asked for have no seconds."""
    return int(at.timestamp()) // 60


def moment(minutes: int) -> datetime:
    return datetime.fromtimestamp(minutes * 60, UTC)


def minutes_of(limit: str) -> int:
    return int(limit[:-1]) * {"m": 1, "h": 60, "d": 1440}[limit[-1]]
