"""Straight-through tickets a second, beside a bare workflow and beside DBOS.

A life is a clue and five messages (verified, and so dispatched by the engine; signed; replied;
reviewed; rated, and so closed), each sent when the one before was answered. ``AT_ONCE`` lives run
at the same time in a closed loop; this process is everybody's client, and each contender has one
worker process. The contenders take turns, round by round, on the same servers at the same time,
so that a slow minute of the machine is slow for all. Rates are lives over seconds of all rounds;
a ratio is the median over the rounds, so that one bad round does not decide.

- ours: the real worker on the real ledger, where every ticket is counted, then audited;
- bare: see ``bare``; it is given the same messages, turns and sizes, out of a real history. It runs
  on the SDK as it comes, and once more (lean) in the ticket worker's own, cheaper sandbox;
- peer: see ``peer``.
"""

from contextlib import AsyncExitStack
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.common import Priority

from bench import bare, messages
from bench.history import straight_history, turns
from bench.load import Contender, Life, median_ratio, round_of, warm
from bench.peer import PeerClient
from bench.process import worker
from bench.proof import proved
from bench.report import Figures
from bench.scene import CACHED, Scene, database, found
from juanchi.domain.ticket import Phase
from juanchi.ledger.tables import TicketRow

AT_ONCE: Final = 32
ROUNDS: Final = 5
LIVES: Final = 200
WARM: Final = 60

_QUICK: Final = (2, 60, 20)


async def measure(scene: Scene, *, quick: bool = False) -> Figures:
    """All contenders, interleaved."""
    rounds, lives, first = _QUICK if quick else (ROUNDS, LIVES, WARM)
    async with AsyncExitStack() as stack:
        peer_url = await database(scene, "bench_peer")
        peer_ledger = await found(peer_url)
        stack.push_async_callback(peer_ledger.dispose)
        contenders = await _contenders(scene, stack, peer_url)
        for contender in contenders:
            await warm(contender, first, AT_ONCE)
        for turn in range(rounds):
            # Each goes first in turn: what the one before leaves behind is shared out.
            for place in range(len(contenders)):
                await round_of(contenders[(turn + place) % len(contenders)], lives, AT_ONCE)
    ours, simple, lean, peer = contenders
    lived = first + rounds * lives
    audited = await _proved(scene, lived + 1)
    assert await _closed(peer_ledger) == lived, "the peer has not written every ticket"
    return {
        "straight_through_ratio": median_ratio(ours, simple),
        "straight_through_ratio_lean": median_ratio(ours, lean),
        "straight_through_vs_dbos": median_ratio(ours, peer),
        "straight_through_per_s": ours.per_s,
        "bare_per_s": simple.per_s,
        "bare_lean_per_s": lean.per_s,
        "dbos_per_s": peer.per_s,
        "straight_through_worker_ms": ours.cpu_ms,
        "bare_worker_ms": simple.cpu_ms,
        "bare_lean_worker_ms": lean.cpu_ms,
        "dbos_worker_ms": peer.cpu_ms,
        "straight_through_audited": audited,
    }


async def _contenders(
    scene: Scene, stack: AsyncExitStack, peer_url: str
) -> tuple[Contender, Contender, Contender, Contender]:
    ours = await stack.enter_async_context(scene.ticket_worker())
    shape = turns(await straight_history(scene, "shape"))
    simple = await stack.enter_async_context(
        worker("bare", ["-m", "bench.bare_worker"], scene.home, cached_workflows=str(CACHED))
    )
    lean = await stack.enter_async_context(
        worker(
            "lean", ["-m", "bench.bare_worker", "lean"], scene.home, cached_workflows=str(CACHED)
        )
    )
    peer = await stack.enter_async_context(
        worker("peer", ["-m", "bench.peer", peer_url], scene.home)
    )
    client = PeerClient(peer_url)
    stack.callback(client.close)
    return (
        Contender("ours", _ticket_life(scene), ours),
        Contender("bare", _bare_life(scene, shape, bare.QUEUE), simple),
        Contender("lean", _bare_life(scene, shape, bare.LEAN_QUEUE), lean),
        Contender("peer", _peer_life(client), peer),
    )


def _ticket_life(scene: Scene) -> Life:
    juanchi = scene.juanchi

    async def live(name: str) -> None:
        ticket = (await juanchi.report(messages.clue(name))).ticket_id
        for message in messages.straight():
            await juanchi.act(ticket, message)

    return live


def _bare_life(scene: Scene, shape: list[list[int]], queue: str) -> Life:
    async def live(name: str) -> None:
        handle = await scene.client.start_workflow(
            bare.WORKFLOW,
            args=[messages.clue(name).model_dump(mode="json"), shape],
            id=f"{queue}/{name}",
            task_queue=queue,
            priority=Priority(priority_key=3, fairness_key=messages.CHANNEL),
        )
        for message in messages.straight():
            await handle.execute_update(bare.ACT, message, id=messages.key(message))

    return live


def _peer_life(client: PeerClient) -> Life:
    async def live(name: str) -> None:
        ticket = await client.report(messages.clue(name))
        for message in messages.straight():
            await client.act(ticket, message)

    return live


async def _proved(scene: Scene, lived: int) -> int:
    """The tickets of our ledger, after counting the closed ones and auditing all."""
    closed = await _closed(scene.engine, but="ticket/wall/h%")
    assert closed == lived, f"{closed} tickets are closed in the ledger, not {lived}"
    return (await proved(scene)).tickets


async def _closed(engine: AsyncEngine, but: str = "") -> int:
    wanted = TicketRow.phase == Phase.CLOSED
    query = select(func.count()).where(wanted, TicketRow.id.not_like(but))
    async with engine.connect() as connection:
        return int((await connection.execute(query)).scalar_one())
