"""A badly kept feed is read while the worker is killed; exactly the right tickets come of it."""

import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.channels import ArrivalState, RegisteredChannel
from juanchi.domain.clue import Received
from juanchi.domain.lists import ChannelKind
from juanchi.ledger.audit import audit
from juanchi.ledger.channel_tables import ArrivalRow
from juanchi.ledger.channels import Channels
from juanchi.ledger.journal import stream
from juanchi.ledger.tables import TicketRow
from juanchi.watches import Watches
from tests.chaos.place import Place, place
from tests.chaos.press import Press, entries
from tests.pure import tinytown
from tests.sources import Site
from workflows.messages import WORKFLOW

SEED = 20261130
CHANNEL = "forum"
OVER = {ArrivalState.ADMITTED, ArrivalState.SET_ASIDE}


def tell(line: str) -> None:
    """Progress; seen with ``-s``."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Run:
    """How much is published, over how many seconds, under how many kills, until when."""

    items: int
    over: float
    kills: int
    within: float
    restart: bool


@pytest.mark.timeout(180)
async def test_a_badly_kept_feed_and_two_kills(own_home: Path) -> None:
    """The short one of the suite."""
    await _read_by_killed_workers(own_home, Run(100, over=4, kills=2, within=130, restart=False))


@pytest.mark.chaos
@pytest.mark.timeout(3600)
async def test_ten_thousand_items_and_five_kills(own_home: Path) -> None:
    """The whole of it: the site is away for a while, too."""
    run = Run(10_000, over=240, kills=5, within=3000, restart=True)
    await _read_by_killed_workers(own_home, run, tell)


async def _read_by_killed_workers(
    home: Path, run: Run, tell: Callable[[str], None] = lambda _: None
) -> None:
    rng = random.Random(SEED)
    press = Press(entries(run.items, rng), rng)
    press.unwell = 0.2
    site = Site(press.says)
    async with site.open():
        address = site.address  # and away again: it is opened anew below
    async with place(home, tinytown().pack) as here:
        watches = Watches(here.juanchi.temporal)
        channel = RegisteredChannel(
            code=CHANNEL,
            name="Street forum",
            kind=ChannelKind.COMMENT,
            adapter="feed",
            settings={"url": f"{address}/feed", "page": 50},
            every=timedelta(seconds=1),
        )
        await Channels(here.engine).put(channel, by="tests")
        await watches.follow(channel)
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            publishing = group.create_task(_published(press, site, run))
            killing = group.create_task(_killed(here, run, random.Random(SEED)))
            await _all_settled(here.engine, press, run.within)
            await killing
            publishing.cancel()
        tell(f"{run.items} items settled after {time.monotonic() - began:.0f} s")
        await watches.remove(CHANNEL)
        assert here.keeper.starts == run.kills + 1
        problems = [*await _wrong(here, press)]
        assert not problems, "\n".join([*problems[:40], here.keeper.tail()])


async def _published(press: Press, site: Site, run: Run) -> None:
    """Let everything out, bit by bit; in the middle the site is away for some seconds."""
    steps = 40
    for part in ((0, steps // 2), (steps // 2, steps)) if run.restart else ((0, steps),):
        async with site.open():
            for _ in range(*part):
                press.publish(-(-run.items // steps))
                await asyncio.sleep(run.over / steps)
            if part[1] == steps:
                press.unwell = 0.1
                await asyncio.Event().wait()
        await asyncio.sleep(5)


async def _killed(here: Place, run: Run, rng: random.Random) -> None:
    for _ in range(run.kills):
        await asyncio.sleep(run.over / run.kills * rng.uniform(0.6, 1.0))
        here.keeper.kill()


async def _all_settled(engine: AsyncEngine, press: Press, within: float) -> None:
    """Wait until everything that can be read is a ticket, and the rest was set aside."""
    ids = press.good | press.poison
    found: dict[str, str] = {}
    try:
        async with asyncio.timeout(within):
            while not (
                ids <= found.keys()
                and {found[id_] for id_ in ids} <= OVER
                and await _tickets(engine) >= len(press.good)
            ):
                await asyncio.sleep(0.5)
                found = await _arrivals(engine)
    except TimeoutError:
        missing = sorted(ids - found.keys())
        raise AssertionError(f"{Counter(found.values())}, never seen {missing[:20]}") from None


async def _arrivals(engine: AsyncEngine) -> dict[str, str]:
    query = select(ArrivalRow.external_id, ArrivalRow.state)
    async with engine.connect() as connection:
        return {row.external_id: row.state for row in await connection.execute(query)}


async def _tickets(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(TicketRow)) or 0


async def _wrong(here: Place, press: Press) -> list[str]:
    """All that is not as it should be."""
    return [*await _tickets_wrong(here, press), *await _audited(here)]


async def _tickets_wrong(here: Place, press: Press) -> list[str]:
    states, received = await _arrivals(here.engine), Counter[str]()
    async with here.engine.connect() as connection:
        async for chunk in stream(connection):
            for life in chunk:
                kinds = [isinstance(entry.event, Received) for entry in life.entries()]
                received[life.ticket_id] = sum(kinds)
    wanted = {f"ticket/{CHANNEL}/{id_}" for id_ in press.good}
    aside = {id_ for id_, state in states.items() if state == ArrivalState.SET_ASIDE}
    return [
        *_told("no ticket", wanted - received.keys()),
        *_told("a ticket of nothing", received.keys() - wanted),
        *_told("not received once", {id_ for id_, times in received.items() if times != 1}),
        *_told("unreadable, but not set aside", press.poison - aside),
        *_told("readable, but set aside", press.good & aside),
    ]


def _told(what: str, ids: set[str]) -> Iterator[str]:
    return (f"{id_}: {what}" for id_ in sorted(ids))


async def _audited(here: Place) -> list[str]:
    """The audit's findings, against Temporal's open workflows once their list has caught up."""
    before: set[str] | None = None
    while (now := await _open(here)) != before:
        before = now
        await asyncio.sleep(1.5)
    return list((await audit(here.engine, now)).problems)


async def _open(here: Place) -> set[str]:
    query = f"WorkflowType = '{WORKFLOW}' AND ExecutionStatus = 'Running'"
    return {found.id async for found in here.juanchi.temporal.list_workflows(query)}
