"""The fixture on which every test of a clock stands."""

from __future__ import annotations

import time

from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.runtime.sleeper import Sleeper


async def test_thirty_days_pass_in_a_moment(time_skipping: WorkflowEnvironment) -> None:
    month = 30 * 24 * 3600.0
    client = time_skipping.client
    async with Worker(client, task_queue="skip", workflows=[Sleeper]):
        began = time.monotonic()
        slept = await client.execute_workflow(Sleeper.run, month, id="month", task_queue="skip")
    assert slept >= month
    assert time.monotonic() - began < 10
