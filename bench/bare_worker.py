"""The bare workflow's worker process: `python -m bench.bare_worker`.

It has all that the ticket worker has: event loop, sandbox, cache, slots and payload converter.
"""

import asyncio
import signal

import structlog
import uvloop
from temporalio.worker import Worker

from bench.bare import QUEUE, BareWorkflow, nothing
from juanchi.runtime.logging import configure_logging
from juanchi.runtime.sandbox import runner
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect
from worker import LOCAL_AT_ONCE

log = structlog.get_logger(__name__)


async def run(settings: Settings) -> None:
    """Work until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    worker = Worker(
        await connect(settings),
        task_queue=QUEUE,
        workflows=[BareWorkflow],
        activities=[nothing],
        workflow_runner=runner(shared=("bench",)),
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
    uvloop.run(run(settings))
