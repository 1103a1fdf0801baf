"""Supervision orders: issued by rung, trigger or hand, answered, released, void."""

import pytest

from juanchi.domain.actions import parse_action
from juanchi.domain.ball import TaskKind
from juanchi.domain.clocks import Rang
from juanchi.domain.orders import LEVELS, open_order
from juanchi.domain.overlays import Order
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.supervised import OrderIssued
from juanchi.domain.terms import ClockName, EvidenceKind, Role, RungKind, Trigger
from juanchi.domain.ticket import Phase
from tests.domain.cities import HEAD, tinytown_later, town_with
from tests.domain.people import DAY, HOUR, UNCLEAR, WIRE, Life, alive, handling, unsigned


def ordered(life: Life | None = None, **order: object) -> Life:
    life = life or handling()
    life.does("supervisor", "order", **order)
    return life


def standing(life: Life) -> Order:
    order = open_order(life.ticket)
    assert order is not None
    return order


def test_an_order_has_all_that_an_order_has() -> None:
    life = ordered(
        level=RungKind.RED_CARD,
        leader="lead/head",
        requirement="mend it today",
        copies=["supervisor", "town-desk/mayor", "lead/deputy_head"],
        evidence_wanted=[EvidenceKind.DOCUMENT],
    )
    order = standing(life)
    assert order.number == f"{life.ticket.number}-D1"
    assert (order.level, order.trigger) == (RungKind.RED_CARD, Trigger.BY_HAND)
    assert (order.unit, order.leader) == ("roads", "roads/head")
    assert order.copies == ("supervisor", "town-desk/mayor", "roads/deputy_head")
    assert order.evidence_wanted == (EvidenceKind.DOCUMENT,)
    assert order.requirement == "mend it today"
    assert order.feedback_due == life.clock(ClockName.ORDER).due
    assert life.told("roads")[-1] == life.told("roads/head")[-1] == "order"
    assert life.told("town-desk/mayor") == ["order_copy"]


def test_a_long_requirement_is_not_cut() -> None:
    long = "mend it " * 100
    assert standing(ordered(requirement=long)).requirement == long


def test_the_leader_answers_and_the_supervisor_releases() -> None:
    life = ordered()
    task = life.owes(TaskKind.FEED_BACK)
    assert (task.holder, task.due) == ("roads/head", life.clock(ClockName.ORDER).due)
    life.passes(HOUR)
    life.does("lead", "feed_back", note="the crew is there")
    release = life.owes(TaskKind.RELEASE_ORDER)
    assert (release.holder, release.due) == (Role.SUPERVISOR, life.clock(ClockName.ORDER).due)
    assert life.clock(ClockName.ORDER).started == life.now, "now the supervisor's own time runs"
    assert life.told(Role.SUPERVISOR)[-1] == "order_fed_back"
    life.does("supervisor", "release_order", outcome="seen")
    done = life.ticket.orders[0]
    assert (done.released_at, done.outcome) == (life.now, "seen")
    assert not life.runs(ClockName.ORDER)
    assert life.told("roads")[-1] == "order_released"


def test_an_answer_that_does_not_come_presses_the_leader() -> None:
    life = ordered()
    life.rings_out(ClockName.ORDER)
    assert {"reminder", "overdue", "escalated"} <= set(life.told("roads/head"))


def test_who_may_say_what_about_an_order() -> None:
    life = handling()
    assert life.refuses("lead", "feed_back", note="which?") is Code.NO_ORDER
    assert life.refuses("supervisor", "release_order", outcome="fine") is Code.NO_ORDER
    ordered(life)
    assert life.refuses("bins", "feed_back", note="ours?") is Code.WRONG_UNIT
    assert life.refuses("lead", "release_order", outcome="fine") is Code.WRONG_ROLE
    life.does("lead", "feed_back", note="done")
    assert life.refuses("lead", "feed_back", note="done") is Code.FED_BACK_ALREADY


@pytest.mark.parametrize("leader", ["nobody/head", "roads-2/head"])
def test_an_order_goes_to_somebody_who_is_there(leader: str) -> None:
    assert handling().refuses("supervisor", "order", leader=leader) is Code.UNKNOWN_UNIT
    assert handling().refuses("supervisor", "order", copies=[leader]) is Code.UNKNOWN_UNIT


@pytest.mark.parametrize("leader", ["centre/mayor", "@roads/head", "the mayor", "reporter"])
def test_what_only_a_policy_can_resolve_is_no_address(leader: str) -> None:
    with pytest.raises(Refused) as told:
        parse_action(handling().asks("supervisor", "order", leader=leader))
    assert told.value.code is Code.BAD_INPUT


@pytest.mark.parametrize("level", sorted(set(RungKind) - set(LEVELS)))
def test_not_every_rung_is_a_level(level: RungKind) -> None:
    assert handling().refuses("supervisor", "order", level=level) is Code.NOT_A_LEVEL


def test_a_newer_order_takes_the_place_of_an_older_one() -> None:
    life = ordered(level=RungKind.YELLOW_CARD)
    life.passes(HOUR)
    ordered(life, level=RungKind.RED_CARD)
    first, second = life.ticket.orders
    assert (first.open, first.outcome) == (False, "superseded")
    assert second.number.endswith("-D2")
    assert life.clock(ClockName.ORDER).started == life.now


def test_rungs_bring_orders_each_once_and_higher() -> None:
    """Nobody ever answers: the ladder of the town is climbed to its end."""
    life = handling()
    life.passes(30 * DAY)
    issued = [(order.level, order.leader) for order in life.all(OrderIssued)]
    assert issued == [
        (RungKind.YELLOW_CARD, "roads/head"),
        (RungKind.REPORTED, "town-desk/mayor"),
    ]
    rungs = [rang.rung for rang in life.all(Rang) if rang.clock is ClockName.HANDLE]
    assert rungs == [rung.kind for rung in life.clock(ClockName.HANDLE).rungs]
    assert "order_copy" in life.told("roads/head")


def test_after_an_outage_only_the_highest_rung_brings_its_order() -> None:
    life = handling()
    life.sleep_through(30 * DAY)
    (order,) = life.all(OrderIssued)
    assert order.level is RungKind.REPORTED


def test_before_a_unit_has_the_ticket_a_rung_brings_no_order() -> None:
    """There is nobody whom it could be about, and nobody could ever release it."""
    life = alive(UNCLEAR, channel="web", tools=tinytown_later()).goes_on(Phase.DISPATCHING)
    assert any(rung.order for rung in life.clock(ClockName.DISPATCH).rungs)
    life.passes(DAY)
    assert RungKind.RED_CARD in [rang.rung for rang in life.all(Rang)]
    assert not life.ticket.orders


def test_an_urgent_matter_without_anybody_on_site_is_a_red_card() -> None:
    life = unsigned(WIRE, tools=tinytown_later())
    life.rings_out(ClockName.ON_SITE)
    order = life.last(OrderIssued)
    assert (order.level, order.unit) == (RungKind.RED_CARD, "south-roads")


def test_an_order_on_a_unit_s_own_clock_is_to_that_unit() -> None:
    card = {"kind": "yellow_card", "at": "due", "order": HEAD}
    life = handling(tools=town_with(rungs={"assist": [card]}))
    life.does("dispatcher", "add_assisting", units=["bins"])
    life.rings_out(ClockName.ASSIST, "bins")
    order = next(order for order in life.ticket.orders if order.unit == "bins")
    assert order.leader == "bins/head"


def test_an_open_order_is_void_when_the_ticket_closes() -> None:
    life = ordered()
    life.goes_on(Phase.CALLBACK)
    assert open_order(life.ticket), "the reply alone does not end it"
    assert "order_released" in life.does("reporter", "rate")
    assert life.ticket.orders[0].outcome == "closed"
    assert life.refuses("supervisor", "order") is Code.WRONG_PHASE


@pytest.mark.parametrize(("who", "kind"), [("reporter", "withdraw"), ("dispatcher", "withdraw")])
def test_an_open_order_is_void_when_the_matter_is_taken_back(who: str, kind: str) -> None:
    life = ordered()
    assert life.does(who, kind, reason="mended")[0] == "order_released"
    assert life.ticket.orders[0].outcome == "withdrawn"
