"""Letting arrivals in: each becomes a ticket, the urgent first, no channel before the others."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import structlog
from pydantic import ValidationError
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from juanchi.domain.admission import ADMISSION, ARRIVED, Shift, WaitingClue, room
from juanchi.domain.refusal import Refused
from juanchi.domain.ticket import Clue
from juanchi.ledger.admission import AdmissionQueue

log = structlog.get_logger(__name__)

PAGE: Final = 25
"""Arrivals let in between two looks at the queue, so that an urgent one never waits for many."""
AT_ONCE: Final = 16
SHIFT: Final = timedelta(seconds=10)
PAUSE: Final = timedelta(seconds=0.2)
"""Between two looks while some wait whose turn it is not yet."""
LATE: Final = timedelta(minutes=2)
"""After so long without a word in the ledger a ticket is started again, which is harmless."""
_AWAY: Final = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.ABORTED,
    }
)


class Desk(Protocol):
    """Where clues are handed in: the client, as far as it is needed here."""

    async def report(self, clue: Clue, *, urgent: bool = False) -> object: ...


class AdmittingActivities:
    """Lets arrivals in. Two at once, or one that was killed and runs again, double nothing.

    ``most`` general tickets may be between their start and the ledger at a time: a flood waits in
    the ledger, where it is a longer queue, and not in Temporal, where it would slow everybody down.
    """

    def __init__(self, queue: AdmissionQueue, desk: Desk, most: int) -> None:
        self._queue = queue
        self._desk = desk
        self._most = most

    @activity.defn
    async def admit(self) -> Shift:
        """Let in whatever waits, until nothing does or the shift is over.

        Raises what the ledger or Temporal raises while it is away; whoever was let in is in.
        """
        done = Shift()
        ends = time.monotonic() + SHIFT.total_seconds()
        await self._start_again()
        while True:
            page = await self._page()
            done = done.plus(page)
            more = await self._queue.waits()
            if not more or time.monotonic() >= ends or activity.is_worker_shutdown():
                return done.having(more=more)
            if page.nobody:
                await asyncio.sleep(PAUSE.total_seconds())

    async def _page(self) -> Shift:
        activity.heartbeat()
        now = datetime.now(UTC)
        under_way = await self._queue.settle(now)
        turn = await self._queue.turn(room(self._most, under_way, PAGE), now)
        gate = asyncio.Semaphore(AT_ONCE)
        troubles = await asyncio.gather(*(self._let_in(waiting, gate) for waiting in turn))
        let_in = [waiting for waiting, trouble in zip(turn, troubles, strict=True) if not trouble]
        await self._queue.admitted(let_in, now)
        aside = 0
        refused = [
            (waiting, trouble)
            for waiting, trouble in zip(turn, troubles, strict=True)
            if trouble and _its_own(trouble, others_got_in=bool(let_in))
        ]
        for waiting, trouble in refused:
            log.warning("arrival refused", ticket=waiting.ticket_id, why=str(trouble))
            aside += await self._queue.refused(waiting, _told(trouble), now)
        if len(let_in) + len(refused) < len(turn):
            # The server's trouble, not theirs: they wait, and this is tried again as a whole.
            raise next(t for t in troubles if t and t not in [own for _, own in refused])
        return Shift(admitted=len(let_in), refused=len(refused), set_aside=aside)

    async def _let_in(self, waiting: WaitingClue, gate: asyncio.Semaphore) -> Exception | None:
        """Hand one to the engine; what stood in the way, if anything did."""
        async with gate:
            activity.heartbeat()
            try:
                clue = Clue.model_validate(waiting.body)
                await self._desk.report(clue, urgent=waiting.urgent)
            except Exception as error:
                return error
        return None

    async def _start_again(self) -> None:
        """Start those again of which nothing was heard: Temporal may have lost them."""
        now = datetime.now(UTC)
        for waiting in await self._queue.late(now - LATE, now):
            log.warning("not in the ledger yet: started again", ticket=waiting.ticket_id)
            await self._desk.report(Clue.model_validate(waiting.body), urgent=waiting.urgent)


async def wake(client: Client, admission: str = ADMISSION) -> None:
    """Tell the admission that something waits. Best effort: it looks by itself before long."""
    with suppress(RPCError):
        await client.get_workflow_handle(admission).signal(ARRIVED)


def _its_own(trouble: Exception, *, others_got_in: bool) -> bool:
    """Whether an arrival is to blame itself, and not whoever could not take it just now."""
    if isinstance(trouble, Refused | ValueError):
        return True
    if isinstance(trouble, RPCError):
        if trouble.status is RPCStatusCode.INVALID_ARGUMENT:
            return True
        if trouble.status in _AWAY:
            return False
    return others_got_in


def _told(trouble: Exception) -> str:
    if isinstance(trouble, ValidationError):
        first = trouble.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(trouble)
