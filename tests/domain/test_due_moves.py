"""Deadlines that move: holds, extensions, review dates, and planning what has rung already."""

from datetime import date, datetime
from typing import Any

import pytest

from juanchi.domain.calendar import Pause, WorkCalendar
from juanchi.domain.deadlines import Deadline, clock_key, plan
from juanchi.domain.lists import CalendarDay, CalendarYear, DayKind
from juanchi.domain.policy import Policy
from juanchi.domain.terms import ClockName, Nature, RungKind, Urgency
from tests.domain.test_deadlines import CALENDAR, at, limit, policy, table

LADDER: list[dict[str, Any]] = [
    {"kind": "reminder", "at": "50%"},
    {"kind": "warning", "at": "80%|due-1wd"},
    {"kind": "overdue", "at": "due"},
    {"kind": "yellow_card", "at": "due+1wd", "order": {"leader": "lead/deputy_head"}},
    {
        "kind": "red_card",
        "at": "due+3wd",
        "order": {"leader": "@works/head", "requirement": "now", "copies": ["centre/mayor"]},
        "tell": ["centre/duty_leader", "supervisor"],
    },
]
LIMITS = {
    **{name.value: {"default": "1wd"} for name in ClockName},
    "handle": {"default": "10wd", "urgent": "24h"},
    "arbitration": {"default": "1wd", "joint": "3wd"},
}
POLICY: Policy = policy(
    limits=LIMITS, rungs={"default": LADDER, "reopen": [{"kind": "elapsed", "at": "due"}]}
)
START = "2026-11-23 10:00"  # a Monday; the 10th working day after it is Monday 7 December
DUE = at("2026-12-07 23:59:59")
HELD = Pause(begin=at("2026-11-26 10:00"), end=at("2026-12-01 09:00"))


def handle(start: str = START, calendar: WorkCalendar = CALENDAR, **more: Any) -> Deadline:
    return plan(
        calendar, POLICY, ClockName.HANDLE, at(start), Nature.REQUEST, Urgency.GENERAL, **more
    )


def other(clock: ClockName, start: str = START, **more: Any) -> Deadline:
    return plan(CALENDAR, POLICY, clock, at(start), None, Urgency.GENERAL, **more)


def fired(deadline: Deadline, count: int) -> Deadline:
    return deadline.model_copy(update={"fired": count})


def when(deadline: Deadline) -> list[tuple[str, datetime]]:
    return [(rung.kind.value, rung.at) for rung in deadline.rungs]


# ------------------------------------------------------------ names and states


def test_a_clock_is_named_by_its_unit_too() -> None:
    assert handle().key == clock_key(ClockName.HANDLE) == "handle"
    assist = other(ClockName.ASSIST, subject="roads")
    assert assist.key == clock_key(ClockName.ASSIST, "roads") == "assist:roads"


def test_a_paused_deadline_rings_nothing() -> None:
    paused = handle(pauses=[Pause(begin=at("2026-11-26 10:00"), end=None)])
    assert (paused.paused, paused.next_rung, paused.exhausted) == (True, None, False)
    assert paused.due == DUE, "what it will be is known when it goes on"


def test_a_window_rings_nothing_and_nobody_watches_it() -> None:
    window = other(ClockName.RETURN_WINDOW)
    assert window.rungs == ()
    assert (window.exhausted, window.rung_out, window.next_rung) == (True, False, None)
    done = fired(handle(), 5)
    assert (done.exhausted, done.rung_out) == (True, True)


def test_what_the_first_release_stored_is_still_a_deadline() -> None:
    stored = handle().model_dump(mode="json")
    for key in ("subject", "pauses", "extended"):
        del stored[key]
    for key in ("extended", "pauses"):
        del stored["why"][key]
    for rung in stored["rungs"]:
        del rung["order"], rung["tell"]
    old = Deadline.model_validate(stored)
    assert (old.key, old.paused, old.due) == ("handle", False, DUE)


# ------------------------------------------------------------ limits by name, days set by a person


def test_one_of_the_policy_s_limits_by_name() -> None:
    joint = other(ClockName.ARBITRATION, limit_key="joint")
    assert (joint.why.limit, joint.due.date()) == ("3wd", date(2026, 11, 26))
    assert joint.why.rule == "policy test@7 limits.arbitration.joint"
    unknown = other(ClockName.APPEAL, limit_key="joint")
    assert unknown.why.rule == "policy test@7 limits.appeal.default"


def test_a_hold_is_due_at_the_end_of_its_review_date() -> None:
    hold = other(ClockName.HOLD, until=date(2026, 12, 5))  # a Saturday: nobody works, but time runs
    assert hold.due == hold.original_due == at("2026-12-05 23:59:59")
    assert when(hold) == [("elapsed", hold.due)]
    assert (hold.why.limit, hold.why.rule) == ("until 2026-12-05", "the day set for review")
    assert not hold.provisional
    gone = other(ClockName.HOLD, until=date(2026, 11, 20))
    assert gone.due == at(START)


# ------------------------------------------------------------ holds and extensions


def test_a_hold_moves_the_due_time_and_leaves_the_original() -> None:
    got = handle(pauses=[HELD])
    assert got.due == at("2026-12-10 23:59:59"), "26, 27 and 30 November do not count"
    assert got.original_due == DUE
    assert got.pauses == got.why.pauses == (HELD,)
    assert [(d.first.day, d.last.day, d.why) for d in got.why.skipped] == [
        (26, 30, "on_hold"),
        (5, 6, "weekend"),
    ]


def test_extensions_are_added_one_after_the_other() -> None:
    got = handle(extended=("3wd", "2wd"))
    assert (got.original_due, got.due) == (DUE, at("2026-12-14 23:59:59"))
    assert got.extended == ("3wd", "2wd")
    one, two = got.why.extended
    assert (one.limit, one.due_before, one.due_after) == ("3wd", DUE, at("2026-12-10 23:59:59"))
    assert (two.due_before, two.due_after) == (one.due_after, got.due)
    assert [day.why for day in two.skipped] == ["weekend"]
    assert (got.why.limit, [day.first.day for day in got.why.skipped]) == ("10wd", [28, 5])


def test_a_hold_after_an_extension_stops_that_too() -> None:
    late = Pause(begin=at("2026-12-09 10:00"), end=at("2026-12-14 10:00"))
    got = handle(extended=("3wd",), pauses=[late])
    assert got.due == at("2026-12-15 23:59:59"), "8, then 14 and 15 December"
    assert got.why.extended[0].due_before == DUE


def test_an_extension_into_a_year_without_a_table_is_provisional() -> None:
    got = handle("2026-12-14 10:00", extended=("5wd",))
    assert (got.why.provisional, got.why.years) == (True, (2026, 2027))
    assert not handle("2026-12-10 10:00").why.provisional


# ------------------------------------------------------------ rungs


def test_the_rungs_of_a_hold_run_over_time_that_ran() -> None:
    got = handle(pauses=[HELD])
    away = HELD.end - HELD.begin if HELD.end else None
    assert away is not None
    half = (got.due - got.started - away) / 2
    assert got.rungs[0].at == got.started + half + away
    assert when(got)[1:] == [
        ("warning", CALENDAR.share(got.started, got.due, 0.8, [HELD])),
        ("overdue", got.due),
        ("yellow_card", at("2026-12-11 23:59:59")),
        ("red_card", at("2026-12-15 23:59:59")),
    ]


def test_pressure_after_due_waits_for_the_end_of_a_hold_too() -> None:
    overdue = Pause(begin=at("2026-12-08 09:00"), end=at("2026-12-11 09:00"))
    got = handle(pauses=[overdue])
    assert got.due == DUE
    assert got.rungs[3].at == at("2026-12-11 23:59:59")


@pytest.mark.parametrize(
    ("alternatives", "text", "expected"),
    [
        ("80%|due-1wd", "20wd", "80%"),
        ("80%|due-1wd", "2wd", "2026-11-24 23:59:59"),
        ("80%|due-1wd", "0wd", "80%"),  # there is no working day before due
        ("due-1wd", "0wd", START),
        ("due-1wd|due-2wd", "0wd", START),
        ("due-9wd|due-1wd", "2wd", "2026-11-24 23:59:59"),
        ("due-30m|50%", "30m", "50%"),
    ],
)
def test_the_first_of_the_alternatives(alternatives: str, text: str, expected: str) -> None:
    ladder = [{"kind": "warning", "at": alternatives}, {"kind": "overdue", "at": "due"}]
    ruled = policy(limits=LIMITS, rungs={"default": ladder})
    got = plan(
        CALENDAR, ruled, ClockName.HANDLE, at(START), None, Urgency.GENERAL, item_limit=limit(text)
    )
    share = {"80%": 0.8, "50%": 0.5}.get(expected)
    moment = CALENDAR.share(at(START), got.due, share) if share else at(expected)
    assert got.rungs[0].at == moment


def test_who_is_told_and_ordered() -> None:
    plain = handle().rungs[4]
    assert plain.tell == ("centre/duty_leader", "supervisor")
    found = handle(find=lambda text: text.replace("centre/", "desk/").replace("@works", "roads"))
    last = found.rungs[4]
    assert last.order is not None
    assert (last.order.leader, last.order.copies) == ("roads/head", ("desk/mayor",))
    assert (last.order.requirement, last.tell) == ("now", ("desk/duty_leader", "supervisor"))
    assert found.rungs[0].order is None


# ------------------------------------------------------------ planned again


def test_what_has_fired_stays_fired() -> None:
    before = fired(handle(), 3)
    again = handle(before=before, extended=("5wd",), pauses=before.pauses)
    assert when(again)[:3] == when(before)[:3]
    assert again.fired == 3
    assert when(again)[3:] == [
        ("yellow_card", at("2026-12-15 23:59:59")),
        ("red_card", at("2026-12-17 23:59:59")),
    ]
    assert again.next_rung == again.rungs[3]


def test_what_has_not_fired_is_planned_anew() -> None:
    before = fired(handle(), 1)
    again = handle(before=before, extended=("5wd",))
    assert [kind for kind, _ in when(again)] == [rung["kind"] for rung in LADDER]
    assert again.rungs[0].at == before.rungs[0].at
    assert again.rungs[1].at > before.rungs[1].at
    assert again.rungs[2].at == again.due


def test_other_rungs_than_before() -> None:
    """Raised to urgent: what the new ladder shares with the old does not ring twice."""
    before = fired(handle(), 2)
    short = policy(
        limits=LIMITS,
        rungs={
            "default": LADDER,
            "handle.urgent": [
                {"kind": "warning", "at": "50%"},
                {"kind": "red_card", "at": "due"},
            ],
        },
    )
    now = at("2026-12-05 10:00")
    again = plan(CALENDAR, short, ClockName.HANDLE, now, None, Urgency.URGENT, before=before)
    assert [kind for kind, _ in when(again)] == ["reminder", "warning", "red_card"]
    assert (again.fired, again.rungs[2].at) == (2, at("2026-12-06 10:00"))
    assert again.original_due == DUE


def test_a_rung_never_goes_behind_one_that_has_fired() -> None:
    before = fired(handle(extended=("5wd",)), 2)
    again = handle(before=before)
    assert again.due < before.rungs[1].at
    assert again.rungs[2].at == before.rungs[1].at


def test_kinds_that_an_old_policy_has_twice_fire_as_often() -> None:
    twice = [{"kind": "reminder", "at": "20%"}, {"kind": "reminder", "at": "60%"}, LADDER[2]]
    ruled = policy(limits=LIMITS, rungs={"default": twice})

    def planned(**more: Any) -> Deadline:
        return plan(CALENDAR, ruled, ClockName.HANDLE, at(START), None, Urgency.GENERAL, **more)

    again = planned(before=fired(planned(), 1), extended=["5wd"])
    assert [rung.kind for rung in again.rungs] == [
        RungKind.REMINDER, RungKind.REMINDER, RungKind.OVERDUE,
    ]  # fmt: skip
    assert again.fired == 1


# ------------------------------------------------------------ the original due time


def later(*holidays: date) -> WorkCalendar:
    days = tuple(CalendarDay(day=day, kind=DayKind.REST) for day in holidays)
    tables = (table(2025), table(2026), CalendarYear(year=2027, days=days))
    return WorkCalendar("Asia/Shanghai", tables, POLICY.service_hours)


def test_a_guess_is_settled_when_the_table_is_published() -> None:
    guessed = handle("2026-12-21 10:00")
    assert (guessed.original_due, guessed.provisional) == (at("2027-01-04 23:59:59"), True)
    settled = handle("2026-12-21 10:00", later(date(2027, 1, 1)), before=guessed)
    assert settled.due == settled.original_due == at("2027-01-05 23:59:59")
    assert not settled.provisional


def test_a_guess_that_was_on_hold_is_settled_without_the_hold() -> None:
    hold = Pause(begin=at("2026-12-23 10:00"), end=at("2026-12-25 10:00"))
    guessed = handle("2026-12-21 10:00", pauses=[hold])
    settled = handle(
        "2026-12-21 10:00", later(date(2027, 1, 1)), before=guessed, pauses=guessed.pauses
    )
    assert settled.original_due == at("2027-01-05 23:59:59")
    assert settled.due == at("2027-01-07 23:59:59")


def test_a_guess_that_was_extended_is_kept_as_the_original() -> None:
    guessed = handle("2026-12-21 10:00", extended=["5wd"])
    settled = handle(
        "2026-12-21 10:00", later(date(2027, 1, 1)), before=guessed, extended=guessed.extended
    )
    assert settled.original_due == at("2027-01-04 23:59:59")
    assert settled.why.extended[0].due_before == at("2027-01-05 23:59:59")


@pytest.mark.parametrize(
    ("start", "first", "then"),
    [
        (START, {}, {"extended": ["5wd"]}),
        (START, {}, {"pauses": [HELD]}),
        (START, {}, {"item_limit": limit("3wd")}),
        ("2026-12-21 10:00", {}, {"item_limit": limit("3wd")}),
        ("2026-12-21 10:00", {}, {"extended": ["5wd"]}),
        ("2026-12-21 10:00", {"extended": ["5wd"]}, {"extended": ["5wd", "1wd"]}),
    ],
)
def test_the_original_stays(start: str, first: dict[str, Any], then: dict[str, Any]) -> None:
    before = handle(start, **first)
    again = handle(start, before=before, **then)
    assert again.original_due == before.original_due == handle(start).due
    assert again.due != again.original_due


def test_an_original_that_was_certain_stays_though_the_table_is_put_right() -> None:
    before = handle()
    assert not before.provisional
    days = (*table(2026).days, CalendarDay(day=date(2026, 12, 1), kind=DayKind.REST))
    tables = (table(2025), CalendarYear(year=2026, days=days))
    corrected = WorkCalendar("Asia/Shanghai", tables, POLICY.service_hours)
    again = handle(calendar=corrected, before=before)
    assert (again.due, again.original_due) == (at("2026-12-08 23:59:59"), DUE)
