"""Other tickets: the survivor of a merge is asked through the door that everybody uses."""

from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from juanchi.domain.actor import ENGINE
from juanchi.domain.merging import Absorb, AskSurvivor, AskSurvivorResult
from juanchi.domain.refusal import Code
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
        survivor = self._client.get_workflow_handle(step.into)
        try:
            await survivor.execute_update(
                "act",
                action.model_dump(mode="json"),
                id=action.key,
                rpc_timeout=timedelta(seconds=20),
            )
        except WorkflowUpdateFailedError as failed:
            told = failed.cause
            code = told.type if isinstance(told, ApplicationError) and told.type else str(told)
            return AskSurvivorResult(into=step.into, refused=code)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return AskSurvivorResult(into=step.into, refused=Code.NOT_FOUND)
            raise
        return AskSurvivorResult(into=step.into)
