"""Deadlines: which limit holds, when the rungs fire, and whether the explanation tells it all."""

import csv
import time as clock_time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from juanchi.domain.calendar import WorkCalendar
from juanchi.domain.deadlines import Deadline, plan
from juanchi.domain.lists import CalendarDay, CalendarYear
from juanchi.domain.policy import Limit, Policy
from juanchi.domain.terms import ClockName, Nature, RungKind, Urgency

CALENDARS = Path(__file__).parents[2] / "juanchi/packs/shenzhen/calendars"
SHANGHAI = ZoneInfo("Asia/Shanghai")
GENERAL, URGENT = Urgency.GENERAL, Urgency.URGENT


def policy(**changes: Any) -> Policy:
    limits: dict[str, dict[str, str]] = {name.value: {"default": "1wd"} for name in ClockName}
    limits["handle"] = {"default": "15wd", "enquiry": "2wd", "urgent": "24h", "request": "10wd"}
    limits["verify"] = {"default": "same_day 16:00 12:00", "urgent": "2h"}
    rungs = [
        {"kind": "reminder", "at": "50%"},
        {"kind": "reminder", "at": "80%"},
        {"kind": "overdue", "at": "due"},
        {"kind": "escalated", "at": "due+1wd"},
        {"kind": "pressed", "at": "due+3wd"},
    ]
    fields: dict[str, Any] = {
        "code": "test",
        "version": "7",
        "valid_from": date(2022, 9, 1),
        "service_hours": ["09:00-12:00", "14:00-18:00"],
        "limits": limits,
        "rungs": {"default": rungs, "reopen": [{"kind": "elapsed", "at": "due"}]},
        "rework": {"share": 0.5, "least": "2wd"},
    }
    return Policy.model_validate(fields | changes)


def table(year: int) -> CalendarYear:
    with (CALENDARS / f"{year}.csv").open(encoding="utf-8-sig", newline="") as file:
        days = tuple(CalendarDay.model_validate(row) for row in csv.DictReader(file))
    return CalendarYear(year=year, days=days)


POLICY = policy()
CALENDAR = WorkCalendar("Asia/Shanghai", map(table, (2025, 2026)), POLICY.service_hours)


def limit(text: str) -> Limit:
    return Limit.model_validate(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def handle(start: str, nature: Nature | None, urgency: Urgency = GENERAL, **more: Any) -> Deadline:
    return plan(CALENDAR, POLICY, ClockName.HANDLE, at(start), nature, urgency, **more)


# ------------------------------------------------------------ which limit


@pytest.mark.parametrize(
    ("nature", "urgency", "text", "key"),
    [
        (Nature.ENQUIRY, GENERAL, "2wd", "enquiry"),
        (Nature.ENQUIRY, URGENT, "1d", "urgent"),
        (Nature.COMPLAINT, GENERAL, "15wd", "default"),
        (None, GENERAL, "15wd", "default"),
    ],
)
def test_the_limit_and_its_rule(
    nature: Nature | None, urgency: Urgency, text: str, key: str
) -> None:
    why = handle("2026-11-25 10:00", nature, urgency).why
    assert (why.limit, why.rule) == (text, f"policy test@7 limits.handle.{key}")


def test_an_items_own_limit_wins_for_handling_only() -> None:
    own: dict[str, Any] = {
        "item_limit": limit("3wd"),
        "item_rule": "implementation list: NS-water/0412",
    }
    got = handle("2026-11-25 10:00", Nature.ENQUIRY, **own)
    assert got.due == at("2026-11-30 23:59:59")
    assert (got.why.limit, got.why.rule) == ("3wd", "implementation list: NS-water/0412")
    start = at("2026-11-25 10:00")
    sign = plan(CALENDAR, POLICY, ClockName.SIGN, start, None, GENERAL, **own)
    assert sign.why.rule == "policy test@7 limits.sign.default"


@pytest.mark.parametrize(
    ("item", "least", "due", "text"),
    [
        ("15wd", "2wd", "2026-12-07 23:59:59", "8wd"),  # 7.5 days are 8
        ("10wd", "2wd", "2026-12-02 23:59:59", "5wd"),
        ("3wd", "2wd", "2026-11-27 23:59:59", "2wd"),
        ("2wd", "2wd", "2026-11-27 23:59:59", "2wd"),  # the least
        ("24h", "2wd", "2026-11-27 23:59:59", "2wd"),  # compared by when they end
        ("20d", "2wd", "2026-12-05 10:00:00", "10d"),
        ("8wh", "1h", "2026-11-25 16:00:00", "4wh"),
        ("same_day 16:00 12:00", "1h", "2026-11-25 23:59:59", "same_day 16:00 12:00"),
    ],
)
def test_rework(item: str, least: str, due: str, text: str) -> None:
    start, short = at("2026-11-25 10:00"), policy(rework={"least": least})
    got = plan(
        CALENDAR, short, ClockName.HANDLE, start, None, GENERAL,
        item_limit=limit(item), item_rule="list", rework=True,
    )  # fmt: skip
    assert got.due == got.original_due == at(due)
    assert got.why.limit == text
    assert got.why.rule in {
        "policy test@7 rework.least",
        f"50% for rework of {limit(item)} by list",
    }


@pytest.mark.parametrize(
    ("share", "item", "expected"),
    [(0.1, "10wd", "1wd"), (0.7, "10wd", "7wd"), (0.35, "10wd", "4wd"), (0.28, "25wd", "7wd")],
)
def test_shares_are_not_rounded_up_by_float_error(share: float, item: str, expected: str) -> None:
    ruled, start = policy(rework={"share": share, "least": "0wd"}), at("2026-11-02 10:00")
    got = plan(
        CALENDAR, ruled, ClockName.HANDLE, start, None, GENERAL,
        item_limit=limit(item), rework=True,
    )  # fmt: skip
    assert got.why.limit == expected


def test_a_limit_is_written_as_it_is_read() -> None:
    for text in ("0s", "90s", "30m", "1d", "1234567s", "0.5wh", "10wd", "same_day 16:00 12:00"):
        assert str(limit(text)) == text


# ------------------------------------------------------------ rungs


def test_rungs_of_a_fifteen_day_limit() -> None:
    got = handle("2026-09-30 11:59:59", Nature.COMPLAINT)
    whole = got.due - got.started
    assert [(rung.kind, rung.at) for rung in got.rungs] == [
        (RungKind.REMINDER, got.started + whole / 2),
        (RungKind.REMINDER, got.started + whole * 4 / 5),
        (RungKind.OVERDUE, at("2026-10-27 23:59:59")),
        (RungKind.ESCALATED, at("2026-10-28 23:59:59")),
        (RungKind.PRESSED, at("2026-10-30 23:59:59")),
    ]
    assert got.fired == 0


def test_a_clock_with_rungs_of_its_own() -> None:
    start = at("2026-11-25 10:00")
    got = plan(CALENDAR, POLICY, ClockName.REOPEN, start, None, GENERAL)
    assert [rung.kind for rung in got.rungs] == [RungKind.ELAPSED]


def test_pressure_rises_in_the_order_written_even_across_a_holiday() -> None:
    crossing = [
        {"kind": "overdue", "at": "due"},
        {"kind": "escalated", "at": "due+1wd"},
        {"kind": "pressed", "at": "due+3d"},
    ]
    ruled = policy(rungs={"default": crossing})
    start = at("2026-09-29 10:00")
    got = plan(CALENDAR, ruled, ClockName.SIGN, start, None, GENERAL)
    assert [(rung.kind, rung.at) for rung in got.rungs] == [
        (RungKind.OVERDUE, at("2026-09-30 23:59:59")),
        (RungKind.ESCALATED, at("2026-10-08 23:59:59")),
        (RungKind.PRESSED, at("2026-10-08 23:59:59")),
    ]


def test_what_rings_next() -> None:
    got = handle("2026-11-25 10:00", None)
    assert got.next_rung == got.rungs[0]
    assert not got.exhausted
    done = got.model_copy(update={"fired": 5})
    assert done.next_rung is None
    assert done.exhausted


@given(
    st.integers(0, 600 * 86400),
    st.sampled_from([clock for clock in ClockName if clock is not ClockName.RETURN_WINDOW]),
    st.sampled_from([None, *Nature]),
    st.sampled_from([*Urgency]),
    st.booleans(),
)
def test_every_plan_is_in_order_and_survives_storage(
    seconds: int, clock: ClockName, nature: Nature | None, urgency: Urgency, rework: bool
) -> None:
    start = at("2025-01-01 00:00") + timedelta(seconds=seconds)
    got = plan(CALENDAR, POLICY, clock, start, nature, urgency, rework=rework)
    times = [rung.at for rung in got.rungs]
    assert times == sorted(times)
    assert start <= times[0]
    assert got.due in times
    assert got.started == got.why.start == start
    assert len(got.why.skipped) <= 8
    assert Deadline.model_validate_json(got.model_dump_json()) == got


# ------------------------------------------------------------ explaining


def test_the_explanation_tells_what_was_skipped_and_counted() -> None:
    why = handle("2026-09-30 11:00", Nature.COMPLAINT).why
    assert [(day.first.day, day.last.day, day.why) for day in why.skipped] == [
        (1, 7, "holiday:国庆节"),
        (11, 11, "weekend"),
        (17, 18, "weekend"),
        (24, 25, "weekend"),
    ]
    assert why.counted_makeup == (date(2026, 10, 10),)
    assert (why.provisional, why.years) == (False, (2026,))


def test_provisional_in_its_due_time_or_only_in_a_rung() -> None:
    inside = handle("2026-11-25 10:00", Nature.REQUEST)
    rung = handle("2026-12-15 10:00", Nature.REQUEST)
    beyond = handle("2026-12-25 10:00", Nature.REQUEST)
    assert (inside.provisional, inside.why.provisional) == (False, False)
    assert (rung.provisional, rung.why.provisional) == (True, False)
    assert (beyond.provisional, beyond.why.provisional) == (True, True)


# ------------------------------------------------------------ a wrong policy is refused


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"limits": {"handle": {"default": "1wd"}}}, "limits missing for: triage, verify"),
        ({"rungs": {}}, "rungs: need a default"),
        ({"rungs": {"default": [], "lunch": []}}, r"unknown clocks \['lunch'\]"),
        ({"service_hours": []}, "at least 1 item"),
        ({"service_hours": ["09:00-12:00", "11:00-15:00"]}, "begins before the one ahead"),
        ({"service_hours": ["12:00-09:00"]}, "open before they close"),
        ({"rework": {"least": "two days"}}, "'two days' is not a limit"),
        ({"rework": {"least": "1.5wd"}}, "working days must be whole, not 1.5"),
        ({"rework": {"least": "99999wd"}}, "at most ten years"),
        ({"rungs": {"default": [{"kind": "overdue", "at": "due+99999wd"}]}}, "at most ten years"),
        ({"rework": {"least": {"kind": "same_day"}}}, "needs its cut-off"),
        (
            {
                "rungs": {
                    "default": [{"kind": "overdue", "at": "due"}, {"kind": "reminder", "at": "80%"}]
                }
            },
            r"rungs.default: '80%' is listed after 'due' but rings before",
        ),
    ],
)
def test_a_wrong_policy_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        policy(**changes)


def test_a_plan_takes_microseconds() -> None:
    start = at("2025-01-01 00:00")
    best = 1.0
    for _ in range(5):
        begun = clock_time.perf_counter()
        for minute in range(200):
            plan(
                CALENDAR, POLICY, ClockName.HANDLE, start + timedelta(hours=7 * minute),
                Nature.COMPLAINT, GENERAL,
            )  # fmt: skip
        best = min(best, (clock_time.perf_counter() - begun) / 200)
    # Ten times what was measured, for a busy machine: it guards against a walk per rung or ticket.
    assert best < 400e-6
