"""Holds: what they stop, what they take from a limit, and what they leave alone."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juanchi.domain.calendar import Pause, SkippedDay, WorkCalendar
from juanchi.domain.lists import CalendarDay, CalendarYear, DayKind
from tests.domain.test_calendar import CALENDAR, NIGHT, at, limit, windows

DAY = timedelta(days=1)


def held(begin: str, end: str | None) -> Pause:
    return Pause(begin=at(begin), end=at(end) if end else None)


def due(text: str, start: str, *pauses: Pause) -> str:
    return CALENDAR.add(limit(text), at(start), pauses).at.strftime("%Y-%m-%d %H:%M:%S")


# 2026-11-23 is a Monday; nothing but weekends until the new year.


@pytest.mark.parametrize(
    ("begin", "end", "last"),
    [
        ("2026-11-24 10:00", "2026-11-24 17:00", "2026-11-27"),  # within a day: nothing
        ("2026-11-24 10:00", "2026-11-25 09:00", "2026-11-30"),  # the day of the hold is lost
        ("2026-11-24 10:00", "2026-11-27 09:00", "2026-12-02"),  # the day of resuming counts
        ("2026-11-24 10:00", "2026-11-28 09:00", "2026-12-03"),  # resumed on a Saturday
        ("2026-11-27 10:00", "2026-11-30 09:00", "2026-11-30"),  # on the last day itself
        ("2026-11-28 10:00", "2026-12-10 09:00", "2026-11-27"),  # overdue already
        ("2026-11-20 10:00", "2026-11-22 09:00", "2026-11-27"),  # before it started
        ("2026-11-20 10:00", "2026-11-26 09:00", "2026-12-01"),  # from before it started
        ("2026-11-24 10:00", "2026-11-26 23:59:58", "2026-12-01"),
        ("2026-11-24 10:00", "2026-11-26 23:59:59", "2026-12-02"),  # ends with its review date
        ("2026-11-24 10:00", "2026-11-27 00:00:00", "2026-12-02"),
        ("2026-11-27 23:59:58", "2026-11-30 09:00", "2026-11-30"),
        ("2026-11-27 23:59:59", "2026-11-30 09:00", "2026-11-27"),  # gone by when it began
    ],
)
def test_working_days_of_a_hold_do_not_count(begin: str, end: str, last: str) -> None:
    assert due("4wd", "2026-11-23 15:00", held(begin, end)) == f"{last} 23:59:59"


def test_days_on_hold_are_told_as_one() -> None:
    got = CALENDAR.add(
        limit("4wd"), at("2026-11-23 15:00"), [held("2026-11-26 10:00", "2026-12-02 09:00")]
    )
    assert got.skipped == (
        SkippedDay(first=date(2026, 11, 26), last=date(2026, 12, 1), why="on_hold"),
    )
    assert got.at.date() == date(2026, 12, 3)


def test_the_day_between_two_holds() -> None:
    # Resumed and held again on the 26th: the second hold takes the day.
    twice = (
        held("2026-11-24 10:00", "2026-11-26 09:00"),
        held("2026-11-26 15:00", "2026-11-30 09:00"),
    )
    assert due("4wd", "2026-11-23 15:00", *twice) == "2026-12-03 23:59:59"
    assert due("4wd", "2026-11-23 15:00", *reversed(twice)) == "2026-12-03 23:59:59"


@pytest.mark.parametrize(
    ("text", "begin", "end", "when"),
    [
        ("24h", "2026-11-23 20:00", "2026-11-24 02:00", "2026-11-24 21:00:00"),
        ("24h", "2026-11-24 15:00", "2026-11-25 15:00", "2026-11-24 15:00:00"),  # just in time
        ("24h", "2026-11-23 10:00", "2026-11-23 16:00", "2026-11-24 16:00:00"),
        ("4wh", "2026-11-23 16:00", "2026-11-24 10:00", "2026-11-24 15:00:00"),
        ("4wh", "2026-11-23 18:00", "2026-11-24 09:00", "2026-11-24 10:00:00"),  # in the night
        ("4wh", "2026-11-24 09:30", "2026-11-24 09:45", "2026-11-24 10:15:00"),
        ("same_day 16:00 12:00", "2026-11-23 15:30", "2026-11-26 09:00", "2026-11-23 23:59:59"),
    ],
)
def test_hours_stand_still_in_a_hold(text: str, begin: str, end: str, when: str) -> None:
    assert due(text, "2026-11-23 15:00", held(begin, end)) == when


def test_a_working_day_on_hold_is_told_for_hours_too() -> None:
    got = CALENDAR.add(
        limit("4wh"), at("2026-11-23 15:00"), [held("2026-11-23 15:00", "2026-11-25 09:00")]
    )
    assert [(days.first.day, days.last.day, days.why) for days in got.skipped] == [
        (23, 24, "on_hold")
    ]


def test_holds_that_are_open_or_empty_stop_nothing() -> None:
    nothing = held("2026-11-24 10:00", "2026-11-24 10:00")
    backward = held("2026-11-24 10:00", "2026-11-22 10:00")
    still = held("2026-11-24 10:00", None)
    for text in ("4wd", "24h", "4wh"):
        plain = due(text, "2026-11-23 15:00")
        assert due(text, "2026-11-23 15:00", nothing, backward, still) == plain


def test_holds_that_overlap_count_once() -> None:
    pieces = (
        held("2026-11-23 20:00", "2026-11-24 02:00"),
        held("2026-11-23 22:00", "2026-11-23 23:00"),
        held("2026-11-24 02:00", "2026-11-24 04:00"),
    )
    whole = held("2026-11-23 20:00", "2026-11-24 04:00")
    for text in ("24h", "4wh", "30m"):
        assert due(text, "2026-11-23 15:00", *pieces) == due(text, "2026-11-23 15:00", whole)


def test_a_hold_of_years_is_not_a_calendar_without_working_days() -> None:
    assert due("1wd", "2026-11-23 15:00", held("2026-11-23 16:00", "2031-11-24 09:00")) == (
        "2031-11-24 23:59:59"
    )


# ------------------------------------------------------------ backward


def back(text: str, before: str, *pauses: Pause) -> str:
    return CALENDAR.back(limit(text), at(before), pauses).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("text", "before", "when"),
    [
        ("1wd", "2026-11-24 23:59:59", "2026-11-23 23:59:59"),
        ("1wd", "2026-11-23 10:00", "2026-11-20 10:00:00"),  # over a weekend
        ("2wd", "2026-10-08 23:59:59", "2026-09-29 23:59:59"),  # over the National Day week
        ("1wd", "2026-10-11 12:00", "2026-10-10 12:00:00"),  # a make-up Saturday
        ("0wd", "2026-11-23 10:00", "2026-11-23 10:00:00"),
        ("36h", "2026-11-24 10:00", "2026-11-22 22:00:00"),
        ("2wh", "2026-11-23 10:30", "2026-11-20 17:30:00"),
        ("4wh", "2026-11-23 18:00", "2026-11-23 14:00:00"),
        ("5wh", "2026-11-23 23:59:59", "2026-11-23 11:00:00"),
        ("1wh", "2026-11-22 12:00", "2026-11-20 17:00:00"),  # from a Sunday
    ],
)
def test_so_much_before_due(text: str, before: str, when: str) -> None:
    assert back(text, before) == when


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("1wd", "2026-11-23 17:00:00"),  # the 24th to the 26th are on hold
        ("2wh", "2026-11-27 15:00:00"),
        ("8wh", "2026-11-23 17:00:00"),
        ("8h", "2026-11-24 10:00:00"),
        ("24h", "2026-11-23 18:00:00"),
    ],
)
def test_so_much_before_due_around_a_hold(text: str, when: str) -> None:
    hold = held("2026-11-24 11:00", "2026-11-27 10:00")
    assert back(text, "2026-11-27 17:00", hold) == when


def test_nothing_is_a_same_day_limit_before_due() -> None:
    with pytest.raises(ValueError, match="same_day"):
        back("same_day 16:00 12:00", "2026-11-23 10:00")
    with pytest.raises(ValueError, match="no working time"):
        WorkCalendar("Asia/Shanghai", (), ()).back(limit("1wh"), at("2026-01-01 10:00"))


moments = st.integers(0, 700 * 86400).map(lambda s: at("2024-06-01 00:00") + timedelta(seconds=s))
lengths = st.integers(0, 20 * 86400).map(lambda s: timedelta(seconds=s))
holds = st.lists(
    st.tuples(moments, lengths).map(lambda p: Pause(begin=p[0], end=p[0] + p[1])), max_size=4
)


@given(moments, st.sampled_from(["1wd", "10wd", "4wh", "30m", "24h", "15d"]), holds)
def test_a_hold_never_shortens_and_nothing_is_due_in_one(
    start: datetime, text: str, pauses: list[Pause]
) -> None:
    plain = CALENDAR.add(limit(text), start)
    got = CALENDAR.add(limit(text), start, pauses)
    assert got.at >= plain.at
    assert not any(p.begin < got.at < p.end for p in pauses if p.end)


@given(moments, st.sampled_from(["4wh", "30m", "24h", "7wh"]), holds)
def test_hours_counted_on_are_the_hours_counted_back(
    start: datetime, text: str, pauses: list[Pause]
) -> None:
    end = CALENDAR.add(limit(text), start, pauses).at
    begin = CALENDAR.back(limit(text), end, pauses)
    assert CALENDAR.add(limit(text), begin, pauses).at == end
    assert begin >= start


@given(moments, lengths, holds, st.floats(0, 1))
def test_a_share_of_unpaused_time(
    start: datetime, length: timedelta, pauses: list[Pause], fraction: float
) -> None:
    end = start + length
    got = CALENDAR.share(start, end, fraction, pauses)
    assert start <= got <= end
    assert got == end or not any(p.begin < got < p.end for p in pauses if p.end)


# ------------------------------------------------------------ days of the city


def test_the_city_s_own_day() -> None:
    assert CALENDAR.local_day(datetime.fromisoformat("2026-11-22T16:00:00+00:00")) == date(
        2026, 11, 23
    )
    assert CALENDAR.end_of(date(2026, 11, 23)) == at("2026-11-23 23:59:59")
    assert CALENDAR.end_of(date(2026, 11, 23)).isoformat() == "2026-11-23T23:59:59+08:00"


def test_holds_when_clocks_change() -> None:
    work: dict[str, Any] = {"kind": DayKind.WORK}
    sunday = CalendarDay(day=date(2026, 3, 29), **work)
    table = CalendarYear(year=2026, days=(sunday,))
    lisbon = WorkCalendar("Europe/Lisbon", (table,), windows(*NIGHT))
    start = datetime.fromisoformat("2026-03-29T00:00:00+00:00")
    hold = Pause(begin=start + timedelta(minutes=30), end=start + timedelta(minutes=90))
    got = lisbon.add(limit("4wh"), start, [hold])
    assert got.at.isoformat() == "2026-03-29T06:00:00+01:00"
