"""The survivor of a merge is asked to speak for another ticket too."""

from datetime import UTC, datetime

from temporalio import activity
from temporalio.client import Client

from activities.asking import ask
from juanchi.domain.actor import ENGINE
from juanchi.domain.merging import Absorb, AskSurvivor, AskSurvivorResult
from juanchi.domain.ticket import Ticket


class MergingActivities:
    """Asks a surviving ticket to absorb another."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @activity.defn
    async def ask_survivor(self, ticket: Ticket, step: AskSurvivor) -> AskSurvivorResult:
        """The survivor's answer; ``refused`` tells why it cannot."""
        action = Absorb(
            id=f"voice:{ticket.id}"[:200], actor=ENGINE, at=datetime.now(UTC), voice=ticket.id
        )
        refused = await ask(self._client, step.into, action)
        return AskSurvivorResult(into=step.into, refused=refused)
