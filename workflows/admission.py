"""Turns what channels bring into tickets, shift after shift, for as long as the engine lives.

What waits lies in the ledger, not here: whatever dies, the next shift finds it where it was.
"""

from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from juanchi.domain.admission import Shift

ADMISSION_WORKFLOW = "Admission"
ADMIT = "admit"
LOOK_AGAIN = timedelta(seconds=30)
"""It is woken when something arrives; a wake-up that got lost costs no more than this."""
A_SHIFT = timedelta(minutes=2)
HEARTBEAT = timedelta(seconds=15)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


@workflow.defn(name=ADMISSION_WORKFLOW)
class AdmissionWorkflow:
    """One for the whole city, so that all channels stand in one queue."""

    @workflow.init
    def __init__(self, every: timedelta = LOOK_AGAIN) -> None:
        self._woken = False

    @workflow.run
    async def run(self, every: timedelta = LOOK_AGAIN) -> None:
        while not workflow.info().is_continue_as_new_suggested():
            self._woken = False
            shift = await self._shift()
            if not shift.more:
                await self._sleep(every)
        workflow.continue_as_new(every)

    async def _shift(self) -> Shift:
        shift: Shift = await workflow.execute_activity(
            ADMIT,
            result_type=Shift,
            start_to_close_timeout=A_SHIFT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=RETRY,
        )
        return shift

    async def _sleep(self, every: timedelta) -> None:
        with suppress(TimeoutError):
            await workflow.wait_condition(lambda: self._woken, timeout=every)

    @workflow.signal
    def arrived(self) -> None:
        """Something waits."""
        self._woken = True
