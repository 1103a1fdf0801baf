"""Begins every proposal that has not begun yet, whoever made it, and whatever died meanwhile.

It looks at what the ledger holds, not at what has been announced: a ruling's proposal is a row of
the ledger's, so none can be lost, and a change's id is its number, so none can begin twice.
"""

from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from juanchi.domain.duty_change.change import change_id
    from juanchi.domain.duty_change.gaps import Filed
    from juanchi.domain.duty_change.turn import DutyOpening
    from workflows.duty_change import DutyChangeWorkflow

DUTY_CHANGES_WATCH = "DutyChangesWatch"
WAITING = "waiting_duty_changes"
LOOK_AGAIN = timedelta(minutes=1)
A_LOOK = timedelta(seconds=60)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


@workflow.defn(name=DUTY_CHANGES_WATCH)
class DutyChangesWatch:
    """Looks every so often, for ever."""

    @workflow.run
    async def run(self, every: timedelta = LOOK_AGAIN) -> None:
        while not workflow.info().is_continue_as_new_suggested():
            for filed in await self._waiting():
                await self._begin(filed)
            await workflow.sleep(every)
        workflow.continue_as_new(every)

    async def _waiting(self) -> list[Filed]:
        waiting: list[Filed] = await workflow.execute_activity(
            WAITING, result_type=list[Filed], start_to_close_timeout=A_LOOK, retry_policy=RETRY
        )
        return waiting

    async def _begin(self, filed: Filed) -> None:
        # Begun by somebody else meanwhile, or begun and not yet written: either way it lives.
        with suppress(WorkflowAlreadyStartedError):
            await workflow.start_child_workflow(
                DutyChangeWorkflow.run,
                DutyOpening(number=filed.number, proposal=filed.proposal),
                id=change_id(filed.number),
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            )
