"""Incidents (storms) as they are declared and ended; not a view of any journal."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain.lines import IncidentLine
from juanchi.domain.situation import Incident
from juanchi.ledger.errors import IncidentKnown, NoIncident
from juanchi.ledger.supervision_tables import IncidentRow


async def begin_incident(engine: AsyncEngine, incident: Incident, by: str) -> IncidentLine:
    """Declare an incident; the same one again changes nothing.

    Raises ``IncidentKnown`` when its code names another one.
    """
    async with engine.begin() as connection:
        await connection.execute(
            insert(IncidentRow)
            .values(**incident.model_dump(), by=by)
            .on_conflict_do_nothing(index_elements=["code"])
        )
        stands = await _one(connection, incident.code)
    if stands.incident != incident:
        raise IncidentKnown(incident.code)
    return stands


async def end_incident(engine: AsyncEngine, code: str, at: datetime) -> IncidentLine:
    """End an incident; one that has been ended stays so. Raises ``NoIncident``."""
    async with engine.begin() as connection:
        await connection.execute(
            update(IncidentRow)
            .where(IncidentRow.code == code, IncidentRow.ended_at.is_(None))
            .values(ended_at=at)
        )
        return await _one(connection, code)


async def incident(engine: AsyncEngine, code: str) -> IncidentLine:
    """An incident by its code. Raises ``NoIncident``."""
    async with engine.connect() as connection:
        return await _one(connection, code)


async def incidents(engine: AsyncEngine, active_only: bool = False) -> list[IncidentLine]:
    """All incidents, the newest first. Active is what has not ended, also what has yet to begin."""
    query = select(*_COLUMNS).order_by(IncidentRow.begins.desc(), IncidentRow.code)
    if active_only:
        lasts = or_(IncidentRow.ends.is_(None), IncidentRow.ends > func.now())
        query = query.where(IncidentRow.ended_at.is_(None), lasts)
    async with engine.connect() as connection:
        return [_line(row) for row in (await connection.execute(query)).mappings()]


_COLUMNS = tuple(IncidentRow.__table__.columns)


async def _one(connection: AsyncConnection, code: str) -> IncidentLine:
    found = await connection.execute(select(*_COLUMNS).where(IncidentRow.code == code))
    row = found.mappings().one_or_none()
    if row is None:
        raise NoIncident(code)
    return _line(row)


def _line(row: Any) -> IncidentLine:
    values = dict(row)
    by, ended_at = values.pop("by"), values.pop("ended_at")
    return IncidentLine(incident=Incident.model_validate(values), by=by, ended_at=ended_at)
