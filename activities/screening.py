"""What a clue's words say: screened and located by the city's lists."""

import structlog
from temporalio import activity

from activities.city import CityDesk
from juanchi.domain.clue import Locate, LocateResult, Screen, ScreenResult
from juanchi.domain.terms import ClueVerdict
from juanchi.domain.ticket import Ticket

log = structlog.get_logger(__name__)


class ScreeningActivities:
    """Screens and locates. A text that breaks a rule goes to a person, not round in retries."""

    def __init__(self, desk: CityDesk) -> None:
        self._desk = desk

    @activity.defn
    async def screen(self, ticket: Ticket, step: Screen) -> ScreenResult:
        """Say what a clue is."""
        tools = await self._desk.tools()
        try:
            return tools.screener.screen(ticket.clue)
        except Exception as error:
            log.exception("screening failed", ticket=ticket.id)
            return ScreenResult(
                verdict=ClueVerdict.UNSURE, rule=f"screening_failed: {type(error).__name__}"
            )

    @activity.defn
    async def locate(self, ticket: Ticket, step: Locate) -> LocateResult:
        """Say where a clue is."""
        tools = await self._desk.tools()
        try:
            return tools.locator.locate(ticket.clue, ticket.place)
        except Exception as error:
            log.exception("locating failed", ticket=ticket.id)
            return LocateResult(problem=f"locating_failed: {type(error).__name__}")
