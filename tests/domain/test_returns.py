"""Not ours: how a return is asked for, answered, and cannot go on for ever."""

from datetime import timedelta

import pytest

from juanchi.domain.arbitration import ArbitrationOpened
from juanchi.domain.ball import TaskKind
from juanchi.domain.overlays import DisputeCause
from juanchi.domain.refusal import Code
from juanchi.domain.returns import ReturnRequested
from juanchi.domain.supervised import OrderIssued
from juanchi.domain.terms import ClockName, Role, Trigger
from juanchi.domain.ticket import Phase
from tests.domain.cities import tinytown_later
from tests.domain.people import DAY, HOUR, WIRE, Life, handling, unsigned


def refused_once(life: Life) -> Life:
    life.does("lead", "request_return")
    life.does("dispatcher", "answer_return", agreed=False, note="read the list")
    return life


def test_a_request_neither_moves_the_ticket_nor_stops_its_clock() -> None:
    life = unsigned()
    before = life.ticket
    assert life.does("lead", "request_return", to="bins") == ["return_requested", "planned"]
    assert life.ticket.phase is Phase.UNSIGNED
    for clock in (ClockName.SIGN, ClockName.HANDLE):
        assert life.clock(clock) == before.deadlines[clock]
    assert life.owes(TaskKind.ANSWER_RETURN).holder == Role.DISPATCHER
    assert life.owes(TaskKind.ANSWER_RETURN).due == life.clock(ClockName.RETURN).due


def test_the_first_unit_works_on_while_it_argues() -> None:
    life = unsigned()
    life.does("lead", "request_return")
    life.does("lead", "sign")
    life.does("lead", "progress", note="fenced off")
    assert life.does("lead", "reply")[:2] == ["request_lapsed", "replied"]
    assert life.ticket.returning is None
    assert not life.runs(ClockName.RETURN)


def test_a_refusal_says_why_and_the_unit_goes_on() -> None:
    life = unsigned()
    life.does("lead", "request_return")
    assert life.refuses("dispatcher", "answer_return", agreed=False) is Code.MISSING_REASON
    life.does("dispatcher", "answer_return", agreed=False, note="read the list")
    assert life.ticket.lead == "roads"
    assert not life.runs(ClockName.RETURN)
    assert life.told("roads")[-1] == "return_refused"


@pytest.mark.parametrize(
    ("asked", "answered", "lead"),
    [({"to": "bins"}, {}, "bins"), ({"to": "bins"}, {"lead": "rescue"}, "rescue")],
)
def test_agreed_to_it_goes_to_the_right_unit(
    asked: dict[str, str], answered: dict[str, str], lead: str
) -> None:
    life = handling()
    first = life.ticket
    life.does("lead", "request_extension", reason="rain")
    life.does("supervisor", "order")
    life.does("lead", "request_return", **asked)
    life.passes(HOUR)
    happened = life.does("dispatcher", "answer_return", agreed=True, **answered)
    assert happened == [
        "return_agreed", "request_lapsed", "order_released", "dispatched", "planned",
    ]  # fmt: skip
    ticket = life.ticket
    assert (ticket.lead, ticket.phase, ticket.signed_at) == (lead, Phase.UNSIGNED, None)
    assert ticket.first_due == first.first_due
    assert life.clock(ClockName.HANDLE).started == ticket.dispatched_at
    assert "taken_away" in life.told("roads")
    assert life.told(lead)[-1] == "dispatched"


def test_an_agreement_needs_another_unit() -> None:
    life = unsigned()
    life.does("lead", "request_return")
    assert life.refuses("dispatcher", "answer_return", agreed=True) is Code.MISSING_UNIT
    same = {"agreed": True, "lead": "roads"}
    assert life.refuses("dispatcher", "answer_return", **same) is Code.SAME_UNIT
    street = {"agreed": True, "lead": "warden-mill"}
    assert life.refuses("dispatcher", "answer_return", **street) is Code.NO_SUCH_DUTY


def test_a_second_refused_return_opens_an_arbitration() -> None:
    life = refused_once(unsigned())
    life.does("lead", "request_return")
    happened = life.does("dispatcher", "answer_return", agreed=False, note="it is yours")
    assert happened == [
        "return_refused", "arbitration_opened", "supervised", "order_issued", "planned",
    ]  # fmt: skip
    assert life.last(ArbitrationOpened).dispute is DisputeCause.REFUSED_RETURNS
    assert life.ticket.lead == "roads", "the first unit works on"
    assert Trigger.REFUSING in life.ticket.supervised
    assert life.last(OrderIssued).trigger is Trigger.REFUSING
    assert life.owes(TaskKind.RULE).due == life.clock(ClockName.ARBITRATION).due
    assert life.refuses("lead", "request_return") is Code.DISPUTE_OPEN


def test_how_many_may_be_refused_is_policy() -> None:
    life = unsigned(tools=tinytown_later())
    for _ in range(2):
        refused_once(life)
    assert life.ticket.dispute is None
    refused_once(life)
    assert life.ticket.dispute is not None


def test_a_second_unit_s_return_opens_an_arbitration_by_itself() -> None:
    life = unsigned()
    life.does("lead", "request_return", to="bins")
    life.does("dispatcher", "answer_return", agreed=True)
    happened = life.does("lead", "request_return", to="roads")
    assert happened[:2] == ["return_requested", "arbitration_opened"]
    assert life.last(ArbitrationOpened).dispute is DisputeCause.SECOND_UNIT
    assert life.ticket.returning is None, "the arbiter answers it"
    assert life.ticket.returned_by == ("roads", "bins")
    assert life.refuses("dispatcher", "answer_return", agreed=True) is Code.NO_REQUEST


def test_it_never_ends_in_passing_on() -> None:
    """Whatever the units do, the third request at the latest is the last."""
    life = refused_once(unsigned())
    life.does("lead", "request_return", to="bins")
    life.does("dispatcher", "answer_return", agreed=True)
    life.does("lead", "request_return")
    life.does("arbiter", "rule", lead="rescue", backstop="town-desk")
    assert life.refuses("lead", "request_return") is Code.RULED_MAY_NOT_RETURN
    life.rings_out(ClockName.SIGN)
    assert life.ticket.lead == "town-desk"
    assert life.refuses("lead", "request_return") is Code.RULED_MAY_NOT_RETURN
    assert len(life.all(ReturnRequested)) == 3


def test_before_signing_it_may_be_asked_at_any_time() -> None:
    life = unsigned()
    life.passes(10 * DAY)
    assert life.clock(ClockName.RETURN_WINDOW).due < life.now
    life.does("lead", "request_return")


def test_after_signing_only_within_the_window() -> None:
    life = handling()
    life.now = life.clock(ClockName.RETURN_WINDOW).due + timedelta(seconds=1)
    assert life.refuses("lead", "request_return") is Code.RETURN_TOO_LATE
    life.now -= timedelta(seconds=1)
    life.does("lead", "request_return")


def test_an_urgent_matter_only_within_the_window_signed_or_not() -> None:
    life = unsigned(WIRE)
    window = life.clock(ClockName.RETURN_WINDOW).due
    assert window == life.now + HOUR
    life.now = window + timedelta(seconds=1)
    assert life.refuses("lead", "request_return") is Code.RETURN_TOO_LATE


def test_work_sent_back_cannot_be_returned_any_more() -> None:
    life = handling()
    life.does("lead", "reply")
    life.does("checker", "review", accepted=False, note="still there")
    assert life.refuses("lead", "request_return") is Code.RETURN_TOO_LATE


def test_only_the_lead_asks_and_only_once_at_a_time() -> None:
    life = unsigned()
    assert life.refuses("bins", "request_return") is Code.WRONG_UNIT
    assert life.refuses("lead", "request_return", to="roads") is Code.SAME_UNIT
    assert life.refuses("lead", "request_return", to="nobody") is Code.UNKNOWN_UNIT
    life.does("lead", "request_return")
    assert life.refuses("lead", "request_return") is Code.REQUEST_PENDING


def test_an_answer_that_does_not_come_climbs_its_own_ladder() -> None:
    life = unsigned()
    life.does("lead", "request_return")
    life.rings_out(ClockName.RETURN)
    assert "escalated" in life.told(Role.DISPATCHER)
    assert life.ticket.returning is not None
    assert life.ticket.watch_from is not None


def test_a_hold_ends_when_another_unit_gets_the_ticket() -> None:
    """The new unit must not begin with somebody else's hold, which nothing would ever end."""
    life = handling()
    life.does("lead", "request_return", to="bins")
    life.does("lead", "request_hold", review_on=life.day(9))
    life.does("dispatcher", "answer_hold", granted=True)
    happened = life.does("dispatcher", "answer_return", agreed=True)
    assert happened == ["return_agreed", "hold_ended", "dispatched", "planned"]
    assert life.ticket.hold is None
    assert not life.clock(ClockName.HANDLE).paused
    life.does("lead", "sign")
    assert life.refuses("lead", "end_hold", reason="thaw") is Code.NOT_ON_HOLD
