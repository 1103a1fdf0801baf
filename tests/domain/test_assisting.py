"""Units beside the lead: their tasks and clocks, and the whistle that calls them."""

import pytest

from juanchi.domain.ball import TaskKind
from juanchi.domain.clocks import Rang
from juanchi.domain.refusal import Code
from juanchi.domain.terms import ClockName
from juanchi.domain.ticket import Phase
from tests.domain.people import DAY, HOUR, UNCLEAR, WIRE, Life, alive, handling, unsigned

ASSIST, WHISTLE = ClockName.ASSIST, ClockName.WHISTLE


def helped(mandatory: bool = True) -> Life:
    """Rescue assists the roads department, which has signed."""
    life = handling()
    units = ["rescue"]
    life.does(
        "dispatcher", "add_assisting", units=units, mandatory=units if mandatory else [],
        requirement="cut the power",
    )  # fmt: skip
    return life


def test_each_assisting_unit_has_a_task_and_a_clock_of_its_own() -> None:
    life = alive(UNCLEAR, channel="web").goes_on(Phase.DISPATCHING)
    life.does("dispatcher", "dispatch", assisting=["bins", "rescue"], mandatory=["bins"])
    assert ("bins", TaskKind.ASSIST) in life.tasks()
    assert ("rescue", TaskKind.ASSIST) in life.tasks()
    for unit in ("bins", "rescue"):
        assert life.clock(ASSIST, unit).subject == unit
    assert [one.mandatory for one in life.ticket.helpers] == [True, False]


def test_the_lead_cannot_reply_while_a_mandatory_task_is_open() -> None:
    life = helped()
    assert life.refuses("lead", "reply") is Code.MANDATORY_OPEN
    life.does("rescue", "assist_reply", note="power is off")
    assert not life.runs(ASSIST, "rescue")
    assert life.told("roads")[-1] == "assist_replied"
    life.does("lead", "reply")


def test_a_task_that_is_not_mandatory_blocks_nothing() -> None:
    life = helped(mandatory=False)
    life.does("lead", "reply")
    assert life.ticket.phase is Phase.REVIEW


def test_what_is_still_owed_is_owed_again_when_the_work_is_sent_back() -> None:
    life = helped(mandatory=False)
    life.does("lead", "reply")
    assert not life.runs(ASSIST, "rescue")
    life.does("checker", "review", accepted=False, note="still there")
    assert life.clock(ASSIST, "rescue").started == life.now
    assert ("rescue", TaskKind.ASSIST) in life.tasks()


def test_an_assisting_unit_that_does_nothing_is_told_and_so_is_the_lead_s_supervisor() -> None:
    life = helped()
    life.rings_out(ASSIST, "rescue")
    rungs = [rang.rung for rang in life.all(Rang) if rang.subject == "rescue"]
    assert rungs == [rung.kind for rung in life.clock(ASSIST, "rescue").rungs]
    assert "escalated" in life.told("rescue")
    assert "escalated" in life.told("supervisor")


def test_assisting_units_come_and_go() -> None:
    life = helped()
    again = {"units": ["rescue", "roads"]}
    assert life.refuses("dispatcher", "add_assisting", **again) is Code.ASSISTING_ALREADY
    gone = {"units": ["bins"], "reason": "no need"}
    assert life.refuses("dispatcher", "release_assisting", **gone) is Code.NOT_ASSISTING
    life.does("supervisor", "release_assisting", units=["rescue"], reason="no need")
    assert life.ticket.assisting == ("warden-mill",)
    assert not life.runs(ASSIST, "rescue")
    assert life.told("rescue")[-1] == "released"
    assert life.refuses("rescue", "assist_reply", note="done") is Code.NOT_ASSISTING
    life.does("lead", "reply")


def test_a_task_may_become_mandatory_and_keeps_its_clock() -> None:
    life = helped(mandatory=False)
    before = life.clock(ASSIST, "rescue")
    life.passes(HOUR)
    life.does("dispatcher", "add_assisting", units=["rescue"], mandatory=["rescue"])
    assert life.clock(ASSIST, "rescue") == before
    assert life.ticket.assisting == ("warden-mill", "rescue")
    assert life.refuses("lead", "reply") is Code.MANDATORY_OPEN


def test_only_who_has_a_task_answers_it_and_only_once() -> None:
    life = helped()
    assert life.refuses("bins", "assist_reply", note="done") is Code.NOT_ASSISTING
    assert life.refuses("lead", "assist_reply", note="done") is Code.NOT_ASSISTING
    life.does("rescue", "assist_reply", note="done")
    assert life.refuses("rescue", "assist_reply", note="done") is Code.NOT_ASSISTING


def test_an_assisting_unit_may_tell_how_far_it_is_and_nobody_else() -> None:
    life = helped()
    life.does("rescue", "progress", note="on the way")
    assert life.refuses("bins", "progress", note="ours?") is Code.WRONG_UNIT


# ---------------------------------------------------------------- the whistle


def test_a_street_whistles_and_departments_turn_up() -> None:
    life = unsigned()
    whistle = {"units": ["bins", "rescue"], "requirement": "come to the kerb"}
    assert life.does("warden-mill", "whistle", **whistle) == ["whistled", "planned"]
    for unit in ("bins", "rescue"):
        assert (unit, TaskKind.TURN_UP) in life.tasks()
        assert life.told(unit)[-1] == "whistle"
    life.passes(HOUR)
    life.does("bins", "arrive", note="here")
    assert not life.runs(WHISTLE, "bins")
    assert life.ticket.arrived_at is None, "that was not the lead's arrival"
    life.passes(4 * DAY)
    late = [rang for rang in life.all(Rang) if rang.clock is WHISTLE]
    assert {rang.subject for rang in late} == {"rescue"}


def test_only_a_street_that_is_concerned_whistles() -> None:
    life = unsigned()
    whistle = {"units": ["bins"], "requirement": "come"}
    assert life.refuses("lead", "whistle", **whistle) is Code.NOT_A_STREET
    assert life.refuses("warden-harbour", "whistle", **whistle) is Code.WRONG_UNIT
    nobody = {"units": ["warden-mill"], "requirement": "come"}
    assert life.refuses("warden-mill", "whistle", **nobody) is Code.ASSISTING_ALREADY


def test_who_is_called_already_is_not_called_again_before_it_came() -> None:
    life = unsigned()
    whistle = {"units": ["bins"], "requirement": "come"}
    life.does("warden-mill", "whistle", **whistle)
    assert life.refuses("warden-mill", "whistle", **whistle) is Code.ASSISTING_ALREADY
    life.does("bins", "arrive")
    life.does("warden-mill", "whistle", **whistle)
    assert ("bins", TaskKind.TURN_UP) in life.tasks()


# ---------------------------------------------------------------- on site


def test_an_urgent_matter_wants_the_unit_on_site() -> None:
    life = unsigned(WIRE)
    assert (life.ticket.lead, TaskKind.GO_ON_SITE) in life.tasks()
    assert life.refuses("bins", "arrive") is Code.WRONG_UNIT
    life.does("lead", "arrive", note="fenced off")
    assert life.ticket.arrived_at == life.now
    assert not life.runs(ClockName.ON_SITE)
    assert life.refuses("lead", "arrive") is Code.ARRIVED_ALREADY


@pytest.mark.parametrize("who", ["street_team", "dispatcher", "reporter"])
def test_the_units_work_is_for_units(who: str) -> None:
    life = handling()
    for kind in ("assist_reply", "arrive", "whistle"):
        fields = {"note": "x"} if kind != "whistle" else {"units": ["bins"], "requirement": "x"}
        assert life.refuses(who, kind, **fields) is Code.WRONG_ROLE
