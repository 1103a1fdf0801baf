"""The clocks of a change: planned by the city's policy, rung in order, watched when rung out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from juanchi.domain.actor import ENGINE
from juanchi.domain.clocks import Planned, Rang, rings
from juanchi.domain.deadlines import Deadline, clock_key
from juanchi.domain.duty_change.change import DutyChange, DutyPhase
from juanchi.domain.duty_change.messages import DutyRules
from juanchi.domain.messages import Event, Result, Step
from juanchi.domain.plans import PlanFor
from juanchi.domain.terms import ClockName

rules = DutyRules()


class PlanClocks(Step):
    """Compute the due times of clocks that have none."""

    kind: Literal["plan_clocks"] = "plan_clocks"
    clocks: tuple[PlanFor, ...]


class ClocksPlanned(Result):
    deadlines: tuple[Deadline, ...]


def ring(change: DutyChange, now: datetime) -> Sequence[Event]:
    """The first rung whose time has come."""
    due = [one for one in change.deadlines.values() if (rung := one.next_rung) and rung.at <= now]
    for deadline in sorted(due, key=_next):
        if rang := rings(deadline, now):
            return [rang[0]]
    return []


def _next(deadline: Deadline) -> datetime:
    rung = deadline.next_rung
    return rung.at if rung else deadline.due


def earliest(change: DutyChange) -> datetime | None:
    """When the change must wake next, if nobody acts before."""
    moments = [rung.at for one in change.deadlines.values() if (rung := one.next_rung)]
    waited = {one.clock for one in change.asked if one.pending}
    moments += [one.due for key, one in change.deadlines.items() if key in waited]
    if change.phase is DutyPhase.APPROVED and change.in_force_at:
        moments.append(change.in_force_at)
    return min(moments, default=None)


@rules.completes(ClocksPlanned)
def clocks_planned(change: DutyChange, result: ClocksPlanned, now: datetime) -> Sequence[Event]:
    return [Planned(at=now, by=ENGINE, deadlines=result.deadlines)]


@rules.evolves(Planned)
def planned(change: DutyChange, event: Planned) -> DutyChange:
    deadlines = {**change.deadlines, **{one.key: one for one in event.deadlines}}
    return change.having(deadlines=deadlines, unplanned=())


@rules.evolves(Rang)
def rang(change: DutyChange, event: Rang) -> DutyChange:
    deadlines = dict(change.deadlines)
    key = clock_key(event.clock, event.subject)
    if event.clock is ClockName.WATCH:
        # Planned anew for each round: the supervisor is pressed until somebody decides.
        del deadlines[key]
        watch: tuple[PlanFor, ...] = (PlanFor(clock=ClockName.WATCH, start=event.at),)
        return change.having(deadlines=deadlines, unplanned=watch)
    before = deadlines[key]
    after = before.model_copy(update={"fired": before.fired + 1 + len(event.missed)})
    deadlines[key] = after
    watched = after.rung_out and event.clock is not ClockName.CONSULTATION
    watch = (PlanFor(clock=ClockName.WATCH, start=event.at),) if watched else ()
    return change.having(deadlines=deadlines, unplanned=(*change.unplanned, *watch))
