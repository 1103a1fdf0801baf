"""Deadlines that explain themselves: a clock's limit, its due time and what rings on the way."""

import math
from datetime import date, datetime
from functools import lru_cache

from pydantic import Field

from juanchi.domain.base import Moment, Value
from juanchi.domain.calendar import Due, SkippedDay, WorkCalendar
from juanchi.domain.policy import Limit, LimitKind, Policy, Rework
from juanchi.domain.terms import ClockName, Nature, RungKind, Urgency


class Explanation(Value):
    """Why a deadline falls where it does, so that anybody can check it by hand.

    ``rule`` is where the limit is written: ``policy shenzhen-2026@2026.1 limits.handle.complaint``
    or the implementation list's row. ``provisional`` and ``years`` speak of the due time alone.
    """

    limit: str
    rule: str
    start: Moment
    skipped: tuple[SkippedDay, ...] = ()
    counted_makeup: tuple[date, ...] = ()
    provisional: bool = False
    years: tuple[int, ...] = ()


class Rung(Value):
    """One step of pressure and the moment it fires."""

    kind: RungKind
    at: Moment


class Deadline(Value):
    """A running clock's due time. ``fired`` counts the rungs that have fired, from the first.

    ``original_due`` stays what it was when an extension moves ``due``. ``provisional``: the due
    time or a rung lies in a year without a table; plan again when the table is published.
    """

    clock: ClockName
    started: Moment
    due: Moment
    original_due: Moment
    rungs: tuple[Rung, ...]
    fired: int = Field(default=0, ge=0)
    provisional: bool = False
    why: Explanation

    @property
    def exhausted(self) -> bool:
        """Whether everything that could ring has rung."""
        return self.fired >= len(self.rungs)

    @property
    def next_rung(self) -> Rung | None:
        """What rings next, or None when exhausted."""
        return None if self.exhausted else self.rungs[self.fired]


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
) -> Deadline:
    """Plan a clock started at ``start``.

    For handling, ``item_limit`` (of the implementation list's row ``item_rule`` names) wins over
    the policy's. ``rework`` gives the share of the limit that work sent back gets, never less than
    the policy's least. Raises ``ValueError`` as ``WorkCalendar.add`` does.
    """
    if item_limit is not None and clock is ClockName.HANDLE:
        limit, rule = item_limit, item_rule or "implementation list"
    else:
        key = policy.limit_key(clock, nature, urgency)
        limit = policy.limits[clock][key]
        rule = f"policy {policy.code}@{policy.version} limits.{clock.value}.{key}"
    if rework:
        limit, rule, due = _reworked(calendar, policy, limit, rule, start)
    else:
        due = calendar.add(limit, start)
    started = calendar.local(start)
    rungs, guessed = _rungs(calendar, policy, clock, started, due)
    return Deadline(
        clock=clock,
        started=started,
        due=due.at,
        original_due=due.at,
        rungs=rungs,
        provisional=due.provisional or guessed,
        why=Explanation(
            limit=str(limit),
            rule=rule,
            start=started,
            skipped=due.skipped,
            counted_makeup=due.counted_makeup,
            provisional=due.provisional,
            years=due.years,
        ),
    )


def _reworked(
    calendar: WorkCalendar, policy: Policy, limit: Limit, rule: str, start: datetime
) -> tuple[Limit, str, Due]:
    least, shared = policy.rework.least, _shared(limit, policy.rework)
    floor, due = calendar.add(least, start), calendar.add(shared, start)
    # By the moment it ends, since limits of different kinds cannot be compared otherwise.
    if due.at < floor.at:
        return least, f"policy {policy.code}@{policy.version} rework.least", floor
    return shared, f"{policy.rework.share * 100:g}% for rework of {limit} by {rule}", due


def _shared(limit: Limit, rework: Rework) -> Limit:
    if limit.kind is LimitKind.SAME_DAY:
        return limit
    amount = limit.amount * rework.share
    if limit.kind is LimitKind.WORKING_DAYS:
        # Rounded first: 25 days x 0.28 must be 7, though the product is 7.000000000000001.
        amount = math.ceil(round(amount, 6))
    return Limit(kind=limit.kind, amount=amount)


def _rungs(
    calendar: WorkCalendar, policy: Policy, clock: ClockName, started: datetime, due: Due
) -> tuple[tuple[Rung, ...], bool]:
    """The rungs in the policy's order, and whether one of them is provisional."""
    rungs: list[Rung] = []
    guessed = False
    for spec in policy.rungs_of(clock):
        if spec.at.endswith("%"):
            at = calendar.share(started, due.at, int(spec.at[:-1]) / 100)
        elif spec.at == "due":
            at = due.at
        else:
            after = calendar.add(_limit(spec.at[len("due+") :]), due.at)
            at, guessed = after.at, guessed or after.provisional
        # A holiday can put due+1wd behind due+3d; pressure still rises in the order written.
        if rungs and at < rungs[-1].at:
            at = rungs[-1].at
        rungs.append(Rung(kind=spec.kind, at=at))
    return tuple(rungs), guessed


@lru_cache(maxsize=256)
def _limit(text: str) -> Limit:
    return Limit.model_validate(text)
