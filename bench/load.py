"""Load in a closed loop: so many lives at once, each sending its messages one after another."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from statistics import median

from bench.process import Running

Life = Callable[[str], Awaitable[None]]
"""Lives one whole life under this name."""


@dataclass
class Contender:
    """Something that takes a straight life's messages, and how it did so far."""

    name: str
    live: Life
    process: Running
    lives: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    worker_cpu: float = 0.0

    @property
    def per_s(self) -> float:
        """Lives a second over all rounds."""
        return sum(self.lives) / sum(self.seconds)

    def rates(self) -> list[float]:
        """Lives a second, round by round."""
        return [lives / took for lives, took in zip(self.lives, self.seconds, strict=True)]

    @property
    def cpu_ms(self) -> float:
        """Processor time of the worker for one life."""
        return 1000 * self.worker_cpu / sum(self.lives)


def median_ratio(one: Contender, other: Contender) -> float:
    """The median over the rounds of how many times as fast ``one`` was as ``other``."""
    pairs = zip(one.rates(), other.rates(), strict=True)
    return median(mine / theirs for mine, theirs in pairs)


_names = count()


async def warm(contender: Contender, lives: int, at_once: int) -> None:
    """A first round that does not count: imports, connections, plans of statements."""
    await at_work(contender.live, lives, at_once)


async def round_of(contender: Contender, lives: int, at_once: int) -> None:
    """One round, added to what the contender did."""
    before = contender.process.cpu()
    took = await at_work(contender.live, lives, at_once)
    contender.lives.append(lives)
    contender.seconds.append(took)
    contender.worker_cpu += contender.process.cpu() - before


async def at_work(live: Life, lives: int, at_once: int) -> float:
    """Live so many lives, ``at_once`` at a time; the seconds it took."""
    left = iter(range(lives))

    async def one_after_another() -> None:
        for _ in left:
            await live(f"b{next(_names)}")

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(one_after_another())
    return time.perf_counter() - began
