"""Channels as those who watch them see them: registered, changed when, read how."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import Text

from juanchi.domain.channels import TRIES, ArrivalState, ChannelState, RegisteredChannel
from juanchi.domain.watching import Watched
from juanchi.ledger.channel_tables import ArrivalRow, ChannelJournalRow, RegistryRow
from juanchi.ledger.channels import Channels


async def watched(engine: AsyncEngine, code: str) -> Watched | None:
    """One channel; None if it is not registered."""
    if "\0" in code:
        return None
    rows = await _registered(engine, RegistryRow.code == code)
    if not rows:
        return None
    channel, changed_at = rows[0]
    state = await Channels(engine).state(code)
    return Watched(channel=channel, state=state, changed_at=changed_at)


async def all_watched(engine: AsyncEngine) -> list[Watched]:
    """All that are registered, by code."""
    rows = await _registered(engine)
    states = await Channels(engine).states()
    return [
        Watched(
            channel=channel,
            state=states.get(channel.code, ChannelState(code=channel.code)),
            changed_at=changed_at,
        )
        for channel, changed_at in rows
    ]


async def will_be_tried(engine: AsyncEngine, channel: str, ids: Collection[str]) -> bool:
    """Whether any of these, which could not be read just now, has tries left after this one."""
    if not ids:
        return False
    settled = select(ArrivalRow.external_id).where(
        ArrivalRow.channel == channel,
        ArrivalRow.external_id == any_(literal(list(ids), ARRAY(Text))),
        ~((ArrivalRow.state == ArrivalState.UNREADABLE) & (ArrivalRow.tries + 1 < TRIES)),
    )
    async with engine.connect() as connection:
        found = set(await connection.scalars(settled))
    return not found.issuperset(ids)


async def _registered(
    engine: AsyncEngine, wanted: ColumnElement[bool] | None = None
) -> Sequence[tuple[RegisteredChannel, datetime]]:
    query = select(RegistryRow.body, ChannelJournalRow.at).join(
        ChannelJournalRow, ChannelJournalRow.id == RegistryRow.version
    )
    if wanted is not None:
        query = query.where(wanted)
    async with engine.connect() as connection:
        rows = (await connection.execute(query.order_by(RegistryRow.code))).all()
    return [(RegisteredChannel.model_validate(row.body), row.at) for row in rows]
