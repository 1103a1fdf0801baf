"""The worker: settings -> connections -> activity objects -> workers. Holds no rules.

``python worker.py`` takes all queues, ``--queues ledger,notify`` only these, to scale one kind of
work alone.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import structlog
import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from activities.advancing import LedgerActivities
from activities.city import CityDesk
from activities.merging import MergingActivities
from activities.notifying import NotifyingActivities
from juanchi.ledger.city import CityReader
from juanchi.ledger.migrate import check_schema
from juanchi.runtime.database import check_database, database_url, make_engine
from juanchi.runtime.errors import RuntimeTrouble
from juanchi.runtime.logging import configure_logging
from juanchi.runtime.sandbox import OURS, runner
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect, register_search_attributes
from workflows.ticket import TicketWorkflow

log = structlog.get_logger(__name__)

QUEUES = ("tickets", "ledger", "notify")
GRACE = timedelta(seconds=20)
"""How long running activities may take to end after the worker was asked to stop."""

LOCAL_AT_ONCE = 200
"""Local activities at the same time: they wait for the ledger, which writes them in batches."""


class Hands(dict[str, list[Callable[..., Any]]]):
    """The activities by queue."""


def hands(engine: AsyncEngine, client: Client, http: httpx.AsyncClient) -> Hands:
    """Make the activity objects of one process; they share one reader and one writer."""
    desk = CityDesk(CityReader(engine))
    ledger = LedgerActivities(engine, desk)
    notifying, merging = NotifyingActivities(desk, http), MergingActivities(client)
    near: list[Callable[..., Any]] = [ledger.advance, ledger.catch_up, ledger.look_up]
    return Hands(
        # Beside the workflow, as local activities; on their own queue when that gives no answer.
        tickets=near,
        ledger=near,
        notify=[notifying.notify, merging.ask_survivor],
    )


def make_worker(
    settings: Settings, client: Client, activities: Hands, queue: str, shared: Sequence[str] = OURS
) -> Worker:
    """The Temporal worker of one queue."""
    tickets = queue == "tickets"
    return Worker(
        client,
        task_queue=settings.queue(queue),
        workflows=[TicketWorkflow] if tickets else [],
        activities=activities[queue],
        workflow_runner=runner(shared),
        max_cached_workflows=settings.max_cached_workflows if tickets else 0,
        max_concurrent_local_activities=LOCAL_AT_ONCE if tickets else None,
        no_remote_activities=tickets,
        graceful_shutdown_timeout=GRACE,
    )


@asynccontextmanager
async def working(
    settings: Settings,
    client: Client,
    engine: AsyncEngine,
    queues: Sequence[str] = QUEUES,
    *,
    shared: Sequence[str] = OURS,
) -> AsyncIterator[None]:
    """Workers at work while the block runs; they finish what they hold when it ends."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(follow_redirects=False))
        activities = hands(engine, client, http)
        for queue in queues:
            worker = make_worker(settings, client, activities, queue, shared)
            await stack.enter_async_context(worker)
        yield


async def run(settings: Settings, queues: Sequence[str]) -> None:
    """Work until SIGTERM or SIGINT. Raises ``RuntimeTrouble`` when a server cannot be reached."""
    engine = make_engine(database_url(settings))
    try:
        await check_database(engine)
        await check_schema(engine)
        client = await connect(settings)
        await register_search_attributes(client)
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        async with working(settings, client, engine, queues):
            log.info("working", queues=list(queues), namespace=client.namespace)
            await stop.wait()
            log.info("stopping", grace_s=GRACE.total_seconds())
    finally:
        await engine.dispose()


def _queues(text: str) -> list[str]:
    chosen = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in chosen if name not in QUEUES]
    if unknown or not chosen:
        raise argparse.ArgumentTypeError(
            f"unknown queue {', '.join(unknown) or text!r}; choose from {', '.join(QUEUES)}"
        )
    return chosen


def main() -> int:
    """Run the worker from the command line."""
    parser = argparse.ArgumentParser(description="Run Juanchi's worker.")
    parser.add_argument(
        "--queues", type=_queues, default=list(QUEUES), help=f"some of {','.join(QUEUES)}"
    )
    queues = parser.parse_args().queues
    settings = Settings()
    configure_logging(settings)
    try:
        uvloop.run(run(settings, queues))
    except RuntimeTrouble as trouble:
        sys.stderr.write(f"worker: {trouble}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
