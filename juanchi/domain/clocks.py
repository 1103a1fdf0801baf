"""What runs and what rings: the only place where a ticket's time passes.

A deadline carries its rungs with absolute times. The workflow sleeps until the earliest rung of
all clocks and then asks what rings. Rungs of one deadline fire in order and exactly once: when
several are past due (an outage), the highest is carried out and the others are told as missed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from juanchi.domain.actor import ENGINE
from juanchi.domain.base import Moment, Value
from juanchi.domain.deadlines import Deadline
from juanchi.domain.messages import Event, Result, Step
from juanchi.domain.rules import Rules
from juanchi.domain.terms import ClockName, EvidenceKind, RungKind
from juanchi.domain.ticket import CLOCKS_OF, CallsWanted, Phase, Ticket

rules = Rules()

LATE = timedelta(minutes=1)
"""A ring later than this says so: timers tick at about a second, so a minute means an outage."""


class Clock(Value):
    """One running clock: when it rings next, and what rings."""

    name: ClockName
    at: Moment
    rung: RungKind


class PlanFor(Value):
    """A clock that needs a due time: from when, and whether it is work sent back."""

    clock: ClockName
    start: Moment
    rework: bool = False


class Plan(Step):
    """Compute due times and rungs from policy, calendar and implementation list."""

    kind: Literal["plan"] = "plan"
    clocks: tuple[PlanFor, ...]


class PlanResult(Result):
    """The deadlines asked for, and the terms that come with them.

    A handling deadline brings the evidence that closes it; a callback deadline brings how often,
    and on how many days, a reporter is called before they count as not reached.
    """

    deadlines: tuple[Deadline, ...]
    evidence_wanted: tuple[EvidenceKind, ...] | None = None
    calls_wanted: CallsWanted | None = None


class Planned(Event):
    """Clocks run from now on, each with its explanation."""

    kind: Literal["planned"] = "planned"
    deadlines: tuple[Deadline, ...]
    evidence_wanted: tuple[EvidenceKind, ...] | None = None
    calls_wanted: CallsWanted | None = None


class Rang(Event):
    """A rung fired: reminder, overdue, escalated. ``late_s`` and ``missed`` tell of an outage."""

    kind: Literal["rang"] = "rang"
    clock: ClockName
    rung: RungKind
    due: Moment
    late_s: int = 0
    missed: tuple[RungKind, ...] = ()


class Archived(Event):
    """The reopen window has passed; the ticket is history."""

    kind: Literal["archived"] = "archived"


def clocks(ticket: Ticket) -> list[Clock]:
    """Every clock that still rings, in no particular order."""
    return [
        Clock(name=name, at=rung.at, rung=rung.kind)
        for name, deadline in ticket.deadlines.items()
        if (rung := deadline.next_rung)
    ]


def earliest(ticket: Ticket) -> datetime | None:
    """When the ticket must wake next, if nobody acts before."""
    rings = [rung.at for d in ticket.deadlines.values() if (rung := d.next_rung)]
    retries = [n.retry_at for n in ticket.undelivered if n.retry_at is not None]
    return min([*rings, *retries], default=None)


def missing_clocks(ticket: Ticket) -> Plan | None:
    """The planning step due now: clocks of this phase that have no due time yet."""
    wanted = [
        PlanFor(clock=clock, start=ticket.since, rework=_is_rework(ticket, clock))
        for clock in CLOCKS_OF.get(ticket.phase, ())
        if clock not in ticket.deadlines
    ]
    if ticket.watch_from is not None and ClockName.WATCH not in ticket.deadlines:
        wanted.append(PlanFor(clock=ClockName.WATCH, start=ticket.watch_from))
    return Plan(clocks=tuple(wanted)) if wanted else None


def _is_rework(ticket: Ticket, clock: ClockName) -> bool:
    return clock is ClockName.HANDLE and ticket.reworks > 0


@rules.completes(PlanResult)
def plan_done(ticket: Ticket, result: PlanResult, now: datetime) -> Sequence[Event]:
    return [
        Planned(
            at=now,
            by=ENGINE,
            deadlines=result.deadlines,
            evidence_wanted=result.evidence_wanted,
            calls_wanted=result.calls_wanted,
        )
    ]


@rules.evolves(Planned)
def planned(ticket: Ticket, event: Planned) -> Ticket:
    deadlines = {**ticket.deadlines, **{d.clock: d for d in event.deadlines}}
    handle = deadlines.get(ClockName.HANDLE)
    wanted = event.evidence_wanted
    return ticket.having(
        deadlines=deadlines,
        first_due=ticket.first_due or (handle and handle.due),
        evidence_wanted=ticket.evidence_wanted if wanted is None else wanted,
        calls_wanted=event.calls_wanted or ticket.calls_wanted,
    )


def ring(ticket: Ticket, name: ClockName, now: datetime) -> Sequence[Event]:
    """What happens when a clock's time has come; nothing if it has not, or no longer runs."""
    deadline = ticket.deadlines.get(name)
    if deadline is None or deadline.exhausted:
        return []
    past = [rung for rung in deadline.rungs[deadline.fired :] if rung.at <= now]
    if not past:
        return []
    highest = past[-1]
    late = now - highest.at
    rang = Rang(
        at=now,
        by=ENGINE,
        clock=name,
        rung=highest.kind,
        due=highest.at,
        late_s=int(late.total_seconds()) if late > LATE else 0,
        missed=tuple(rung.kind for rung in past[:-1]),
    )
    if name is ClockName.REOPEN and len(past) == len(deadline.rungs) - deadline.fired:
        return [rang, Archived(at=now, by=ENGINE)]
    return [rang]


@rules.evolves(Rang)
def rang(ticket: Ticket, event: Rang) -> Ticket:
    deadlines = dict(ticket.deadlines)
    if event.clock is ClockName.WATCH:
        # A watch rings again and again until somebody acts; each round is planned anew.
        del deadlines[ClockName.WATCH]
        return ticket.having(deadlines=deadlines, watch_from=event.at)
    before = deadlines[event.clock]
    fired = before.model_copy(update={"fired": before.fired + 1 + len(event.missed)})
    deadlines[event.clock] = fired
    watch = event.at if fired.exhausted and event.clock is not ClockName.REOPEN else None
    return ticket.having(deadlines=deadlines, watch_from=watch or ticket.watch_from)


@rules.evolves(Archived)
def archived(ticket: Ticket, event: Archived) -> Ticket:
    return ticket.moved(Phase.ENDED, event.at, archived=True)
