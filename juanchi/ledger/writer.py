"""Writes tickets' turns: many at once in one transaction, each exactly once."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.turn import Receipt, Recording
from juanchi.ledger.batching import Batches
from juanchi.ledger.errors import (
    JournalConflict,
    LedgerError,
    LedgerUnavailable,
    Unrecordable,
)
from juanchi.ledger.failures import away, bad_data, told
from juanchi.ledger.writing import Prepared, Statement, prepare, statement, unmerged

# By how the ticket stands, not by what was written: an older turn may come late.
_UNMERGE: Final = """
DELETE FROM merges USING tickets
WHERE merges.ticket_id = ANY($1::text[]) AND tickets.id = merges.ticket_id
    AND tickets.merged_into IS NULL
"""


class LedgerWriter:
    """The one way into the journal and its views. One for each process and event loop."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._batches = Batches(self._flush, away)

    async def record(self, recording: Recording) -> Receipt:
        """Write a turn of a ticket, and return which of its notices have a webhook to go to.

        Idempotent by (ticket, seq): repeated, it changes nothing and returns the same receipt. An
        older turn that comes late joins the journal but never overwrites a newer ticket row.

        Raises ``JournalConflict`` when the journal holds another event at this place,
        ``Unrecordable`` for values PostgreSQL refuses, ``LedgerUnavailable`` when the database is
        away (try again), ``ValueError`` when the entries do not lead to the ticket's version.
        """
        prepared = prepare(recording)
        try:
            keys = await self._batches.submit(prepared)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            # One error object may be shared by a whole batch: each caller raises its own.
            raise _meaning(error, prepared) from error
        return Receipt(webhooks=keys)

    async def _flush(self, batch: Sequence[Prepared]) -> list[tuple[str, ...]]:
        wanted, back = statement(batch), unmerged(batch)
        try:
            hooked = await self._execute(wanted, back)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            # The server was restarted under an idle connection; writing twice is harmless.
            hooked = await self._execute(wanted, back)
        return [tuple(row["key"] for row in one.notices if row["key"] in hooked) for one in batch]

    async def _execute(self, wanted: Statement, back: list[str]) -> set[str]:
        async with self._engine.begin() as connection:
            # PostgreSQL keeps the statement's plan; made while the tables were small, it would
            # read them whole ever after.
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            result = await connection.exec_driver_sql(wanted.sql, wanted.parameters)
            hooked: set[str] = set()
            clashes: list[tuple[str, int]] = []
            for row in result.mappings():
                if row["seq"] is None:
                    hooked.add(row["key"])
                else:
                    clashes.append((row["key"], row["seq"]))
            if clashes:
                # Undoes the batch. Perhaps another process wrote the same event this moment, and
                # its row could not be seen yet: the second try, alone, will tell.
                raise JournalConflict(*min(clashes))
            if back:
                await connection.exec_driver_sql(_UNMERGE, (back,))
            return hooked


def _meaning(error: Exception, prepared: Prepared) -> LedgerError:
    if bad_data(error):
        return Unrecordable(f"{prepared.ticket_id}: {told(error)}")
    return LedgerUnavailable(told(error))
