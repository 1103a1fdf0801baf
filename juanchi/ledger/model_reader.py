"""The models in force, as workers read them: rarely, and never stale for long."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain.models import ModelKind
from juanchi.ledger.fresh import FRESH_FOR, Fresh
from juanchi.ledger.model_tables import ModelJournalRow, ModelRow
from juanchi.ledger.models import standing

M = TypeVar("M")


class InForce(NamedTuple, Generic[M]):
    """The models in force, loaded; ``entry`` is the last line of the journal that they follow.

    ``ids`` has those in force, ``loaded`` only those of them that could be read.
    """

    entry: int
    ids: Mapping[ModelKind, int]
    loaded: Mapping[ModelKind, M]


class ModelReader(Generic[M]):
    """The models in force, kept in memory; a model's bytes are read only when it becomes so.

    ``load`` makes a model of its bytes, in a thread; None when it cannot: then there is none.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        load: Callable[[ModelKind, int, bytes], M | None],
        fresh_for: float = FRESH_FOR,
    ) -> None:
        self._engine = engine
        self._load = load
        self._now: Fresh[InForce[M]] = Fresh(self._read, fresh_for)

    async def in_force(self) -> InForce[M]:
        """The models, at most about a second old. Raises what the ledger raises."""
        return await self._now.get()

    async def _read(self, has: InForce[M] | None) -> InForce[M]:
        async with self._engine.connect() as connection:
            newest = await connection.scalar(select(func.max(ModelJournalRow.id))) or 0
            if has is not None and newest == has.entry:
                return has
            ids = await standing(connection)
            loaded = {
                kind: await self._model(connection, kind, id_, has) for kind, id_ in ids.items()
            }
        return InForce(newest, ids, {k: one for k, one in loaded.items() if one is not None})

    async def _model(
        self, connection: AsyncConnection, kind: ModelKind, id_: int, has: InForce[M] | None
    ) -> M | None:
        if has is not None and has.ids.get(kind) == id_:
            return has.loaded.get(kind)
        data = await connection.scalar(select(ModelRow.blob).where(ModelRow.id == id_))
        return await asyncio.to_thread(self._load, kind, id_, data or b"")
