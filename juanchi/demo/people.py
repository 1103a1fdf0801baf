"""The simulated people: they look at their inboxes, take their time, and act through the client."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from juanchi.client import Juanchi
from juanchi.demo.deeds import Cast
from juanchi.demo.sample import SampleClue, Script
from juanchi.domain.ball import TaskKind, tasks
from juanchi.domain.lines import InboxLine, TicketLine
from juanchi.domain.messages import Action
from juanchi.domain.notices import NoticeKind
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import Role
from juanchi.domain.ticket import Phase
from juanchi.ledger import views

log = structlog.get_logger(__name__)

DESKS = (Role.DISPATCHER, Role.CHECKER, Role.SUPERVISOR)
PAGE = 200
_OVERTAKEN = (Code.WRONG_PHASE, Code.ENDED, Code.MERGING, Code.NOTHING_PROPOSED)
"""Somebody else was faster, which happens to real people too."""

_AGAIN_AFTER_S = (0.5, 1.0, 2.0, 4.0)

T = TypeVar("T")
_Key = tuple[str, str, str, datetime]


class People:
    """Everybody at work while the block runs."""

    def __init__(self, juanchi: Juanchi, engine: AsyncEngine, cast: Cast) -> None:
        self.juanchi = juanchi
        self.engine = engine
        self.cast = cast
        self.troubles: list[tuple[str, str]] = []
        """Of which ticket they were refused what, although their scripts say it."""
        self._taken: set[_Key] = set()
        self._versions: dict[str, int] = {}
        self._waiting: set[str] = set()
        self._at_work: set[asyncio.Task[None]] = set()
        self._over = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over = True
        for task in self._at_work:
            task.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)

    async def report(self, clues: Sequence[SampleClue], seconds: Callable[[], float]) -> None:
        """Hand in each clue when its time has come, by the ``seconds`` since the start."""
        for clue in clues:
            await asyncio.sleep(max(0.0, clue.at_offset_s - seconds()))
            contact = clue.reporter.contact if clue.reporter else None
            await self.juanchi.report(clue.clue(datetime.now(UTC)), contact=contact)

    async def look(self, lines: Iterable[TicketLine]) -> None:
        """Whoever has news looks at their inbox, and begins what they find there."""
        moved = [line for line in lines if self._versions.get(line.id) != line.version]
        self._versions |= {line.id: line.version for line in moved}
        holders = {holder for line in moved for holder in _concerned(line)} | self._waiting
        self._waiting = set()
        inboxes = await asyncio.gather(
            *(views.inbox(self.engine, holder, limit=PAGE) for holder in sorted(holders))
        )
        for task in (task for inbox in inboxes for task in inbox):
            self._take(task)
        for line in moved:
            self._reporter_sees(line)

    def _take(self, task: InboxLine) -> None:
        # An assisting unit's line goes on, whatever the lead does meanwhile.
        assist = task.kind == TaskKind.ASSIST
        since = task.ticket.received_at if assist else task.since
        key = (task.ticket.id, task.kind, task.holder, since)
        if task.ticket.id in self.cast.sample.by_ticket and key not in self._taken:
            self._taken.add(key)
            self._begin(self._do(task, key), task.ticket.id)

    def _begin(self, deed: Coroutine[Any, Any, None], ticket_id: str) -> None:
        task = asyncio.create_task(deed, name=ticket_id)
        self._at_work.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._at_work.discard(task)
        if self._over or task.cancelled():
            return
        if (error := task.exception()) is not None:
            log.error("a deed failed", ticket=task.get_name(), exc_info=error)
            self.troubles.append((task.get_name(), f"{type(error).__name__}: {error}"))

    async def _do(self, task: InboxLine, key: _Key) -> None:
        clue = self.cast.sample.by_ticket[task.ticket.id]
        unhurried = self.cast.unhurried(task.ticket.id)
        wait = self.cast.pace.wait(task, clue.plot, unhurried=unhurried, now=datetime.now(UTC))
        await asyncio.sleep(wait)
        ticket = await self._patiently(lambda: self.juanchi.ticket(task.ticket.id))
        if not any(one.kind == task.kind and one.holder == task.holder for one in tasks(ticket)):
            return
        pressed = clue.plot is Script.NEVER_SIGNS and await self._pressed(task)
        deeds = self.cast.deeds(task, ticket, pressed=pressed)
        if not deeds:
            # Not yet: they look at it again.
            self._taken.discard(key)
            self._waiting.add(task.holder)
        for number, deed in enumerate(deeds):
            if number:
                await asyncio.sleep(self.cast.pace.between(ticket.id, number))
            if not await self._act(ticket.id, deed):
                return

    async def _pressed(self, task: InboxLine) -> bool:
        told = await views.notices(self.engine, task.holder, limit=PAGE)
        return any(
            notice.ticket_id == task.ticket.id and notice.kind == NoticeKind.PRESSED
            for notice in told
        )

    async def _act(self, ticket_id: str, deed: Action) -> bool:
        try:
            await self._patiently(lambda: self.juanchi.act(ticket_id, deed))
        except Refused as refused:
            if refused.code not in _OVERTAKEN:
                self.troubles.append((ticket_id, f"{deed.name}: {refused}"))
            return False
        return True

    def _reporter_sees(self, line: TicketLine) -> None:
        clue = self.cast.sample.by_ticket.get(line.id)
        if clue and clue.plot is Script.WITHDRAWN and line.phase == Phase.HANDLING:
            key = (line.id, "withdraw", Role.REPORTER.value, line.received_at)
            if key not in self._taken:
                self._taken.add(key)
                self._begin(self._withdraw(line.id), line.id)

    async def _withdraw(self, ticket_id: str) -> None:
        await asyncio.sleep(2 * self.cast.pace.between(ticket_id, 0))
        ticket = await self._patiently(lambda: self.juanchi.ticket(ticket_id))
        await self._act(ticket_id, self.cast.withdraws(ticket))

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask, and where the server is too busy to answer ask again: the same, under one id."""
        for wait in _AGAIN_AFTER_S:
            try:
                return await ask()
            except (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
                # The client tells of a cancellation in the same way.
                if self._over:
                    raise
                log.warning("no answer yet", problem=str(error))
            await asyncio.sleep(wait)
        return await ask()


def _concerned(line: TicketLine) -> set[str]:
    """Whose inbox may have changed with a ticket."""
    if line.end_kind is not None:
        return set()
    units = {line.street_team, line.lead, *line.assisting}
    return {unit for unit in units if unit} | set(DESKS)
