"""Drop the journal's views and build them again: tickets, tasks, clues and merges.

Not views, and left alone: the journal, reporters (contact data is only there), notices, numbers.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Final

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.orm import InstrumentedAttribute

from juanchi.domain.base import Value
from juanchi.ledger.errors import JournalDamaged
from juanchi.ledger.journal import CHUNK, Life, fold_journal, some
from juanchi.ledger.rows import Row, clue_row, merge_row, task_rows, ticket_row
from juanchi.ledger.tables import ClueRow, JournalRow, MergeRow, Table, TaskRow, TicketRow

Progress = Callable[[int, int], None]
"""Called with how many tickets are done, and how many there were at the start."""


class Rebuilt(Value):
    """What a rebuild did. ``damaged``: the journals that do not fold; their old rows stay."""

    tickets: int
    dropped: int
    damaged: tuple[str, ...] = ()


async def rebuild(
    engine: AsyncEngine, progress: Progress | None = None, chunk: int = CHUNK
) -> Rebuilt:
    """Build all views anew, ``chunk`` tickets a transaction; workers may go on writing."""
    async with engine.connect() as connection:
        count = select(func.count()).select_from(JournalRow).where(JournalRow.seq == 1)
        total = await connection.scalar(count) or 0
    last, done, dropped = "", 0, 0
    damaged: dict[str, str] = {}
    while True:
        async with engine.begin() as connection:
            # Every turn that a writer records takes this table's ordinary lock before it looks:
            # it is over and seen by what follows, or waits and then sees this chunk.
            await connection.execute(text("LOCK TABLE tickets IN SHARE ROW EXCLUSIVE MODE"))
            ids = await _next_ids(connection, last, chunk)
            views, bad = _fold(await some(connection, ids))
            end = None if len(ids) < chunk else ids[-1]
            dropped += await _drop(connection, last, end, keep=bad)
            for table, rows in views.items():
                if rows:
                    await connection.execute(insert(table), rows)
        damaged |= bad
        done += len(ids)
        if progress is not None:
            progress(done, max(total, done))
        if end is None:
            break
        last = end
    built = done - len(damaged)
    return Rebuilt(tickets=built, dropped=dropped, damaged=tuple(damaged.values()))


async def _next_ids(connection: AsyncConnection, last: str, chunk: int) -> list[str]:
    query = (
        select(JournalRow.ticket_id)
        .where(JournalRow.ticket_id > last)
        .distinct()
        .order_by(JournalRow.ticket_id)
        .limit(chunk)
    )
    return list((await connection.scalars(query)).all())


def _fold(lives: Sequence[Life]) -> tuple[dict[type[Table], list[Row]], dict[str, str]]:
    """The views' rows, and what is wrong with the journals that give none, by ticket."""
    views: dict[type[Table], list[Row]] = {table: [] for table, _ in _VIEWS}
    damaged: dict[str, str] = {}
    for life in lives:
        try:
            entries = life.entries()
            ticket = fold_journal(entries)
        except JournalDamaged as error:
            damaged[life.ticket_id] = str(error)
            continue
        views[TicketRow].append(ticket_row(ticket, entries[-1].event.at))
        views[TaskRow] += task_rows(ticket)
        views[ClueRow].append(clue_row(ticket))
        if merge := merge_row(ticket):
            views[MergeRow].append(merge)
    return views, damaged


async def _drop(
    connection: AsyncConnection, last: str, end: str | None, keep: Collection[str]
) -> int:
    """Delete what the views hold after ``last`` up to ``end``; returns how many tickets' rows."""
    dropped = 0
    for table, column in _VIEWS:
        query = delete(table).where(column > last, column.not_in(keep))
        if end is not None:
            query = query.where(column <= end)
        gone = await connection.execute(query)
        if table is TicketRow:
            dropped = gone.rowcount
    return dropped


_VIEWS: Final[tuple[tuple[type[Table], InstrumentedAttribute[str]], ...]] = (
    (TicketRow, TicketRow.id),
    (TaskRow, TaskRow.ticket_id),
    (ClueRow, ClueRow.ticket_id),
    (MergeRow, MergeRow.ticket_id),
)
