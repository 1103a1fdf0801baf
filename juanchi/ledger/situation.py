"""Reads what holds beside the lists: rulings that are precedents, and incidents."""

from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.situation import Incident, Precedent, Situation
from juanchi.ledger.fresh import FRESH_FOR, Fresh

# Rulings are only ever added, incidents added and ended: what has changed shows in these.
_MARK: Final = text("""
SELECT r.count, r.at, i.count, i.ended FROM
    (SELECT count(*), max(at) AS at FROM rulings) r,
    (SELECT count(*), count(ended_at) AS ended FROM incidents) i
""")
_PRECEDENTS: Final = text("""
SELECT DISTINCT ON (item, region) number AS ruling, item, region, lead, assisting,
    interim_until AS until, at AS since
FROM rulings ORDER BY item, region, at DESC, number DESC
""")
_RULINGS: Final = text("""
SELECT number AS ruling, item, region, lead, assisting, interim_until AS until, at AS since
FROM rulings ORDER BY at, number
""")
_INCIDENTS: Final = text("""
SELECT code, name, region, items, reason, begins, ends FROM incidents
WHERE ended_at IS NULL AND (ends IS NULL OR ends > now()) ORDER BY begins, code
""")


async def rulings_ever(engine: AsyncEngine) -> tuple[Precedent, ...]:
    """All rulings as precedents, the eldest first, also those that others have followed."""
    async with engine.connect() as connection:
        found = (await connection.execute(_RULINGS)).mappings()
        return tuple(Precedent.model_validate(dict(row)) for row in found)


class _Read(NamedTuple):
    mark: tuple[Any, ...]
    situation: Situation


class SituationReader:
    """The situation, kept in memory: routing a ticket costs no query."""

    def __init__(self, engine: AsyncEngine, fresh_for: float = FRESH_FOR) -> None:
        self._engine = engine
        self._found = Fresh(self._read, fresh_for)

    async def situation(self) -> Situation:
        """The situation, at most about a second old."""
        return (await self._found.get()).situation

    async def _read(self, has: _Read | None) -> _Read:
        async with self._engine.connect() as connection:
            mark = tuple((await connection.execute(_MARK)).one())
            if has is not None and has.mark == mark:
                return has
            precedents = (await connection.execute(_PRECEDENTS)).mappings()
            incidents = (await connection.execute(_INCIDENTS)).mappings()
            situation = Situation(
                precedents=tuple(Precedent.model_validate(dict(row)) for row in precedents),
                incidents=tuple(Incident.model_validate(dict(row)) for row in incidents),
            )
        return _Read(mark, situation)
