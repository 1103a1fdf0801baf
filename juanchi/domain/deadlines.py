"""Deadlines that explain themselves: a clock's limit, its due time and what rings on the way."""

import math
from collections.abc import Sequence
from datetime import date, datetime

from pydantic import Field

from juanchi.domain.base import Line, Moment, Value
from juanchi.domain.calendar import Due, Pause, SkippedDay, WorkCalendar
from juanchi.domain.ladder import Ladder
from juanchi.domain.limits import Limit, LimitKind, Rework, limit_of
from juanchi.domain.policy import Policy
from juanchi.domain.rungs import Resolve, Rung
from juanchi.domain.terms import ClockName, Nature, Urgency

__all__ = ["Deadline", "Explanation", "Extended", "Pause", "Rung", "clock_key", "plan"]


class Extended(Value):
    """One extension: what was granted, and how it moved the due time."""

    limit: str
    due_before: Moment
    due_after: Moment
    skipped: tuple[SkippedDay, ...] = ()
    counted_makeup: tuple[date, ...] = ()


class Explanation(Value):
    """Why a deadline falls where it does, so that anybody can check it by hand.

    ``rule`` is where the limit is written: ``policy shenzhen-2026@2026.1 limits.handle.complaint``,
    the implementation list's row, or the review date of a hold. ``skipped`` and ``counted_makeup``
    are of the limit itself; each of ``extended`` has its own. ``provisional`` and ``years`` speak
    of the due time alone.
    """

    limit: str
    rule: str
    start: Moment
    skipped: tuple[SkippedDay, ...] = ()
    counted_makeup: tuple[date, ...] = ()
    provisional: bool = False
    years: tuple[int, ...] = ()
    extended: tuple[Extended, ...] = ()
    pauses: tuple[Pause, ...] = ()


class Deadline(Value):
    """A running clock's due time. ``fired`` counts the rungs that have fired, from the first.

    ``subject`` is the unit of a clock that runs once for each unit. ``original_due`` stays what it
    was when an extension or a hold moves ``due``. ``extended`` are the limits granted besides.
    ``raised_at``: when its matter became urgent, if it ran already.
    ``provisional``: the due time or a rung lies in a year without a table; plan again when the
    table is published.
    """

    clock: ClockName
    subject: str = ""
    started: Moment
    due: Moment
    original_due: Moment
    rungs: tuple[Rung, ...]
    fired: int = Field(default=0, ge=0)
    pauses: tuple[Pause, ...] = ()
    extended: tuple[Line, ...] = ()
    raised_at: Moment | None = None
    provisional: bool = False
    why: Explanation

    @property
    def key(self) -> str:
        """What names this clock on its ticket."""
        return clock_key(self.clock, self.subject)

    @property
    def paused(self) -> bool:
        """Whether it stands still now."""
        return any(pause.end is None for pause in self.pauses)

    @property
    def exhausted(self) -> bool:
        """Whether everything that could ring has rung."""
        return self.fired >= len(self.rungs)

    @property
    def rung_out(self) -> bool:
        """Whether it had something to ring, and all of it has rung."""
        return bool(self.rungs) and self.exhausted

    @property
    def next_rung(self) -> Rung | None:
        """What rings next, or None when exhausted or paused."""
        return None if self.exhausted or self.paused else self.rungs[self.fired]


def clock_key(clock: ClockName, subject: str = "") -> str:
    """What names a clock on its ticket: ``handle``, or ``assist:roads`` for a unit's own."""
    return f"{clock.value}:{subject}" if subject else clock.value


def plan(
    calendar: WorkCalendar,
    policy: Policy,
    clock: ClockName,
    start: datetime,
    nature: Nature | None,
    urgency: Urgency,
    *,
    item_limit: Limit | None = None,
    item_rule: str = "",
    rework: bool = False,
    limit_key: str | None = None,
    subject: str = "",
    pauses: Sequence[Pause] = (),
    extended: Sequence[str] = (),
    before: Deadline | None = None,
    until: date | None = None,
    find: Resolve | None = None,
) -> Deadline:
    """Plan a clock started at ``start``.

    For handling, ``item_limit`` (of the implementation list's row ``item_rule`` names) wins over
    the policy's. ``rework`` gives the share of the limit that work sent back gets, never less than
    the policy's least. ``limit_key`` chooses one of the policy's limits (``joint``) where it has
    it. ``until`` is a day that a person has set instead: due at its end, at once if it is gone.

    ``pauses`` stop the clock; one still open is kept but not counted. ``extended`` are all limits
    granted so far, added one after the other. ``before`` is the deadline that this one replaces:
    what has fired there stays fired, and its original due time stays, unless it was provisional,
    had not been extended and the same limit is counted again. ``find`` turns holder expressions
    into holders.

    Raises ``ValueError`` as ``WorkCalendar.add`` does.
    """
    started = calendar.local(start)
    if until is not None:
        limit, rule = f"until {until}", "the day set for review"
        first = base = Due(at=max(calendar.end_of(until), started))
    else:
        own = (item_limit, item_rule) if clock is ClockName.HANDLE else (None, "")
        wanted, rule = _limit(
            policy, clock, policy.limit_key(clock, nature, urgency), limit_key, own
        )
        if rework:
            wanted, rule = _reworked(calendar, policy, wanted, rule, start)
        limit, first = str(wanted), calendar.add(wanted, start)
        base = calendar.add(wanted, start, pauses) if pauses else first
    dues, more = _extended(calendar, base, extended, pauses)
    ladder = Ladder(calendar, started, dues[-1].at, pauses, find)
    fired = before.rungs[: before.fired] if before else ()
    rungs = ladder.climb(policy.rungs_of(clock, urgency), fired)
    why = Explanation(
        limit=limit,
        rule=rule,
        start=started,
        skipped=base.skipped,
        counted_makeup=base.counted_makeup,
        provisional=any(due.provisional for due in dues),
        years=tuple(sorted({year for due in dues for year in due.years})),
        extended=more,
        pauses=tuple(pauses),
    )
    return Deadline(
        clock=clock,
        subject=subject,
        started=started,
        due=dues[-1].at,
        original_due=_original(before, why, first),
        rungs=rungs,
        fired=len(fired),
        pauses=why.pauses,
        extended=tuple(extended),
        provisional=why.provisional or ladder.provisional,
        why=why,
    )


def _original(before: Deadline | None, why: Explanation, first: Due) -> datetime:
    """The due time as first given: without holds and extensions, by the tables in force then."""
    if before is None:
        return first.at
    counted_again = (before.started, before.why.limit) == (why.start, why.limit)
    guessed = before.provisional and not before.extended
    return first.at if guessed and counted_again else before.original_due


def _limit(
    policy: Policy, clock: ClockName, key: str, wanted: str | None, own: tuple[Limit | None, str]
) -> tuple[Limit, str]:
    """The limit that holds, and where it is written: the item's own, the one wanted, the usual."""
    limit, rule = own
    if limit is not None:
        return limit, rule or "implementation list"
    by_key = policy.limits_of(clock)
    if wanted is not None and wanted in by_key:
        key = wanted
    return by_key[key], policy.rule(clock, key)


def _reworked(
    calendar: WorkCalendar, policy: Policy, limit: Limit, rule: str, start: datetime
) -> tuple[Limit, str]:
    least, shared = policy.rework.least, _shared(limit, policy.rework)
    # By the moment it ends, since limits of different kinds cannot be compared otherwise.
    if calendar.add(shared, start).at < calendar.add(least, start).at:
        return least, f"policy {policy.code}@{policy.version} rework.least"
    return shared, f"{policy.rework.share * 100:g}% for rework of {limit} by {rule}"


def _shared(limit: Limit, rework: Rework) -> Limit:
    if limit.kind is LimitKind.SAME_DAY:
        return limit
    amount = limit.amount * rework.share
    if limit.kind is LimitKind.WORKING_DAYS:
        # Rounded first: 25 days x 0.28 must be 7, though the product is 7.000000000000001.
        amount = math.ceil(round(amount, 6))
    return Limit(kind=limit.kind, amount=amount)


def _extended(
    calendar: WorkCalendar, base: Due, extended: Sequence[str], pauses: Sequence[Pause]
) -> tuple[list[Due], tuple[Extended, ...]]:
    """The due times from the first to the last, and what each extension did."""
    dues, more = [base], []
    for text in extended:
        earlier, later = dues[-1], calendar.add(limit_of(text), dues[-1].at, pauses)
        dues.append(later)
        more.append(
            Extended(
                limit=text,
                due_before=earlier.at,
                due_after=later.at,
                skipped=later.skipped,
                counted_makeup=later.counted_makeup,
            )
        )
    return dues, tuple(more)
