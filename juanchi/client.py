"""The typed client: what a channel adapter or a department's own system imports.

    juanchi = Juanchi(temporal, ledger=views)          # or starter.open_client()
    ticket = await juanchi.report(clue)                # start a ticket; twice is once
    await juanchi.act(ticket, Sign(id=..., actor=..., at=...))
    state = await juanchi.ticket(ticket)

Everything goes through the ticket's own workflow. Lists come from the ledger and are read only.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.common import (
    Priority,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from juanchi.domain import machine
from juanchi.domain.actions import parse_action
from juanchi.domain.admission import ADMISSION, ARRIVED
from juanchi.domain.ball import Task
from juanchi.domain.base import Value, in_future
from juanchi.domain.clocks import Clock
from juanchi.domain.events import Entry
from juanchi.domain.lines import After, Find, InboxLine, NoticeLine, TicketLine
from juanchi.domain.messages import Action
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import Urgency
from juanchi.domain.ticket import Clue, Reporter, Ticket
from workflows.messages import ACT, TELL, WORKFLOW, Opening, Taken

T = TypeVar("T")

GREEN, GENERAL, BACKFILL = 1, 3, 5
"""Temporal priorities: urgent tickets ride the green channel, old data waits for everybody."""


class Views(Protocol):
    """The reading side of the ledger, as far as clients need it."""

    async def ticket_line(self, ticket: str) -> TicketLine | None: ...
    async def find(self, wanted: Find, limit: int, after: After | None) -> Sequence[TicketLine]: ...
    async def inbox(self, holder: str, limit: int) -> Sequence[InboxLine]: ...
    async def notices(self, holder: str, limit: int) -> Sequence[NoticeLine]: ...
    async def journal(self, ticket_id: str) -> Sequence[Entry]: ...


class Sealing(Protocol):
    """Seals contact data; the same contact always has the same pseudonym."""

    def seal(self, text: str) -> str: ...
    def pseudonym(self, text: str) -> str: ...


class Reported(Value):
    """The answer to a report: always the same for the same clue."""

    ticket_id: str


class NeedsLedger(RuntimeError):
    """This client was made without a ledger, and lists are read from there."""


class _CutOff(Exception):
    """A run closed before it took an update: the next try tells whether another one follows."""


class Juanchi:
    """A connection to the engine. Cheap to make; safe to share between tasks."""

    def __init__(
        self,
        temporal: Client,
        *,
        ledger: Views | None = None,
        seal: Sealing | None = None,
        queue: str = "juanchi-tickets",
    ) -> None:
        self.temporal = temporal
        self._ledger = ledger
        self._seal = seal
        self._queue = queue

    async def report(
        self,
        clue: Clue,
        *,
        contact: str | None = None,
        backfill: bool = False,
        urgent: bool = False,
    ) -> Reported:
        """Hand in a clue; it becomes one ticket, however often it is handed in.

        ``contact`` (a telephone number, an address) is sealed here and never leaves in the clear.
        ``backfill`` is for old data, which waits for live clues; ``urgent`` for what goes first
        though its clue does not say so itself. Refused: time_in_future, bad_input.
        """
        if in_future(clue.reported_at, datetime.now(UTC)):
            raise Refused(Code.TIME_IN_FUTURE, at=clue.reported_at.isoformat())
        if contact is not None:
            clue = clue.model_copy(update={"reporter": self._sealed(contact)})
        urgent = urgent or clue.urgency is Urgency.URGENT
        level = GREEN if urgent else BACKFILL if backfill else GENERAL
        # A clue that has lived and ended already gets the same answer as a new one.
        with suppress(WorkflowAlreadyStartedError):
            await self.temporal.start_workflow(
                WORKFLOW,
                Opening(clue=clue, by_start=True),
                id=clue.ticket_id,
                task_queue=self._queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                priority=Priority(priority_key=level, fairness_key=clue.channel),
                static_summary=f"{clue.channel} {clue.external_id}"[:100],
            )
        return Reported(ticket_id=clue.ticket_id)

    async def wake(self, admission: str = ADMISSION) -> None:
        """Tell the admission that something was kept for it (``Kept.wake``).

        Best effort: one that was not told looks by itself before long.
        """
        with suppress(RPCError):
            await self.temporal.get_workflow_handle(admission).signal(ARRIVED)

    def _sealed(self, contact: str) -> Reporter:
        if self._seal is None:
            raise Refused(Code.BAD_INPUT, where="contact", problem="no reporter key is set")
        return Reporter(id=self._seal.pseudonym(contact), sealed_contact=self._seal.seal(contact))

    async def act(self, ticket: str, action: Action | dict[str, Any]) -> Taken:
        """Ask a ticket (by id or number) for something and wait until it is done and recorded.

        The same action again gets the same answer and changes nothing. Raises ``Refused`` with a
        stable code; then nothing has changed. While the ledger is away it waits: bound the wait
        with ``asyncio.timeout`` and send the same action again later.
        """
        asked = parse_action(action)
        handle = await self._handle(ticket)
        while True:
            try:
                # Without an update id of ours: the ticket itself knows what it has processed, and
                # the server would go on giving an old refusal or cut-off for an old id.
                taken: Taken = await self._sent(
                    handle.execute_update(ACT, asked.model_dump(mode="json"), result_type=Taken)
                )
            except _CutOff:
                await asyncio.sleep(0.1)
            except Refused as refused:
                if refused.code is not Code.ENDED:
                    raise
                return await self._taken_before(ticket, asked.key, refused)
            else:
                return taken

    async def _taken_before(self, ticket: str, key: str, refused: Refused) -> Taken:
        """The answer to an action that an ended ticket took, or refused, while it lived."""
        found = await self.ticket(ticket)
        done = found.processed.get(key)
        if done is None:
            raise refused
        if done.refused is not None:
            raise Refused(Code(done.refused))
        return Taken(ticket_id=found.id, action=key, version=done.version)

    async def tell(self, ticket: str, action: Action | dict[str, Any]) -> None:
        """Ask without waiting. A refusal is written to the ticket's journal, not told here.

        Refused: not_found, ended (of the workflow itself), unknown_action, bad_input.
        """
        asked = parse_action(action)
        handle = await self._handle(ticket)
        await self._sent(handle.signal(TELL, asked.model_dump(mode="json")))

    async def ticket(self, ticket: str) -> Ticket:
        """The whole ticket, live from its workflow. Refused: not_found.

        One that ended longer ago than Temporal remembers is told by the ledger's journal, if this
        client has a ledger; its reporter's contact is not in there.
        """
        try:
            return await self._query(ticket, "ticket", Ticket)
        except Refused as refused:
            if refused.code is not Code.NOT_FOUND or self._ledger is None:
                raise
        return machine.relive([line.event for line in await self.journal(ticket)])

    async def ball(self, ticket: str) -> list[Task]:
        """Who must do what by when. Refused: not_found."""
        return await self._query(ticket, "ball", list[Task])

    async def clocks(self, ticket: str) -> list[Clock]:
        """The running clocks, the earliest first. Refused: not_found."""
        return await self._query(ticket, "clocks", list[Clock])

    async def find(
        self, wanted: Find | None = None, *, limit: int = 50, after: After | None = None
    ) -> Sequence[TicketLine]:
        """A page of the tickets wanted, from the ledger; the next: ``after=wanted.after(last)``."""
        return await self._views().find(wanted or Find(), limit, after)

    async def inbox(self, holder: str, limit: int = 100) -> Sequence[InboxLine]:
        """The tasks of a unit (its code) or a desk (``dispatcher``), the most urgent first."""
        return await self._views().inbox(holder, limit)

    async def notices(self, holder: str, limit: int = 100) -> Sequence[NoticeLine]:
        """What a unit or a desk was told, the newest first."""
        return await self._views().notices(holder, limit)

    async def journal(self, ticket: str) -> Sequence[Entry]:
        """All that has happened to a ticket, from the ledger. Refused: not_found."""
        entries = await self._views().journal(await self.ticket_id(ticket))
        if not entries:
            raise Refused(Code.NOT_FOUND, ticket=ticket)
        return entries

    async def ticket_id(self, ticket: str) -> str:
        """The id of a ticket given by id or by number. Refused: not_found."""
        if ticket.startswith("ticket/"):
            return ticket
        line = await self._views().ticket_line(ticket)
        if line is None:
            raise Refused(Code.NOT_FOUND, ticket=ticket)
        return line.id

    def _views(self) -> Views:
        if self._ledger is None:
            raise NeedsLedger("give Juanchi(ledger=...) to list, find or use ticket numbers")
        return self._ledger

    async def _handle(self, ticket: str) -> WorkflowHandle[Any, Any]:
        return self.temporal.get_workflow_handle(await self.ticket_id(ticket))

    async def _query(self, ticket: str, name: str, kind: type[T]) -> T:
        handle = await self._handle(ticket)
        answer: T = await self._sent(handle.query(name, result_type=kind))
        return answer

    async def _sent(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except WorkflowUpdateFailedError as failed:
            raise refusal_of(failed.cause) from None
        except WorkflowQueryFailedError as failed:
            raise Refused(Code.BAD_INPUT, where="query", problem=str(failed)) from None
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            if "aborted by closing workflow" in str(error):
                raise _CutOff from None
            ended = "already completed" in str(error)
            raise Refused(Code.ENDED if ended else Code.NOT_FOUND) from None


def refusal_of(cause: BaseException | None) -> BaseException:
    """The refusal that a workflow answered with, made whole again."""
    if isinstance(cause, ApplicationError) and cause.type == "AcceptedUpdateCompletedWorkflow":
        return Refused(Code.ENDED)
    if not isinstance(cause, ApplicationError) or cause.type not in list(Code):
        return cause or RuntimeError("the update failed without a cause")
    facts = cause.details[0] if cause.details else {}
    return Refused(Code(cause.type), **(facts if isinstance(facts, dict) else {}))


def parse_clue(data: dict[str, Any]) -> Clue:
    """A clue out of JSON-like data. Refused: bad_input, with what and where."""
    try:
        return Clue.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "clue"
        raise Refused(Code.BAD_INPUT, where=where, problem=first["msg"]) from None
