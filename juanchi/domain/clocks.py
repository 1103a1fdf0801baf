"""What runs and what rings: the only place where a ticket's time passes.

A deadline carries its rungs with absolute times. The workflow sleeps until the earliest rung of
all clocks and then asks what rings. Rungs of one deadline fire in order and exactly once: when
several are past due (an outage), the highest is carried out and the others are told as missed.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal

from juanchi.domain.actor import ENGINE
from juanchi.domain.base import Moment, Value
from juanchi.domain.deadlines import Deadline, clock_key
from juanchi.domain.messages import Event, Result, Step
from juanchi.domain.overlays import Order, Recurrence
from juanchi.domain.phases import CLOCKS_OF
from juanchi.domain.plans import PlanFor, PlanWhy
from juanchi.domain.policy_terms import Terms
from juanchi.domain.recurrence import recurrence_seen
from juanchi.domain.rules import Rules
from juanchi.domain.rungs import Rung
from juanchi.domain.suggestions import template_flagged
from juanchi.domain.terms import ClockName, EvidenceKind, RungKind, SiteProof
from juanchi.domain.ticket import CallsWanted, Ticket

rules = Rules()

LATE = timedelta(minutes=1)
"""A ring later than this says so: timers tick at about a second, so a minute means an outage."""


ENDING = (ClockName.REOPEN, ClockName.HOLD, ClockName.SAMENESS)
"""Clocks whose end is nobody's fault: what follows is in their stage's own rules."""


BY_HAND = (ClockName.WATCH, ClockName.HOLD)
"""Clocks that no policy and no calendar moves: a watch is planned round by round, and the date of a
hold was set by a person."""

JOINT = "joint"
"""The policy's limit for an arbitration with joint consultation."""


class Clock(Value):
    """One running clock: when it rings next, and what rings. ``subject``: the unit it runs for."""

    name: ClockName
    subject: str = ""
    at: Moment
    rung: RungKind


class Plan(Step):
    """Compute due times and rungs from policy, calendar and implementation list."""

    kind: Literal["plan"] = "plan"
    clocks: tuple[PlanFor, ...]


class PlanResult(Result):
    """The deadlines asked for, and the terms that come with them.

    A handling deadline brings the evidence that closes it; a callback deadline brings how often,
    and on how many days, a reporter is called before they count as not reached. ``terms`` are the
    policy's numbers that the ticket lives by from its dispatch on; ``recurs`` are tickets of the
    same place and item that were closed not long ago. A verification deadline brings what a verdict
    must come with; a review deadline how many other suggestions were replied to in the same words.
    """

    deadlines: tuple[Deadline, ...]
    evidence_wanted: tuple[EvidenceKind, ...] | None = None
    calls_wanted: CallsWanted | None = None
    terms: Terms | None = None
    recurs: tuple[Recurrence, ...] = ()
    site_proof: SiteProof | None = None
    same_replies: int = 0


class Moved(Value):
    """A due time that was another before, and why it moved."""

    clock: ClockName
    subject: str = ""
    was: Moment
    why: PlanWhy


class Planned(Event):
    """Clocks run from now on, or run to another due time, each with its explanation."""

    kind: Literal["planned"] = "planned"
    deadlines: tuple[Deadline, ...]
    moved: tuple[Moved, ...] = ()
    evidence_wanted: tuple[EvidenceKind, ...] | None = None
    calls_wanted: CallsWanted | None = None
    terms: Terms | None = None
    site_proof: SiteProof | None = None


class Rang(Event):
    """A rung fired: reminder, overdue, escalated. ``late_s`` and ``missed`` tell of an outage."""

    kind: Literal["rang"] = "rang"
    clock: ClockName
    subject: str = ""
    rung: RungKind
    due: Moment
    late_s: int = 0
    missed: tuple[RungKind, ...] = ()


def clocks(ticket: Ticket) -> list[Clock]:
    """Every clock that still rings, in no particular order.

    One whose due time is just being computed anew does not ring at the old one.
    """
    moving = {asked.key for asked in ticket.unplanned}
    return [
        Clock(name=deadline.clock, subject=deadline.subject, at=rung.at, rung=rung.kind)
        for key, deadline in ticket.deadlines.items()
        if (rung := deadline.next_rung) and key not in moving
    ]


def earliest(ticket: Ticket) -> datetime | None:
    """When the ticket must wake next, if nobody acts before."""
    rings = [rung.at for d in ticket.deadlines.values() if (rung := d.next_rung)]
    retries = [n.retry_at for n in ticket.undelivered if n.retry_at is not None]
    return min([*rings, *retries], default=None)


def missing_clocks(ticket: Ticket) -> Plan | None:
    """The planning step due now: clocks of this phase, or asked for, that have no due time yet."""
    wanted = [
        PlanFor(clock=clock, start=ticket.since, rework=is_rework(ticket, clock))
        for clock in CLOCKS_OF.get(ticket.phase, ())
        if clock not in ticket.deadlines
    ]
    wanted += ticket.unplanned
    if ticket.watch_from is not None and ClockName.WATCH not in ticket.deadlines:
        wanted.append(PlanFor(clock=ClockName.WATCH, start=ticket.watch_from))
    return Plan(clocks=tuple(wanted)) if wanted else None


def city_day(ticket: Ticket, now: datetime) -> date:
    """The city's own day, for a ticket that has a clock: deadlines carry the city's offset."""
    latest = max(ticket.deadlines.values(), key=lambda deadline: deadline.started)
    return now.astimezone(latest.started.tzinfo).date()


def is_rework(ticket: Ticket, clock: ClockName) -> bool:
    """Whether a clock is that of work sent back, which has a shorter limit.

    Another unit that gets the ticket later has not answered yet: it has the whole limit.
    """
    return clock is ClockName.HANDLE and ticket.answer is not None


def replans(
    ticket: Ticket, why: PlanWhy, at: datetime, among: Sequence[ClockName] = tuple(ClockName)
) -> tuple[PlanFor, ...]:
    """What to ask for so that the due times of running clocks are computed anew."""
    return tuple(
        PlanFor(
            clock=one.clock,
            subject=one.subject,
            start=at,
            why=why,
            rework=is_rework(ticket, one.clock),
            limit_key=JOINT if _joint(ticket, one.clock) else "",
        )
        for one in ticket.deadlines.values()
        if one.clock in among and one.clock not in BY_HAND and not one.paused
    )


def _joint(ticket: Ticket, clock: ClockName) -> bool:
    heard = ticket.dispute is not None and ticket.dispute.joint
    return heard and clock is ClockName.ARBITRATION


@rules.completes(PlanResult)
def plan_done(ticket: Ticket, result: PlanResult, now: datetime) -> Sequence[Event]:
    whys = {asked.key: asked.why for asked in ticket.unplanned}
    planned = Planned(
        at=now,
        by=ENGINE,
        deadlines=result.deadlines,
        moved=tuple(
            Moved(clock=new.clock, subject=new.subject, was=old.due, why=whys[new.key])
            for new in result.deadlines
            if (old := ticket.deadlines.get(new.key)) and old.due != new.due and new.key in whys
        ),
        evidence_wanted=result.evidence_wanted,
        calls_wanted=result.calls_wanted,
        terms=result.terms,
        site_proof=result.site_proof,
    )
    return [
        planned,
        *recurrence_seen(ticket, result.recurs, result.terms, now),
        *template_flagged(ticket, result.same_replies, now),
    ]


@rules.evolves(Planned)
def planned(ticket: Ticket, event: Planned) -> Ticket:
    deadlines = {**ticket.deadlines, **{d.key: d for d in event.deadlines}}
    # Under another policy a ladder can be shorter than what of it has been climbed.
    out = any(one.rung_out and one.clock not in ENDING for one in event.deadlines)
    handle = deadlines.get(ClockName.HANDLE)
    wanted = event.evidence_wanted
    return ticket.having(
        deadlines=deadlines,
        # One plan answers everything that was asked for.
        unplanned=(),
        first_due=ticket.first_due or (handle and handle.due),
        evidence_wanted=ticket.evidence_wanted if wanted is None else wanted,
        calls_wanted=event.calls_wanted or ticket.calls_wanted,
        terms=event.terms or ticket.terms,
        site_proof=event.site_proof or ticket.site_proof,
        orders=_with_due(ticket.orders, deadlines.get(ClockName.ORDER)),
        watch_from=ticket.watch_from or (event.at if out else None),
    )


def _with_due(orders: tuple[Order, ...], deadline: Deadline | None) -> tuple[Order, ...]:
    """The orders, the open one with the time by which it must be answered."""
    if deadline is None or not orders or orders[-1].feedback_due is not None:
        return orders
    return (*orders[:-1], orders[-1].model_copy(update={"feedback_due": deadline.due}))


def ring(ticket: Ticket, key: str, now: datetime) -> tuple[Rang, Rung] | None:
    """The ring of a clock whose time has come, and the rung that is carried out."""
    deadline = ticket.deadlines.get(key)
    return rings(deadline, now) if deadline else None


def rings(deadline: Deadline, now: datetime) -> tuple[Rang, Rung] | None:
    """What a deadline rings by now, if anything, and the rung that is carried out."""
    if deadline.exhausted or deadline.paused:
        return None
    past = [rung for rung in deadline.rungs[deadline.fired :] if rung.at <= now]
    if not past:
        return None
    highest = past[-1]
    late = now - highest.at
    rang = Rang(
        at=now,
        by=ENGINE,
        clock=deadline.clock,
        subject=deadline.subject,
        rung=highest.kind,
        due=highest.at,
        late_s=int(late.total_seconds()) if late > LATE else 0,
        missed=tuple(rung.kind for rung in past[:-1]),
    )
    return rang, highest


@rules.evolves(Rang)
def rang(ticket: Ticket, event: Rang) -> Ticket:
    deadlines = dict(ticket.deadlines)
    if event.clock is ClockName.WATCH:
        # A watch rings again and again until somebody acts; each round is planned anew.
        del deadlines[ClockName.WATCH]
        return ticket.having(deadlines=deadlines, watch_from=event.at)
    key = clock_key(event.clock, event.subject)
    before = deadlines[key]
    fired = before.model_copy(update={"fired": before.fired + 1 + len(event.missed)})
    deadlines[key] = fired
    watch = event.at if fired.rung_out and event.clock not in ENDING else None
    return ticket.having(deadlines=deadlines, watch_from=watch or ticket.watch_from)
