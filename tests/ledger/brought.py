"""What channels bring, for tests: clues, unreadable things, a channel."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.channels import RegisteredChannel, Unreadable
from juanchi.domain.ticket import Clue
from juanchi.ledger.channel_tables import ArrivalRow

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)


def clue(external_id: str, channel: str = "wall", **more: Any) -> Clue:
    """A clue that nobody has sent before."""
    told = {"text": f"The lamp at house {external_id} is dark", "reported_at": NOW, **more}
    return Clue.model_validate({"channel": channel, "external_id": external_id, **told})


def poison(external_id: str, raw: str = "<item><") -> Unreadable:
    """Something that cannot be read."""
    return Unreadable(external_id=external_id, problem="it ends in the middle", raw=raw)


def registered(code: str = "feed-1", **more: Any) -> RegisteredChannel:
    """A feed, as an operator registers it."""
    told = {"name": "Village feed", "kind": "feed", "adapter": "feed", **more}
    return RegisteredChannel.model_validate({"code": code, **told})


async def row(engine: AsyncEngine, external_id: str, channel: str = "wall") -> ArrivalRow:
    """An arrival as it lies in the ledger."""
    query = select(*ArrivalRow.__table__.columns)
    query = query.where(ArrivalRow.channel == channel, ArrivalRow.external_id == external_id)
    async with engine.connect() as connection:
        found: Any = (await connection.execute(query)).one()
    return found  # type: ignore[no-any-return]
