"""A storm: so many contacts a second over eight channels, one of which floods, and one worker.

They are kept as a channel's readings are (some of them twice at the same moment), let in by the
admission, and become tickets. Two in five are matters for a unit, of which one in eight is urgent;
the rest is noise, advertisement and what is not the city's. An urgent one counts as dispatched
when the ledger shows it to whoever asks, not when its journal says it was.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import quantiles
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.proof import proved
from bench.report import Figures
from bench.scene import Scene
from juanchi.domain.channels import RegisteredChannel, Trust
from juanchi.domain.lists import ChannelKind
from juanchi.domain.ticket import Clue
from juanchi.intake.channels.clues import urgent_ones
from juanchi.ledger.admission import queue
from juanchi.ledger.arrivals import Arrivals
from juanchi.ledger.channels import Channels
from juanchi.ledger.city import current_pack

PER_S: Final = 25
SECONDS: Final = 600
_QUICK: Final = 10
AT_ONCE: Final = 5
"""Contacts in one reading."""
CHANNELS: Final = tuple(f"storm-{n}" for n in range(8))
FLOOD: Final = (9, *(1 for _ in CHANNELS[1:]))
"""How much of it comes through which channel."""
TWICE: Final = 0.05
"""The share of readings that two processes make at the same moment."""
DRAINED_WITHIN: Final = 1800.0

_STREETS: Final = ("Elm", "Oak", "Rose", "Ferry", "Chapel", "Station", "Castle", "River", "Hill")
_PARISHES: Final = ("Mill Parish", "Harbour Parish", "Market Parish")
_MATTERS: Final = (
    "A deep pothole in front of number {n}, {street} Lane, {parish}",
    "The street lamp at {n} {street} Lane, {parish} is dark",
    "The bin beside number {n}, {street} Lane, {parish} is overflowing",
    "Somebody is dumping a sofa behind {n} {street} Lane, {parish}",
)
_URGENT: Final = "Sparks from a live wire on the ground at {n} {street} Lane, {parish}, danger"
_OTHERS: Final = (
    "lol such weather in {street} Lane number {n}",
    "special offer for {street} Lane: a discount of {n}",
    "The county bus to {street} Lane was {n} minutes late",
)

_CLUES: Final = text(
    "SELECT count(*), count(DISTINCT external_id) FROM journal j"
    " JOIN clues USING (ticket_id) WHERE kind = 'received' AND channel LIKE 'storm-%'"
)
_DISPATCHED: Final = text(
    "SELECT external_id FROM tickets WHERE urgency = 'urgent' AND dispatched_at IS NOT NULL"
    " AND channel LIKE 'storm-%'"
)
_UNKNOWN: Final = text(
    "SELECT count(*) FROM arrivals a WHERE state IN ('waiting', 'admitted') AND clue IS NOT NULL"
    " AND NOT EXISTS (SELECT FROM clues c WHERE c.channel = a.channel"
    " AND c.external_id = a.external_id)"
)


@dataclass
class Storm:
    """A storm that has been sent, and what was seen of it."""

    sent: set[str] = field(default_factory=set)
    urgent: dict[str, float] = field(default_factory=dict)
    """When each urgent one was sent."""
    dispatched: dict[str, float] = field(default_factory=dict)
    """When the ledger was first seen to have each of them dispatched."""
    most_waiting: int = 0
    drain_s: float = 0.0
    lost: int = 0
    doubled: int = 0

    def urgent_s(self) -> list[float]:
        """How long each urgent one took."""
        return [self.dispatched[id_] - at for id_, at in self.urgent.items()]


async def measure(scene: Scene, *, quick: bool = False, seconds: float = SECONDS) -> Figures:
    """The storm with one worker process, and what it left behind."""
    seconds = _QUICK if quick else seconds
    async with scene.ticket_worker() as worker:
        cpu = worker.cpu()
        storm = await stormed(scene.engine, scene.juanchi.wake, seconds)
        cpu = worker.cpu() - cpu
        assert not storm.lost, f"{storm.lost} contacts are lost"
        assert not storm.doubled, f"{storm.doubled} tickets are too many"
        await settled(scene)
    late = sorted(storm.urgent_s())
    return {
        "storm_contacts": len(storm.sent),
        "storm_contacts_per_s": PER_S,
        "storm_urgent": len(late),
        "storm_urgent_dispatch_p50_s": late[len(late) // 2],
        "storm_urgent_dispatch_p99_s": quantiles(late, n=100)[98],
        "storm_lost": storm.lost,
        "storm_doubled": storm.doubled,
        "storm_queue_max": storm.most_waiting,
        "storm_drain_s": storm.drain_s,
        "storm_worker_ms": 1000 * cpu / len(storm.sent),
    }


async def settled(scene: Scene) -> None:
    """The audit is clean, once every workflow has come to its own end.

    The ledger has a ticket before its workflow task is done, and a task that was lost in the storm
    is given out again only after ten seconds. Raises ``AssertionError`` with what remains.
    """
    for _ in range(5):
        with suppress(AssertionError):
            await proved(scene)
            return
        await asyncio.sleep(10)
    await proved(scene)


async def stormed(
    engine: AsyncEngine, wake: Callable[[], Awaitable[None]], seconds: float, seed: int = 7
) -> Storm:
    """Send a storm into the ledger and wait until all of it is tickets. Registers its channels."""
    storm = Storm()
    await _register(engine)
    pack, _ = await current_pack(engine)
    raining = asyncio.Event()
    raining.set()
    async with asyncio.TaskGroup() as group:
        watcher = group.create_task(_watched(engine, storm, raining))
        await _sent(engine, wake, storm, seconds, pack.screening.urgent, seed)
        ended = time.monotonic()
        await _drained(engine)
        storm.drain_s = time.monotonic() - ended
        raining.clear()
        await watcher
    async with engine.connect() as connection:
        received, known = (await connection.execute(_CLUES)).one()
    storm.lost = len(storm.sent) - known
    storm.doubled = received - known
    return storm


async def _register(engine: AsyncEngine) -> None:
    channels = Channels(engine)
    for code in CHANNELS:
        channel = RegisteredChannel(
            code=code, name=code, kind=ChannelKind.APP, trust=Trust.KNOWN, verify=False
        )
        await channels.put(channel, by="bench")
    await asyncio.sleep(1.2)  # until the worker has noticed


async def _sent(
    engine: AsyncEngine,
    wake: Callable[[], Awaitable[None]],
    storm: Storm,
    seconds: float,
    words: Sequence[str],
    seed: int,
) -> None:
    """All readings at their time, whether those before are kept already or not."""
    arrivals, draw = Arrivals(engine), random.Random(seed)

    async def kept(channel: str, clues: Sequence[Clue], urgent: frozenset[str]) -> None:
        done = await arrivals.keep(
            channel, clues, cursor=None, read_at=datetime.now(UTC), urgent=urgent
        )
        if done.wake:
            await wake()

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for n, (channel, clues) in enumerate(_readings(draw, seconds)):
            await asyncio.sleep(began + n * AT_ONCE / PER_S - time.monotonic())
            urgent = urgent_ones(clues, words)
            storm.sent |= {clue.external_id for clue in clues}
            storm.urgent |= dict.fromkeys(urgent, time.monotonic())
            for _ in range(2 if draw.random() < TWICE else 1):
                group.create_task(kept(channel, clues, urgent))


def _readings(draw: random.Random, seconds: float) -> Iterator[tuple[str, list[Clue]]]:
    for reading in range(int(seconds * PER_S / AT_ONCE)):
        (channel,) = draw.choices(CHANNELS, FLOOD)
        yield channel, [_clue(draw, channel, reading * AT_ONCE + n) for n in range(AT_ONCE)]


def _clue(draw: random.Random, channel: str, n: int) -> Clue:
    """One contact: no two have the same words, or the same place."""
    facts = {"n": n, "street": draw.choice(_STREETS), "parish": draw.choice(_PARISHES)}
    words: tuple[str, ...] = _OTHERS
    if draw.random() < 0.4:
        words = _MATTERS if draw.random() < 7 / 8 else (_URGENT,)
    return Clue(
        channel=channel,
        external_id=f"{n:06}",
        text=draw.choice(words).format(**facts),
        reported_at=datetime.now(UTC),
    )


async def _watched(engine: AsyncEngine, storm: Storm, raining: asyncio.Event) -> None:
    """Note how long the queue grows, and which urgent ones are dispatched, as others see it."""
    while raining.is_set() or storm.urgent.keys() - storm.dispatched.keys():
        async with engine.connect() as connection:
            seen = set(await connection.scalars(_DISPATCHED)) - storm.dispatched.keys()
        storm.dispatched |= dict.fromkeys(seen & storm.urgent.keys(), time.monotonic())
        storm.most_waiting = max(storm.most_waiting, (await queue(engine)).waiting)
        await asyncio.sleep(0.2)


async def _drained(engine: AsyncEngine) -> None:
    """Until the ledger knows all that was kept."""
    async with asyncio.timeout(DRAINED_WITHIN):
        while True:
            async with engine.connect() as connection:
                if not await connection.scalar(_UNKNOWN):
                    return
            await asyncio.sleep(0.2)
