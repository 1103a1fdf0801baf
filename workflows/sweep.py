"""One action asked of many tickets, page by page; it goes on where it was after any crash."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from juanchi.domain.sweeps import Page, Sweep, Swept

SWEEP = "Sweep"
PAGE_ACTIVITY = "sweep_page"
A_PAGE = timedelta(minutes=10)
HEARTBEAT = timedelta(seconds=30)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


@workflow.defn(name=SWEEP)
class SweepWorkflow:
    """Asks every ticket sought; its result says how many took it, and why the others did not."""

    @workflow.init
    def __init__(self, sweep: Sweep) -> None:
        self.swept = sweep.so_far or Swept(after=sweep.after)

    @workflow.run
    async def run(self, sweep: Sweep) -> Swept:
        while not self.swept.done:
            self.swept = self.swept.plus(await self._page(sweep))
            if workflow.info().is_continue_as_new_suggested() and not self.swept.done:
                workflow.continue_as_new(sweep.model_copy(update={"so_far": self.swept}))
        return self.swept

    async def _page(self, sweep: Sweep) -> Swept:
        swept: Swept = await workflow.execute_activity(
            PAGE_ACTIVITY,
            Page(
                sought=sweep.sought,
                action=sweep.action,
                after=self.swept.after,
                limit=sweep.page,
            ),
            result_type=Swept,
            start_to_close_timeout=A_PAGE,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=RETRY,
        )
        return swept

    @workflow.query
    def progress(self) -> Swept:
        """How far it has come."""
        return self.swept
