"""The working calendar of a city: which days are working days, and when a limit runs out.

Three kinds of clock, never mixed: elapsed time (24x7, from the event), working days (the start
day does not count; due at the end of the last day) and working hours (only inside service hours
on working days). ``same_day`` is a rule of its own for work that knows no rest days.

A pause stops all but ``same_day``. Elapsed time and working hours stand still in it. Of working
days, those from the day on which it began up to the day before it ended do not count.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from juanchi.domain.base import Moment, Value
from juanchi.domain.limits import Limit, LimitKind, Window
from juanchi.domain.lists import CalendarYear, DayKind
from juanchi.domain.pauses import Pause, Span, backward, closed, cut, forward, unpaused

__all__ = ["Due", "Pause", "SkippedDay", "WorkCalendar"]

WEEKEND = "weekend"
HOLIDAY = "holiday"
OUTSIDE_HOURS = "outside_service_hours"
ON_HOLD = "on_hold"

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_HOPELESS = 1000  # rest days in a row: no table means that, and the walk would never end


class SkippedDay(Value):
    """Days in a row that did not count, both ends included, and why.

    ``why`` is ``weekend``, ``holiday:<name in the table>``, ``on_hold`` (for a working-day limit
    all days of a pause, rest days among them), or ``outside_service_hours`` for a working day on
    which the clock started too late to run.
    """

    first: date
    last: date
    why: str


class Due(Value):
    """When a limit runs out, and how the calendar came to it.

    ``at`` carries the city's UTC offset at that moment. ``years`` are the calendar years whose
    days were looked at; ``provisional`` says that one of them has no table yet.
    """

    at: Moment
    provisional: bool = False
    skipped: tuple[SkippedDay, ...] = ()
    counted_makeup: tuple[date, ...] = ()
    years: tuple[int, ...] = ()


class _Walk:
    """What one walk over the days has seen so far."""

    __slots__ = ("makeup", "skipped", "years")

    def __init__(self) -> None:
        self.skipped: list[tuple[date, date, str]] = []
        self.makeup: list[date] = []
        self.years: list[int] = []

    def see(self, day: date) -> None:
        if not self.years or self.years[-1] != day.year:
            self.years.append(day.year)

    def skip(self, day: date, why: str) -> None:
        if self.skipped:
            first, last, before = self.skipped[-1]
            if before == why and last + _DAY == day:
                self.skipped[-1] = (first, day, why)
                return
        self.skipped.append((day, day, why))


class WorkCalendar:
    """Adds limits to moments in one city's time. Immutable; build one and share it.

    Raises ``ValueError`` when the time zone is unknown, a year has two tables, or service hours
    overlap.
    """

    def __init__(
        self, timezone: str, years: Iterable[CalendarYear], service_hours: Iterable[Window]
    ) -> None:
        try:
            self._zone = ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone {timezone!r}") from error
        self._rest: dict[date, str] = {}
        self._work: set[date] = set()
        self._known: set[int] = set()
        for year in years:
            self._take(year)
        self._windows = sorted((w.opens, w.closes) for w in service_hours)
        if any(b[0] < a[1] for a, b in zip(self._windows, self._windows[1:], strict=False)):
            raise ValueError("service hours overlap")
        self._offsets: dict[timedelta, tzinfo] = {}
        # Every ticket dispatched on one day with one limit shares its answer.
        self._days_from = lru_cache(maxsize=8192)(self._count_days)

    def _take(self, table: CalendarYear) -> None:
        if table.year in self._known:
            raise ValueError(f"two calendar tables for {table.year}")
        self._known.add(table.year)
        for day in table.days:
            if day.kind is DayKind.WORK:
                self._work.add(day.day)
            else:
                self._rest[day.day] = f"{HOLIDAY}:{day.name}" if day.name else HOLIDAY

    def known(self, day: date) -> bool:
        """Whether a published table covers this day's year."""
        return day.year in self._known

    def is_working(self, day: date) -> bool:
        """Whether it is a working day: the table's word, else Monday to Friday."""
        return not self._why_resting(day)

    def add(self, limit: Limit, start: datetime, pauses: Sequence[Pause] = ()) -> Due:
        """When ``limit`` runs out for a clock started at ``start``; pauses still open are ignored.

        Raises ``ValueError`` for a start without an offset, or a limit that never runs out.
        """
        if start.tzinfo is None:
            raise ValueError("a clock must start at a moment with a UTC offset")
        stops = closed(pauses) if pauses else ()
        match limit.kind:
            case LimitKind.ELAPSED:
                return Due(at=self.local(forward(start, limit.elapsed, stops)))
            case LimitKind.WORKING_DAYS:
                return self._days_from(int(limit.amount), self.local_day(start), self._held(stops))
            case LimitKind.WORKING_HOURS:
                return self._count_hours(timedelta(hours=limit.amount), start, stops)
            case LimitKind.SAME_DAY:
                return Due(at=self.local(self._same_day(limit, start)))

    def back(self, limit: Limit, due: datetime, pauses: Sequence[Pause] = ()) -> datetime:
        """The moment when ``limit`` is left before ``due``.

        Of working days: the same local time so many working days earlier. Raises ``ValueError``
        for a ``same_day`` limit, or when there never was so much time.
        """
        stops = closed(pauses) if pauses else ()
        match limit.kind:
            case LimitKind.ELAPSED:
                return self.local(backward(due, limit.elapsed, stops))
            case LimitKind.WORKING_DAYS:
                return self.local(self._days_back(int(limit.amount), due, self._held(stops)))
            case LimitKind.WORKING_HOURS:
                return self.local(self._hours_back(timedelta(hours=limit.amount), due, stops))
            case LimitKind.SAME_DAY:
                raise ValueError("nothing is a same_day limit before it is due")

    def share(
        self, start: datetime, due: datetime, fraction: float, pauses: Sequence[Pause] = ()
    ) -> datetime:
        """The moment when ``fraction`` of the unpaused elapsed time up to ``due`` is gone."""
        begin, end = start.astimezone(UTC), due.astimezone(UTC)
        stops = closed(pauses) if pauses else ()
        at = forward(begin, unpaused(begin, end, stops) * fraction, stops)
        return self.local(min(at, end))

    def end_of(self, day: date) -> datetime:
        """The last second of a day in the city."""
        return self.local(self._end_of(day))

    def local_day(self, moment: datetime) -> date:
        """The city's day at a moment."""
        return moment.astimezone(self._zone).date()

    def local(self, moment: datetime) -> datetime:
        """The same moment with the city's UTC offset.

        A fixed offset, because Python adds and subtracts ``ZoneInfo`` times by the wall clock:
        an hour wrong on the days when summer time begins and ends.
        """
        offset = moment.astimezone(self._zone).utcoffset() or timedelta()
        fixed = self._offsets.get(offset)
        if fixed is None:
            fixed = self._offsets[offset] = timezone(offset)
        return moment.astimezone(fixed)

    def _why_resting(self, day: date) -> str:
        if day in self._work:
            return ""
        why = self._rest.get(day)
        if why is not None:
            return why
        return WEEKEND if day.weekday() >= 5 else ""

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self._zone).astimezone(UTC)

    def _end_of(self, day: date) -> datetime:
        # Not "23:59:59": where summer time changes at midnight that may come twice or never.
        return self._instant(day + _DAY, time.min) - _SECOND

    def _held(self, stops: Sequence[Span]) -> tuple[tuple[date, date], ...]:
        """The days that pauses take from working-day limits: the first of each, and the first
        that counts again.
        """
        # The last second of a day belongs to the next: a hold that ends with its review date must
        # not use that date up, and one begun then must not undo a due time that has just gone by.
        days = ((self.local_day(a + _SECOND), self.local_day(b + _SECOND)) for a, b in stops)
        return tuple((first, again) for first, again in days if first < again)

    def _why_not(self, day: date, held: Sequence[tuple[date, date]]) -> str:
        if any(first <= day < again for first, again in held):
            return ON_HOLD
        return self._why_resting(day)

    def _count_days(self, days: int, start: date, held: tuple[tuple[date, date], ...]) -> Due:
        walk = _Walk()
        left, day = days, start
        if not days:  # the start day itself is the last day, or else the next working day
            left, day = 1, start - _DAY
        resting = 0
        while left:
            day += _DAY
            walk.see(day)
            why = self._why_not(day, held)
            if why:
                walk.skip(day, why)
                resting = self._still_hopeful(resting + (why != ON_HOLD), day)
            else:
                left, resting = left - 1, 0
                if day.weekday() >= 5:
                    walk.makeup.append(day)
        return self._due(self._end_of(day), walk)

    def _days_back(self, days: int, due: datetime, held: Sequence[tuple[date, date]]) -> datetime:
        here = due.astimezone(self._zone)
        day, resting = here.date(), 0
        while days:
            day -= _DAY
            why = self._why_not(day, held)
            days -= not why
            resting = self._still_hopeful(resting + (why != ON_HOLD), day) if why else 0
        return self._instant(day, here.time())

    def _open(self, day: date) -> Iterator[Span]:
        for opens, closes in self._windows:
            yield self._instant(day, opens), self._instant(day, closes)

    def _count_hours(self, left: timedelta, start: datetime, stops: Sequence[Span]) -> Due:
        walk = _Walk()
        begin = start.astimezone(UTC)
        day = self.local_day(start)
        resting = 0
        while True:
            walk.see(day)
            why = self._why_resting(day)
            ran = held = False
            for opening, closing in () if why else self._open(day):
                running = max(begin, opening)
                if running >= closing:
                    continue
                held = True
                for first, last in cut(running, closing, stops):
                    if not ran and day.weekday() >= 5:
                        walk.makeup.append(day)
                    ran = True
                    if left <= last - first:
                        return self._due(first + left, walk)
                    left -= last - first
            if not ran:
                walk.skip(day, why or (ON_HOLD if held else OUTSIDE_HOURS))
            resting = 0 if ran or held else self._still_hopeful(resting + 1, day)
            day += _DAY

    def _hours_back(self, left: timedelta, due: datetime, stops: Sequence[Span]) -> datetime:
        end = due.astimezone(UTC)
        day, resting = self.local_day(due), 0
        while True:
            spans = [] if self._why_resting(day) else list(self._open(day))
            for opening, closing in reversed(spans):
                for first, last in reversed(list(cut(opening, min(end, closing), stops))):
                    if left <= last - first:
                        return last - left
                    left -= last - first
            resting = 0 if spans else self._still_hopeful(resting + 1, day)
            day -= _DAY

    def _still_hopeful(self, resting: int, day: date) -> int:
        if resting > _HOPELESS:
            raise ValueError(f"no working time for {_HOPELESS} days in a row, at {day}")
        return resting

    def _same_day(self, limit: Limit, start: datetime) -> datetime:
        here = start.astimezone(self._zone)
        if limit.cutoff is None or limit.else_at is None:
            raise ValueError("a same_day limit needs its cut-off and the time next day")
        if here.time() < limit.cutoff:
            return self._end_of(here.date())
        return self._instant(here.date() + _DAY, limit.else_at)

    def _due(self, at: datetime, walk: _Walk) -> Due:
        return Due(
            at=self.local(at),
            provisional=any(year not in self._known for year in walk.years),
            skipped=tuple(SkippedDay(first=a, last=b, why=why) for a, b, why in walk.skipped),
            counted_makeup=tuple(walk.makeup),
            years=tuple(walk.years),
        )
