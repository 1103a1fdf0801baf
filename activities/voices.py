"""Those who reported the same matter, told page by page that the reply stands."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from juanchi.domain.ticket import Ticket
from juanchi.domain.voices import AnswerVoices, AnswerVoicesResult
from juanchi.ledger.voices import tell_voices


class VoicesActivities:
    """Tells voices. Repeating a page is harmless: each notice has its key."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @activity.defn
    async def answer_voices(self, ticket: Ticket, step: AnswerVoices) -> AnswerVoicesResult:
        """Tell the next page. Raises what the ledger raises while it is away."""
        return await tell_voices(self._engine, ticket.id, step, datetime.now(UTC))
