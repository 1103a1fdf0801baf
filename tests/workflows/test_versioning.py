"""An old and a new worker side by side: tickets in flight change over, their due times do not."""

import asyncio
import uuid

import pytest
from temporalio.api.deployment.v1 import WorkerDeploymentVersion
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentVersionRequest,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

from juanchi.client import Juanchi
from juanchi.domain.phases import Phase
from juanchi.domain.terms import ClockName, Role
from juanchi.packs import read_pack
from juanchi.runtime.settings import Settings
from tests.pure import TINYTOWN
from tests.town import Town, founded
from worker import QUEUES, working


class Rollout:
    """What an operator does with versions of the worker."""

    def __init__(self, client: Client, deployment: str) -> None:
        self.client = client
        self.deployment = deployment

    async def current(self, build: str) -> None:
        """Make a version the current one, once its workers have been seen."""
        version = WorkerDeploymentVersion(deployment_name=self.deployment, build_id=build)
        asked = DescribeWorkerDeploymentVersionRequest(
            namespace=self.client.namespace, deployment_version=version
        )
        service = self.client.workflow_service
        while True:
            try:
                seen = await service.describe_worker_deployment_version(asked)
                if len(seen.version_task_queues) >= len(QUEUES):
                    break
            except RPCError:
                pass
            await asyncio.sleep(0.1)
        await service.set_worker_deployment_current_version(
            SetWorkerDeploymentCurrentVersionRequest(
                namespace=self.client.namespace,
                deployment_name=self.deployment,
                build_id=build,
            )
        )

    async def builds(self, ticket: str) -> list[str]:
        """Which build did each workflow task of a ticket."""
        history = await self.client.get_workflow_handle(ticket).fetch_history()
        return [
            event.workflow_task_completed_event_attributes.worker_deployment_version
            or event.workflow_task_completed_event_attributes.deployment_version.build_id
            for event in history.events
            if event.HasField("workflow_task_completed_event_attributes")
        ]


@pytest.mark.timeout(60)
async def test_a_ticket_changes_over_to_the_new_worker(
    settings: Settings, temporal_client: Client, database_url: str
) -> None:
    mark = uuid.uuid4().hex[:8]
    rollout = Rollout(temporal_client, f"juanchi-{mark}")
    own = settings.model_copy(
        update={"queue_prefix": f"versions-{mark}", "deployment": rollout.deployment}
    )

    def build(name: str) -> Settings:
        return own.model_copy(update={"build": name})

    engine = await founded(database_url, read_pack(TINYTOWN))
    town = Town(Juanchi(temporal_client, queue=own.tickets_queue), engine, mark)
    try:
        async with working(build("old"), temporal_client, engine, shared=()):
            await rollout.current("old")
            ticket = await town.report("in-flight")
            await town.verify(ticket)
            before = (await town.state(ticket)).deadlines
            async with working(build("new"), temporal_client, engine, shared=()):
                await rollout.current("new")
                await town.sign(ticket)
                while not (await rollout.builds(ticket))[-1].endswith("new"):
                    await town.act(ticket, "progress", Role.UNIT, "roads", note="on our way")
                during = await town.state(ticket)
                assert during.deadlines == {
                    key: before[key] for key in before if key != ClockName.SIGN
                }
        async with working(build("new"), temporal_client, engine, shared=()):
            await town.reply(ticket)
            assert (await town.state(ticket)).phase is Phase.REVIEW
        done = await rollout.builds(ticket)
        assert done[0].endswith("old")
        assert [name.split(".")[-1] for name in done] == sorted(
            (name.split(".")[-1] for name in done), reverse=True
        )
    finally:
        await engine.dispose()
