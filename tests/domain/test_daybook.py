"""A deadline told day by day."""

from datetime import date

from juanchi.domain.calendar import Pause
from juanchi.domain.daybook import DayCounted, days
from juanchi.domain.deadlines import plan
from juanchi.domain.terms import ClockName, Nature, Urgency
from tests.domain.test_deadlines import CALENDAR, POLICY, at, handle, limit


def told(found: list[DayCounted]) -> list[tuple[str, int | None, str]]:
    return [(f"{day.day:%m-%d}", day.number, day.why) for day in found]


def test_each_day_and_why() -> None:
    found = days(handle("2026-09-30 11:00", Nature.COMPLAINT))
    assert told(found)[:13] == [
        ("09-30", None, "start_day"),
        *((f"10-0{n}", None, "holiday:国庆节") for n in range(1, 8)),
        ("10-08", 1, ""),
        ("10-09", 2, ""),
        ("10-10", 3, "makeup"),
        ("10-11", None, "weekend"),
        ("10-12", 4, ""),
    ]
    assert found[-1] == DayCounted(day=date(2026, 10, 27), counts=True, number=15)
    assert [day.number for day in found if day.counts] == list(range(1, 16))
    assert all(day.counts == (day.number is not None) for day in found)


def test_holds_and_extensions_are_told_too() -> None:
    hold = Pause(begin=at("2026-11-25 10:00"), end=at("2026-11-30 10:00"))
    found = days(handle("2026-11-23 10:00", Nature.ENQUIRY, pauses=[hold], extended=["2wd"]))
    assert told(found) == [
        ("11-23", None, "start_day"),
        ("11-24", 1, ""),
        *((f"11-{n}", None, "on_hold") for n in range(25, 30)),
        ("11-30", 2, ""),
        ("12-01", 3, ""),
        ("12-02", 4, ""),
    ]


def test_the_shortest_and_what_is_not_counted_in_days() -> None:
    start = "2026-11-23 10:00"
    assert told(days(handle(start, None, item_limit=limit("0wd")))) == [
        ("11-23", None, "start_day")
    ]
    assert days(handle(start, None, Urgency.URGENT)) == []
    assert days(handle(start, None, item_limit=limit("2wd"), extended=["24h"])) == []
    hold = plan(
        CALENDAR, POLICY, ClockName.HOLD, at(start), None, Urgency.GENERAL,
        until=date(2026, 12, 1),
    )  # fmt: skip
    assert days(hold) == []
