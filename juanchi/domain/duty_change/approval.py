"""The staffing office gives its opinion; then the change is approved, put off or rejected."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.base import Moment, Text
from juanchi.domain.duty_change.change import DutyChange, DutyPhase, Opinion, Stance, Verdict
from juanchi.domain.duty_change.messages import DutyAction, DutyRules, Found, Question
from juanchi.domain.duty_change.proposal import approval_clock
from juanchi.domain.duty_change.rows import Rows
from juanchi.domain.messages import Event
from juanchi.domain.plans import PlanFor
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.requests import reasoned
from juanchi.domain.terms import ClockName, Role

rules = DutyRules()


class GiveOpinion(DutyAction):
    """The staffing office supports a change, opposes it, or would have it otherwise (``rows``)."""

    kind: Literal["opinion"] = "opinion"
    verdict: Verdict
    note: Text = ""
    rows: Rows = ()

    def asks(self, change: DutyChange) -> Question:
        return Question(rows=self.rows)


class OpinionGiven(Event):
    kind: Literal["opinion_given"] = "opinion_given"
    verdict: Verdict
    note: Text = ""
    rows: Rows = ()


class Approve(DutyAction):
    """The change comes into force on a date: as proposed, as the staffing office would have it
    (``as_amended``), or as ``rows`` say.
    """

    kind: Literal["approve"] = "approve"
    in_force_on: date
    note: Text = ""
    as_amended: bool = False
    rows: Rows = ()

    def asks(self, change: DutyChange) -> Question:
        return Question(rows=self.final(change), on=self.in_force_on)

    def final(self, change: DutyChange) -> Rows:
        """The rows that are approved."""
        if self.rows:
            return self.rows
        amended = self.as_amended and change.opinion is not None
        return change.opinion.rows if amended and change.opinion else change.rows


class ChangeApproved(Event):
    kind: Literal["change_approved"] = "change_approved"
    in_force_on: date
    in_force_at: Moment
    rows: Rows
    changed: bool = False
    note: Text = ""


class Reject(DutyAction):
    """It is not to be; also after it was approved, until it is in force."""

    kind: Literal["reject"] = "reject"
    reason: Text = Field(min_length=1)


class ChangeRejected(Event):
    kind: Literal["change_rejected"] = "change_rejected"
    reason: Text


class Postpone(DutyAction):
    """The decision is put off to a date; or, once approved, the date in force is."""

    kind: Literal["postpone"] = "postpone"
    until: date
    reason: Text = Field(min_length=1)

    def asks(self, change: DutyChange) -> Question:
        return Question(on=self.until)


class ChangePostponed(Event):
    kind: Literal["change_postponed"] = "change_postponed"
    until: date
    begins: Moment
    reason: Text


@rules.decides_knowing(GiveOpinion, roles=[Role.STAFFING], phases=[DutyPhase.OPINION])
def give_opinion(
    change: DutyChange, action: GiveOpinion, now: datetime, found: Found
) -> Sequence[Event]:
    if action.verdict is not Verdict.SUPPORT:
        reasoned(action.note)
    if action.verdict is Verdict.AMEND:
        _fits(found)
    return [
        OpinionGiven(
            at=now,
            by=action.actor,
            cause=action.key,
            verdict=action.verdict,
            note=action.note,
            rows=action.rows if action.verdict is Verdict.AMEND else (),
        )
    ]


def _fits(found: Found) -> None:
    """Refused: by the first of the reasons for which the rows do not fit the lists."""
    for misfit in found.misfits:
        raise misfit.refused()


@rules.evolves(OpinionGiven)
def opinion_given(change: DutyChange, event: OpinionGiven) -> DutyChange:
    opinion = Opinion(verdict=event.verdict, note=event.note, rows=event.rows)
    return change.moved(DutyPhase.APPROVAL, event.at, approval_clock(event.at), opinion=opinion)


@rules.decides_knowing(Approve, roles=[Role.APPROVER], phases=[DutyPhase.APPROVAL])
def approve(change: DutyChange, action: Approve, now: datetime, found: Found) -> Sequence[Event]:
    if action.as_amended and not (change.opinion and change.opinion.rows):
        raise Refused(Code.NO_AMENDMENT)
    if action.in_force_on < found.today:
        raise Refused(Code.DATE_PAST, date=action.in_force_on)
    _not_too_far(change, action.in_force_on, found)
    _fits(found)
    asked = {one.unit for one in change.asked}
    if unheard := [unit for unit in found.concerned if unit not in asked]:
        raise Refused(Code.NOT_CONSULTED, units=", ".join(unheard[:10]))
    if _opposed(change):
        reasoned(action.note)
    rows = action.final(change)
    return [
        ChangeApproved(
            at=now,
            by=action.actor,
            cause=action.key,
            in_force_on=action.in_force_on,
            in_force_at=found.begins,
            rows=rows,
            changed=rows != change.rows,
            note=action.note,
        )
    ]


def _opposed(change: DutyChange) -> bool:
    """Whether somebody who was asked says no: then a yes needs its reason."""
    if change.opinion is not None and change.opinion.verdict is Verdict.OPPOSE:
        return True
    return any(one.stance is Stance.OBJECT for one in change.asked)


def _not_too_far(change: DutyChange, on: date, found: Found) -> None:
    days, most = (on - found.today).days, change.terms.postpone_days
    if days > most:
        raise Refused(Code.TOO_LONG, days=days, most=most)


@rules.evolves(ChangeApproved)
def change_approved(change: DutyChange, event: ChangeApproved) -> DutyChange:
    return change.moved(
        DutyPhase.APPROVED,
        event.at,
        rows=event.rows,
        in_force_on=event.in_force_on,
        in_force_at=event.in_force_at,
        misfits=(),
    )


@rules.decides(Reject, roles=[Role.APPROVER], phases=[DutyPhase.APPROVAL, DutyPhase.APPROVED])
def reject(change: DutyChange, action: Reject, now: datetime) -> Sequence[Event]:
    return [ChangeRejected(at=now, by=action.actor, cause=action.key, reason=action.reason)]


@rules.evolves(ChangeRejected)
def change_rejected(change: DutyChange, event: ChangeRejected) -> DutyChange:
    return change.moved(DutyPhase.REJECTED, event.at)


@rules.decides_knowing(
    Postpone, roles=[Role.APPROVER], phases=[DutyPhase.APPROVAL, DutyPhase.APPROVED]
)
def postpone(change: DutyChange, action: Postpone, now: datetime, found: Found) -> Sequence[Event]:
    if change.postponed >= change.terms.postponements:
        raise Refused(Code.POSTPONED_ENOUGH, times=change.postponed)
    if action.until <= found.today:
        raise Refused(Code.DATE_PAST, date=action.until)
    if change.in_force_on is not None and action.until <= change.in_force_on:
        raise Refused(Code.DATE_NOT_LATER, date=change.in_force_on)
    _not_too_far(change, action.until, found)
    return [
        ChangePostponed(
            at=now,
            by=action.actor,
            cause=action.key,
            until=action.until,
            begins=found.begins,
            reason=action.reason,
        )
    ]


@rules.evolves(ChangePostponed)
def change_postponed(change: DutyChange, event: ChangePostponed) -> DutyChange:
    change = change.having(postponed=change.postponed + 1)
    if change.phase is DutyPhase.APPROVED:
        return change.having(in_force_on=event.until, in_force_at=event.begins)
    clock = PlanFor(clock=ClockName.APPROVAL, start=event.at, until=event.until)
    return change.moved(DutyPhase.APPROVAL, event.at, clock)
