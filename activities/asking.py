"""Other tickets: each is asked through the door that everybody uses."""

from datetime import timedelta

from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from juanchi.domain.messages import Action
from juanchi.domain.refusal import Code
from juanchi.domain.ticket import Ticket

ANSWER_WITHIN = timedelta(seconds=10)

CUT_OFF = "aborted by closing workflow"
"""What Temporal says when a run closed under an update: it ended, or went on as new."""


async def ask(client: Client, ticket: str, action: Action) -> str:
    """Ask a ticket for something: empty when it took it, now or before, else the refusal's code.

    Raises ``RPCError`` when there was no answer; then ask again.
    """
    handle = client.get_workflow_handle(ticket)
    try:
        await handle.execute_update(
            "act", action.model_dump(mode="json"), rpc_timeout=ANSWER_WITHIN
        )
    except WorkflowUpdateFailedError as failed:
        told = failed.cause
        return told.type if isinstance(told, ApplicationError) and told.type else str(told)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND or CUT_OFF in str(error):
            raise
        return "" if await _took(client, ticket, action.key) else Code.NOT_FOUND
    return ""


async def _took(client: Client, ticket: str, key: str) -> bool:
    """Whether a ticket that has ended meanwhile had taken the action before."""
    try:
        found: Ticket = await client.get_workflow_handle(ticket).query("ticket", result_type=Ticket)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    done = found.processed.get(key)
    return done is not None and done.refused is None
