"""Proves the invariants on the whole ledger, and the ledger against Temporal.

Everything is read in one snapshot: since a turn is written whole or not at all, an audit of a
ledger in full use finds nothing that is not wrong.
"""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain.base import Value
from juanchi.domain.ticket import Ticket
from juanchi.ledger.arrival_audit import ArrivalFindings, audit_arrivals
from juanchi.ledger.derived import VIEWS, Rows
from juanchi.ledger.duty_audit import DutyFindings, audit_duty_changes
from juanchi.ledger.errors import JournalDamaged
from juanchi.ledger.journal import Life, stream
from juanchi.ledger.proof import ended_rightly, has_ball, rows_differ
from juanchi.ledger.trail import live

SHOWN = 50
"""How many problems a report tells of; it counts them all."""

Progress = Callable[[int], None]
"""Called with how many tickets have been looked at."""


class AuditReport(Value):
    """What was looked at, and the first problems, each a sentence that begins with its ticket.

    ``arrivals``: how many of those that channels ever brought are in which state.
    """

    tickets: int
    events: int
    open: int
    closed: int
    archived: int
    rungs: int
    duty_changes: int = 0
    arrivals: dict[str, int] = Field(default_factory=dict)
    problems_found: int
    problems: tuple[str, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether every invariant holds."""
        return self.problems_found == 0


async def audit(
    engine: AsyncEngine,
    open_workflows: Collection[str] | None = None,
    progress: Progress | None = None,
    *,
    now: datetime | None = None,
) -> AuditReport:
    """Look at every ticket, every change of the lists, and every arrival.

    ``open_workflows``: the ids of all their workflows that run in Temporal, taken while nothing
    moved; without it the ledger alone is audited.
    """
    started = time.perf_counter()
    async with engine.connect() as connection:
        await connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        if now is None:
            now = (await connection.execute(select(func.now()))).scalar_one()
        found = _Findings(now)
        async for lives in stream(connection):
            rows = await _rows_of(connection, [life.ticket_id for life in lives])
            for life in lives:
                found.look(life, rows[life.ticket_id])
            if progress is not None:
                progress(found.tickets)
        found.take_up(await audit_duty_changes(connection, now))
        found.take_in(await audit_arrivals(connection, now))
        for ticket_id, table in await _strays(connection):
            found.tell(ticket_id, f"it has a row in {table} but no journal")
    found.compare_merges()
    if open_workflows is not None:
        found.compare_workflows(set(open_workflows))
    return found.report(time.perf_counter() - started)


class _Findings:
    """What the audit has seen so far."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.tickets = self.events = self.open = self.closed = self.archived = self.rungs = 0
        self.duty_changes = 0
        self.arrivals: dict[str, int] = {}
        self.problems_found = 0
        self.problems: list[str] = []
        self._alive: set[str] = set()
        self._known: set[str] = set()
        self._merged: list[tuple[str, str]] = []
        self._voices: dict[str, tuple[str, ...]] = {}

    def tell(self, ticket_id: str, problem: str) -> None:
        self.problems_found += 1
        if len(self.problems) < SHOWN:
            self.problems.append(f"{ticket_id}: {problem}")

    def look(self, life: Life, rows: Rows) -> None:
        """Everything that one ticket's journal and rows can tell."""
        self.tickets += 1
        self._known.add(life.ticket_id)
        try:
            entries = life.entries()
            self.events += len(entries)
            lived = live(life.ticket_id, entries)
        except JournalDamaged as error:
            self.tell(life.ticket_id, error.problem)
            return
        ticket, last = lived.ticket, lived.last
        self._count(ticket, entries)
        for problems in (
            lived.problems,
            ended_rightly(ticket),
            has_ball(ticket, last, self.now),
            rows_differ(ticket, last, rows),
        ):
            self._tell_all(life.ticket_id, problems)

    def _tell_all(self, ticket_id: str, problems: Iterable[str]) -> None:
        for problem in problems:
            self.tell(ticket_id, problem)

    def _count(self, ticket: Ticket, entries: Sequence[Any]) -> None:
        self.rungs += sum(entry.event.kind == "rang" for entry in entries)
        self.open += ticket.open
        self.archived += ticket.archived
        self.closed += not ticket.open and not ticket.archived
        if not ticket.archived or ticket.undelivered:
            self._alive.add(ticket.id)
        if ticket.voices:
            self._voices[ticket.id] = ticket.voices
        if ticket.ending and ticket.ending.into:
            self._merged.append((ticket.id, ticket.ending.into))

    def take_up(self, duties: DutyFindings) -> None:
        """What was found of changes of the lists: they have workflows like tickets."""
        self.duty_changes = duties.changes
        self._known |= duties.known
        self._alive |= duties.alive
        for problem in duties.problems:
            self.tell(problem.where, problem.told)

    def take_in(self, arrivals: ArrivalFindings) -> None:
        """What was found of all that channels brought."""
        self.arrivals = arrivals.by_state
        for breach in arrivals.breaches:
            self.tell(breach.where, breach.told)

    def compare_merges(self) -> None:
        """A merged matter lives on in its survivor."""
        for ticket_id, into in self._merged:
            if into not in self._known:
                self.tell(ticket_id, f"it was merged into {into}, which is not in the ledger")
            elif ticket_id not in self._voices.get(into, ()):
                self.tell(ticket_id, f"it was merged into {into}, which does not speak for it")

    def compare_workflows(self, running: set[str]) -> None:
        """What is not over has its workflow, and every workflow its ticket or change."""
        for ticket_id in sorted(self._alive - running):
            self.tell(ticket_id, "it is not over but has no open workflow")
        for ticket_id in sorted(running - self._alive):
            why = "it is over" if ticket_id in self._known else "the ledger does not know it"
            self.tell(ticket_id, f"its workflow is open but {why}")

    def report(self, seconds: float) -> AuditReport:
        """The whole of it."""
        return AuditReport(
            tickets=self.tickets,
            events=self.events,
            open=self.open,
            closed=self.closed,
            archived=self.archived,
            rungs=self.rungs,
            duty_changes=self.duty_changes,
            arrivals=self.arrivals,
            problems_found=self.problems_found,
            problems=tuple(self.problems),
            seconds=seconds,
        )


async def _rows_of(connection: AsyncConnection, ids: list[str]) -> dict[str, Rows]:
    found: dict[str, Rows] = {id_: {view: [] for view in VIEWS} for id_ in ids}
    for view, key in VIEWS.items():
        query = select(*view.__table__.columns).where(key == func.any(ids))
        for row in (await connection.execute(query)).mappings():
            found[row[key.key]][view].append(dict(row))
    return found


async def _strays(connection: AsyncConnection) -> list[tuple[str, str]]:
    """Rows of views whose ticket has no journal at all."""
    strays: list[tuple[str, str]] = []
    for table, key in VIEWS.items():
        name = table.__tablename__
        query = text(
            f"SELECT DISTINCT {key.key} FROM {name} WHERE NOT EXISTS "  # noqa: S608 - own names
            f"(SELECT FROM journal WHERE journal.ticket_id = {name}.{key.key})"
        )
        strays += [(id_, name) for id_ in (await connection.scalars(query)).all()]
    return strays
