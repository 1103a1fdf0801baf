"""Many tickets at a time."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError

from activities.asking import ask
from juanchi.domain.actions import parse_action
from juanchi.domain.messages import Action
from juanchi.domain.sweeps import MOST_NAMED, Page, Swept
from juanchi.ledger.sweeping import open_ids

AT_ONCE = 32
"""Tickets asked at the same time: enough to keep a worker busy, few enough for others to pass."""

TRIES = 3
NO_ANSWER = "no_answer"


class SweepingActivities:
    """Asks the tickets of a page. Repeating a page is harmless: the action's id is the same."""

    def __init__(self, engine: AsyncEngine, client: Client) -> None:
        self._engine = engine
        self._client = client

    @activity.defn
    async def sweep_page(self, page: Page) -> Swept:
        """Ask the next tickets after ``page.after``; ``done`` when there are no more behind them.

        Raises what the ledger or Temporal raises while it is away; then the page is asked again.
        """
        ids = await open_ids(self._engine, page.sought, page.after, page.limit)
        action = parse_action({**page.action, "at": datetime.now(UTC)})
        gate = asyncio.Semaphore(AT_ONCE)
        answers: Counter[str] = Counter()
        failed: list[str] = []

        async def one(ticket: str) -> None:
            async with gate:
                answer = await self._asked(ticket, action)
            answers[answer] += 1
            if answer == NO_ANSWER:
                failed.append(ticket)
            activity.heartbeat(answers.total())

        async with asyncio.TaskGroup() as group:
            for ticket in ids:
                group.create_task(one(ticket))
        return Swept(
            asked=len(ids),
            taken=answers.pop("", 0),
            refused=dict(answers),
            failed=tuple(sorted(failed)[:MOST_NAMED]),
            after=ids[-1] if ids else page.after,
            done=len(ids) < page.limit,
        )

    async def _asked(self, ticket: str, action: Action) -> str:
        for _ in range(TRIES):
            with suppress(RPCError):
                return await ask(self._client, ticket, action)
        # One ticket that does not answer must not hold up the thousands behind it.
        return NO_ANSWER
