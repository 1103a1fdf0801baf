"""Writes tickets' turns: many at once in one transaction, each exactly once."""

from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.recording import Receipt, Recording
from juanchi.ledger.batching import Batches
from juanchi.ledger.errors import (
    JournalConflict,
    LedgerError,
    LedgerUnavailable,
    Unrecordable,
)
from juanchi.ledger.failures import CONFLICT, away, bad_data, sqlstate, told
from juanchi.ledger.writing import RECORD, Prepared, parameters, prepare


class LedgerWriter:
    """The one way into the journal and its views. One for each process and event loop."""

    def __init__(self, engine: AsyncEngine) -> None:
        # One statement is its own transaction: no BEGIN and COMMIT to wait for.
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
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
        async with self._engine.connect() as connection:
            result = await connection.exec_driver_sql(RECORD, parameters(batch))
            hooked = {key for (key,) in result}
        return [tuple(row["key"] for row in one.notices if row["key"] in hooked) for one in batch]


def _meaning(error: Exception, prepared: Prepared) -> LedgerError:
    if sqlstate(error) == CONFLICT:
        ticket_id, _, seq = told(error).rpartition("#")
        return JournalConflict(prepared.ticket_id, int(seq))
    if bad_data(error):
        return Unrecordable(f"{prepared.ticket_id}: {told(error)}")
    return LedgerUnavailable(told(error))
