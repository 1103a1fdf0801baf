"""The same ticket on DBOS, as fast and as plainly as DBOS's own guides allow: the peer's worker.

    python -m bench.peer URL

One durable workflow for each ticket, asynchronous, in one process, on the same PostgreSQL server
as our ledger, in a database of its own that holds both its ledger and DBOS's tables. Choices:

- Clues come through a queue that is polled every 20 ms (DBOS's own default is 1 s).
- Messages come by ``DBOSClient.send`` with an idempotency key and wake ``recv`` through
  LISTEN/NOTIFY. ``recv``'s timeout, which DBOS makes durable, is the ticket's one timer.
- A turn is **one** step: decide, evolve, the city's steps and the ledger's write together, so that
  it costs one checkpoint where our ticket has a marker for each; the ledger tells what a turn was
  that had to be taken twice. The writer is ours and batches the turns of all tickets into one
  transaction. A DBOS datasource, which puts checkpoint and rows into one transaction, was not
  used: it writes two checkpoints for a step, cannot batch, and is serializable by default.
- Answers are events (``set_event``, ``get_event``), since DBOS has no update: the client of a
  ticket learns that its message was taken and recorded.
- Pools and threads are widened until they no longer bound it; telemetry is off.
"""

import asyncio
import signal
import sys
import threading
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Final

import structlog

from bench.peer_turn import Desk
from juanchi.domain import machine
from juanchi.domain.clocks import earliest
from juanchi.domain.ticket import Clue, Phase
from juanchi.runtime.database import make_engine
from juanchi.runtime.logging import configure_logging
from juanchi.runtime.settings import Settings

# A dependency of the bench alone: types are checked where it is not installed, too.
dbos: Final[Any] = import_module("dbos")
log = structlog.get_logger(__name__)

QUEUE: Final = "tickets"
WORKFLOW: Final = "ticket"
LONG: Final = 30 * 86400.0
POLLED_EVERY: Final = 0.02
POOL: Final = 20


def answer_key(action: str) -> str:
    """The event under which a ticket answers an action."""
    return f"answer:{action}"


def life(url: str) -> Any:
    """The workflow of one ticket on the ledger at ``url``."""
    found: list[Desk] = []

    def desk() -> Desk:
        # Made when first used, on the event loop that DBOS runs workflows on.
        if not found:
            found.append(Desk(make_engine(url)))
        return found[0]

    async def live(data: dict[str, Any]) -> str:
        clue = Clue.model_validate(data)
        events = await dbos.DBOS.run_step_async({"name": "open"}, desk().opened, clue)
        ticket = machine.fold(machine.begin(clue, events[0].at)[0], events)
        while ticket.phase is not Phase.ENDED:
            when = earliest(ticket)
            # A little longer after a restart is no harm: the deadline itself is in the ticket.
            wait = LONG if when is None else max((when - datetime.now(UTC)).total_seconds(), 0.001)
            message = await dbos.DBOS.recv_async(timeout_seconds=wait)
            events = await dbos.DBOS.run_step_async({"name": "turn"}, desk().taken, ticket, message)
            ticket = machine.fold(ticket, events)
            if message is not None:
                action = f"{message['kind']}:{message['id']}"
                done = ticket.processed[action]
                answer = {"ticket_id": ticket.id, "action": action, "version": done.version}
                await dbos.DBOS.set_event_async(answer_key(action), answer)
        return ticket.ending.kind if ticket.ending else "archived"

    return live


def run(url: str) -> None:
    """Work until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    dbos.DBOS(
        config={
            "name": "bench-peer",
            "system_database_url": url,
            "sys_db_pool_size": POOL,
            "log_level": "WARNING",
        }
    )
    dbos.DBOS.workflow(name=WORKFLOW)(life(url))
    dbos.DBOS.launch()
    dbos.DBOS.register_queue(QUEUE, polling_interval_sec=POLLED_EVERY)
    log.info("working")
    stop.wait()
    # Open tickets rest for days: there is nothing to wait for.
    dbos.DBOS.destroy(workflow_completion_timeout_sec=0)


class PeerClient:
    """Sends a ticket's messages from another process, as an adapter would."""

    def __init__(self, url: str) -> None:
        self._client = dbos.DBOSClient(
            system_database_url=url, system_database_pool_size=POOL, use_listen_notify=True
        )

    async def report(self, clue: Clue) -> str:
        """Hand in a clue: the ticket's id."""
        options = {"queue_name": QUEUE, "workflow_name": WORKFLOW, "workflow_id": clue.ticket_id}
        await self._client.enqueue_async(options, clue.model_dump(mode="json"))
        return clue.ticket_id

    async def act(self, ticket: str, message: dict[str, Any]) -> dict[str, Any]:
        """Send a message and wait until it is recorded."""
        action = f"{message['kind']}:{message['id']}"
        await self._client.send_async(ticket, message, idempotency_key=f"{ticket}/{action}")
        async with asyncio.timeout(60):
            answer = await self._client.get_event_async(ticket, answer_key(action), 60)
        if answer is None:
            raise TimeoutError(f"{ticket} did not answer {action}")
        assert isinstance(answer, dict)
        return answer

    def close(self) -> None:
        """Let go of its connections."""
        self._client.destroy()


if __name__ == "__main__":
    configure_logging(Settings())
    run(sys.argv[1])
