"""Other tickets: the survivor of a merge is asked through the door that everybody uses."""

from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from juanchi.domain.actor import ENGINE
from juanchi.domain.merging import Absorb, AskSurvivor, AskSurvivorResult
from juanchi.domain.refusal import Code
from juanchi.domain.ticket import Ticket

ANSWER_WITHIN = timedelta(seconds=10)

CUT_OFF = "aborted by closing workflow"
"""What Temporal says when a run closed under an update: it ended, or went on as new."""


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
                "act", action.model_dump(mode="json"), rpc_timeout=ANSWER_WITHIN
            )
        except WorkflowUpdateFailedError as failed:
            told = failed.cause
            code = told.type if isinstance(told, ApplicationError) and told.type else str(told)
            return AskSurvivorResult(into=step.into, refused=code)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND or CUT_OFF in str(error):
                raise  # it will be asked again
            if not await self._took(survivor, action.key):
                return AskSurvivorResult(into=step.into, refused=Code.NOT_FOUND)
        return AskSurvivorResult(into=step.into)

    async def _took(self, survivor: WorkflowHandle[Any, Any], key: str) -> bool:
        """Whether a survivor that has ended meanwhile had taken the voice before."""
        try:
            found: Ticket = await survivor.query("ticket", result_type=Ticket)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        done = found.processed.get(key)
        return done is not None and done.refused is None
