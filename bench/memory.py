"""``workflow_rss_kb``: the worker's memory for one open ticket that it keeps in its cache.

A fresh worker first lives some whole lives, so that imports, connections and buffers are there;
then so many tickets are brought to supervision (verified, dispatched, signed) and left there, each
with its workflow in the worker's cache. What its process has grown by, divided by them. Both
readings wait until memory has stopped moving.
"""

from typing import Final

from bench import messages
from bench.load import at_work
from bench.report import Figures
from bench.scene import Scene

OPEN: Final = 1000
AT_ONCE: Final = 32
WARM: Final = 100

_QUICK: Final = (150, 20)


async def measure(scene: Scene, *, quick: bool = False) -> Figures:
    """The growth of one worker process."""
    tickets, first = _QUICK if quick else (OPEN, WARM)
    juanchi = scene.juanchi

    async def rest(name: str) -> None:
        ticket = (await juanchi.report(messages.clue(f"m{name}"))).ticket_id
        await juanchi.act(ticket, messages.verified())
        await juanchi.act(ticket, messages.signed())

    async with scene.ticket_worker() as worker:
        await at_work(rest, first, AT_ONCE)
        before = await worker.settled_rss()
        await at_work(rest, tickets, AT_ONCE)
        after = await worker.settled_rss()
    return {
        "workflow_rss_kb": (after - before) / tickets / 1024,
        "worker_rss_mb": after / 2**20,
    }
