"""The bare workflow's worker process: `python -m bench.bare_worker`.

It has the ticket worker's event loop, cache, slots and payload converter. Its sandbox is the SDK's
own as it comes, or with the argument `lean` the ticket worker's, which costs about half.
"""

import asyncio
import signal
import sys

import structlog
import uvloop
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from bench.bare import LEAN_QUEUE, QUEUE, BareWorkflow, nothing
from juanchi.runtime.logging import configure_logging
from juanchi.runtime.sandbox import runner
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect
from worker import LOCAL_AT_ONCE

log = structlog.get_logger(__name__)


async def run(settings: Settings, *, lean: bool) -> None:
    """Work until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    worker = Worker(
        await connect(settings),
        task_queue=LEAN_QUEUE if lean else QUEUE,
        workflows=[BareWorkflow],
        activities=[nothing],
        workflow_runner=runner(shared=("bench",)) if lean else SandboxedWorkflowRunner(),
        max_cached_workflows=settings.max_cached_workflows,
        max_concurrent_local_activities=LOCAL_AT_ONCE,
        no_remote_activities=True,
    )
    async with worker:
        log.info("working")
        await stop.wait()


if __name__ == "__main__":
    settings = Settings()
    configure_logging(settings)
    uvloop.run(run(settings, lean=sys.argv[1:] == ["lean"]))
