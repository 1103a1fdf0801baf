"""The typed client for changes of the lists: propose, act, see how they stand.

duties = Duties(temporal, filing=partial(file, engine))
number = await duties.propose("hand/1", proposal)
await duties.act(number, AnswerAsUnit(id=..., actor=..., at=..., stance="agree"))
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from juanchi.client import refusal_of
from juanchi.domain.duty_change import machine
from juanchi.domain.duty_change.actions import parse_duty_action
from juanchi.domain.duty_change.change import Proposal, change_id
from juanchi.domain.duty_change.events import DutyEntry
from juanchi.domain.duty_change.gaps import Filed
from juanchi.domain.duty_change.messages import DutyAction
from juanchi.domain.duty_change.proposal import may_propose
from juanchi.domain.duty_change.turn import DutyOpening, DutyTaken
from juanchi.domain.refusal import Code, Refused
from workflows.duty_change import DutyChangeWorkflow
from workflows.duty_changes_watch import LOOK_AGAIN, DutyChangesWatch
from workflows.messages import ACT

WATCH_ID = "duty-changes-watch"
CUT_OFF = "aborted by closing workflow"

Filing = Callable[[str, Proposal], Awaitable[Filed]]
"""Gives a proposal its number: the ledger's ``file``."""
Journal = Callable[[str], Awaitable[Sequence[DutyEntry]]]
"""All that has happened to a change: the ledger's ``read``."""


class Duties:
    """Starts changes and asks them for things. Cheap to make; safe to share between tasks."""

    def __init__(
        self, temporal: Client, filing: Filing, journal: Journal, queue: str = "juanchi-bulk"
    ) -> None:
        self._temporal = temporal
        self._filing = filing
        self._journal = journal
        self._queue = queue

    async def propose(self, key: str, proposal: Proposal) -> str:
        """Propose a change; its number. The same key is the same change, however often it comes.

        Once it has its number it cannot be lost: the watch begins what has not begun. Refused:
        wrong_role.
        """
        may_propose(proposal.by)
        filed = await self._filing(key, proposal)
        await self.begin(filed)
        return filed.number

    async def begin(self, filed: Filed) -> None:
        """Start the workflow of a proposal that has its number; twice is once."""
        with suppress(WorkflowAlreadyStartedError):
            await self._temporal.start_workflow(
                DutyChangeWorkflow.run,
                DutyOpening(number=filed.number, proposal=filed.proposal),
                id=change_id(filed.number),
                task_queue=self._queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                static_summary=f"{filed.number} {filed.proposal.reason}"[:100],
            )

    async def act(self, number: str, action: DutyAction | dict[str, Any]) -> DutyTaken:
        """Ask a change for something and wait until it is done and recorded.

        The same action again gets the same answer, also when the change is over. Raises
        ``Refused``; then nothing has changed. While the ledger is away it waits.
        """
        asked = parse_duty_action(action)
        while True:
            try:
                taken: DutyTaken = await self._handle(number).execute_update(
                    ACT, asked.model_dump(mode="json"), result_type=DutyTaken
                )
            except WorkflowUpdateFailedError as failed:
                refused = refusal_of(failed.cause)
                if isinstance(refused, Refused) and refused.code is Code.ENDED:
                    return await self._taken_before(number, asked)
                raise refused from None
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                if CUT_OFF not in str(error):
                    return await self._taken_before(number, asked)
                await asyncio.sleep(0.1)
            else:
                return taken

    async def _taken_before(self, number: str, asked: DutyAction) -> DutyTaken:
        """The answer of a change whose workflow is gone: from its journal."""
        entries = await self._journal(number)
        if not entries:
            raise Refused(Code.NO_SUCH_CHANGE, number=number)
        change = machine.relive([entry.event for entry in entries])
        done = change.processed.get(asked.key)
        if done is None:
            raise Refused(Code.CHANGE_OVER, state=change.phase)
        return DutyTaken(number=number, action=asked.key, version=done.version)

    def _handle(self, number: str) -> WorkflowHandle[Any, Any]:
        return self._temporal.get_workflow_handle(change_id(number))


async def stand_watch(
    temporal: Client, queue: str, *, every: timedelta = LOOK_AGAIN, id_: str = WATCH_ID
) -> None:
    """Have every proposal begun that has not; there is one watch, however often it is asked for."""
    await temporal.start_workflow(
        DutyChangesWatch.run,
        every,
        id=id_,
        task_queue=queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
