"""Due times, by the policy, calendar and implementation lists in the ledger."""

from temporalio import activity

from activities.city import CityDesk
from juanchi.domain.clocks import Plan, PlanResult
from juanchi.domain.ticket import Ticket


class PlanningActivities:
    """Plans clocks. The answer is kept in the ticket, so a new calendar never breaks a replay."""

    def __init__(self, desk: CityDesk) -> None:
        self._desk = desk

    @activity.defn
    async def plan(self, ticket: Ticket, step: Plan) -> PlanResult:
        """The due times asked for, each with its explanation."""
        tools = await self._desk.tools()
        return tools.planner.planned(ticket, step)
