"""The automatic steps that need only the city's lists and the ledger: screen, locate, route, plan.

A text that breaks a rule goes to a person, not round and round in retries: one poison clue must not
hold up its ticket for ever.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from juanchi.domain.clocks import Plan, PlanResult
from juanchi.domain.clue import Locate, LocateResult, Screen, ScreenResult
from juanchi.domain.comparing import Compare, CompareResult
from juanchi.domain.filing import Route, RouteResult
from juanchi.domain.messages import Result, Step
from juanchi.domain.overlays import Alike, Recurrence
from juanchi.domain.plans import PlanWhy
from juanchi.domain.policy import Policy
from juanchi.domain.policy_terms import SamenessTerms, Terms
from juanchi.domain.recurrence import recurrence
from juanchi.domain.sameness import Likeness, Trace
from juanchi.domain.situation import CALM, Situation
from juanchi.domain.suggestions import short_path
from juanchi.domain.terms import ClockName, ClueVerdict
from juanchi.domain.ticket import Phase, Ticket
from juanchi.intake.routing import Routing
from juanchi.intake.tools import Tools
from juanchi.intake.tracing import traced

log = structlog.get_logger(__name__)


class Remembered(Protocol):
    """What a step may need to know of other tickets."""

    async def number(self, ticket_id: str) -> str:
        """The number of a ticket, given by its id: always the same one."""
        ...

    async def situation(self) -> Situation:
        """The rulings and incidents that hold now."""
        ...

    async def recurrences(
        self, ticket: Ticket, terms: Terms, *, street: bool, like: tuple[str, ...]
    ) -> tuple[Recurrence, ...]:
        """The tickets of the same place and item that were closed not long ago."""
        ...

    async def alike(self, trace: Trace, terms: SamenessTerms) -> Sequence[Likeness]:
        """The earlier tickets that may be about the same matter; from now on this one is known."""
        ...

    async def closed_at(self, ticket_ids: Sequence[str]) -> Mapping[str, datetime]:
        """When these tickets were closed, of those that were."""
        ...

    async def same_replies(self, ticket: Ticket) -> int:
        """How many other suggestions were replied to in the same words."""
        ...


async def take(
    tools: Tools, ticket: Ticket, step: Step, now: datetime, remembered: Remembered
) -> Result:
    """Take a step. Raises ``TypeError`` for one that needs more than the lists and the ledger."""
    match step:
        case Screen():
            return screen(tools, ticket)
        case Locate():
            found = locate(tools, ticket)
            compares = tools.rulebook(now)[0].sameness is not None
            return found.model_copy(update={"compare": compares})
        case Compare():
            return await compare(tools, ticket, tools.rulebook(now)[0], remembered)
        case Route():
            number, situation = await remembered.number(ticket.id), await remembered.situation()
            return file(tools, ticket, now, number, situation)
        case Plan():
            return await plan(tools, ticket, step, remembered)
    raise TypeError(f"{step!r} needs more than the lists")


def screen(tools: Tools, ticket: Ticket) -> ScreenResult:
    """Say what a clue is."""
    try:
        return tools.screener.screen(ticket.clue)
    except Exception as error:
        log.exception("screening failed", ticket=ticket.id)
        rule = f"screening_failed: {type(error).__name__}"
        return ScreenResult(verdict=ClueVerdict.UNSURE, rule=rule)


def locate(tools: Tools, ticket: Ticket) -> LocateResult:
    """Say where a clue is."""
    try:
        clue = ticket.clue
        if ticket.matter:
            clue = clue.model_copy(update={"text": ticket.matter})
        return tools.locator.locate(clue, ticket.place)
    except Exception as error:
        log.exception("locating failed", ticket=ticket.id)
        return LocateResult(problem=f"locating_failed: {type(error).__name__}")


async def compare(
    tools: Tools, ticket: Ticket, policy: Policy, remembered: Remembered
) -> CompareResult:
    """Remember a clue, and say which earlier tickets are about the same, surely or perhaps.

    Those that a person said are another matter are not named again.
    """
    if policy.sameness is None:
        return CompareResult()
    try:
        trace = traced(tools, ticket)
    except Exception as error:
        log.exception("comparing failed", ticket=ticket.id)
        return CompareResult(problem=f"comparing_failed: {type(error).__name__}")
    found = [
        one
        for one in await remembered.alike(trace, policy.sameness)
        if one.ticket_id not in ticket.unlike
    ]
    closed = await remembered.closed_at([one.ticket_id for one in found if one.closed])
    able = [one for one in found if one.mergeable]
    certain = next((one for one in able if one.sure), None)
    return CompareResult(
        certain=_alike(certain) if certain else None,
        like=tuple(_alike(one) for one in able if one is not certain),
        closed=tuple(
            recurrence(ticket, one.ticket_id, closed[one.ticket_id], policy.terms)
            for one in found
            if one.sure and one.ticket_id in closed
        ),
    )


def _alike(found: Likeness) -> Alike:
    return Alike(
        ticket_id=found.ticket_id,
        score=found.score,
        reasons=tuple(ground.value for ground in found.reasons),
    )


def file(
    tools: Tools, ticket: Ticket, now: datetime, number: str, situation: Situation = CALM
) -> RouteResult:
    """Say who is responsible, for a ticket that has its number."""
    try:
        routing = tools.router.route(ticket, now, situation)
    except Exception as error:
        log.exception("routing failed", ticket=ticket.id)
        problem = f"routing_failed: {type(error).__name__}"
        routing = Routing((), False, problem, ticket.nature, ticket.urgency)
    return RouteResult(
        number=number,
        candidates=routing.candidates,
        sure=routing.sure,
        problem=routing.problem,
        nature=routing.nature,
        urgency=routing.urgency,
        urgency_why=routing.urgency_why,
        incident=routing.incident,
        ruling=routing.ruling,
        lists_version=tools.version,
        model=tools.learned.version,
    )


async def plan(tools: Tools, ticket: Ticket, step: Plan, remembered: Remembered) -> PlanResult:
    """Say by when, and with a first handling deadline which closed tickets this one repeats.

    With the review of a suggestion's reply, how many others were given the same words.
    """
    planned = tools.planner.planned(ticket, step)
    if short_path(ticket) and _begins_review(ticket, step):
        same = await remembered.same_replies(ticket)
        planned = planned.model_copy(update={"same_replies": same})
    region = ticket.place.region if ticket.place else None
    if ticket.item is None or region is None or not _begins_handling(step):
        return planned
    recurs = await remembered.recurrences(
        ticket,
        planned.terms or Terms(),
        street=tools.directory.street(region) is not None,
        like=tools.directory.like(region),
    )
    return planned.model_copy(update={"recurs": recurs})


def _begins_review(ticket: Ticket, step: Plan) -> bool:
    starts = (asked.clock for asked in step.clocks if asked.why is PlanWhy.START)
    return ticket.phase is Phase.REVIEW and ClockName.REVIEW in starts


def _begins_handling(step: Plan) -> bool:
    return any(
        asked.clock is ClockName.HANDLE and asked.why is PlanWhy.START and not asked.rework
        for asked in step.clocks
    )
