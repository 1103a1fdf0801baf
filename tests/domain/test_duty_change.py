"""A change of the lists: from the proposal into force, and every way back."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from juanchi.domain.clocks import Rang
from juanchi.domain.duties import Directory
from juanchi.domain.duty_change.approval import ChangeApproved
from juanchi.domain.duty_change.change import DutyPhase
from juanchi.domain.duty_change.consultation import ConsultationOver, UnitAnswered, UnitsSilent
from juanchi.domain.duty_change.entering import DateCome
from juanchi.domain.duty_change.machine import relive
from juanchi.domain.duty_change.rows import SetItem
from juanchi.domain.refusal import Code
from juanchi.domain.terms import ClockName, RungKind
from tests.domain.duty_people import (
    Change,
    add,
    approved,
    before_approval,
    before_opinion,
    end,
    in_days,
    lamp_at_harbour,
    replace,
)
from tests.pure import tinytown


def lead(life: Change, item: str, region: str, days: int) -> str:
    """Who leads by the lists in force in this life, so many days on."""
    found = Directory.of(life.pack).assign(item, region, in_days(days))
    assert found is not None
    assert found.lead is not None
    return found.lead.code


def test_from_the_proposal_into_force() -> None:
    life = lamp_at_harbour()
    assert [(task.kind, task.holder) for task in life.tasks] == [
        ("answer", "bins"),
        ("answer", "south-roads"),
    ]
    assert all(task.due for task in life.tasks)
    life.does("bins", "answer", stance="agree")
    life.does("south-roads", "answer", stance="object", reason="ladders", lead="south-roads")
    assert [(task.kind, task.holder) for task in life.tasks] == [("give_opinion", "staffing")]
    life.does("staffing", "opinion", verdict="support", note="nearer")
    assert [(task.kind, task.holder) for task in life.tasks] == [("decide", "approver")]
    life.does("approver", "approve", in_force_on=in_days(7), note="the ladders go with it")
    assert life.tasks == []
    life.days(6)
    assert life.at(DutyPhase.APPROVED)
    assert lead(life, "lamp", "harbour", 7) == "south-roads"
    life.days(1)
    assert life.at(DutyPhase.IN_FORCE)
    assert len(life.batches) == 1
    assert lead(life, "lamp", "harbour", 7) == "bins"
    assert lead(life, "lamp", "mill", 7) == "roads"
    assert life.kinds == [
        "change_proposed",
        "change_surveyed",
        "planned",
        "unit_answered",
        "unit_answered",
        "consultation_over",
        "planned",
        "opinion_given",
        "planned",
        "change_approved",
        "date_come",
        "change_in_force",
    ]
    assert relive([entry.event for entry in life.entries]) == life.change


def test_it_enters_at_the_beginning_of_its_day_in_the_city() -> None:
    life = approved(7).days(8)
    come = next(entry.event for entry in life.entries if entry.event.kind == "date_come")
    assert come.at.isoformat() == "2026-11-23T00:00:00+00:00"


def test_today_is_soon_enough() -> None:
    life = before_approval().does("approver", "approve", in_force_on=in_days(0))
    assert life.at(DutyPhase.IN_FORCE)
    assert lead(life, "lamp", "harbour", 0) == "bins"


def test_silence_is_no_answer_and_never_agreement() -> None:
    life = lamp_at_harbour().does("bins", "answer", stance="agree").days(14)
    silent = [entry.event for entry in life.entries if isinstance(entry.event, UnitsSilent)]
    assert [one.units for one in silent] == [("south-roads",)]
    over = next(e.event for e in life.entries if isinstance(e.event, ConsultationOver))
    assert (over.agreed, over.objected, over.silent) == (1, 0, 1)
    assert life.at(DutyPhase.OPINION)
    rang = [e.event for e in life.entries if isinstance(e.event, Rang)]
    assert [r.rung for r in rang if r.clock is ClockName.CONSULTATION] == [
        RungKind.REMINDER,
        RungKind.ELAPSED,
    ]


def test_a_late_answer_is_kept_as_late() -> None:
    life = lamp_at_harbour().days(14).does("south-roads", "answer", stance="agree")
    answer = next(e.event for e in life.entries if isinstance(e.event, UnitAnswered))
    assert answer.late
    assert life.at(DutyPhase.OPINION)
    assert life.refuses("south-roads", "answer", stance="agree") is Code.ANSWERED_ALREADY


def test_an_overdue_opinion_reminds_and_then_presses_the_supervisor() -> None:
    life = before_opinion().days(30)
    rungs = [e.event.rung for e in life.entries if isinstance(e.event, Rang)]
    assert rungs[:3] == [RungKind.REMINDER, RungKind.OVERDUE, RungKind.ESCALATED]
    assert RungKind.PRESSED in rungs[3:]
    assert [(task.kind, task.holder) for task in life.tasks] == [
        ("give_opinion", "staffing"),
        ("press", "supervisor"),
    ]
    life.does("staffing", "opinion", verdict="support")
    assert [task.holder for task in life.tasks] == ["approver"]


def test_more_units_are_asked_each_by_its_own_clock() -> None:
    life = lamp_at_harbour().days(2)
    first = life.change.deadlines["consultation"].due
    life.does("staffing", "consult", units=["rescue", "south-roads"])
    assert life.waits_for() == ["bins", "south-roads", "rescue"]
    assert life.change.deadlines["consultation"].due == first
    assert life.change.deadlines["consultation:rescue"].due > first
    life.pass_time(first - life.now + timedelta(seconds=1))
    assert life.waits_for() == ["rescue"]
    life.does("rescue", "answer", stance="agree")
    assert life.at(DutyPhase.OPINION)


def test_who_is_asked_late_sends_it_back_to_the_consultation() -> None:
    life = before_approval().does("approver", "consult", units=["rescue"])
    assert life.at(DutyPhase.CONSULTING)
    assert life.change.opinion is None
    life.does("rescue", "answer", stance="object", reason="no boat")
    life.does("staffing", "opinion", verdict="oppose", note="rescue is right")
    soon = {"in_force_on": in_days(9)}
    assert life.refuses("approver", "approve", **soon) is Code.MISSING_REASON
    life.does("approver", "approve", note="there is a boat", **soon)
    assert life.at(DutyPhase.APPROVED)


def test_the_staffing_office_would_have_it_otherwise() -> None:
    other = add("lamp", "harbour", "bins", assisting=("south-roads",))
    life = before_opinion().does(
        "staffing", "opinion", verdict="amend", note="roads helps", rows=[other]
    )
    life.does("approver", "approve", in_force_on=in_days(7), as_amended=True).days(8)
    given = next(e.event for e in life.entries if isinstance(e.event, ChangeApproved))
    assert given.changed
    assert life.change.rows == (other,)
    assert life.at(DutyPhase.IN_FORCE)


def test_nobody_gets_work_without_having_been_asked() -> None:
    other = add("lamp", "harbour", "rescue")
    life = before_approval()
    approve = {"in_force_on": in_days(7), "rows": [other]}
    assert life.refuses("approver", "approve", **approve) is Code.NOT_CONSULTED
    life.does("approver", "consult", units=["rescue"]).does("rescue", "answer", stance="agree")
    life.does("staffing", "opinion", verdict="support")
    life.does("approver", "approve", **approve).days(8)
    assert lead(life, "lamp", "harbour", 8) == "rescue"


def test_the_lists_have_moved_on() -> None:
    """It goes back to whoever approves, with the reason; and nothing is lost."""
    life = approved(7)
    rival = Change(add("lamp", "harbour", "rescue"))
    for unit in ("rescue", "south-roads"):
        rival.does(unit, "answer", stance="agree")
    rival.does("staffing", "opinion", verdict="support")
    rival.does("approver", "approve", in_force_on=in_days(0))
    life.pack = rival.pack
    life.days(8)
    assert life.at(DutyPhase.APPROVAL)
    assert [misfit.code for misfit in life.change.misfits] == [Code.ROW_OVERLAPS]
    assert life.batches == []
    again = {"in_force_on": in_days(20)}
    assert life.refuses("approver", "approve", **again) is Code.ROW_OVERLAPS
    instead = [replace("lamp", "harbour", "bins")]
    assert life.refuses("approver", "approve", **again, rows=instead) is Code.NOT_CONSULTED
    life.does("approver", "consult", units=["rescue"]).days(14)
    life.does("staffing", "opinion", verdict="support")
    life.does("approver", "approve", rows=instead, in_force_on=in_days(40), note="agreed").days(40)
    assert life.at(DutyPhase.IN_FORCE)
    assert lead(life, "lamp", "harbour", 40) == "bins"
    assert lead(life, "lamp", "harbour", 30) == "rescue"


def test_a_proposal_that_does_not_fit_is_not_lost() -> None:
    """A ruling may name what the lists do not have any more: the staffing office amends it."""
    life = Change(add("lamp", "harbour", "nobody"))
    assert life.at(DutyPhase.OPINION)
    assert [misfit.code for misfit in life.change.misfits] == [Code.UNKNOWN_UNIT]
    amended = {"verdict": "amend", "note": "bins", "rows": [add("lamp", "harbour", "bins")]}
    life.does("staffing", "opinion", **amended)
    approve = {"in_force_on": in_days(7), "as_amended": True}
    assert life.refuses("approver", "approve", **approve) is Code.NOT_CONSULTED
    life.does("approver", "consult", units=["bins", "south-roads"]).days(10)
    life.does("staffing", "opinion", **amended)
    life.does("approver", "approve", **{**approve, "in_force_on": in_days(14)}).days(7)
    assert life.at(DutyPhase.IN_FORCE)


def test_what_concerns_nobody_needs_no_consultation() -> None:
    item = tinytown().pack.items[0].model_copy(update={"name": "Pothole"})
    life = Change(SetItem(item=item))
    assert life.at(DutyPhase.OPINION)


def test_put_off_but_not_for_ever() -> None:
    life = approved(7).does("approver", "postpone", until=in_days(9), reason="elections")
    life.days(8)
    assert life.at(DutyPhase.APPROVED)
    early = {"until": in_days(9), "reason": "again"}
    assert life.refuses("approver", "postpone", **early) is Code.DATE_NOT_LATER
    for day in (11, 12):
        life.does("approver", "postpone", until=in_days(day), reason="storm")
    never = {"until": in_days(30), "reason": "never"}
    assert life.refuses("approver", "postpone", **never) is Code.POSTPONED_ENOUGH
    life.days(5)
    assert life.at(DutyPhase.IN_FORCE)
    assert life.change.in_force_on == in_days(12)


def test_a_decision_is_put_off_to_a_day() -> None:
    life = before_approval().does("approver", "postpone", until=in_days(30), reason="budget")
    assert life.at(DutyPhase.APPROVAL)
    due = life.change.deadlines["approval"].due
    assert due.date() == in_days(30)


@pytest.mark.parametrize("stage", [before_approval, approved])
def test_rejected_it_is_over(stage: Callable[[], Change]) -> None:
    life = stage().does("approver", "reject", reason="no money").days(60)
    assert life.at(DutyPhase.REJECTED)
    assert not life.batches
    assert life.refuses("approver", "reject", reason="again") is Code.CHANGE_OVER


def test_withdrawn_it_is_over() -> None:
    life = before_opinion().does("arbiter", "withdraw", reason="the ruling was overturned")
    assert life.at(DutyPhase.WITHDRAWN)
    assert life.tasks == []
    assert approved().refuses("dispatcher", "withdraw", reason="late") is Code.NOT_NOW


def test_an_outage_is_told_and_changes_nothing() -> None:
    life = approved(7)
    life.now += timedelta(days=20)
    life.ring()
    come = next(entry.event for entry in life.entries if isinstance(entry.event, DateCome))
    assert come.late_s > 10 * 86400
    row = next(one for one in life.pack.duties if (one.region, one.lead) == ("harbour", "bins"))
    assert row.valid_from == in_days(7)


def test_the_same_action_twice_is_once() -> None:
    life = lamp_at_harbour()
    action = life.asks("bins", "answer", stance="agree")
    life.act(action)
    before = life.change
    assert life.act(action) == []
    assert life.change is before


def test_rows_that_end_are_told_to_who_loses_them() -> None:
    life = Change(end("fly-tip", "harbour"), replace("fly-tip", "*", "roads"))
    assert set(life.waits_for()) == {"warden-harbour", "bins", "roads", *_wardens()}


def test_who_gets_it_when_a_row_ends_is_asked() -> None:
    life = Change(end("fly-tip", "harbour"))
    assert life.waits_for() == ["warden-harbour", "bins"]


def test_units_may_be_asked_besides_those_concerned() -> None:
    assert Change(end("lamp"), units=["rescue"]).waits_for()[-1] == "rescue"
    assert [one.code for one in Change(end("lamp"), units=["ufo"]).change.misfits] == [
        Code.UNKNOWN_UNIT
    ]


def _wardens() -> set[str]:
    # Their part as assisting units ends with the row.
    return {"warden-mill", "warden-market"}
