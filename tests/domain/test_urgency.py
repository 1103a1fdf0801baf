"""Urgent or not: shorter clocks from now on, and back as if it had never been."""

import pytest

from juanchi.domain.ball import TaskKind
from juanchi.domain.clocks import Rang
from juanchi.domain.plans import PlanWhy
from juanchi.domain.refusal import Code
from juanchi.domain.terms import ClockName, Role, RungKind, Trigger, Urgency
from juanchi.domain.ticket import Phase
from tests.domain.cities import tinytown_later
from tests.domain.people import DAY, HOUR, LAMP, WIRE, Life, alive, handling, unsigned

HANDLE, SIGN = ClockName.HANDLE, ClockName.SIGN
STORM = {"incident": "storm-1"}


def raised(life: Life, **more: str) -> Life:
    life.does("supervisor", "set_urgency", **more)
    return life


def put_back(life: Life, **more: str) -> Life:
    life.does("supervisor", "set_urgency", urgency="general", reason="it is over", **more)
    return life


def lamp() -> Life:
    """Handled under a policy with a limit for urgent matters, but none of the item's own."""
    return alive(LAMP, tools=tinytown_later()).goes_on(Phase.HANDLING)


def test_who_raised_it_and_why_is_told() -> None:
    life = raised(unsigned(), reason="children play there")
    assert life.ticket.urgency is Urgency.URGENT
    assert life.ticket.urgency_why == "children play there"
    assert Trigger.URGENT in life.ticket.supervised
    assert life.told("roads")[-1] == "urgent"
    assert ("roads", TaskKind.GO_ON_SITE) in life.tasks()


def test_the_shorter_limit_begins_when_it_is_raised() -> None:
    """What had been lost until then cannot be made up; what was due sooner stays so."""
    life = lamp()
    before = life.clock(HANDLE)
    life.passes(DAY)
    raised(life)
    after = life.clock(HANDLE)
    assert after.due == life.now + 20 * HOUR
    assert (after.started, after.original_due) == (before.started, before.due)
    moved = {one.clock: one for one in life.moved()}
    assert (moved[HANDLE].was, moved[HANDLE].why) == (before.due, PlanWhy.RAISED)


def test_what_was_due_sooner_stays_so() -> None:
    life = lamp()
    life.passes(life.clock(HANDLE).due - 3 * HOUR - life.now)
    due = life.clock(HANDLE).due
    raised(life)
    assert life.clock(HANDLE).due == due


@pytest.mark.parametrize("waits", [1, 70, 88])
def test_computed_anew_under_the_same_lists_nothing_moves(waits: int) -> None:
    life = lamp()
    life.passes(waits * HOUR)
    raised(life)
    due = life.clock(HANDLE).due
    life.passes(HOUR)
    life.does("supervisor", "replan", reason="a table came in")
    assert life.clock(HANDLE).due == due
    assert not life.moved()


@pytest.mark.parametrize("waits", [1, 70, 88])
def test_put_back_it_is_due_when_it_was_due_before(waits: int) -> None:
    """A storm that comes and goes makes nobody's deadline longer."""
    life = lamp()
    life.passes(waits * HOUR)
    before = life.clock(HANDLE)
    put_back(raised(life))
    after = life.clock(HANDLE)
    assert after.due == before.due
    assert after.raised_at is None
    assert not life.runs(ClockName.ON_SITE)
    assert life.told("roads")[-1] == "no_longer_urgent"


def test_raised_on_hold_the_shorter_limit_runs_when_the_hold_is_over() -> None:
    """Not from the first day on: it would be overdue at the moment it goes on."""
    life = lamp()
    life.does("lead", "request_hold", review_on=life.day(9))
    life.does("dispatcher", "answer_hold", granted=True)
    life.passes(5 * DAY)
    raised(life)
    assert life.clock(HANDLE).paused
    life.passes(DAY)
    life.does("lead", "end_hold", reason="thaw")
    assert life.clock(HANDLE).due == life.now + 20 * HOUR
    assert not [rang for rang in life.all(Rang) if rang.clock is HANDLE]


def test_rungs_that_have_fired_do_not_fire_again() -> None:
    life = handling()
    life.passes(life.clock(HANDLE).rungs[0].at - life.now)
    put_back(raised(life))
    life.passes(20 * DAY)
    rungs = [rang.rung for rang in life.all(Rang) if rang.clock is HANDLE]
    assert len(rungs) == len(set(rungs)) == len(life.clock(HANDLE).rungs)


def test_urgent_rungs_are_those_of_policy() -> None:
    life = unsigned(WIRE, tools=tinytown_later())
    assert [rung.kind for rung in life.clock(SIGN).rungs] == [
        RungKind.REMINDER, RungKind.RED_CARD,
    ]  # fmt: skip
    life.rings_out(SIGN)
    assert "red_card" in life.told("town-desk/duty_leader")


def test_an_incident_puts_back_only_what_it_has_raised() -> None:
    life = raised(unsigned())
    back = {"urgency": "general", **STORM}
    assert life.refuses("system", "set_urgency", **back) is Code.NOT_RAISED_BY_IT
    put_back(life)
    raised(life, **STORM)
    assert life.ticket.raised_by == "storm-1"
    other = {"urgency": "general", "incident": "storm-2"}
    assert life.refuses("system", "set_urgency", **other) is Code.NOT_RAISED_BY_IT
    life.does("system", "set_urgency", **back)
    assert (life.ticket.urgency, life.ticket.raised_by) == (Urgency.GENERAL, "")


def test_no_machine_puts_back_what_an_incident_has_raised() -> None:
    life = raised(unsigned(), **STORM)
    nameless = {"urgency": "general"}
    assert life.refuses("system", "set_urgency", **nameless) is Code.NOT_RAISED_BY_IT
    life.does("system", "set_urgency", **nameless, **STORM)


def test_a_person_puts_back_what_an_incident_has_raised() -> None:
    life = put_back(raised(unsigned(), **STORM))
    assert life.ticket.raised_by == ""


def test_it_is_not_raised_twice() -> None:
    life = raised(unsigned())
    assert life.refuses("system", "set_urgency", **STORM) is Code.ALREADY_SO
    assert life.ticket.raised_by == ""
    put_back(life)
    assert life.refuses("system", "set_urgency", urgency="general") is Code.ALREADY_SO


def test_raised_again_the_unit_must_come_again_unless_it_is_there() -> None:
    life = put_back(raised(unsigned()))
    raised(life)
    assert life.runs(ClockName.ON_SITE)
    life.does("lead", "arrive")
    put_back(life)
    raised(life)
    assert not life.runs(ClockName.ON_SITE)


def test_raised_before_it_is_dispatched() -> None:
    life = raised(alive())
    assert life.ticket.phase is Phase.VERIFYING
    assert life.clock(ClockName.VERIFY).due == life.now + HOUR
    assert not life.runs(ClockName.ON_SITE), "nobody has it yet who could be on site"
    life.goes_on(Phase.UNSIGNED)
    assert life.runs(ClockName.ON_SITE)
    assert Trigger.URGENT in life.ticket.supervised


def test_urgent_and_proactive_matters_are_supervised_from_the_start() -> None:
    assert unsigned().ticket.supervised == (Trigger.PROACTIVE,)
    assert unsigned(WIRE).ticket.supervised == (Trigger.URGENT, Trigger.PROACTIVE)
    assert unsigned(channel="web").ticket.supervised == ()
    life = unsigned(WIRE)
    life.passes(life.clock(SIGN).rungs[0].at - life.now)
    assert life.told(Role.SUPERVISOR) == ["reminder"], "they hear of all that rings"


@pytest.mark.parametrize("who", ["lead", "reporter", "checker", "street_team"])
def test_not_everybody_raises(who: str) -> None:
    assert unsigned().refuses(who, "set_urgency") is Code.WRONG_ROLE


def test_a_closed_ticket_is_not_raised() -> None:
    life = alive().goes_on(Phase.CLOSED)
    assert life.refuses("supervisor", "set_urgency") is Code.WRONG_PHASE
