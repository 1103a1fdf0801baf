"""A storm: many lives at once while everything they stand on is killed; then what is left of them.

    await storm(home, Weather(tickets=50, seed=1, over=5, blows=EACH_ONCE))

Raises with every problem found, each with its ticket, and with the seed that makes it again.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from juanchi.cli.keeping import open_workflows
from juanchi.ledger.tables import TicketRow
from tests.chaos.folk import Town
from tests.chaos.life import Life
from tests.chaos.place import Place, place
from tests.chaos.saboteur import Blow, Saboteur
from tests.chaos.scripts import MIX, TICKETS
from tests.chaos.verdict import judge
from workflows.messages import WORKFLOW

Tell = Callable[[str], None]
SHOWN = 40


@dataclass(frozen=True)
class Weather:
    """How hard it blows: ``tickets`` are reported over so many seconds, under these blows.

    ``rages``: seconds after which it strikes no more, however many blows there are.
    ``within``: seconds after which whoever has not arrived is lost.
    """

    tickets: int
    seed: int
    over: float
    blows: Iterable[Blow]
    gap: tuple[float, float] = (1.0, 3.0)
    away: tuple[float, float] = (2.0, 3.0)
    rages: float = 60.0
    within: float = 120.0


async def storm(home: Path, weather: Weather, tell: Tell = lambda _: None) -> list[Life]:
    """Blow, wait until every ticket has arrived, and judge. Raises ``AssertionError``."""
    async with place(home) as here:
        return await _Storm(here, weather, tell).blow()


class _Storm:
    def __init__(self, here: Place, weather: Weather, tell: Tell) -> None:
        self.here = here
        self.weather = weather
        self.rng = random.Random(weather.seed)
        self.town = Town(here.juanchi, here.engine, self.rng)
        self.problems: list[str] = []
        self.people_left = 0
        self._tell = tell
        self._began = time.monotonic()

    async def blow(self) -> list[Life]:
        calm = asyncio.Event()
        saboteur = Saboteur(
            self.here,
            random.Random(self.rng.random()),
            gap=self.weather.gap,
            away=self.weather.away,
            tell=self.tell,
        )
        asyncio.get_running_loop().call_later(self.weather.rages, calm.set)
        raging = asyncio.create_task(saboteur.rage(self.weather.blows, calm))
        telling = asyncio.create_task(self._tell_now_and_then())
        try:
            async with asyncio.timeout(self.weather.within):
                await self._live()
                calm.set()
                await raging
                self.tell("all people are done")
                await self._arrived()
        except TimeoutError:
            self.problems.append(f"after {self.weather.within:g} s not all had arrived")
            self.problems += await self._left()
        finally:
            calm.set()
            telling.cancel()
            raging.cancel()
            await asyncio.gather(raging, telling, return_exceptions=True)
        await self._judge()
        self.tell(f"{len(self.town.lives)} tickets, {len(saboteur.struck)} blows, nothing lost")
        return self.town.lives

    def tell(self, text: str) -> None:
        """A line of progress."""
        self._tell(f"{time.monotonic() - self._began:6.1f} s  {text}")

    async def _live(self) -> None:
        scripts, planned = [], 0
        for script in cycle(MIX):
            if planned >= self.weather.tickets:
                break
            scripts.append(script)
            planned += TICKETS.get(script, 1)
        self.rng.shuffle(scripts)
        self.people_left = len(scripts)

        async def lived(number: int) -> None:
            await asyncio.sleep(self.rng.uniform(0, self.weather.over))
            name = scripts[number].__name__
            try:
                await scripts[number](self.town, f"{name}-{number}")
            except Exception as error:
                self.problems.append(f"{name}-{number}: {type(error).__name__}: {error}")
            finally:
                self.people_left -= 1

        await asyncio.gather(*(lived(number) for number in range(len(scripts))))

    async def _arrived(self) -> None:
        """Return when every workflow has ended and the ledger says the same."""
        while await self._open() or await self._running():  # noqa: ASYNC110 - of other processes
            await asyncio.sleep(0.3)

    async def _open(self) -> int:
        query = select(func.count()).where(TicketRow.archived.is_(False))
        try:
            async with self.here.engine.connect() as connection:
                return await connection.scalar(query) or 0
        except (SQLAlchemyError, OSError):
            return -1

    async def _running(self) -> set[str]:
        try:
            return await self._workflows("= 'Running'")
        except RPCError:
            return {"?"}

    async def _workflows(self, status: str) -> set[str]:
        # Of tickets: the watch over duty changes runs for ever, and what it begins for weeks.
        query = f"WorkflowType = '{WORKFLOW}' AND ExecutionStatus {status}"
        return {found.id async for found in self.here.juanchi.temporal.list_workflows(query)}

    async def _left(self) -> list[str]:
        """Who has not arrived, and what holds them."""
        # At once: where one does not answer, often none does.
        return await asyncio.gather(*map(self._holds, sorted(await self._running())[:SHOWN]))

    async def _holds(self, id_: str) -> str:
        handle = self.here.juanchi.temporal.get_workflow_handle(id_)
        try:
            async with asyncio.timeout(10):
                described = (await handle.describe()).raw_description
                events = (await handle.fetch_history()).events
                ticket = await self.here.juanchi.ticket(id_)
        except (RPCError, TimeoutError) as error:
            return f"{id_}: its workflow runs but does not answer: {error!r}"
        waits = [
            f"{waiting.activity_type.name}, try {waiting.attempt}: "
            f"{waiting.last_failure.message[:200]}"
            for waiting in described.pending_activities
        ]
        if described.HasField("pending_workflow_task"):
            waits.append(f"workflow task, try {described.pending_workflow_task.attempt}")
        people = {life.ticket: life.waiting for life in self.town.lives}.get(id_)
        return (
            f"{id_}: {ticket.phase}, version {ticket.version}, {len(events)} events, the last "
            f"{events[-1].WhichOneof('attributes')}; it waits for {waits or 'people or clocks'}; "
            f"people wait for {people}"
        )

    async def _failure(self, id_: str) -> str:
        history = await self.here.juanchi.temporal.get_workflow_handle(id_).fetch_history()
        failure = history.events[-1].workflow_execution_failed_event_attributes.failure
        told = [failure.message]
        while failure.HasField("cause"):
            failure = failure.cause
            told.append(failure.message)
        return " <- ".join(told)[:400]

    async def _judge(self) -> None:
        running = await open_workflows(self.here.juanchi.temporal)
        for id_ in sorted(
            await self._workflows("NOT IN ('Running', 'Completed', 'ContinuedAsNew')")
        ):
            self.problems.append(f"{id_}: its workflow failed: {await self._failure(id_)}")
        verdict = await judge(self.here.engine, self.town.lives, running)
        for line in verdict.tally.lines():
            self.tell(line)
        self.problems += verdict.problems
        if self.problems:
            shown = "\n  ".join(self.problems[:SHOWN])
            raise AssertionError(
                f"seed {self.weather.seed}, {self.weather.tickets} tickets: "
                f"{len(self.problems)} problems\n  {shown}\n"
                f"The end of {self.here.keeper.log}:\n{self.here.keeper.tail()}"
            )

    async def _tell_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(10)
            self.tell(f"{self.people_left} people at it, {await self._open()} tickets open")
