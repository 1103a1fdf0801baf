"""The date has come: the change enters the lists as one batch, or goes back to whoever approves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from juanchi.domain.actor import ENGINE
from juanchi.domain.base import Line
from juanchi.domain.clocks import LATE
from juanchi.domain.duty_change.change import DutyChange, DutyPhase
from juanchi.domain.duty_change.fit import Misfit
from juanchi.domain.duty_change.messages import DutyRules
from juanchi.domain.duty_change.proposal import approval_clock
from juanchi.domain.messages import Event, Result, Step

rules = DutyRules()


class DateCome(Event):
    """The day in force has begun. ``late_s`` tells of an outage."""

    kind: Literal["date_come"] = "date_come"
    late_s: int = 0


class Enter(Step):
    """Load the change into the lists, as one batch, if it still fits them."""

    kind: Literal["enter"] = "enter"


class Entered(Result):
    """The batch that it became; or why it does not fit the lists any more."""

    batch: int | None = None
    lists_version: Line = ""
    misfits: tuple[Misfit, ...] = ()


class ChangeInForce(Event):
    kind: Literal["change_in_force"] = "change_in_force"
    batch: int
    lists_version: Line


class ChangeUnfit(Event):
    """The lists have moved on since it was approved: whoever approves decides again."""

    kind: Literal["change_unfit"] = "change_unfit"
    misfits: tuple[Misfit, ...]


def date_has_come(change: DutyChange, now: datetime) -> Sequence[Event]:
    """What follows from the date in force, once it is there."""
    begins = change.in_force_at
    if change.phase is not DutyPhase.APPROVED or begins is None or now < begins:
        return []
    # A change approved for today was never waiting: it is as late as its approval.
    late = now - max(begins, change.since)
    return [DateCome(at=now, by=ENGINE, late_s=int(late.total_seconds()) if late > LATE else 0)]


@rules.evolves(DateCome)
def date_come(change: DutyChange, event: DateCome) -> DutyChange:
    return change.moved(DutyPhase.ENTERING, event.at)


@rules.completes(Entered)
def entered(change: DutyChange, result: Entered, now: datetime) -> Sequence[Event]:
    if result.batch is None:
        return [ChangeUnfit(at=now, by=ENGINE, misfits=result.misfits)]
    return [
        ChangeInForce(at=now, by=ENGINE, batch=result.batch, lists_version=result.lists_version)
    ]


@rules.evolves(ChangeInForce)
def change_in_force(change: DutyChange, event: ChangeInForce) -> DutyChange:
    return change.moved(
        DutyPhase.IN_FORCE, event.at, batch=event.batch, lists_version=event.lists_version
    )


@rules.evolves(ChangeUnfit)
def change_unfit(change: DutyChange, event: ChangeUnfit) -> DutyChange:
    return change.moved(
        DutyPhase.APPROVAL,
        event.at,
        approval_clock(event.at),
        misfits=event.misfits,
        in_force_on=None,
        in_force_at=None,
    )
