"""The ledger's pen."""

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from juanchi.domain.recording import Receipt, Recording
from juanchi.ledger.errors import JournalConflict
from juanchi.ledger.standing import standing
from juanchi.ledger.writer import LedgerWriter

log = structlog.get_logger(__name__)


class RecordingActivities:
    """Writes turns to the ledger; idempotent by (ticket, seq)."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = LedgerWriter(engine)

    @activity.defn
    async def record(self, recording: Recording) -> Receipt:
        """Write a turn: journal, row, tasks and notices, in one transaction.

        When the journal already holds another turn at this place, that one stands, and the receipt
        brings it back: the workflow task that wrote it was lost after the writing.
        """
        try:
            return await self._writer.record(recording)
        except JournalConflict as conflict:
            log.warning("the journal stands", ticket=conflict.ticket_id, seq=conflict.seq)
            return await standing(self._engine, recording)
