"""What the audit checks of changes of the lists, and how their view is built anew."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain.duty_change import machine
from juanchi.domain.duty_change.ball import duty_tasks
from juanchi.domain.duty_change.change import DutyChange, DutyPhase, change_id
from juanchi.domain.duty_change.clocks import earliest
from juanchi.domain.duty_change.events import DutyEntry
from juanchi.ledger.city_tables import BatchRow
from juanchi.ledger.duty_changes import change_row, parsed
from juanchi.ledger.duty_tables import DutyChangeRow, DutyJournalRow, FilingRow
from juanchi.ledger.errors import JournalDamaged
from juanchi.ledger.rows import Row

ENGINE_GRACE: Final = timedelta(minutes=10)
"""How long the engine may have the ball before somebody should look."""


class Problem(NamedTuple):
    """What is wrong with which change; ``where`` is the id of its workflow."""

    where: str
    told: str


class DutyLife(NamedTuple):
    """A change's journal and where it leads."""

    change: DutyChange
    entries: list[DutyEntry]

    @property
    def row(self) -> Row:
        """The row that its journal gives."""
        return change_row(self.change, self.entries[0].event.at, self.entries[-1].event.at)


class DutyFindings(NamedTuple):
    """What was found: how many changes, which must have an open workflow, and what is wrong."""

    changes: int
    known: frozenset[str]
    alive: frozenset[str]
    problems: tuple[Problem, ...]


async def audit_duty_changes(connection: AsyncConnection, now: datetime) -> DutyFindings:
    """Look at every change: its journal, its row, its batch."""
    lives, problems = await _lives(connection)
    rows = {row["number"]: row for row in await _all(connection, DutyChangeRow)}
    batches: dict[str, list[int]] = {}
    for by, batch in (await connection.execute(select(BatchRow.by, BatchRow.id))).all():
        batches.setdefault(by, []).append(batch)
    for number, life in lives.items():
        where = change_id(number)
        told = [*_row_wrong(life, rows.pop(number, None)), *_batch_wrong(life, batches.get(where))]
        told += _stands_still(life, now)
        problems += [Problem(where, one) for one in told]
    damaged = {problem.where for problem in problems}
    for number in rows:
        if change_id(number) not in damaged:
            problems.append(Problem(change_id(number), "it has a row but no journal"))
    filed = await _all(connection, FilingRow)
    for row in filed:
        begun = row["number"] in lives or change_id(row["number"]) in damaged
        if not begun and now - row["at"] > ENGINE_GRACE:
            problems.append(Problem(change_id(row["number"]), "it was filed but never began"))
    return DutyFindings(
        changes=len(filed),
        known=frozenset(change_id(row["number"]) for row in filed),
        alive=frozenset(life.change.id for life in lives.values() if life.change.open),
        problems=tuple(problems),
    )


class DutiesRebuilt(NamedTuple):
    """How many rows were built, and what is wrong with the journals whose old rows stay."""

    changes: int
    damaged: tuple[str, ...]


async def rebuild_duty_changes(engine: AsyncEngine) -> DutiesRebuilt:
    """Build ``duty_changes`` anew from the journal, while workers may go on writing."""
    async with engine.begin() as connection:
        # Every turn writes its row under this table's ordinary lock: before this, or after it.
        await connection.execute(text("LOCK TABLE duty_changes IN SHARE ROW EXCLUSIVE MODE"))
        lives, problems = await _lives(connection)
        bad = {problem.where for problem in problems}
        gone = func.concat("duty-change/", DutyChangeRow.number).not_in(bad)
        await connection.execute(delete(DutyChangeRow).where(gone))
        if rows := [life.row for life in lives.values()]:
            await connection.execute(insert(DutyChangeRow), rows)
    told = tuple(f"{problem.where}: {problem.told}" for problem in problems)
    return DutiesRebuilt(len(lives), told)


async def _all(connection: AsyncConnection, table: Any) -> list[dict[str, Any]]:
    found = await connection.execute(select(*table.__table__.columns))
    return [dict(row) for row in found.mappings()]


async def _lives(connection: AsyncConnection) -> tuple[dict[str, DutyLife], list[Problem]]:
    query = select(DutyJournalRow.number, DutyJournalRow.seq, DutyJournalRow.event)
    query = query.order_by(DutyJournalRow.number, DutyJournalRow.seq)
    rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    lives: dict[str, DutyLife] = {}
    problems: list[Problem] = []
    for number, group in groupby(rows, key=lambda row: row["number"]):
        own = [{"seq": row["seq"], "event": row["event"]} for row in group]
        try:
            lives[number] = _folded(number, own)
        except JournalDamaged as damaged:
            problems.append(Problem(change_id(number), damaged.problem))
    return lives, problems


def _folded(number: str, rows: list[dict[str, Any]]) -> DutyLife:
    entries = parsed(number, rows)
    if [entry.seq for entry in entries] != list(range(1, len(entries) + 1)):
        raise JournalDamaged(change_id(number), "an entry of its journal is missing")
    try:
        change = machine.relive([entry.event for entry in entries])
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        problem = f"its journal does not fold: {error!r}"
        raise JournalDamaged(change_id(number), problem) from error
    return DutyLife(change, entries)


def _row_wrong(life: DutyLife, has: dict[str, Any] | None) -> Iterator[str]:
    if has is None:
        yield "its row in duty_changes is missing"
        return
    for name, value in life.row.items():
        if has[name] != value:
            yield f"duty_changes.{name} is {has[name]!r}, the journal says {value!r}"


def _batch_wrong(life: DutyLife, batches: list[int] | None) -> Iterator[str]:
    """What is in force is in the lists exactly once, and nothing else is."""
    wanted = [] if life.change.batch is None else [life.change.batch]
    if (batches or []) != wanted:
        yield f"its batches are {batches or []}, the journal says {wanted}"
    if (life.change.phase is DutyPhase.IN_FORCE) != (life.change.batch is not None):
        yield f"it is {life.change.phase.value} with batch {life.change.batch}"


def _stands_still(life: DutyLife, now: datetime) -> Iterator[str]:
    """Somebody has the ball, and what has come due has been done."""
    change, last = life.change, life.entries[-1].event.at
    if not change.open:
        return
    if machine.wants(change) is not None:
        if now - last > ENGINE_GRACE:
            yield f"it waits for the engine since {last.isoformat()}"
        return
    when = earliest(change)
    if when is None:
        yield "it is open but nothing will ever wake it"
    elif now - when > ENGINE_GRACE:
        yield f"what was due at {when.isoformat()} has not been done"
    if change.phase is not DutyPhase.APPROVED and not duty_tasks(change):
        yield "it is open but nobody must do anything by any time"
