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
from functools import partial
from typing import Any

import httpx
import structlog
import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.admitting import AdmittingActivities
from activities.advancing import LedgerActivities
from activities.city import CityDesk, readable
from activities.duty_changes import DutyChangeActivities
from activities.incidents import IncidentActivities
from activities.merging import MergingActivities
from activities.notifying import NotifyingActivities
from activities.sources import Outside
from activities.sweeping import SweepingActivities
from activities.training import TrainingActivities
from activities.voices import VoicesActivities
from activities.watching import WatchingActivities
from juanchi.admission import stand_admission
from juanchi.client import Juanchi
from juanchi.domain.admission import ADMISSION, ARRIVED
from juanchi.duties import stand_watch
from juanchi.intake.channels.clues import NoKey, Sealing
from juanchi.intake.channels.kinds import kind
from juanchi.ledger.admission import AdmissionQueue
from juanchi.ledger.channels import RegistryReader, registered
from juanchi.ledger.city import CityReader
from juanchi.ledger.migrate import check_schema
from juanchi.ledger.model_reader import ModelReader
from juanchi.runtime.contacts import contacts_from
from juanchi.runtime.database import check_database, database_url, make_engine
from juanchi.runtime.errors import NoReporterKey, RuntimeTrouble
from juanchi.runtime.logging import configure_logging
from juanchi.runtime.sandbox import OURS, runner
from juanchi.runtime.secrets import Secrets
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect, register_search_attributes
from juanchi.watches import Watches
from workflows.admission import AdmissionWorkflow
from workflows.channel_watch import ChannelWatch
from workflows.duty_change import DutyChangeWorkflow
from workflows.duty_changes_watch import DutyChangesWatch
from workflows.incident import IncidentWorkflow
from workflows.retrain import RetrainWorkflow
from workflows.sweep import SweepWorkflow
from workflows.ticket import TicketWorkflow

log = structlog.get_logger(__name__)

QUEUES = ("tickets", "ledger", "notify", "bulk", "learn", "watch")
WORKFLOWS: dict[str, Sequence[type]] = {
    "tickets": [TicketWorkflow],
    "bulk": [
        SweepWorkflow,
        IncidentWorkflow,
        DutyChangeWorkflow,
        DutyChangesWatch,
        AdmissionWorkflow,
    ],
    "learn": [RetrainWorkflow],
    "watch": [ChannelWatch],
}
"""The workflows by queue; the other queues have activities only."""

GRACE = timedelta(seconds=20)
"""How long running activities may take to end after the worker was asked to stop."""

TASKS_AT_ONCE = 100
"""Workflow tasks at the same time."""

AT_ONCE = {"learn": 1}
"""Activities of a queue at the same time, where that is not left to Temporal: a training takes a
core and much memory, so one process does one."""

LOCAL_AT_ONCE = 200
"""Local activities at the same time: they wait for the ledger, which writes them in batches."""


class Hands(dict[str, list[Callable[..., Any]]]):
    """The activities by queue."""


def hands(
    settings: Settings, engine: AsyncEngine, client: Client, http: httpx.AsyncClient
) -> Hands:
    """Make the activity objects of one process; they share one reader and one writer."""
    city = CityReader(engine)
    desk = CityDesk(city, ModelReader(engine, readable), RegistryReader(engine))
    ledger = LedgerActivities(engine, desk)
    notifying, merging = NotifyingActivities(desk, http), MergingActivities(client, engine)
    sweeping, incidents = SweepingActivities(engine, client), IncidentActivities(engine)
    training, voices = TrainingActivities(engine, city), VoicesActivities(engine)
    duties = DutyChangeActivities(engine, desk)
    watching = WatchingActivities(engine, desk, _outside(settings, client, http))
    juanchi = Juanchi(client, queue=settings.tickets_queue)
    admitting = AdmittingActivities(AdmissionQueue(engine), juanchi, settings.under_way)
    near: list[Callable[..., Any]] = [ledger.advance, ledger.catch_up, ledger.look_up]
    return Hands(
        # Beside the workflow, as local activities; on their own queue when that gives no answer.
        tickets=near,
        ledger=[*near, voices.answer_voices],
        notify=[notifying.notify, merging.ask_survivor, merging.leave_survivor],
        bulk=[
            sweeping.sweep_page,
            incidents.begin_incident,
            incidents.end_incident,
            duties.turn_duty_change,
            duties.waiting_duty_changes,
            admitting.admit,
        ],
        learn=[training.retrain],
        watch=[watching.read_channel],
    )


def _outside(settings: Settings, client: Client, http: httpx.AsyncClient) -> Outside:
    try:
        seal: Sealing = contacts_from(settings)
    except NoReporterKey:
        seal = NoKey()
    wake = partial(client.get_workflow_handle(ADMISSION).signal, ARRIVED)
    return Outside(http, kind, Secrets(settings.secrets), seal, wake)


def make_worker(
    settings: Settings, client: Client, activities: Hands, queue: str, shared: Sequence[str] = OURS
) -> Worker:
    """The Temporal worker of one queue.

    With a build id in the settings it takes part in Temporal's worker versioning: it gets work only
    once its version has been made the current one, or while another version is.
    """
    tickets = queue == "tickets"
    cached = settings.max_cached_workflows if queue in WORKFLOWS else 0
    return Worker(
        client,
        task_queue=settings.queue(queue),
        workflows=WORKFLOWS.get(queue, ()),
        activities=activities[queue],
        workflow_runner=runner(shared),
        max_cached_workflows=cached,
        max_concurrent_workflow_tasks=_at_once(cached) if queue in WORKFLOWS else None,
        deployment_config=_deployment(settings),
        max_concurrent_activities=AT_ONCE.get(queue),
        max_concurrent_local_activities=LOCAL_AT_ONCE if tickets else None,
        no_remote_activities=tickets,
        graceful_shutdown_timeout=GRACE,
    )


def _at_once(cached: int) -> int:
    # Never more than are kept: one that is put out for another while it is being written loses its
    # task, and ten seconds with it. The SDK wants two at least where any are kept.
    return max(2, min(TASKS_AT_ONCE, cached)) if cached else 1


def _deployment(settings: Settings) -> WorkerDeploymentConfig | None:
    if settings.build is None:
        return None
    version = WorkerDeploymentVersion(settings.deployment, settings.build)
    # A ticket lives for months, over many versions: it goes on with the current one, which replays
    # the recorded histories of all released ones.
    return WorkerDeploymentConfig(
        version=version,
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
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
        activities = hands(settings, engine, client, http)
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
            if "bulk" in queues:
                await stand_watch(client, settings.queue("bulk"))
                await stand_admission(client, settings.queue("bulk"))
            log.info("working", queues=list(queues), namespace=client.namespace)
            if "watch" in queues:
                watches = Watches(client, settings.queue("watch"))
                await watches.align((await registered(engine)).channels)
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
