"""The working calendar against published vectors and an oracle that counts another way."""

import csv
import random
from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juanchi.domain.calendar import SkippedDay, WorkCalendar
from juanchi.domain.lists import CalendarDay, CalendarYear, DayKind
from juanchi.domain.policy import Limit, Window

CALENDARS = Path(__file__).parents[2] / "juanchi/packs/shenzhen/calendars"
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = (("09:00", "12:00"), ("14:00", "18:00"))
DAY = timedelta(days=1)


def table(year: int) -> CalendarYear:
    with (CALENDARS / f"{year}.csv").open(encoding="utf-8-sig", newline="") as file:
        days = tuple(CalendarDay.model_validate(row) for row in csv.DictReader(file))
    return CalendarYear(year=year, days=days)


def windows(*spans: tuple[str, str]) -> tuple[Window, ...]:
    return tuple(Window.model_validate(f"{opens}-{closes}") for opens, closes in spans)


TABLES = tuple(table(year) for year in (2024, 2025, 2026))
CALENDAR = WorkCalendar("Asia/Shanghai", TABLES, windows(*HOURS))


def limit(text: str) -> Limit:
    return Limit.model_validate(text)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def due(text: str, start: str) -> str:
    moment = CALENDAR.add(limit(text), at(start)).at.astimezone(SHANGHAI)
    return moment.replace(tzinfo=None).isoformat(" ")


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        ("2024-07-18", 10, "2024-08-01"),
        ("2026-02-13", 2, "2026-02-24"),
        ("2026-02-13", 10, "2026-03-05"),
        ("2026-09-24", 2, "2026-09-29"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-09-30", 15, "2026-10-27"),
    ],
)
def test_published_vectors(start: str, days: int, last: str) -> None:
    for clock in ("00:00:00", "10:30:00", "23:59:59"):
        assert due(f"{days}wd", f"{start} {clock}") == f"{last} 23:59:59"


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_year_has_248_working_days(year: int) -> None:
    days = (date(year, 1, 1) + n * DAY for n in range(365))
    assert sum(map(CALENDAR.is_working, days)) == 248


def test_the_table_wins_over_the_weekday() -> None:
    assert CALENDAR.is_working(date(2026, 1, 4)), "a make-up Sunday"
    assert not CALENDAR.is_working(date(2026, 1, 2)), "a holiday Friday"
    assert not CALENDAR.is_working(date(2026, 1, 10)), "a plain Saturday"
    assert CALENDAR.known(date(2026, 12, 31))
    assert not CALENDAR.known(date(2027, 1, 1))


# ------------------------------------------------------------ the oracle: lists, not walks


def working_dates() -> list[date]:
    special = {day.day: day.kind is DayKind.WORK for year in TABLES for day in year.days}
    every = [date.fromordinal(n) for n in range(date(2024, 1, 1).toordinal(), 740_200)]
    return [day for day in every if special.get(day, day.isoweekday() < 6)]


def test_working_days_agree_with_the_oracle() -> None:
    dates = working_dates()
    dice = random.Random(20261122)
    for _ in range(3000):
        start = at("2024-01-01 00:00") + timedelta(seconds=dice.randrange(3 * 365 * 86400))
        count = dice.randrange(31)
        after = (
            bisect_left(dates, start.date() + DAY) if count else bisect_left(dates, start.date())
        )
        expected = dates[after + max(count, 1) - 1]
        got = CALENDAR.add(limit(f"{count}wd"), start.astimezone(UTC))
        assert got.at == datetime.combine(expected, time(23, 59, 59), tzinfo=SHANGHAI)
        assert got.provisional == (expected.year > 2026)


def test_working_hours_agree_with_the_oracle() -> None:
    spans = [range(9 * 60, 12 * 60), range(14 * 60, 18 * 60)]
    open_minutes = [
        day.toordinal() * 1440 + minute
        for day in working_dates()
        if day.year < 2027
        for span in spans
        for minute in span
    ]
    dice = random.Random(20261123)
    for _ in range(3000):
        begin = dice.randrange(open_minutes[0] - 5000, open_minutes[-20_000])
        minutes = dice.randrange(0, 60 * 60, 15)
        first = bisect_left(open_minutes, begin)
        end = open_minutes[first + minutes - 1] + 1 if minutes else open_minutes[first]
        got = CALENDAR.add(limit(f"{minutes / 60}wh"), from_minutes(begin))
        assert got.at == from_minutes(end)


def from_minutes(minutes: int) -> datetime:
    day, minute = divmod(minutes, 1440)
    return datetime.combine(date.fromordinal(day), time(minute // 60, minute % 60), SHANGHAI)


def test_what_was_skipped_is_what_was_not_counted() -> None:
    dice = random.Random(7)
    for _ in range(1000):
        start = date(2024, 1, 1) + dice.randrange(1000) * DAY
        count = dice.randrange(1, 25)
        got = CALENDAR.add(limit(f"{count}wd"), datetime.combine(start, time(8), SHANGHAI))
        skipped = [
            r.first + n * DAY for r in got.skipped for n in range((r.last - r.first).days + 1)
        ]
        passed = (got.at.date() - start).days
        assert len(set(skipped)) == len(skipped) == passed - count
        assert not any(map(CALENDAR.is_working, skipped))
        assert all(CALENDAR.is_working(day) and day.weekday() > 4 for day in got.counted_makeup)


moments = st.integers(0, 1065 * 86400).map(
    lambda seconds: at("2024-01-01 00:00") + timedelta(seconds=seconds)
)
limits = st.sampled_from(["0wd", "1wd", "10wd", "0wh", "0.5wh", "4wh", "7wh", "30m", "24h", "15d"])


@given(moments, moments, limits, limits)
def test_starting_later_never_ends_earlier(
    one: datetime, other: datetime, text: str, more: str
) -> None:
    early, late = sorted((one, other))
    assert CALENDAR.add(limit(text), early).at <= CALENDAR.add(limit(text), late).at
    assert CALENDAR.add(limit(text), early).at >= early
    end = CALENDAR.add(limit(text), early).at
    assert CALENDAR.add(limit(more), end).at >= end


# ------------------------------------------------------------ rule by rule


def test_zero_working_days_ends_the_start_day_or_the_next_working_day() -> None:
    assert due("0wd", "2026-09-24 10:00") == "2026-09-24 23:59:59"
    assert due("0wd", "2026-10-01 10:00") == "2026-10-08 23:59:59"


def test_elapsed_time_knows_no_rest_days() -> None:
    assert due("24h", "2026-09-30 18:30:15") == "2026-10-01 18:30:15"
    assert due("15d", "2026-12-30 08:00") == "2027-01-14 08:00:00"
    assert not CALENDAR.add(limit("15d"), at("2026-12-30 08:00")).provisional


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-25 15:59:59", "2026-11-25 23:59:59"),
        ("2026-11-25 16:00:00", "2026-11-26 12:00:00"),
        ("2026-11-25 00:00:00", "2026-11-25 23:59:59"),
        ("2026-10-03 17:00:00", "2026-10-04 12:00:00"),  # holidays: teams look on site all the same
        ("2026-12-31 23:59:59", "2027-01-01 12:00:00"),
    ],
)
def test_same_day(start: str, end: str) -> None:
    assert due("same_day 16:00 12:00", start) == end


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-25 09:00", "4wh", "2026-11-25 15:00:00"),  # over lunch
        ("2026-11-25 12:30", "1wh", "2026-11-25 15:00:00"),  # begins in the lunch break
        ("2026-11-25 14:00", "4wh", "2026-11-25 18:00:00"),  # lands on closing time and stays
        ("2026-11-25 09:00", "3wh", "2026-11-25 12:00:00"),
        ("2026-11-25 18:00", "4wh", "2026-11-26 15:00:00"),  # at closing time: tomorrow
        ("2026-11-25 03:00", "30m", "2026-11-25 03:30:00"),
        ("2026-11-27 17:00", "4wh", "2026-11-30 12:00:00"),  # over a weekend, Friday to Monday
        ("2026-01-02 10:00", "4wh", "2026-01-04 15:00:00"),  # a make-up Sunday counts
        ("2026-09-30 17:00", "4wh", "2026-10-08 12:00:00"),  # over the National Day week
        ("2026-11-25 20:00", "0wh", "2026-11-26 09:00:00"),
        ("2026-11-25 10:10:10.5", "0.5wh", "2026-11-25 10:40:10.500000"),
    ],
)
def test_working_hours(start: str, hours: str, end: str) -> None:
    assert due(hours, start) == end


def test_fifteen_working_days_explain_themselves_in_a_handful_of_lines() -> None:
    got = CALENDAR.add(limit("15wd"), at("2026-09-30 11:00"))
    assert got.skipped == (
        SkippedDay(first=date(2026, 10, 1), last=date(2026, 10, 7), why="holiday:国庆节"),
        SkippedDay(first=date(2026, 10, 11), last=date(2026, 10, 11), why="weekend"),
        SkippedDay(first=date(2026, 10, 17), last=date(2026, 10, 18), why="weekend"),
        SkippedDay(first=date(2026, 10, 24), last=date(2026, 10, 25), why="weekend"),
    )
    assert got.counted_makeup == (date(2026, 10, 10),)
    assert got.years == (2026,)
    assert got.at.isoformat() == "2026-10-27T23:59:59+08:00"


def test_a_start_after_hours_is_explained() -> None:
    got = CALENDAR.add(limit("1wh"), at("2026-11-27 19:00"))
    assert [(r.first.day, r.last.day, r.why) for r in got.skipped] == [
        (27, 27, "outside_service_hours"),
        (28, 29, "weekend"),
    ]


def test_beyond_the_known_tables_is_provisional() -> None:
    inside = CALENDAR.add(limit("1wd"), at("2026-12-30 10:00"))
    beyond = CALENDAR.add(limit("2wd"), at("2026-12-30 10:00"))
    assert (inside.provisional, inside.years) == (False, (2026,))
    assert (beyond.provisional, beyond.years) == (True, (2026, 2027))
    assert beyond.at.date() == date(2027, 1, 1), "nobody has said yet that it is a holiday"
    assert CALENDAR.add(limit("4wh"), at("2026-12-31 17:00")).provisional
    assert CALENDAR.add(limit("1wd"), at("2023-06-01 10:00")).provisional


def test_the_new_table_settles_it() -> None:
    holiday = CalendarDay(day=date(2027, 1, 1), kind=DayKind.REST, name="元旦")
    tables = (*TABLES, CalendarYear(year=2027, days=(holiday,)))
    settled = WorkCalendar("Asia/Shanghai", tables, windows(*HOURS)).add(
        limit("2wd"), at("2026-12-30 10:00")
    )
    assert settled.at.date() == date(2027, 1, 4)
    assert not settled.provisional


# ------------------------------------------------------------ elsewhere: summer time

NIGHT = (("00:00", "06:00"),)


def plain(zone: str, *days: CalendarDay) -> WorkCalendar:
    return WorkCalendar(zone, (CalendarYear(year=2026, days=days),), windows(*NIGHT))


def test_working_hours_are_real_hours_when_clocks_change() -> None:
    lisbon = ZoneInfo("Europe/Lisbon")
    sunday = CalendarDay(day=date(2026, 3, 29), kind=DayKind.WORK)
    got = plain("Europe/Lisbon", sunday).add(limit("4wh"), at("2026-03-29 00:00", lisbon))
    assert got.at.isoformat() == "2026-03-29T05:00:00+01:00"


def test_elapsed_hours_are_real_hours_when_clocks_change() -> None:
    lisbon = ZoneInfo("Europe/Lisbon")
    got = plain("Europe/Lisbon").add(limit("24h"), at("2026-03-28 12:00", lisbon))
    assert got.at.isoformat() == "2026-03-29T13:00:00+01:00"
    middle = plain("Europe/Lisbon").share(at("2026-03-28 12:00", lisbon), got.at, 0.5)
    assert middle.isoformat() == "2026-03-29T00:00:00+00:00"


@pytest.mark.parametrize(
    ("zone", "friday", "end"),
    [
        ("America/Nuuk", "2026-03-28", "2026-03-28T22:59:59-02:00"),  # 23:00-24:00 never comes
        ("Asia/Beirut", "2026-10-24", "2026-10-24T23:59:59+02:00"),  # 23:00-24:00 comes twice
    ],
)
def test_the_end_of_the_day_where_midnight_moves(zone: str, friday: str, end: str) -> None:
    day = date.fromisoformat(friday)
    work = CalendarDay(day=day, kind=DayKind.WORK)
    start = datetime.combine(day, time(8), ZoneInfo(zone))
    assert plain(zone, work).add(limit("0wd"), start).at.isoformat() == end


# ------------------------------------------------------------ refusals


def test_mistakes_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown time zone 'Mars/Base'"):
        WorkCalendar("Mars/Base", (), windows(*HOURS))
    with pytest.raises(ValueError, match="two calendar tables for 2026"):
        WorkCalendar("Asia/Shanghai", (TABLES[2], TABLES[2]), windows(*HOURS))
    with pytest.raises(ValueError, match="overlap"):
        WorkCalendar("Asia/Shanghai", (), windows(("09:00", "12:00"), ("11:00", "15:00")))
    with pytest.raises(ValueError, match="offset"):
        CALENDAR.add(limit("1wd"), datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="no working time"):
        WorkCalendar("Asia/Shanghai", (), ()).add(limit("1wh"), at("2026-01-01 10:00"))
