"""A Temporal schedule for each channel that is read: put, moved, paused and taken away.

The registry is the truth. Whoever changes it brings the channel's schedule after it; a worker that
starts brings all of them, so that what died in between is mended.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleListDescription,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from juanchi.domain.channels import RegisteredChannel
from juanchi.domain.watching import Reading, ReadOut, offset_of
from workflows.channel_watch import ChannelWatch

LEAST_CATCH_UP: Final = timedelta(seconds=10)
"""The least that Temporal takes."""
AT_ONCE: Final = 16
"""Schedules put at the same time."""


def schedule_id(queue: str, code: str) -> str:
    """The id of a channel's schedule, and the beginning of the ids of its readings."""
    return f"watch/{queue}/{code}"


def wants_schedule(channel: RegisteredChannel) -> bool:
    """Whether a channel is read at all: what only pushes has no schedule."""
    return bool(channel.adapter)


@dataclass(frozen=True, slots=True)
class Aligned:
    """How many schedules were put, because they were missing or other than the registry says; how
    many were taken away; and how many were right already."""

    put: int = 0
    gone: int = 0
    right: int = 0


class Watches:
    """The schedules of one queue's channels. Cheap to make; safe to share between tasks."""

    def __init__(self, client: Client, queue: str = "juanchi-watch") -> None:
        self._client = client
        self._queue = queue

    async def align(self, channels: Sequence[RegisteredChannel]) -> Aligned:
        """Make the schedules what the registry says, whatever they were."""
        wanted = {channel.code: channel for channel in channels if wants_schedule(channel)}
        there = {code: found async for code, found in self._listed()}
        stale = [
            channel
            for code, channel in wanted.items()
            if code not in there or there[code] != _plan(channel)
        ]
        gone = there.keys() - wanted.keys()
        gate = asyncio.Semaphore(AT_ONCE)

        async def put(channel: RegisteredChannel) -> None:
            async with gate:
                await self.put(channel)

        async with asyncio.TaskGroup() as group:
            for channel in stale:
                group.create_task(put(channel))
            for code in gone:
                group.create_task(self.remove(code))
        return Aligned(put=len(stale), gone=len(gone), right=len(wanted) - len(stale))

    async def follow(self, channel: RegisteredChannel) -> None:
        """Make one channel's schedule what its row of the registry says."""
        if wants_schedule(channel):
            await self.put(channel)
        else:
            await self.remove(channel.code)

    async def put(self, channel: RegisteredChannel) -> None:
        """Put a channel's schedule, new or in place of the one that is there."""
        id_ = schedule_id(self._queue, channel.code)
        schedule = self._schedule(channel)
        try:
            await self._client.create_schedule(id_, schedule)
        except ScheduleAlreadyRunningError:

            def anew(_: ScheduleUpdateInput) -> ScheduleUpdate:
                return ScheduleUpdate(schedule)

            await self._client.get_schedule_handle(id_).update(anew)

    async def remove(self, code: str) -> bool:
        """Take a channel's schedule away; whether there was one."""
        try:
            await self._client.get_schedule_handle(schedule_id(self._queue, code)).delete()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return True

    async def read_now(self, code: str) -> ReadOut:
        """Read a channel now, though it is paused or rests, and wait for what was found.

        The schedule may read it at the same time: what both find is kept once.
        """
        return await self._client.execute_workflow(
            ChannelWatch.run,
            Reading(channel=code, by_hand=True),
            id=f"{schedule_id(self._queue, code)}/by-hand",
            task_queue=self._queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )

    def _schedule(self, channel: RegisteredChannel) -> Schedule:
        plan = _plan(channel)
        return Schedule(
            action=ScheduleActionStartWorkflow(
                ChannelWatch.run,
                Reading(channel=channel.code),
                id=schedule_id(self._queue, channel.code),
                task_queue=self._queue,
            ),
            spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(plan.every, plan.offset)]),
            # A reading that takes longer than its interval is not begun a second time. One that is
            # late by a whole interval is left out: the next one reads all that it would have read.
            policy=SchedulePolicy(
                overlap=ScheduleOverlapPolicy.SKIP,
                catchup_window=max(plan.every, LEAST_CATCH_UP),
            ),
            state=ScheduleState(paused=plan.paused),
        )

    async def _listed(self) -> AsyncIterator[tuple[str, "_Plan | None"]]:
        prefix = schedule_id(self._queue, "")
        async for found in await self._client.list_schedules(page_size=1000):
            if found.id.startswith(prefix):
                yield found.id.removeprefix(prefix), _plan_of(found)


class _Plan(NamedTuple):
    """What of a schedule depends on its channel."""

    every: timedelta
    offset: timedelta
    paused: bool


def _plan(channel: RegisteredChannel) -> _Plan:
    return _Plan(channel.every, offset_of(channel.code, channel.every), paused=not channel.on)


def _plan_of(found: ScheduleListDescription) -> _Plan | None:
    if found.schedule is None or len(found.schedule.spec.intervals) != 1:
        return None
    (interval,) = found.schedule.spec.intervals
    offset = interval.offset or timedelta()
    return _Plan(interval.every, offset, paused=found.schedule.state.paused)
