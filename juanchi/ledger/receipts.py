"""What a sender may be told about what it sent."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.ledger.channel_tables import ArrivalRow


async def new_at(
    engine: AsyncEngine, channel: str, external_ids: Sequence[str], read_at: datetime
) -> frozenset[str]:
    """Those of the arrivals that were new when they were kept at that moment.

    Told after they were kept: by then one may be a ticket already.
    """
    row = ArrivalRow
    query = select(row.external_id).where(
        row.channel == channel,
        row.external_id.in_(external_ids),
        # One that could not be read before, and now could, was new then too.
        or_(row.first_at == read_at, row.since == read_at),
    )
    async with engine.connect() as connection:
        return frozenset(await connection.scalars(query))
