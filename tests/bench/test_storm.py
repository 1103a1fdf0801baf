"""A storm on a living town: none lost, none doubled, the urgent before the general."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

import pytest
from sqlalchemy import text
from temporalio.client import Client

from bench.scene import Scene, scene
from bench.storm import _clue, settled, stormed
from juanchi.admission import stand_admission
from juanchi.domain.terms import ClueVerdict, Urgency
from juanchi.ledger.admission import queue
from juanchi.runtime.settings import Settings
from tests.pure import tinytown
from tests.town import Town, tinytown_at_work

_FIRST_AND_LAST = text(
    "SELECT max(since) FILTER (WHERE urgent), min(since) FILTER (WHERE NOT urgent)"
    " FROM arrivals WHERE channel LIKE 'storm-%'"
)


@pytest.fixture
async def town(
    settings: Settings, temporal_client: Client, own_database_url: str
) -> AsyncIterator[Town]:
    async with tinytown_at_work(settings, temporal_client, own_database_url) as alive:
        yield alive


def test_the_storm_is_what_it_says() -> None:
    """Its noise is noise, its matters are matters, and only its urgent ones are urgent."""
    tools, draw = tinytown(), random.Random(1)
    told = Counter[str]()
    for n in range(500):
        clue = _clue(draw, "web", n)
        result = tools.screener.screen(clue)
        matter = result.verdict is ClueVerdict.ACTIONABLE
        items = [match.item.code for match in tools.recogniser.matches(clue.text)[:1]]
        assert matter == bool(items), clue.text
        assert (result.urgency is Urgency.URGENT) == (items == ["wire-down"]), clue.text
        told[result.urgency if matter else "not ours"] += 1
    assert told.keys() == {"urgent", "general", "not ours"}


async def test_a_short_storm(town: Town) -> None:
    """It rains for two seconds before anybody is let in: then the urgent come first."""
    id_ = f"admission-{town.mark}"

    async def opens() -> None:
        async with asyncio.timeout(60):
            while True:
                if (await queue(town.engine)).waiting == 50:
                    break
                await asyncio.sleep(0.1)
        await stand_admission(town.juanchi.temporal, town.bulk_queue, id_=id_)

    async with asyncio.TaskGroup() as group:
        group.create_task(opens())
        storm = await stormed(town.engine, partial(town.juanchi.wake, id_), seconds=2)
    await town.juanchi.temporal.get_workflow_handle(id_).terminate()
    assert (len(storm.sent), storm.lost, storm.doubled) == (50, 0, 0)
    assert storm.most_waiting > 0
    assert storm.dispatched.keys() == storm.urgent.keys()
    async with town.engine.connect() as connection:
        last_urgent, first_general = (await connection.execute(_FIRST_AND_LAST)).one()
    assert last_urgent <= first_general


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_a_storm_while_the_worker_is_killed_again_and_again() -> None:
    """Two minutes at full strength; the one worker dies five times without a word."""
    async with scene() as stage:
        dying = asyncio.create_task(_workers(stage, kills=5))
        storm = await stormed(stage.engine, stage.juanchi.wake, seconds=120)
        assert (len(storm.sent), storm.lost, storm.doubled) == (3000, 0, 0)
        assert storm.dispatched.keys() == storm.urgent.keys()
        assert not dying.done(), "a worker was there to the end"
        await settled(stage)
        dying.cancel()
        with suppress(asyncio.CancelledError):
            await dying


async def _workers(stage: Scene, kills: int) -> None:
    """One worker after another; each but the last is killed in the middle of its work."""
    draw = random.Random(5)
    for _ in range(kills):
        async with stage.ticket_worker() as worker:
            await asyncio.sleep(draw.uniform(5, 20))
            os.kill(worker.pid, signal.SIGKILL)
    async with stage.ticket_worker():
        await asyncio.Event().wait()
