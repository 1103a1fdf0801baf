"""The automatic steps that need only the city's lists: screen, locate, route, plan.

A text that breaks a rule goes to a person, not round and round in retries: one poison clue must not
hold up its ticket for ever.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from juanchi.domain.clocks import Plan
from juanchi.domain.clue import Locate, LocateResult, Screen, ScreenResult
from juanchi.domain.filing import Route, RouteResult
from juanchi.domain.messages import Result, Step
from juanchi.domain.terms import ClueVerdict
from juanchi.domain.ticket import Ticket
from juanchi.intake.routing import Routing
from juanchi.intake.tools import Tools

log = structlog.get_logger(__name__)

GiveNumber = Callable[[str], Awaitable[str]]
"""The number of a ticket, given by its id: always the same one."""


async def take(
    tools: Tools, ticket: Ticket, step: Step, now: datetime, number: GiveNumber
) -> Result:
    """Take a step. Raises ``TypeError`` for one that needs more than the lists."""
    match step:
        case Screen():
            return screen(tools, ticket)
        case Locate():
            return locate(tools, ticket)
        case Route():
            return file(tools, ticket, now, await number(ticket.id))
        case Plan():
            return tools.planner.planned(ticket, step)
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
        return tools.locator.locate(ticket.clue, ticket.place)
    except Exception as error:
        log.exception("locating failed", ticket=ticket.id)
        return LocateResult(problem=f"locating_failed: {type(error).__name__}")


def file(tools: Tools, ticket: Ticket, now: datetime, number: str) -> RouteResult:
    """Say who is responsible, for a ticket that has its number."""
    try:
        routing = tools.router.route(ticket, tools.local_day(now))
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
        lists_version=tools.version,
    )
