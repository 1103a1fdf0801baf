"""Incidents in the ledger: while one is there, the router raises what falls under it."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from juanchi.domain.actor import Actor
from juanchi.domain.situation import Incident
from juanchi.ledger.incidents import begin_incident, end_incident


class IncidentActivities:
    """Writes when an incident begins and when it is over; each any number of times."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @activity.defn
    async def begin_incident(self, incident: Incident, by: Actor) -> None:
        """From now on new tickets of its items and region are urgent."""
        await begin_incident(self._engine, incident, by.staff or by.role)

    @activity.defn
    async def end_incident(self, code: str) -> None:
        """From now on they are not."""
        await end_incident(self._engine, code, datetime.now(UTC))
