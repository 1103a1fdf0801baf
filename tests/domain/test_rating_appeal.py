"""A bad rating: looked at, appealed once, and never read as praise."""

import pytest

from juanchi.domain.ball import TaskKind
from juanchi.domain.closure import Closed
from juanchi.domain.refusal import Code
from juanchi.domain.terms import ClockName, Role
from juanchi.domain.ticket import Ending, Phase
from tests.domain.people import HOUR, Life, alive

YES, NO = {"upheld": True, "note": "rain"}, {"upheld": False, "note": "they are right"}


def rated(overall: int = 1) -> Life:
    life = alive().goes_on(Phase.CALLBACK)
    life.does("reporter", "rate", rating={"overall": overall})
    return life


def appealed() -> Life:
    life = rated()
    life.does("lead", "appeal_rating", reason="it rained for a week")
    return life


def ending(life: Life) -> Ending:
    assert life.ticket.ending is not None
    return life.ticket.ending


@pytest.mark.parametrize(
    ("overall", "phase"), [(1, "disputed"), (2, "disputed"), (3, "closed"), (5, "closed")]
)
def test_a_bad_rating_sends_it_back_to_the_checker(overall: int, phase: str) -> None:
    assert rated(overall).ticket.phase == phase


def test_an_appeal_has_a_clock_and_moves_nothing() -> None:
    life = appealed()
    assert life.ticket.phase is Phase.DISPUTED
    task = life.owes(TaskKind.ANSWER_RATING_APPEAL)
    assert (task.holder, task.due) == (Role.CHECKER, life.clock(ClockName.RATING_APPEAL).due)


def test_it_is_answered_by_a_checker_who_is_not_of_the_unit() -> None:
    life = appealed()
    handled = {**YES, "unit_of": "roads"}
    assert life.refuses("checker", "answer_rating_appeal", **handled) is Code.CHECKER_HANDLED_IT
    nobody = {**YES, "unit_of": None}
    assert life.refuses("checker", "answer_rating_appeal", **nobody) is Code.UNIT_REQUIRED
    life.does("checker", "answer_rating_appeal", **YES)
    assert life.told("roads")[-1] == "rating_appeal_answered"
    assert life.refuses("checker", "answer_rating_appeal", **YES) is Code.NO_REQUEST


def test_upheld_the_rating_stays_visible_and_counts_as_not_rated() -> None:
    life = appealed()
    life.does("checker", "answer_rating_appeal", **YES)
    life.does("checker", "review", note="nothing more can be done")
    assert life.ticket.rating is not None
    assert life.ticket.rating.overall == 1
    assert not life.last(Closed).rated
    assert not ending(life).rated


def test_not_upheld_it_counts() -> None:
    life = appealed()
    life.does("checker", "answer_rating_appeal", **NO)
    life.does("checker", "review", note="nothing more can be done")
    assert ending(life).rated


def test_it_may_be_answered_after_the_ticket_was_closed() -> None:
    life = appealed()
    life.does("checker", "review", note="nothing more can be done")
    assert life.ticket.phase is Phase.CLOSED
    assert ending(life).rated, "as yet it counts"
    assert ("checker", TaskKind.ANSWER_RATING_APPEAL) in life.tasks()
    life.passes(HOUR)
    life.does("checker", "answer_rating_appeal", **YES)
    assert not ending(life).rated
    assert not life.tasks()


def test_only_a_bad_rating_is_appealed_and_only_once() -> None:
    assert rated(5).refuses("lead", "appeal_rating", reason="x") is Code.NO_BAD_RATING
    life = appealed()
    assert life.refuses("lead", "appeal_rating", reason="again") is Code.APPEALED_ALREADY
    life.does("checker", "answer_rating_appeal", **NO)
    assert life.refuses("lead", "appeal_rating", reason="again") is Code.APPEALED_ALREADY
    assert rated().refuses("bins", "appeal_rating", reason="ours") is Code.WRONG_UNIT


def test_silence_is_no_rating_and_cannot_be_appealed() -> None:
    life = alive().goes_on(Phase.CALLBACK)
    life.does("checker", "call", result="declined")
    assert life.refuses("lead", "appeal_rating", reason="x") is Code.NO_BAD_RATING
    assert not ending(life).rated


def test_sent_back_there_is_nothing_left_to_appeal() -> None:
    life = appealed()
    life.does("checker", "review", accepted=False, note="do it again")
    assert (life.ticket.rating, life.ticket.rating_appeal) == (None, None)
    assert not life.runs(ClockName.RATING_APPEAL)
    life.goes_on(Phase.CALLBACK)
    life.does("reporter", "rate", rating={"overall": 2})
    life.does("lead", "appeal_rating", reason="a new rating, a new appeal")


def test_an_appeal_that_nobody_answers_is_pressed_after_closing_too() -> None:
    life = appealed()
    life.does("checker", "review", note="nothing more can be done")
    life.rings_out(ClockName.RATING_APPEAL)
    assert "escalated" in life.told(Role.CHECKER)
    assert ClockName.WATCH in life.ticket.deadlines
