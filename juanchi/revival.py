"""An ended ticket that lives on: a new run of its workflow, with the ticket as it ended.

Ended workflows do not linger: of a hundred clues ninety-seven end at once. The few that a person
takes up again (a discard overturned) go on under the same id, from the ticket that the journal
tells of. Only an action that an ended ticket takes may start such a run; it comes with it, so that
no run is ever without a reason. Sent twice, or by two people, it is one run: the second finds it.
"""

from collections.abc import Awaitable
from typing import Any

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from juanchi.domain.messages import Action
from juanchi.domain.ticket import Ticket
from workflows.messages import ACT, WORKFLOW, Opening, Taken


def revive(
    temporal: Client, queue: str, ticket: Ticket, action: Action, level: int
) -> Awaitable[Taken]:
    """Start an ended ticket's next run with the action that it takes there.

    Where another run of it is under way, that one gets the action. A ticket that is behind its
    journal by then follows the journal, as any other.
    """
    start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        WORKFLOW,
        Opening(ticket=ticket, revived=True),
        id=ticket.id,
        task_queue=queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        priority=Priority(priority_key=level, fairness_key=ticket.clue.channel),
        static_summary=f"{ticket.clue.channel} {ticket.clue.external_id}"[:100],
    )
    return temporal.execute_update_with_start_workflow(
        ACT,
        action.model_dump(mode="json"),
        start_workflow_operation=start,
        result_type=Taken,
    )
