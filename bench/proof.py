"""The ledger after a bench: every ticket in order, and open exactly where Temporal has it open."""

import asyncio
from collections.abc import Collection
from datetime import timedelta
from typing import Final

from bench.scene import Scene
from juanchi.ledger.audit import AuditReport, audit
from workflows.messages import WORKFLOW

LISTED_WITHIN: Final = timedelta(seconds=60)


async def proved(scene: Scene) -> AuditReport:
    """The audit's report. Raises ``AssertionError`` with its findings, if it has any."""
    report = await audit(scene.engine, await _running(scene))
    assert report.ok, "\n".join(report.problems)
    return report


async def _running(scene: Scene) -> Collection[str]:
    """The ids of all open tickets, once Temporal's list, which lags, has stopped changing."""
    before: set[str] | None = None
    async with asyncio.timeout(LISTED_WITHIN.total_seconds()):
        while (now := await _listed(scene)) != before:
            before = now
            await asyncio.sleep(2)
    return now


async def _listed(scene: Scene) -> set[str]:
    query = f"WorkflowType = '{WORKFLOW}' AND ExecutionStatus = 'Running'"
    return {found.id async for found in scene.client.list_workflows(query)}
