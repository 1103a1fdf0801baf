"""More time, and a clock that stands still: extension and hold."""

from datetime import UTC, datetime, timedelta

import pytest

from juanchi.domain.ball import TaskKind
from juanchi.domain.clocks import Planned, Rang
from juanchi.domain.hold import HoldEnded
from juanchi.domain.plans import PlanWhy
from juanchi.domain.refusal import Code
from juanchi.domain.terms import ClockName, Role
from juanchi.domain.ticket import Phase
from tests.domain.cities import tinytown_later
from tests.domain.people import DAY, HOUR, Life, alive, handling

HANDLE = ClockName.HANDLE


def extended(life: Life, by: str = "dispatcher", days: int = 2) -> Life:
    life.does("lead", "request_extension", days=days)
    life.does(by, "answer_extension", granted=True)
    return life


def held(life: Life, days: int = 9) -> Life:
    life.does("lead", "request_hold", review_on=life.day(days))
    life.does("dispatcher", "answer_hold", granted=True)
    return life


# ---------------------------------------------------------------- extension


def test_an_extension_moves_the_due_time_and_keeps_the_original() -> None:
    life = handling()
    before = life.clock(HANDLE)
    life.does("lead", "request_extension", days=2)
    assert life.clock(HANDLE) == before, "a pending request stops no clock"
    life.does("dispatcher", "answer_extension", granted=True)
    after = life.clock(HANDLE)
    assert (after.due - before.due).days == 2
    assert after.original_due == before.due == life.ticket.first_due
    assert after.extended == ("2wd",)
    (moved,) = life.moved()
    assert (moved.clock, moved.was, moved.why) == (HANDLE, before.due, PlanWhy.EXTENDED)


def test_on_time_is_told_against_both_due_times() -> None:
    life = extended(handling())
    life.now = life.clock(HANDLE).original_due + HOUR
    life.does("lead", "reply")
    answer = life.ticket.answer
    assert answer is not None
    assert (answer.on_time, answer.on_time_first) == (True, False)


def test_the_centre_answers_the_first_and_a_supervisor_the_second() -> None:
    life = handling()
    life.does("lead", "request_extension")
    assert life.owes(TaskKind.ANSWER_EXTENSION).holder == Role.DISPATCHER
    yes = {"granted": True}
    assert life.refuses("supervisor", "answer_extension", **yes) is Code.WRONG_ROLE
    life.does("dispatcher", "answer_extension", **yes)
    life.does("lead", "request_extension")
    assert life.owes(TaskKind.ANSWER_EXTENSION).holder == Role.SUPERVISOR
    assert life.refuses("dispatcher", "answer_extension", **yes) is Code.WRONG_ROLE
    life.does("supervisor", "answer_extension", **yes)
    assert life.refuses("lead", "request_extension") is Code.EXTENDED_ENOUGH


def test_a_refused_extension_is_no_extension() -> None:
    life = handling()
    before = life.clock(HANDLE)
    life.does("lead", "request_extension")
    assert life.refuses("dispatcher", "answer_extension", granted=False) is Code.MISSING_REASON
    life.does("dispatcher", "answer_extension", granted=False, note="it is dry")
    assert life.clock(HANDLE) == before
    assert life.ticket.extensions == 0
    assert not life.runs(ClockName.EXTENSION)


def test_an_extension_is_asked_before_the_due_time() -> None:
    life = handling()
    life.now = life.clock(HANDLE).due + timedelta(seconds=1)
    assert life.refuses("lead", "request_extension") is Code.OVERDUE_ALREADY


def test_asked_in_time_and_answered_late_it_still_counts() -> None:
    life = handling()
    life.passes(life.clock(HANDLE).due - HOUR - life.now)
    life.does("lead", "request_extension")
    life.passes(2 * HOUR)
    assert life.clock(HANDLE).fired == 2, "overdue has rung"
    life.does("dispatcher", "answer_extension", granted=True)
    life.passes(7 * DAY)
    rungs = [rang.rung for rang in life.all(Rang) if rang.clock is HANDLE]
    assert len(rungs) == len(set(rungs)), "and does not ring again"


def test_no_longer_than_the_limit_itself_and_than_policy_allows() -> None:
    life = handling()  # the item's own limit is five working days, policy's most is four
    assert life.clock(HANDLE).why.limit == "5wd"
    most = life.ticket.terms.extension_days if life.ticket.terms else 0
    assert life.refuses("lead", "request_extension", days=most + 1) is Code.TOO_LONG
    extended(life, days=most)
    short = handling("rubbish dumped at The Docks")  # two working days, says the item's own list
    assert short.clock(HANDLE).why.limit == "2wd"
    assert short.refuses("lead", "request_extension", days=3) is Code.TOO_LONG
    extended(short, days=2)


def test_urgent_matters_are_not_extended() -> None:
    life = handling()
    life.does("supervisor", "set_urgency")
    assert life.refuses("lead", "request_extension") is Code.URGENT_NOT_EXTENDED


def test_nor_when_they_become_urgent_before_the_answer() -> None:
    life = handling()
    life.does("lead", "request_extension")
    life.does("supervisor", "set_urgency")
    yes = {"granted": True}
    assert life.refuses("dispatcher", "answer_extension", **yes) is Code.URGENT_NOT_EXTENDED
    life.does("dispatcher", "answer_extension", granted=False, note="it is urgent now")


def test_nothing_moves_a_clock_that_stands_still() -> None:
    life = handling()
    life.does("lead", "request_extension")
    held(life)
    assert life.refuses("dispatcher", "answer_extension", granted=True) is Code.ON_HOLD
    life.does("supervisor", "replan", reason="a new table")
    assert HANDLE not in {deadline.clock for deadline in life.last(Planned).deadlines}
    life.does("supervisor", "set_urgency")
    assert HANDLE not in {deadline.clock for deadline in life.last(Planned).deadlines}
    life.does("lead", "end_hold", reason="thaw")
    assert life.refuses("dispatcher", "answer_extension", granted=True) is Code.URGENT_NOT_EXTENDED


def test_only_the_lead_asks_and_only_once_at_a_time() -> None:
    life = handling()
    for kind in ("request_extension", "request_hold"):
        fields = {"review_on": life.day(3)} if kind == "request_hold" else {}
        assert life.refuses("bins", kind, **fields) is Code.WRONG_UNIT
        life.does("lead", kind, **fields)
        assert life.refuses("lead", kind, **fields) is Code.REQUEST_PENDING


def test_there_is_nothing_to_answer_before_it_was_asked() -> None:
    life = handling()
    for kind in ("answer_extension", "answer_hold"):
        assert life.refuses("dispatcher", kind, granted=True) is Code.NO_REQUEST


def test_a_new_unit_may_ask_for_extensions_of_its_own() -> None:
    life = extended(handling())
    life.does("supervisor", "open_arbitration", reason="whose is it?")
    life.does("arbiter", "rule", lead="bins")
    assert life.ticket.extensions == 0
    assert life.clock(HANDLE).extended == ()


# ---------------------------------------------------------------- hold


def test_on_hold_the_handling_clock_stands_still_and_somebody_has_the_ball() -> None:
    life = handling()
    due = life.clock(HANDLE).due
    happened = life.does("lead", "request_hold", review_on=life.day(9))
    assert happened == ["hold_requested", "planned"]
    assert not life.clock(HANDLE).paused, "not before it is granted"
    life.does("dispatcher", "answer_hold", granted=True)
    assert life.clock(HANDLE).paused
    life.passes(8 * DAY)
    assert not [rang for rang in life.all(Rang) if rang.clock is HANDLE]
    assert life.clock(HANDLE).due == due
    reply = life.owes(TaskKind.REPLY)
    assert (reply.holder, reply.due) == ("roads", life.clock(ClockName.HOLD).due)


def test_at_the_review_date_it_goes_on_by_the_stated_rule() -> None:
    """Of working days, those of the hold do not count; the first due time stays visible."""
    life = handling()  # Monday 16 November; five working days: Monday 23
    first = life.clock(HANDLE)
    life.passes(DAY)
    held(life, days=7)  # from Tuesday 17 until the end of Tuesday 24
    life.passes(8 * DAY)
    assert life.last(HoldEnded).why == "review_date"
    goes_on = life.clock(HANDLE)
    assert not goes_on.paused
    assert goes_on.due.date().isoformat() == "2026-12-01", "five days from the 25th on"
    assert goes_on.original_due == first.due == life.ticket.first_due
    assert life.told("roads")[-1] == "hold_ended"
    # All counted days of the hold are skipped, and the explanation says so.
    assert [(day.first.day, day.last.day) for day in goes_on.why.skipped if day.why == "on_hold"]


@pytest.mark.parametrize("who", ["lead", "dispatcher", "supervisor"])
def test_a_hold_can_be_ended_by_hand(who: str) -> None:
    life = held(handling())
    life.passes(3 * DAY)
    life.does(who, "end_hold", reason="it has thawed")
    assert life.last(HoldEnded).why == "by_hand"
    assert life.ticket.hold is None
    assert not life.runs(ClockName.HOLD)
    (moved,) = life.moved()
    assert moved.why is PlanWhy.RESUMED


def test_a_reply_ends_the_hold_and_is_judged_by_the_stopped_clock() -> None:
    life = held(handling(), days=20)
    life.passes(19 * DAY)
    assert life.does("lead", "reply")[:2] == ["hold_ended", "replied"]
    answer = life.ticket.answer
    assert answer is not None
    assert (answer.on_time, answer.on_time_first) == (True, False)


def test_the_review_date_is_ahead_and_not_too_far() -> None:
    life = handling()
    most = life.ticket.terms.hold_days if life.ticket.terms else 0
    for days, code in ((0, Code.DATE_PAST), (-3, Code.DATE_PAST), (most + 1, Code.TOO_LONG)):
        assert life.refuses("lead", "request_hold", review_on=life.day(days)) is code
    life.does("lead", "request_hold", review_on=life.day(most))


def test_the_day_of_a_review_date_is_the_city_s() -> None:
    """At half past midnight in Lisbon's summer it is still yesterday in Greenwich."""
    life = handling(begins=datetime(2026, 6, 15, 10, tzinfo=UTC))
    life.passes(13 * HOUR + HOUR / 2)
    today = {"review_on": "2026-06-16"}
    assert life.now.date().isoformat() == "2026-06-15"
    assert life.refuses("lead", "request_hold", **today) is Code.DATE_PAST


def test_a_hold_that_is_answered_too_late_cannot_be_granted() -> None:
    life = handling()
    life.does("lead", "request_hold", review_on=life.day(1))
    life.passes(2 * DAY)
    assert life.refuses("dispatcher", "answer_hold", granted=True) is Code.DATE_PAST
    assert life.refuses("dispatcher", "answer_hold", granted=False) is Code.MISSING_REASON
    life.does("dispatcher", "answer_hold", granted=False, note="too late")


def test_holds_are_counted() -> None:
    life = handling(tools=tinytown_later())  # one hold is allowed there
    held(life)
    assert life.refuses("lead", "request_hold", review_on=life.day(3)) is Code.ON_HOLD
    life.does("lead", "end_hold", reason="thaw")
    assert life.refuses("lead", "request_hold", review_on=life.day(3)) is Code.HELD_ENOUGH


def test_what_is_overdue_is_not_put_on_hold() -> None:
    life = handling()
    life.now = life.clock(HANDLE).due + HOUR
    assert life.refuses("lead", "request_hold", review_on=life.day(9)) is Code.OVERDUE_ALREADY


def test_on_hold_nothing_else_is_asked_for() -> None:
    life = held(handling())
    for kind in ("request_return", "request_extension"):
        assert life.refuses("lead", kind) is Code.ON_HOLD
    assert life.refuses("bins", "end_hold", reason="ours now") is Code.WRONG_UNIT
    life.does("lead", "end_hold", reason="thaw")
    assert life.refuses("lead", "end_hold", reason="thaw") is Code.NOT_ON_HOLD


def test_a_hold_does_not_outlive_its_ticket() -> None:
    life = held(handling())
    assert life.does("reporter", "withdraw", reason="gone") == ["hold_ended", "ended"]
    assert life.ticket.hold is None


def test_a_hold_that_ended_in_an_outage_has_ended_before_the_late_reply() -> None:
    """The reply is judged by the due time that the hold has moved, not by the one before it."""
    life = held(handling(), days=12)
    life.now += 13 * DAY  # nobody was there to ring
    assert life.does("lead", "reply")[0] == "rang"
    answer = life.ticket.answer
    assert answer is not None
    assert answer.on_time
    assert not answer.on_time_first


def test_pending_requests_lapse_when_they_are_pointless() -> None:
    life = handling()
    life.does("lead", "request_extension")
    life.does("lead", "request_hold", review_on=life.day(5))
    happened = life.does("lead", "reply")
    assert happened[:3] == ["request_lapsed", "request_lapsed", "replied"]
    assert not life.runs(ClockName.EXTENSION)
    assert not life.runs(ClockName.HOLD_REQUEST)


def test_requests_belong_to_handling() -> None:
    life = alive().goes_on(Phase.UNSIGNED)
    asked = {"review_on": life.day(5)}
    assert life.refuses("lead", "request_extension") is Code.WRONG_PHASE
    assert life.refuses("lead", "request_hold", **asked) is Code.WRONG_PHASE
