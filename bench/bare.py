"""The least that Temporal asks for: the yardstick of ``straight_through_ratio``.

A workflow with an inbox and a loop, as a ticket has, and nothing else in it: it takes as many
messages, each as an update that is answered when its turn is done; in each turn it calls as many
local activities as a ticket does in that turn, which do nothing and return as many bytes; one
timer, armed at the start, runs all the time. Like a closed ticket it stays open in the end.
Imports nothing of the house: the sandbox loads this file anew for every workflow.
"""

import asyncio
from collections import deque
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow

QUEUE = "bench-bare"
LEAN_QUEUE = "bench-bare-lean"
WORKFLOW = "Bare"
ACT = "act"

LONG = timedelta(days=30)
QUICK = timedelta(seconds=4)


class Letter:
    """A message, and whether its turn is done."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.done = False


@workflow.defn(name=WORKFLOW)
class BareWorkflow:
    """Takes messages one at a time and does nothing with them."""

    @workflow.init
    def __init__(self, opening: dict[str, Any], turns: list[list[int]]) -> None:
        self.inbox: deque[Letter] = deque()
        self.version = 0

    @workflow.run
    async def run(self, opening: dict[str, Any], turns: list[list[int]]) -> str:
        """``turns``: for each turn, the sizes of its local activities' results, in bytes."""
        timer = asyncio.create_task(workflow.sleep(LONG))
        first, *rest = turns
        await self._turn(opening, first)
        for sizes in rest:
            await workflow.wait_condition(lambda: bool(self.inbox))
            letter = self.inbox.popleft()
            await self._turn(letter.data, sizes)
            letter.done = True
        await timer
        return "archived"

    async def _turn(self, data: dict[str, Any], sizes: list[int]) -> None:
        for size in sizes:
            await workflow.execute_local_activity(
                "nothing",
                args=[data, size],
                result_type=str,
                schedule_to_close_timeout=QUICK,
            )
        self.version += 1

    @workflow.update(name=ACT)
    async def act(self, data: dict[str, Any]) -> dict[str, Any]:
        """Answer when the message's turn is done."""
        letter = Letter(data)
        self.inbox.append(letter)
        await workflow.wait_condition(lambda: letter.done)
        return {"ticket_id": workflow.info().workflow_id, "version": self.version}


@activity.defn
async def nothing(data: dict[str, Any], size: int) -> str:
    """Do nothing, and return as many bytes as the ticket's own step does."""
    return "x" * size
