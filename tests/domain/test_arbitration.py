"""Who is responsible after all: disputes, rulings, one appeal, and the backstop."""

from datetime import UTC, datetime, timedelta

import pytest

from juanchi.domain.arbitration import ArbitrationOpened
from juanchi.domain.ball import TaskKind
from juanchi.domain.clocks import Rang
from juanchi.domain.filing import Dispatched
from juanchi.domain.overlays import DisputeCause
from juanchi.domain.refusal import Code
from juanchi.domain.ruling import DutyChangeProposed, RulingGiven
from juanchi.domain.terms import ClockName, Role, RungKind, Trigger
from juanchi.domain.ticket import Candidate, Phase
from tests.domain.people import DAY, HOUR, UNCLEAR, Life, alive, handling, unsigned

OPEN = {"reason": "they pass it on"}


def disputed(life: Life | None = None) -> Life:
    life = life or unsigned()
    life.does("supervisor", "open_arbitration", **OPEN)
    return life


def ruled(life: Life | None = None, **ruling: object) -> Life:
    life = disputed(life)
    life.does("arbiter", "rule", **ruling)
    return life


def test_a_supervisor_opens_one_and_the_unit_works_on() -> None:
    life = disputed()
    assert life.last(ArbitrationOpened).dispute is DisputeCause.SUPERVISOR
    assert Trigger.REFUSING in life.ticket.supervised
    rule = life.owes(TaskKind.RULE)
    assert (rule.holder, rule.due) == (Role.ARBITER, life.clock(ClockName.ARBITRATION).due)
    assert life.told(Role.ARBITER) == ["dispute"]
    life.does("lead", "sign")
    life.does("lead", "reply")
    assert life.ticket.dispute is not None, "who it was is still to be ruled"
    assert life.refuses("supervisor", "open_arbitration", **OPEN) is Code.WRONG_PHASE


def test_there_is_one_dispute_at_a_time() -> None:
    life = disputed()
    assert life.refuses("supervisor", "open_arbitration", **OPEN) is Code.DISPUTE_OPEN
    assert life.refuses("lead", "request_return") is Code.DISPUTE_OPEN
    assert unsigned().refuses("arbiter", "rule") is Code.NO_DISPUTE


def test_it_takes_the_place_of_a_pending_return() -> None:
    life = unsigned()
    life.does("lead", "request_return")
    disputed(life)
    assert life.ticket.returning is None
    assert not life.runs(ClockName.RETURN)


def test_a_ruling_names_who_leads_and_that_unit_gets_the_ticket() -> None:
    life = ruled(lead="bins", assisting=["roads"], mandatory=["roads"])
    ticket = life.ticket
    assert (ticket.lead, ticket.assisting) == ("bins", ("roads",))
    assert (ticket.phase, ticket.dispute) == (Phase.UNSIGNED, None)
    assert ticket.helpers[0].mandatory
    assert life.last(Dispatched).ruling == life.last(RulingGiven).number
    assert life.told("bins")[:2] == ["ruling", "dispatched"]
    assert life.refuses("lead", "request_return") is Code.RULED_MAY_NOT_RETURN


def test_who_loses_the_ticket_by_a_ruling_is_told() -> None:
    """Also a unit that has never asked to return it."""
    life = ruled(lead="bins")
    assert life.ticket.returned_by == ()
    assert "ruling" in life.told("roads")


def test_the_first_unit_may_be_the_right_one_and_then_nothing_starts_anew() -> None:
    life = disputed(handling())
    before = life.clock(ClockName.HANDLE)
    assert life.does("arbiter", "rule", lead="roads") == ["ruling_given"]
    assert life.clock(ClockName.HANDLE) == before
    assert life.ticket.phase is Phase.HANDLING


def test_it_may_name_units_beside_the_lead() -> None:
    life = handling()
    life.does("dispatcher", "add_assisting", units=["bins"])
    ruled(life, lead="roads", assisting=["bins", "rescue"], mandatory=["bins"])
    assert life.ticket.assisting == ("warden-mill", "bins", "rescue")
    mandatory = {one.unit: one.mandatory for one in life.ticket.helpers}
    assert mandatory == {"warden-mill": False, "bins": True, "rescue": False}
    assert life.refuses("lead", "reply") is Code.MANDATORY_OPEN


def test_after_the_reply_a_ruling_moves_nothing_but_stands() -> None:
    life = disputed(handling())
    life.does("lead", "reply")
    assert life.does("arbiter", "rule", lead="bins") == ["ruling_given"]
    assert (life.ticket.lead, life.ticket.phase) == ("roads", Phase.REVIEW)
    assert life.ticket.rulings[0].lead == "bins"


def test_nobody_rules_in_their_own_cause() -> None:
    life = unsigned()
    life.does("lead", "request_return", to="bins")
    life.does("dispatcher", "answer_return", agreed=True)
    disputed(life)
    for unit in ("roads", "bins"):
        assert life.refuses("arbiter", "rule", unit_of=unit) is Code.ARBITER_IS_PARTY
        consult = {"units": ["roads", "bins"], "unit_of": unit}
        assert life.refuses("arbiter", "consult", **consult) is Code.ARBITER_IS_PARTY
    life.does("arbiter", "rule", unit_of="town-desk")


def test_a_joint_consultation_has_a_longer_limit() -> None:
    life = disputed()
    short = life.clock(ClockName.ARBITRATION)
    life.does("arbiter", "consult", units=["roads", "bins"])
    joint = life.clock(ClockName.ARBITRATION)
    assert joint.due > short.due
    assert joint.why.rule.endswith("arbitration.joint")
    assert life.told("bins") == ["consultation"]
    again = {"units": ["bins"]}
    assert life.refuses("arbiter", "consult", **again) is Code.CONSULTED_ALREADY
    life.does("supervisor", "replan", reason="a new table")
    assert life.clock(ClockName.ARBITRATION).due == joint.due


def test_an_overdue_arbitration_escalates() -> None:
    life = disputed()
    life.rings_out(ClockName.ARBITRATION)
    rang = [event.rung for event in life.all(Rang) if event.clock is ClockName.ARBITRATION]
    assert rang == [RungKind.REMINDER, RungKind.OVERDUE, RungKind.ESCALATED]
    assert {"overdue", "escalated"} <= set(life.told(Role.ARBITER))
    assert "escalated" in life.told(Role.SUPERVISOR)


def test_one_appeal_and_handling_goes_on() -> None:
    life = ruled(handling(), lead="bins")
    assert life.refuses("roads", "appeal", reason="ours") is Code.WRONG_UNIT
    life.does("lead", "sign")
    assert life.does("lead", "appeal", reason="it is a path") == ["appeal_lodged", "planned"]
    assert life.refuses("lead", "appeal", reason="again") is Code.DISPUTE_OPEN
    assert life.owes(TaskKind.RULE).due == life.clock(ClockName.APPEAL).due
    life.does("lead", "progress", note="on it meanwhile")
    life.does("arbiter", "rule", lead="bins", basis="paths too")
    assert [one.final for one in life.ticket.rulings] == [False, True]
    assert life.refuses("lead", "appeal", reason="once more") is Code.RULED_FINALLY
    assert life.refuses("supervisor", "open_arbitration", **OPEN) is Code.RULED_FINALLY


def test_an_appeal_may_turn_it_round() -> None:
    life = ruled(lead="bins")
    life.does("lead", "appeal", reason="it is a road")
    life.does("arbiter", "rule", lead="roads")
    assert life.ticket.lead == "roads"
    assert life.refuses("lead", "request_return") is Code.RULED_MAY_NOT_RETURN


def test_an_appeal_heard_jointly_runs_on_the_joint_clock() -> None:
    life = ruled(lead="bins")
    life.does("lead", "appeal", reason="it is a road")
    life.does("arbiter", "consult", units=["roads", "bins"])
    assert not life.runs(ClockName.APPEAL)
    assert life.owes(TaskKind.RULE).due == life.clock(ClockName.ARBITRATION).due


def test_nothing_is_appealed_before_it_is_ruled() -> None:
    assert unsigned().refuses("lead", "appeal", reason="early") is Code.NO_RULING


def test_an_interim_ruling_says_how_long_it_holds() -> None:
    life = disputed()
    assert life.refuses("arbiter", "rule", interim_until=life.day(-1)) is Code.DATE_PAST
    life.does("arbiter", "rule", interim_until=life.day(0))
    assert life.ticket.rulings[0].interim_until == life.day(0)


def test_the_day_of_an_interim_ruling_is_the_city_s() -> None:
    """At half past midnight in Lisbon's summer it is still yesterday in Greenwich."""
    life = disputed()
    midnight = datetime(2027, 6, 10, 23, 30, tzinfo=UTC)
    life.pass_time(midnight - life.now)
    assert life.day(0).isoformat() == "2027-06-11"
    yesterday = {"interim_until": "2027-06-10"}
    assert life.refuses("arbiter", "rule", **yesterday) is Code.DATE_PAST


def test_a_gap_in_the_list_becomes_a_proposal() -> None:
    life = ruled(lead="bins", gap=True, assisting=["roads"])
    proposed, given = life.last(DutyChangeProposed), life.last(RulingGiven)
    assert given.gap
    assert (proposed.item, proposed.region) == ("road-hole", "mill")
    assert (proposed.lead, proposed.assisting) == ("bins", ("roads",))
    assert proposed.ruling == given.number
    assert not ruled(lead="bins").all(DutyChangeProposed)


def test_a_street_does_not_get_what_no_duty_gives_it_unless_there_is_a_gap() -> None:
    life = disputed()
    assert life.refuses("arbiter", "rule", lead="warden-mill") is Code.NO_SUCH_DUTY
    life.does("arbiter", "rule", lead="warden-mill", gap=True)


def test_a_dispute_lapses_with_its_ticket() -> None:
    life = disputed(handling())
    life.goes_on(Phase.CALLBACK)
    assert "dispute_lapsed" in life.does("reporter", "rate")
    assert life.ticket.dispute is None


# ---------------------------------------------------------------- the backstop


def test_the_backstop_takes_over_when_the_ruled_unit_never_signs() -> None:
    life = ruled(lead="bins", assisting=["rescue"], backstop="town-desk")
    life.rings_out(ClockName.SIGN)
    ticket, taken = life.ticket, life.last(Dispatched)
    assert (ticket.lead, ticket.assisting) == ("town-desk", ("rescue",))
    assert (taken.backstop, taken.ruling) == (True, life.last(RulingGiven).number)
    assert life.told("town-desk")[-1] == "dispatched"
    life.passes(30 * DAY)
    assert life.ticket.lead == "town-desk", "behind the backstop there is nobody"
    assert len(life.all(Dispatched)) == 3


def test_who_signs_keeps_it() -> None:
    life = ruled(lead="bins", backstop="town-desk")
    life.does("lead", "sign")
    life.passes(30 * DAY)
    assert life.ticket.lead == "bins"


def test_the_backstop_is_somebody_else() -> None:
    """Else the same unit would get the ticket again and again, each time with a new clock."""
    assert disputed().refuses("arbiter", "rule", backstop="bins") is Code.SAME_UNIT


def test_ruled_when_its_ladder_has_been_climbed_it_still_has_a_backstop() -> None:
    """It was unsigned for weeks; then it was ruled; and it stays unsigned."""
    life = unsigned()
    life.passes(30 * DAY)
    ruled(life, lead="roads", backstop="town-desk")
    life.passes(4 * DAY)
    assert life.ticket.lead == "town-desk"


def test_when_nobody_dispatches_the_city_s_backstop_takes_it() -> None:
    life = alive(UNCLEAR, channel="web").goes_on(Phase.DISPATCHING)
    found = Candidate(item="lamp", lead="town-desk", reason="backstop of the city", backstop=True)
    life.lived.ticket = life.ticket.having(candidates=(found,))
    assert life.ticket.phase is Phase.DISPATCHING
    life.rings_out(ClockName.DISPATCH)
    assert (life.ticket.phase, life.ticket.lead) == (Phase.UNSIGNED, "town-desk")
    assert life.last(Dispatched).backstop


def test_without_a_backstop_it_is_pressed_and_goes_nowhere() -> None:
    life = alive(UNCLEAR, channel="web").goes_on(Phase.DISPATCHING)
    life.lived.ticket = life.ticket.having(candidates=())
    life.passes(10 * DAY)
    assert life.ticket.phase is Phase.DISPATCHING
    assert "pressed" in life.told(Role.SUPERVISOR)


# ---------------------------------------------------------------- what moves with the ticket


def test_another_unit_begins_with_nothing_of_the_first_one_s() -> None:
    life = handling()
    life.does("lead", "request_hold", review_on=life.day(9))
    life.does("lead", "request_extension")
    life.does("dispatcher", "answer_hold", granted=True)
    life.does("supervisor", "order")
    disputed(life)
    happened = life.does("arbiter", "rule", lead="bins")
    assert happened == [
        "ruling_given", "hold_ended", "request_lapsed", "order_released", "dispatched", "planned",
    ]  # fmt: skip
    ticket = life.ticket
    assert not any((ticket.hold, ticket.holding, ticket.extending, ticket.returning))
    assert not any(order.open for order in ticket.orders)


def test_another_unit_has_the_whole_limit_though_the_first_was_reworked() -> None:
    """What was sent back was not its work."""
    life = handling()
    whole = life.clock(ClockName.HANDLE).why.limit
    life.does("lead", "reply")
    life.does("checker", "review", accepted=False, note="still there")
    assert "rework" in life.clock(ClockName.HANDLE).why.rule
    ruled(life, lead="south-roads")
    handle = life.clock(ClockName.HANDLE)
    assert (handle.why.limit, "rework" in handle.why.rule) == (whole, False)
    assert life.ticket.reworks == 1
    assert life.ticket.answer is None


@pytest.mark.parametrize("who", ["supervisor", "dispatcher", "lead", "checker"])
def test_only_arbiters_rule(who: str) -> None:
    life = disputed()
    assert life.refuses(who, "rule") is Code.WRONG_ROLE
    assert life.refuses(who, "consult", units=["bins"]) is Code.WRONG_ROLE


def test_an_arbitration_overdue_by_an_outage_rings_its_highest_rung() -> None:
    life = disputed()
    life.sleep_through(30 * DAY)
    (rang,) = [event for event in life.all(Rang) if event.clock is ClockName.ARBITRATION]
    assert rang.rung is RungKind.ESCALATED
    assert rang.missed == (RungKind.REMINDER, RungKind.OVERDUE)
    assert timedelta(seconds=rang.late_s) > 20 * DAY
    assert life.now - HOUR > life.clock(ClockName.ARBITRATION).due
