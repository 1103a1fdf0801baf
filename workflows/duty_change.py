"""A change of the lists in time: from its proposal until it is in force, or given up.

What may happen is the pure core's business (``juanchi.domain.duty_change``), and each turn of it is
lived in the activity that writes it. This file takes one thing at a time and sleeps on one timer.
"""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from juanchi.domain.duty_change import machine
    from juanchi.domain.duty_change.actions import parse_duty_action
    from juanchi.domain.duty_change.ball import duty_tasks
    from juanchi.domain.duty_change.change import DutyChange
    from juanchi.domain.duty_change.clocks import earliest
    from juanchi.domain.duty_change.fit import Misfit
    from juanchi.domain.duty_change.messages import DutyAction
    from juanchi.domain.duty_change.proposal import begin
    from juanchi.domain.duty_change.turn import DutyOpening, DutyTaken, DutyTurn, DutyTurned
    from juanchi.domain.refusal import Refused
    from workflows.alarm import Alarm
    from workflows.messages import ACT, told

DUTY_CHANGE = "DutyChange"
TURN = "turn_duty_change"
A_TURN = timedelta(seconds=60)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


@workflow.defn(name=DUTY_CHANGE)
class DutyChangeWorkflow:
    """One change of the lists."""

    @workflow.init
    def __init__(self, opening: DutyOpening) -> None:
        self.turns = asyncio.Lock()
        self.alarm = Alarm()
        if opening.change is not None:
            self.change: DutyChange = opening.change
        elif opening.proposal is not None:
            started = workflow.info().workflow_start_time
            self.change, _ = begin(opening.number, opening.proposal, started)

    @workflow.run
    async def run(self, opening: DutyOpening) -> str:
        """Live until it is over; the result is how: in_force, rejected or withdrawn."""
        if not self.change.version:
            await self._turn()
        while self.change.open:
            await self._rest()
            if self.alarm.rings:
                await self._turn()
            if workflow.info().is_continue_as_new_suggested() and self.change.open:
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(DutyOpening(number=self.change.number, change=self.change))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self.change.phase

    async def _rest(self) -> None:
        """Sleep until the earliest clock, or until somebody has done something."""
        self.alarm.arm(earliest(self.change), lambda: str(self.change.phase))
        version = self.change.version
        await workflow.wait_condition(lambda: self.alarm.rings or self.change.version > version)

    async def _turn(self, action: DutyAction | None = None) -> Misfit | None:
        """Ring what is due, take an action if there is one, and follow what the ledger says."""
        async with self.turns:  # one at a time, in the order in which they came
            turned: DutyTurned = await workflow.execute_activity(
                TURN,
                DutyTurn(
                    change=self.change,
                    action=action.model_dump(mode="json") if action else None,
                    at=workflow.now(),
                ),
                result_type=DutyTurned,
                start_to_close_timeout=A_TURN,
                retry_policy=RETRY,
            )
            self.change = machine.fold(self.change, (one.event for one in turned.entries))
            workflow.set_current_details(_details(self.change))
        return turned.refused

    @workflow.update(name=ACT)
    async def act(self, data: Any) -> DutyTaken:
        """Take an action and answer when it is done and recorded."""
        action = parse_duty_action(data)
        refused = await self._turn(action)
        if refused is not None:
            raise told(refused.refused())
        done = self.change.processed[action.key]
        return DutyTaken(number=self.change.number, action=action.key, version=done.version)

    @act.validator
    def check(self, data: Any) -> None:
        """Refuse at once what can be refused now: a rejected update leaves no history."""
        try:
            action = parse_duty_action(data)
            if self.change.version and not self.turns.locked():
                machine.admit(self.change, action, workflow.now())
        except Refused as refused:
            raise told(refused) from None

    @workflow.query
    def standing(self) -> DutyChange:
        """The change as it stands."""
        return self.change


def _details(change: DutyChange) -> str:
    """A few lines of Markdown that an operator reads in Temporal's own pages."""
    lines = [f"**{change.phase}**, version {change.version}, {len(change.rows)} rows"]
    for task in duty_tasks(change):
        due = f" by {task.due.isoformat()}" if task.due else ""
        lines.append(f"- {task.holder} must {task.kind}{due}")
    if change.in_force_on:
        lines.append(f"in force on {change.in_force_on}")
    return "\n".join(lines)
