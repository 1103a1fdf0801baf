"""Metrics of dispatch, signing and handling, on lives with known answers."""

from datetime import timedelta

import pytest

from juanchi.domain.measures import Metric, measure
from juanchi.domain.terms import Role
from tests.domain.measuring import M, at_unit, found, verdicts
from tests.handmade import NOISE, UNSURE, Handmade, closed, handled
from tests.pure import MONDAY


def test_a_straight_life_counts_once_in_each() -> None:
    life = closed(Handmade())
    got = {one.metric: one.counted for one in measure(life.entries, life.now)}
    yes = {
        *(M.CONVERSION, M.RIGHT_FIRST_TIME, M.IN_TIME_DISPATCH, M.IN_TIME_SIGNING),
        *(M.ON_TIME, M.ON_TIME_ORIGINAL, M.RESPONSE, M.RESPONSE_IN_TIME),
        *(M.SOLVED, M.SATISFIED, M.RATED),
    }
    assert {metric for metric, counted in got.items() if counted} == yes
    assert len(got) == len(measure(life.entries, life.now)) == len(Metric) - 2
    assert M.WRONGFUL_RETURN not in got


def test_where_and_whose_it_was() -> None:
    life = closed(Handmade("7"))
    for one in measure(life.entries):
        assert (one.ticket_id, one.number) == ("ticket/wall/7", "TT-7")
        assert (one.district, one.channel) == ("north", "wall")
        if one.metric in (M.CONVERSION, M.IN_TIME_DISPATCH):
            assert (one.unit, one.item) == (None, None)
        else:
            assert (one.unit, one.item) == ("roads", "road-hole")


@pytest.mark.parametrize(
    ("life", "expected"),
    [
        (Handmade(text=NOISE), [False]),
        (Handmade(), []),  # waits for the street team: nobody knows yet
        (Handmade().verified("unfounded"), [False]),
        (Handmade().withdrawn(), [False]),
        (Handmade().verified(), [True]),
        (Handmade().verified().withdrawn(), [True]),
        (Handmade().verified("already_handled", into="ticket/wall/2"), [False]),
    ],
)
def test_conversion_counts_what_was_filed_of_what_was_decided(
    life: Handmade, expected: list[bool]
) -> None:
    assert verdicts(life, M.CONVERSION) == expected
    assert all(one.at == MONDAY for one in found(life, M.CONVERSION))


def test_dispatch_by_hand_has_a_clock() -> None:
    waits = Handmade(text=UNSURE, channel="web").later(minutes=59)
    assert verdicts(waits, M.IN_TIME_DISPATCH) == []
    assert verdicts(waits.dispatched(), M.IN_TIME_DISPATCH) == [True]
    late = Handmade(text=UNSURE, channel="web").later(hours=2)
    due = MONDAY + timedelta(hours=1)
    assert [(one.at, one.counted) for one in found(late, M.IN_TIME_DISPATCH)] == [(due, False)]
    late.dispatched()
    assert [(one.at, one.counted) for one in found(late, M.IN_TIME_DISPATCH)] == [(due, False)]
    gone = Handmade(text=UNSURE, channel="web").withdrawn().later(hours=5)
    assert verdicts(gone, M.IN_TIME_DISPATCH) == []


def test_right_first_time_is_over_when_another_unit_has_it() -> None:
    assert verdicts(at_unit(), M.RIGHT_FIRST_TIME) == [True]
    refused = at_unit().returned().return_answered(agreed=False)
    assert verdicts(refused, M.RIGHT_FIRST_TIME) == [True]
    agreed = at_unit().returned().return_answered(agreed=True)
    assert [(one.unit, one.counted) for one in found(agreed, M.RIGHT_FIRST_TIME)] == [
        ("roads", False)
    ]
    ruled = at_unit().asked("open_arbitration", Role.SUPERVISOR, reason="argued").ruled("bins")
    assert verdicts(ruled, M.RIGHT_FIRST_TIME) == [False]


def test_a_ruling_that_comes_after_the_reply_says_whose_it_was_all_the_same() -> None:
    for lead, right in (("bins", False), ("roads", True)):
        life = at_unit().asked("open_arbitration", Role.SUPERVISOR, reason="argued")
        life = life.signed().replied().ruled(lead)
        assert life.lead == "roads"
        assert verdicts(life, M.RIGHT_FIRST_TIME) == [right]


def test_a_backstop_that_takes_over_makes_the_first_dispatch_wrong() -> None:
    life = at_unit().asked("open_arbitration", Role.SUPERVISOR, reason="argued")
    life = life.ruled("roads", backstop="town-desk").later(days=20)
    assert life.lead == "town-desk"
    assert verdicts(life, M.RIGHT_FIRST_TIME) == [False]
    # Roads let it lie; the help desk, which took it over, does so too.
    assert [(one.unit, one.counted) for one in found(life, M.IN_TIME_SIGNING)] == [
        ("roads", False),
        ("town-desk", False),
    ]


# ---------------------------------------------------------------- signing and replying in time


def test_signing_is_decided_by_the_signature_or_by_its_time_running_out() -> None:
    assert verdicts(at_unit(), M.IN_TIME_SIGNING) == []
    assert verdicts(at_unit().later(hours=1).signed(), M.IN_TIME_SIGNING) == [True]
    late = at_unit().later(days=1)
    due = late.ticket.deadlines["sign"].due
    assert [(one.at, one.counted) for one in found(late, M.IN_TIME_SIGNING)] == [(due, False)]
    assert [(one.at, one.counted) for one in found(late.signed(), M.IN_TIME_SIGNING)] == [
        (due, False)
    ]


def test_what_was_taken_away_before_it_was_due_is_not_held_against_a_unit() -> None:
    passed_on = at_unit().later(minutes=30).returned().return_answered(agreed=True).signed()
    assert [(one.unit, one.counted) for one in found(passed_on, M.IN_TIME_SIGNING)] == [
        ("bins", True)
    ]
    assert verdicts(at_unit().withdrawn().later(days=30), M.IN_TIME_SIGNING) == []


def test_it_is_overdue_by_now_even_if_nothing_has_rung() -> None:
    life = at_unit()
    assert verdicts(life, M.IN_TIME_SIGNING, life.now + timedelta(days=3)) == [False]
    assert verdicts(life, M.OVERDUE, life.now + timedelta(days=3)) == [False]
    assert verdicts(life, M.OVERDUE, life.now + timedelta(days=30)) == [True]


def test_on_time_against_both_due_times() -> None:
    both = (M.ON_TIME, M.ON_TIME_ORIGINAL)
    assert [verdicts(handled(Handmade()), metric) for metric in both] == [[True], [True]]
    assert [verdicts(handled(Handmade(), 12), metric) for metric in both] == [[False], [False]]
    extended = at_unit().signed().extended(4)
    original, running = (extended.ticket.deadlines["handle"].original_due, extended.ticket)
    extended.later(days=9)
    assert [verdicts(extended, metric) for metric in both] == [[], [False]]
    extended.replied()
    assert [verdicts(extended, metric) for metric in both] == [[True], [False]]
    assert found(extended, M.ON_TIME)[0].at == extended.now
    assert found(extended, M.ON_TIME_ORIGINAL)[0].at == original
    assert original < running.deadlines["handle"].due
    assert verdicts(extended, M.OVERDUE) == [False]


def test_a_clock_on_hold_cannot_run_out() -> None:
    held = at_unit().signed().later(days=1).held(13).later(days=12)
    assert verdicts(held, M.ON_TIME) == []
    assert verdicts(held, M.ON_TIME_ORIGINAL) == [False]
    assert verdicts(held, M.OVERDUE) == [False]
    held.replied()
    assert verdicts(held, M.ON_TIME) == [True]
    assert verdicts(held, M.HOLD) == [True]


@pytest.mark.parametrize("ruled", [True, False])
def test_what_is_taken_away_on_hold_was_not_late(ruled: bool) -> None:
    """The due time went by while the clock stood still, and nobody counted it anew."""
    life = at_unit().signed().later(days=1).held(13).later(days=9)
    life = life.asked("open_arbitration", Role.SUPERVISOR, reason="argued")
    life = life.ruled("bins") if ruled else life.withdrawn()
    assert [one.unit for one in found(life, M.ON_TIME)] == []
    assert verdicts(life, M.OVERDUE)[0] is False
    held_late = at_unit().signed().later(days=5).by_lead("request_hold", **HOLD)
    held_late = held_late.later(days=5).asked("answer_hold", Role.DISPATCHER, granted=True)
    assert verdicts(held_late.withdrawn(), M.OVERDUE) == [True]


HOLD = {"reason": "frost", "review_on": "2026-12-10", "phase_reply": "in spring"}


def test_a_due_time_that_has_gone_by_without_a_reply_is_not_on_time() -> None:
    life = at_unit().signed().later(days=30)
    due = life.ticket.deadlines["handle"].due
    for metric in (M.ON_TIME, M.ON_TIME_ORIGINAL, M.RESPONSE, M.RESPONSE_IN_TIME):
        assert [(one.at, one.counted) for one in found(life, metric)] == [(due, False)]
    assert verdicts(life, M.OVERDUE) == [True]
    life.replied()
    assert verdicts(life, M.RESPONSE) == [True]
    assert verdicts(life, M.RESPONSE_IN_TIME) == [False]
    assert found(life, M.RESPONSE)[0].at == due


def test_each_unit_answers_for_its_own_time() -> None:
    life = at_unit().later(days=12).asked("open_arbitration", Role.SUPERVISOR, reason="argued")
    life = life.ruled("bins").signed().later(days=1).replied()
    assert [(one.unit, one.counted) for one in found(life, M.ON_TIME)] == [
        ("roads", False),
        ("bins", True),
    ]
    assert [(one.unit, one.counted) for one in found(life, M.OVERDUE)] == [
        ("roads", True),
        ("bins", False),
    ]
    # The reporter was promised a reply by the first due time, when Roads had it.
    assert [(one.unit, one.counted) for one in found(life, M.RESPONSE_IN_TIME)] == [
        ("roads", False)
    ]


def test_passed_on_in_time_is_nobodys_lateness() -> None:
    life = at_unit().returned().return_answered(agreed=True).signed().later(days=1).replied()
    life = life.reviewed().rated(5).later(days=30)
    for metric in (M.ON_TIME, M.ON_TIME_ORIGINAL, M.IN_TIME_SIGNING):
        assert [one.unit for one in found(life, metric)] == ["bins"]
    assert [one.unit for one in found(life, M.OVERDUE)] == ["roads", "bins"]
    assert verdicts(life, M.OVERDUE) == [False, False]
    assert verdicts(life, M.RESPONSE_IN_TIME) == [True]
