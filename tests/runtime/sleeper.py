"""A small workflow for the tests of the servers."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow


@workflow.defn
class Sleeper:
    """Sleeps for so many seconds, then says how long it took by its own clock."""

    def __init__(self) -> None:
        self._woken = False

    @workflow.run
    async def run(self, seconds: float) -> float:
        began = workflow.now()
        await workflow.wait_condition(lambda: self._woken) if seconds < 0 else None
        await workflow.sleep(timedelta(seconds=max(seconds, 0)))
        return (workflow.now() - began).total_seconds()

    @workflow.signal
    def wake(self) -> None:
        """End a sleep without end (negative seconds)."""
        self._woken = True
