"""The ticket's number and its responsible unit, by the lists in the ledger."""

from collections.abc import Container, Iterable
from datetime import UTC, date, datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from activities.city import CityDesk
from juanchi.domain.filing import Route, RouteResult
from juanchi.domain.messages import Facts, Names
from juanchi.domain.place import Place
from juanchi.domain.ticket import Ticket
from juanchi.intake.routing import Routing
from juanchi.intake.tools import Tools
from juanchi.ledger.numbers import issue_number

log = structlog.get_logger(__name__)


class FilingActivities:
    """Files tickets and confirms the names that people write into actions."""

    def __init__(self, engine: AsyncEngine, desk: CityDesk) -> None:
        self._engine = engine
        self._desk = desk

    @activity.defn
    async def route(self, ticket: Ticket, step: Route) -> RouteResult:
        """Give the ticket its number (always the same one) and find who is responsible."""
        tools = await self._desk.tools()
        today = tools.local_day(datetime.now(UTC))
        number = await issue_number(self._engine, ticket.id, tools.pack.number_pattern, today)
        routing = _route(tools, ticket, today)
        return RouteResult(
            number=number,
            candidates=routing.candidates,
            sure=routing.sure,
            problem=routing.problem,
            nature=routing.nature,
            urgency=routing.urgency,
            lists_version=tools.version,
        )

    @activity.defn
    async def look_up(self, names: Names) -> Facts:
        """Say which of these names the lists do not know."""
        tools = await self._desk.tools()
        directory = tools.directory
        regions = {place.region for place in names.places if place.region}
        return Facts(
            unknown_units=_unknown(names.units, directory.units),
            unknown_items=_unknown(names.items, directory.items),
            unknown_regions=_unknown(sorted(regions), directory.regions),
            outside=tuple(
                f"{place.lon},{place.lat}"
                for place in names.places
                if tools.locator.outside(Place(lon=place.lon, lat=place.lat))
            ),
        )


def _route(tools: Tools, ticket: Ticket, today: date) -> Routing:
    try:
        return tools.router.route(ticket, today)
    except Exception as error:
        log.exception("routing failed", ticket=ticket.id)
        problem = f"routing_failed: {type(error).__name__}"
        return Routing((), False, problem, ticket.nature, ticket.urgency)


def _unknown(names: Iterable[str], known: Container[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in known)
