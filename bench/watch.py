"""``watch_*``: so many channels read each minute by one worker, from a web server on this machine.

Each channel is a JSON feed of twenty entries that is given whole at every reading (no ETag), so
that it is fetched, parsed and compared with what was seen before. Every tenth reading brings one
new entry; some sites are slow. The worker takes the queue of watching alone: what comes of the
arrivals is measured elsewhere. How late a reading is, the web server sees: each channel's turn is
known beforehand, by its name. What comes before each was read once does not count.
"""

import asyncio
import json
import math
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from statistics import quantiles
from typing import Final, NamedTuple

import psutil

from bench.process import Running, worker
from bench.report import Figures
from bench.scene import Scene
from juanchi.domain.channels import RegisteredChannel
from juanchi.domain.lists import ChannelKind
from juanchi.domain.watching import offset_of
from juanchi.ledger.channels import Channels
from juanchi.watches import Watches

CHANNELS: Final = 500
MINUTES: Final = 5
EVERY: Final = timedelta(minutes=1)
ENTRIES: Final = 20
NEW_EACH: Final = 10
SLOW_EACH: Final = 20
SLOW_S: Final = 2.0
PATIENCE_S: Final = 20.0
WARM_WITHIN_S: Final = 600.0
_QUICK: Final = (20, 1)

Turn = tuple[str, int]
"""A channel, and which of its turns."""


async def measure(
    scene: Scene, *, quick: bool = False, channels: int = CHANNELS, minutes: int = MINUTES
) -> Figures:
    """Minutes of watching, after a first one to warm up. Raises when a reading fails."""
    if quick:
        channels, minutes = _QUICK
    async with _Site().open() as site:
        registered = [_channel(site, number) for number in range(channels)]
        ledger = Channels(scene.engine)
        for channel in registered:
            await ledger.put(channel, by="bench")
        # By the worker, as every worker does when it starts.
        async with worker("watch", ["worker.py", "--queues", "watch"], scene.home) as running:
            await _all_read(ledger, channels)
            before, began = _cpu(scene, running), time.time()
            await asyncio.sleep(minutes * EVERY.total_seconds())
            took, after = time.time() - began, _cpu(scene, running)
            await asyncio.sleep(PATIENCE_S)  # for those whose turn came just now
            turns = _turns(site.seen)
            rss = running.rss()
            await _all_well(ledger)
        await Watches(scene.client, scene.settings.queue("watch")).align([])
    wanted = [turn for one in registered for turn in _wanted(one.code, began, took)]
    late = [turns[turn] for turn in wanted if turn in turns]
    return {
        "watch_channels": channels,
        "watch_readings": len(late),
        "watch_missed": len(wanted) - len(late),
        "watch_cpu_share": (after.worker - before.worker) / took,
        "watch_temporal_cpu_share": (after.temporal - before.temporal) / took,
        "watch_postgres_cpu_share": (after.postgres - before.postgres) / took,
        "watch_lag_p50_s": quantiles(late, n=100)[49],
        "watch_lag_p99_s": quantiles(late, n=100)[98],
        "watch_rss_mb": rss / 2**20,
    }


class _Cpu(NamedTuple):
    """Seconds of processor time so far."""

    worker: float
    temporal: float
    postgres: float


def _cpu(scene: Scene, running: Running) -> _Cpu:
    addresses = scene.servers.addresses
    return _Cpu(running.cpu(), _whole(addresses.temporal_pid), _whole(addresses.postgres_pid))


def _whole(pid: int | None) -> float:
    """That of a process and of all that it has started and still runs."""
    if pid is None:
        return 0.0
    process = psutil.Process(pid)
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(float(one.user + one.system) for one in times)


def _channel(site: "_Site", number: int) -> RegisteredChannel:
    name = f"watch-{number}"
    return RegisteredChannel(
        code=name,
        name=name,
        kind=ChannelKind.FEED,
        adapter="feed",
        settings={"url": f"{site.address}/{name}"},
        every=EVERY,
    )


def _turns(seen: list[tuple[str, float]]) -> dict[Turn, float]:
    """How late the reading of each turn was, in seconds: turns are counted from the epoch."""
    turns: dict[Turn, float] = {}
    for name, at in seen:
        number, late = divmod(at - offset_of(name, EVERY).total_seconds(), EVERY.total_seconds())
        turns.setdefault((name, int(number)), late)
    return turns


def _wanted(name: str, began: float, took: float) -> list[Turn]:
    """A channel's turns in a span of time."""
    offset, every = offset_of(name, EVERY).total_seconds(), EVERY.total_seconds()
    first, last = (math.ceil((at - offset) / every) for at in (began, began + took))
    return [(name, number) for number in range(first, last)]


async def _all_read(ledger: Channels, channels: int) -> None:
    """Wait until each has been read once: only then is most of what comes known."""
    async with asyncio.timeout(WARM_WITHIN_S):
        while len(await ledger.states()) < channels:  # noqa: ASYNC110 - another process's work
            await asyncio.sleep(1)


async def _all_well(ledger: Channels) -> None:
    failed = [state for state in (await ledger.states()).values() if state.failed]
    assert not failed, f"{len(failed)} channels failed, as {failed[0].problem}"


class _Site:
    """Serves every channel's feed, and remembers when each was asked for."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, float]] = []
        self.address = ""
        self._times: Counter[str] = Counter()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["_Site"]:
        """Answer while the block runs."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        self.address = f"http://{host}:{port}"
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                name = head.split(b" ", 2)[1].decode().lstrip("/")
                self.seen.append((name, time.time()))
                if int(name.rpartition("-")[2]) % SLOW_EACH == 0:
                    await asyncio.sleep(SLOW_S)
                body = self._feed(name)
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
        writer.close()

    def _feed(self, name: str) -> bytes:
        self._times[name] += 1
        first = self._times[name] // NEW_EACH
        items = [
            {"id": f"{name}/{n}", "content_text": f"The lamp at {n} Mill Lane is out. " * 5}
            for n in range(first, first + ENTRIES)
        ]
        version = "https://jsonfeed.org/version/1.1"
        return json.dumps({"version": version, "title": name, "items": items}).encode()
