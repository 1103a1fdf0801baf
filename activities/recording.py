"""The ledger's pen."""

from temporalio import activity

from juanchi.domain.recording import Receipt, Recording
from juanchi.ledger.writer import LedgerWriter


class RecordingActivities:
    """Writes turns to the ledger; idempotent by (ticket, seq)."""

    def __init__(self, writer: LedgerWriter) -> None:
        self._writer = writer

    @activity.defn
    async def record(self, recording: Recording) -> Receipt:
        """Write a turn: journal, row, tasks and notices, in one transaction."""
        return await self._writer.record(recording)
