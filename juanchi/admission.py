"""Sees to it that there is an admission, which makes tickets of what channels bring."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import Priority, WorkflowIDConflictPolicy

from juanchi.domain.admission import ADMISSION
from workflows.admission import LOOK_AGAIN, AdmissionWorkflow

FIRST = Priority(priority_key=1)
"""Its shifts may not wait behind a sweep of many thousand tickets."""


async def stand_admission(
    temporal: Client, queue: str, *, every: timedelta = LOOK_AGAIN, id_: str = ADMISSION
) -> None:
    """Have arrivals let in; there is one admission, however often it is asked for."""
    await temporal.start_workflow(
        AdmissionWorkflow.run,
        every,
        id=id_,
        task_queue=queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        priority=FIRST,
    )
