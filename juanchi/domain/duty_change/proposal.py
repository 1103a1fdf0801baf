"""The beginning: a change is proposed, and looked at against the lists; or taken back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.actor import ENGINE, Actor
from juanchi.domain.base import Code, Text
from juanchi.domain.duty_change.change import PROPOSERS, Asked, DutyChange, DutyPhase, Proposal
from juanchi.domain.duty_change.fit import Misfit
from juanchi.domain.duty_change.messages import DutyAction, DutyRules
from juanchi.domain.messages import Event, Result, Step
from juanchi.domain.plans import PlanFor
from juanchi.domain.policy_terms import DutyTerms
from juanchi.domain.refusal import Code as No
from juanchi.domain.refusal import Refused
from juanchi.domain.terms import ClockName

rules = DutyRules()


class ChangeProposed(Event):
    kind: Literal["change_proposed"] = "change_proposed"
    number: Code
    proposal: Proposal


class Survey(Step):
    """Look at the proposal against the lists: does it fit, and whom does it concern?"""

    kind: Literal["survey"] = "survey"


class Surveyed(Result):
    """What the lists say of the proposal, and the policy's numbers that it lives by."""

    misfits: tuple[Misfit, ...] = ()
    units: tuple[Code, ...] = ()
    terms: DutyTerms = DutyTerms()


class ChangeSurveyed(Event):
    """Units are consulted; nobody is where it concerns nobody, or cannot be as it is."""

    kind: Literal["change_surveyed"] = "change_surveyed"
    misfits: tuple[Misfit, ...] = ()
    units: tuple[Code, ...] = ()
    terms: DutyTerms = DutyTerms()


class WithdrawChange(DutyAction):
    """Whoever may propose takes a proposal back, before it is approved."""

    kind: Literal["withdraw"] = "withdraw"
    reason: Text = Field(min_length=1)


class ChangeWithdrawn(Event):
    kind: Literal["change_withdrawn"] = "change_withdrawn"
    reason: Text


def may_propose(by: Actor) -> None:
    """Refused: wrong_role."""
    if by.role not in PROPOSERS:
        wanted = ", ".join(sorted(PROPOSERS))
        raise Refused(No.WRONG_ROLE, role=by.role, wanted=wanted)


def begin(number: str, proposal: Proposal, now: datetime) -> tuple[DutyChange, ChangeProposed]:
    """A new change and the event that begins it."""
    change = DutyChange(number=number, proposal=proposal, rows=proposal.rows, since=now)
    return change, ChangeProposed(at=now, by=proposal.by, number=number, proposal=proposal)


@rules.evolves(ChangeProposed)
def change_proposed(change: DutyChange, event: ChangeProposed) -> DutyChange:
    return change


@rules.completes(Surveyed)
def surveyed(change: DutyChange, result: Surveyed, now: datetime) -> Sequence[Event]:
    """A proposal that does not fit is not lost: the staffing office sees why, and may amend it."""
    return [
        ChangeSurveyed(
            at=now,
            by=ENGINE,
            misfits=result.misfits,
            units=() if result.misfits else result.units,
            terms=result.terms,
        )
    ]


@rules.evolves(ChangeSurveyed)
def change_surveyed(change: DutyChange, event: ChangeSurveyed) -> DutyChange:
    change = change.having(terms=event.terms, misfits=event.misfits)
    return consulting(change, event.units, event.at)


def consulting(change: DutyChange, units: Sequence[str], at: datetime) -> DutyChange:
    """The change with more units asked, each by a clock that runs for those asked with it."""
    # Later rounds have clocks of their own, named after the first unit: the earlier ones go on.
    subject = units[0] if change.asked and units else ""
    clock = PlanFor(clock=ClockName.CONSULTATION, start=at, subject=subject)
    asked = (*change.asked, *(Asked(unit=unit, at=at, clock=clock.key) for unit in units))
    change = change.having(asked=asked)
    if not change.pending:
        return change.moved(DutyPhase.OPINION, at, opinion_clock(at))
    if change.phase is DutyPhase.CONSULTING:
        return change.having(unplanned=(*change.unplanned, clock))
    return change.moved(DutyPhase.CONSULTING, at, clock, opinion=None)


def opinion_clock(at: datetime) -> PlanFor:
    """The clock of the staffing office."""
    return PlanFor(clock=ClockName.OPINION, start=at)


def approval_clock(at: datetime) -> PlanFor:
    """The clock of whoever approves."""
    return PlanFor(clock=ClockName.APPROVAL, start=at)


@rules.decides(
    WithdrawChange,
    roles=PROPOSERS,
    phases=[DutyPhase.CONSULTING, DutyPhase.OPINION, DutyPhase.APPROVAL],
)
def withdraw(change: DutyChange, action: WithdrawChange, now: datetime) -> Sequence[Event]:
    return [ChangeWithdrawn(at=now, by=action.actor, cause=action.key, reason=action.reason)]


@rules.evolves(ChangeWithdrawn)
def change_withdrawn(change: DutyChange, event: ChangeWithdrawn) -> DutyChange:
    return change.moved(DutyPhase.WITHDRAWN, event.at)
