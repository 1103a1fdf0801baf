"""Random lives on the real workflow with the real ledger, told again by the pure core.

The core's invariants are proved elsewhere on thousands of lives (``tests/domain/test_invariants``);
here some of them pass through updates, signals, timers, activities and PostgreSQL, and come out the
same event by event.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from juanchi.domain.events import ActionRefused, Entry
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.ticket import Clue, Phase, Reporter, Ticket
from juanchi.intake.tools import Tools
from juanchi.ledger.audit import audit
from juanchi.ledger.city import CityReader
from juanchi.ledger.journal import fold_journal, read
from juanchi.runtime.settings import Settings
from tests.domain.cities import tinytown_now
from tests.domain.milestones import reached
from tests.domain.sequences import CHANNELS, TEXTS
from tests.town import Town, founded, town_at_work
from tests.workflows.scripts import Deed, Sent, Told, Writer

SEQUENCES = 50
WITHOUT_CACHE = 10
"""Every task is then a replay of all before, and one ticket's task drives another's out: few lives,
one after the other.
"""
AT_ONCE = 16


class Played(NamedTuple):
    """A life as it was played: each deed with when it was over (where the journal does not say)
    and what it was refused with.
    """

    tools: Tools
    deeds: list[tuple[Deed, datetime | None, Code | None]]
    entries: list[Entry]
    ticket: Ticket


class Stage:
    """Where scripts are played: the town on servers with a virtual clock for each ticket."""

    def __init__(
        self, town: Town, environment: WorkflowEnvironment, tools: Tools, at_once: int
    ) -> None:
        self.town = town
        self.environment = environment
        self.tools = tools
        self._room = asyncio.Semaphore(at_once)

    async def play(self, seed: int) -> Played:
        """Improvise a script, and play it."""
        async with self._room:
            now = datetime.now(UTC)
            clue = Clue(
                channel=CHANNELS[seed % len(CHANNELS)],
                external_id=f"{self.town.mark}-{seed}",
                text=TEXTS[seed % len(TEXTS)],
                reported_at=now,
                reporter=Reporter(id="r-1") if seed % 3 else None,
            )
            script = Writer(self.tools, clue, now, seed).write(to_the_end=seed % 5 == 0)
            with self.environment.with_time_skipping_disabled():
                await self.town.juanchi.report(clue)
            handle = self.town.juanchi.temporal.get_workflow_handle(clue.ticket_id)
            deeds = [(deed, *await self._do(handle, deed)) for deed in script]
            return Played(self.tools, deeds, *await self._at_rest(clue.ticket_id))

    async def _at_rest(self, ticket: str) -> tuple[list[Entry], Ticket]:
        """The journal and the live ticket, when the last turn is over."""
        while True:
            entries, state = await read(self.town.engine, ticket), await self.town.state(ticket)
            if entries and entries[-1].seq == state.version:
                return list(entries), state
            await asyncio.sleep(0.02)

    async def _do(
        self, handle: WorkflowHandle[Any, Any], deed: Deed
    ) -> tuple[datetime | None, Code | None]:
        code = None
        try:
            if isinstance(deed, timedelta):
                await self.environment.fast_forward(handle, deed)
            elif deed.by_signal:
                await self.town.juanchi.tell(handle.id, deed.data)
                code = await self._settled(handle.id, deed)
            else:
                await self.town.juanchi.act(handle.id, deed.data)
                return None, None
        except Refused as refused:
            code = refused.code
        return await self.environment.get_current_time(handle), code

    async def _settled(self, ticket: str, sent: Sent) -> Code | None:
        """What became of a signal, once the ledger has it."""
        while True:
            for line in await read(self.town.engine, ticket):
                if line.event.cause == sent.key:
                    refusal = line.event if isinstance(line.event, ActionRefused) else None
                    return Code(refusal.code) if refusal else None
            await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
async def played(
    settings: Settings, time_skipping: WorkflowEnvironment, database_url: str
) -> AsyncIterator[tuple[Town, list[Played]]]:
    client = time_skipping.client
    engine = await founded(database_url, tinytown_now().pack)
    try:
        city = await CityReader(engine).city()
        async with town_at_work(settings, client, client, engine) as town:
            tools = Tools(city.pack, city.version)
            number, at_once = (WITHOUT_CACHE, 1) if settings.no_cache else (SEQUENCES, AT_ONCE)
            stage = Stage(town, time_skipping, tools, at_once)
            lives = await asyncio.gather(*(stage.play(seed) for seed in range(number)))
            yield town, lives
    finally:
        await engine.dispose()


async def test_the_pure_core_tells_the_same_event_by_event(
    played: tuple[Town, list[Played]],
) -> None:
    for life in played[1]:
        told = Told(life.tools, life.entries)
        for deed, over, code in life.deeds:
            assert told.does(deed, over) == code
        assert list(told.entries) == life.entries


async def test_the_journal_is_the_ticket(played: tuple[Town, list[Played]]) -> None:
    for life in played[1]:
        assert fold_journal(life.entries) == life.ticket


async def test_the_ledger_is_sound(played: tuple[Town, list[Played]]) -> None:
    report = await audit(played[0].engine)
    assert report.ok, report.problems


async def test_they_come_far(played: tuple[Town, list[Played]]) -> None:
    came = Counter(name for life in played[1] for name in reached(life.entries, life.ticket))
    if len(played[1]) < SEQUENCES:
        pytest.skip("too few to come everywhere")
    far = {"arbitration", "ruling", "hold", "extension", "order", "last rung", "closed", "archived"}
    assert far <= came.keys(), came
    refused = [code for life in played[1] for _, _, code in life.deeds if code]
    assert len(set(refused)) > 10
    assert any(isinstance(line.event, ActionRefused) for life in played[1] for line in life.entries)
    assert any(life.ticket.phase is not Phase.ENDED for life in played[1])
