"""The city's lists as they were in force at moments of the past."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import Self

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.ledger.city import City, city_at
from juanchi.ledger.city_tables import BatchRow
from juanchi.ledger.errors import NoCity


class ListsThen:
    """Finds the batch that was in force at a moment; each is read once, when first asked for."""

    def __init__(self, engine: AsyncEngine, loaded: Sequence[tuple[datetime, int]]) -> None:
        self._engine = engine
        self._loaded = loaded
        self._cities: dict[int, City] = {}

    @classmethod
    async def of(cls, engine: AsyncEngine) -> Self:
        """Those of a ledger. Raises ``NoCity`` when none was ever loaded."""
        async with engine.connect() as connection:
            found = await connection.execute(
                select(BatchRow.loaded_at, BatchRow.id).order_by(BatchRow.id)
            )
            loaded = [(at, batch) for at, batch in found]
        if not loaded:
            raise NoCity
        return cls(engine, loaded)

    async def at(self, moment: datetime) -> City:
        """The city in force at a moment; before the first batch, that of the first."""
        later = bisect_right(self._loaded, moment, key=lambda one: one[0])
        _, batch = self._loaded[max(0, later - 1)]
        if batch not in self._cities:
            self._cities[batch] = await city_at(self._engine, batch)
        return self._cities[batch]
