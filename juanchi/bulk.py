"""The typed client for many tickets at once: plan due times anew, declare an incident and end it.

Each is a workflow of its own: it goes on where it was after any crash, and starting it twice is
harmless.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from juanchi.domain.actor import Actor
from juanchi.domain.duties import ANY, Directory
from juanchi.domain.duty_change.change import DutyChange, DutyPhase
from juanchi.domain.duty_change.rows import AddDuty, EndDuty, ReplaceDuty
from juanchi.domain.lists import Pack
from juanchi.domain.moving import MoveToList
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.replanning import Replan
from juanchi.domain.situation import Incident
from juanchi.domain.sweeps import Sought, Sweep, Swept
from workflows.incident import Declared, IncidentWorkflow, incident_id
from workflows.sweep import SweepWorkflow

BACKFILL = Priority(priority_key=5)
"""A sweep waits for everything that a person does."""


class Bulk:
    """Starts the workflows that go through many tickets, and asks how far they are."""

    def __init__(self, temporal: Client, queue: str = "juanchi-bulk") -> None:
        self._temporal = temporal
        self._queue = queue

    async def replan(
        self, version: str, reason: str, by: Actor, years: Sequence[int] = ()
    ) -> WorkflowHandle[SweepWorkflow, Swept]:
        """Plan the clocks of every open ticket anew, under the lists of a version in force.

        ``years``: only clocks that run through one of these calendar years, or are provisional.
        Each ticket moves through its own journal.
        """
        action = Replan(
            id=version,
            actor=by,
            at=datetime.now(UTC),
            reason=reason,
            lists_version=version,
            years=tuple(years),
        )
        return await self.sweep(
            f"replan/{version}", Sought(), action.model_dump(mode="json", exclude={"at"})
        )

    async def sweep(
        self, id_: str, sought: Sought, action: dict[str, object]
    ) -> WorkflowHandle[SweepWorkflow, Swept]:
        """Ask one action of every ticket sought; the sweep of this id is started once."""
        try:
            return await self._temporal.start_workflow(
                SweepWorkflow.run,
                Sweep(sought=sought, action=action),
                id=id_,
                task_queue=self._queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                priority=BACKFILL,
            )
        except WorkflowAlreadyStartedError:
            return self._temporal.get_workflow_handle_for(SweepWorkflow.run, id_)

    async def move(
        self, change: DutyChange, reason: str, by: Actor, pack: Pack
    ) -> Sequence[WorkflowHandle[SweepWorkflow, Swept]]:
        """Move the open tickets that a change in force concerns to whom the lists name now.

        One sweep for each row that says who leads; each ticket moves through its own journal, or
        refuses; asked again it moves what has not been moved. Refused: not_now, while the change
        is not in force.
        """
        if change.phase is not DutyPhase.IN_FORCE:
            raise Refused(Code.NOT_NOW, state=change.phase)
        action = MoveToList(id=change.id, actor=by, at=datetime.now(UTC), reason=reason)
        asked = action.model_dump(mode="json", exclude={"at"})
        run = uuid.uuid4().hex[:8]
        return [
            await self.sweep(f"duty-move/{change.number}/{run}/{n}", _concerned(row, pack), asked)
            for n, row in enumerate(change.rows, start=1)
            if isinstance(row, AddDuty | ReplaceDuty | EndDuty)
        ]

    async def declare(
        self, incident: Incident, by: Actor, pack: Pack
    ) -> WorkflowHandle[IncidentWorkflow, Declared]:
        """Make classes of items urgent in a region for a period.

        Refused: unknown_item (neither an item's code nor a category), unknown_region, already_so
        (an incident of this code has been there before).
        """
        declared = Declared(
            incident=incident,
            by=by,
            items=_items(incident, pack),
            regions=_regions(incident.region, pack),
        )
        try:
            return await self._temporal.start_workflow(
                IncidentWorkflow.run,
                declared,
                id=incident_id(incident.code),
                task_queue=self._queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )
        except WorkflowAlreadyStartedError:
            raise Refused(Code.ALREADY_SO, urgency=incident.code) from None

    async def end_incident(self, code: str, reason: str) -> None:
        """End an incident before its time; what it raised is put back. Refused: not_found."""
        handle = self._temporal.get_workflow_handle_for(IncidentWorkflow.run, incident_id(code))
        try:
            await handle.execute_update(IncidentWorkflow.stop, reason)
        except (RPCError, WorkflowUpdateFailedError) as error:
            if isinstance(error, RPCError) and error.status is not RPCStatusCode.NOT_FOUND:
                raise
            raise Refused(Code.NOT_FOUND, ticket=incident_id(code)) from None

    async def incident(self, code: str) -> Declared:
        """How an incident stands. Refused: not_found."""
        handle = self._temporal.get_workflow_handle_for(IncidentWorkflow.run, incident_id(code))
        try:
            return await handle.query(IncidentWorkflow.standing)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            raise Refused(Code.NOT_FOUND, ticket=incident_id(code)) from None


def _items(incident: Incident, pack: Pack) -> tuple[str, ...]:
    """All items that an incident means: those named, and those of the categories named."""
    known = {item.code for item in pack.items} | {item.category for item in pack.items}
    if unknown := [name for name in incident.items if name not in known]:
        raise Refused(Code.UNKNOWN_ITEM, names=", ".join(unknown))
    named = set(incident.items)
    return tuple(item.code for item in pack.items if {item.code, item.category} & named)


def _regions(region: str | None, pack: Pack) -> tuple[str, ...]:
    """The region and all below it; nothing for the whole city."""
    if region is None:
        return ()
    directory = Directory.of(pack)
    if region not in directory.regions:
        raise Refused(Code.UNKNOWN_REGION, names=region)
    return tuple(code for code in directory.regions if region in directory.chain(code))


def _concerned(row: AddDuty | ReplaceDuty | EndDuty, pack: Pack) -> Sought:
    """The open tickets of a row's item and region."""
    return Sought(
        items=() if row.item == ANY else (row.item,),
        regions=_regions(None if row.region == ANY else row.region, pack),
    )
