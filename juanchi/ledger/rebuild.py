"""Drop the journals' views and build them again: tickets, tasks, clues, merges, orders, rulings,
changes of the lists, and what is remembered of clues; and count contributors anew.

Not views, and left alone: the journal, reporters (contact data is only there), notices, numbers,
incidents.
"""

from collections.abc import Callable, Collection, Sequence, Set

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain.base import Value
from juanchi.ledger.contributor_audit import erased, recount
from juanchi.ledger.derived import VIEWS, Rows, view_rows
from juanchi.ledger.duty_audit import rebuild_duty_changes
from juanchi.ledger.errors import JournalDamaged
from juanchi.ledger.journal import CHUNK, Life, fold_journal, some
from juanchi.ledger.retrace import retrace
from juanchi.ledger.tables import JournalRow, TicketRow

Progress = Callable[[int, int], None]
"""Called with how many tickets are done, and how many there were at the start."""


class Rebuilt(Value):
    """What a rebuild did. ``damaged``: the journals that do not fold; their old rows stay."""

    tickets: int
    dropped: int
    duty_changes: int = 0
    traces: int = 0
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
            views, bad = _fold(await some(connection, ids), await erased(connection))
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
    duties = await rebuild_duty_changes(engine)
    traces = await retrace(engine)
    await recount(engine)
    return Rebuilt(
        tickets=built,
        dropped=dropped,
        duty_changes=duties.changes,
        traces=traces,
        damaged=(*damaged.values(), *duties.damaged),
    )


async def _next_ids(connection: AsyncConnection, last: str, chunk: int) -> list[str]:
    query = (
        select(JournalRow.ticket_id)
        .where(JournalRow.ticket_id > last)
        .distinct()
        .order_by(JournalRow.ticket_id)
        .limit(chunk)
    )
    return list((await connection.scalars(query)).all())


def _fold(lives: Sequence[Life], gone: Set[str]) -> tuple[Rows, dict[str, str]]:
    """The views' rows, and what is wrong with the journals that give none, by ticket."""
    views: Rows = {table: [] for table in VIEWS}
    damaged: dict[str, str] = {}
    for life in lives:
        try:
            entries = life.entries()
            ticket = fold_journal(entries)
        except JournalDamaged as error:
            damaged[life.ticket_id] = str(error)
            continue
        for table, rows in view_rows(ticket, entries[-1].event.at, gone).items():
            views[table] += rows
    return views, damaged


async def _drop(
    connection: AsyncConnection, last: str, end: str | None, keep: Collection[str]
) -> int:
    """Delete what the views hold after ``last`` up to ``end``; returns how many tickets' rows."""
    dropped = 0
    for table, column in VIEWS.items():
        query = delete(table).where(column > last, column.not_in(keep))
        if end is not None:
            query = query.where(column <= end)
        gone = await connection.execute(query)
        if table is TicketRow:
            dropped = gone.rowcount
    return dropped
