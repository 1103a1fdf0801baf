"""Who kills the worker and the servers, at moments that only the seed knows."""

import asyncio
import random
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from itertools import cycle

from tests.chaos.place import Place


class Blow(StrEnum):
    """What is done to the place."""

    WORKER = "worker killed"
    TEMPORAL = "Temporal killed"
    POSTGRES = "PostgreSQL stopped"
    POSTGRES_KILLED = "PostgreSQL killed"
    ALL = "everything killed"


EACH_ONCE = (Blow.WORKER, Blow.TEMPORAL, Blow.POSTGRES)


class Saboteur:
    """Strikes one blow after the other. ``away``: how many seconds a server stays away."""

    def __init__(
        self,
        place: Place,
        rng: random.Random,
        *,
        gap: tuple[float, float],
        away: tuple[float, float],
        tell: Callable[[str], None],
    ) -> None:
        self._place = place
        self._rng = rng
        self._gap = gap
        self._away = away
        self._tell = tell
        self.struck: list[Blow] = []

    async def rage(self, blows: Iterable[Blow], calm: asyncio.Event | None = None) -> None:
        """Strike until there are no more blows, or until it is to be calm."""
        for blow in blows:
            await asyncio.sleep(self._rng.uniform(*self._gap))
            if calm is not None and calm.is_set():
                return
            self._tell(blow)
            await self.strike(blow)
            self.struck.append(blow)

    async def strike(self, blow: Blow) -> None:
        """Do it, and mend it again; the worker's keeper mends the worker."""
        match blow:
            case Blow.WORKER:
                self._place.keeper.kill()
            case Blow.TEMPORAL:
                await self._temporal_away(self._rng.uniform(0, 2))
            case Blow.POSTGRES | Blow.POSTGRES_KILLED:
                await self._postgres_away(kill=blow is Blow.POSTGRES_KILLED)
            case Blow.ALL:
                self._place.keeper.kill()
                await asyncio.gather(
                    self._temporal_away(self._rng.uniform(0, 5)), self._postgres_away(kill=True)
                )

    async def _temporal_away(self, seconds: float) -> None:
        servers = self._place.servers
        await servers.kill_temporal()
        await asyncio.sleep(seconds)
        await servers.start_temporal()

    async def _postgres_away(self, *, kill: bool) -> None:
        servers = self._place.servers
        await servers.stop_postgres(kill=kill)
        await asyncio.sleep(self._rng.uniform(*self._away))
        await servers.start_postgres()


def shuffled(rng: random.Random, blows: Iterable[Blow]) -> list[Blow]:
    """The blows in an order that only the seed knows."""
    return rng.sample(found := list(blows), len(found))


def endless(rng: random.Random) -> Iterator[Blow]:
    """Round after round of all blows, each round in an order of its own."""
    for _ in cycle([None]):
        yield from shuffled(rng, Blow)
