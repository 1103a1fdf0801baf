"""The ledger's pen."""

from temporalio import activity

from juanchi.domain.recording import Receipt, Recording
from juanchi.ledger.errors import JournalConflict
from juanchi.ledger.writer import LedgerWriter


class RecordingActivities:
    """Writes turns to the ledger; idempotent by (ticket, seq)."""

    def __init__(self, writer: LedgerWriter) -> None:
        self._writer = writer

    @activity.defn
    async def record(self, recording: Recording) -> Receipt:
        """Write a turn: journal, row, tasks and notices, in one transaction."""
        try:
            return await self._writer.record(recording)
        except JournalConflict as conflict:
            # The journal remembers a clue for ever, Temporal only for its retention time.
            if conflict.seq == 1:
                return Receipt(lived_before=True)
            raise
