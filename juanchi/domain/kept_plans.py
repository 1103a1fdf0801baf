"""What another policy leaves as it is need not be planned again: the journal has it."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, Protocol

from juanchi.domain.clocks import Plan, Planned, PlanResult, plan_done
from juanchi.domain.deadlines import Deadline
from juanchi.domain.messages import Event
from juanchi.domain.plans import PlanFor, PlanWhy
from juanchi.domain.policy import Policy
from juanchi.domain.terms import ClockName, Urgency
from juanchi.domain.ticket import Ticket

NO_DEADLINES = PlanResult(deadlines=())


class Unchanged(NamedTuple):
    """What other plans leave as it is: clocks by urgency, where one of these policies set them.

    ``rules`` are how explanations of due times begin that come from those policies.
    """

    clocks: frozenset[tuple[ClockName, Urgency]] = frozenset()
    rules: tuple[str, ...] = ()


NOTHING = Unchanged()


class Plans(Protocol):
    """Whoever plans clocks: a ``Planner`` under another policy, calendar or lists."""

    def planned(self, ticket: Ticket, step: Plan) -> PlanResult: ...


class Anew:
    """Plans every clock anew."""

    def __init__(self, plans: Plans) -> None:
        self._plans = plans

    def planned(self, ticket: Ticket, step: Plan, now: datetime) -> Planned:
        """The event that a planning step comes to."""
        return self._come_to(ticket, self._plans.planned(ticket, step), now)

    def _come_to(self, ticket: Ticket, result: PlanResult, now: datetime) -> Planned:
        # What else a plan brings about, the journal has.
        planned = plan_done(ticket, result, now)[0]
        assert isinstance(planned, Planned)  # noqa: S101 - a plan begins with what was planned
        return planned


class Kept(Anew):
    """Takes from the journal what the other plans do not change, which is most of it."""

    def __init__(self, plans: Plans, unchanged: Unchanged, events: Iterable[Event]) -> None:
        super().__init__(plans)
        self._clocks = unchanged.clocks
        self._were: dict[tuple[ClockName, str, datetime], Deadline | None] = {}
        self._told: dict[int, Planned] = {}
        for event in events:
            if isinstance(event, Planned):
                for one in event.deadlines:
                    # What is moved keeps its start, so that it is there twice: it is planned.
                    known = (one.clock, one.subject, one.started)
                    ours = known not in self._were and one.why.rule.startswith(unchanged.rules)
                    self._were[known] = one if ours else None
                    self._told[id(one)] = event

    def planned(self, ticket: Ticket, step: Plan, now: datetime) -> Planned:
        """What the journal has, and what the other plans say of the rest."""
        were = [self._was(ticket, wanted) for wanted in step.clocks]
        if None not in were and (told := self._told[id(were[0])]).deadlines == tuple(were):
            return told
        rest = tuple(w for w, was in zip(step.clocks, were, strict=True) if was is None)
        result = self._plans.planned(ticket, Plan(clocks=rest)) if rest else NO_DEADLINES
        # In the order asked for, which is the order in which they ring when they are due at once.
        planned = iter(result.deadlines)
        deadlines = tuple([was or next(planned) for was in were])
        return self._come_to(ticket, PlanResult(deadlines=deadlines, terms=result.terms), now)

    def _was(self, ticket: Ticket, wanted: PlanFor) -> Deadline | None:
        if wanted.why is PlanWhy.START and (wanted.clock, ticket.urgency) in self._clocks:
            return self._were.get((wanted.clock, wanted.subject, wanted.start))
        return None


def unchanged(before: Iterable[Policy], after: Policy) -> Unchanged:
    """The clocks that run under another policy just as under all of those before it.

    A policy is known by its code and version. Handling is never unchanged: with its due time come
    the terms that a ticket lives by. Under another calendar nothing is unchanged.
    """
    before = list(before)
    if any(policy.service_hours != after.service_hours for policy in before):
        return NOTHING
    clocks = frozenset(
        (clock, urgency)
        for clock in ClockName
        for urgency in Urgency
        if clock is not ClockName.HANDLE
        and all(_same(policy, after, clock, urgency) for policy in before)
    )
    # A rule reads: policy shenzhen@2026.1 limits.sign.default
    return Unchanged(clocks, tuple(f"policy {one.code}@{one.version} " for one in before))


def _same(one: Policy, other: Policy, clock: ClockName, urgency: Urgency) -> bool:
    limits = dict(one.limits_of(clock)) == dict(other.limits_of(clock))
    return limits and one.rungs_of(clock, urgency) == other.rungs_of(clock, urgency)
