"""The nightly retraining as a Temporal schedule: set, moved and taken away, any number of times."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Final

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from juanchi.domain.retraining import Retrain
from workflows.retrain import RetrainWorkflow

CATCH_UP: Final = timedelta(hours=3)
"""A night that was missed by more than this is left out: the next one sees all its tickets."""


def schedule_id(queue: str) -> str:
    """The id of the schedule that trains on a queue."""
    return f"retrain/{queue}"


async def set_nightly(client: Client, queue: str, at: time, zone: str, asked: Retrain) -> bool:
    """Retrain every night at a city's own time; whether the schedule is new, not only changed.

    While one retraining runs no other begins.
    """
    name = schedule_id(queue)
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(RetrainWorkflow.run, asked, id=name, task_queue=queue),
        spec=ScheduleSpec(
            calendars=[
                ScheduleCalendarSpec(
                    hour=[ScheduleRange(at.hour)], minute=[ScheduleRange(at.minute)]
                )
            ],
            time_zone_name=zone,
        ),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
    )
    try:
        await client.create_schedule(name, schedule)
    except ScheduleAlreadyRunningError:

        def anew(found: ScheduleUpdateInput) -> ScheduleUpdate:
            # An operator who has paused it wants it to stay so.
            return ScheduleUpdate(replace(schedule, state=found.description.schedule.state))

        await client.get_schedule_handle(name).update(anew)
        return False
    return True


async def end_nightly(client: Client, queue: str) -> bool:
    """Retrain no more by night; whether there was a schedule."""
    try:
        await client.get_schedule_handle(schedule_id(queue)).delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True
