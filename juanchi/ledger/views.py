"""The read side: lists, inboxes and counts, straight from the tables.

Pages go by key, never by offset: the last page costs as much as the first. A text with NUL, which
PostgreSQL cannot hold, finds nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.lines import (
    After,
    Count,
    Find,
    InboxLine,
    NoticeLine,
    Order,
    TicketLine,
)
from juanchi.domain.phases import STAGE_OF, Phase
from juanchi.ledger.tables import ClueRow, NoticeRow, TaskRow, TicketRow

PAGE = 50
_TICKET = TicketRow.__table__.columns
_TASK = TaskRow.__table__.columns
_EQUAL = ("stage", "phase", "district", "item", "channel", "number", "end_kind", "level")


async def ticket_row(engine: AsyncEngine, id_or_number: str) -> TicketLine | None:
    """A ticket by its id or its number; None if there is none."""
    if "\0" in id_or_number:
        return None
    found = select(*_TICKET).where(
        or_(TicketRow.id == id_or_number, TicketRow.number == id_or_number)
    )
    async with engine.connect() as connection:
        row = (await connection.execute(found.limit(1))).mappings().one_or_none()
    return None if row is None else _line(row)


async def find(
    engine: AsyncEngine,
    wanted: Find | None = None,
    *,
    limit: int = PAGE,
    after: After | None = None,
    now: datetime | None = None,
) -> list[TicketLine]:
    """A page of the tickets wanted. ``now`` (the database's, if not given) decides on overdue."""
    wanted = wanted or Find()
    if any("\0" in value for value in wanted.model_dump().values() if isinstance(value, str)):
        return []
    query = _ordered(select(*_TICKET), wanted.order, after).limit(limit)
    query = query.where(*_conditions(wanted, func.now() if now is None else now))
    async with engine.connect() as connection:
        return [_line(row) for row in (await connection.execute(query)).mappings()]


def _ordered(
    query: Select[*tuple[Any, ...]], order: Order, after: After | None
) -> Select[*tuple[Any, ...]]:
    if order is Order.NEWEST:
        place = tuple_(TicketRow.received_at, TicketRow.id)
        if after is not None:
            query = query.where(place < (after.at, *after.key))
        return query.order_by(TicketRow.received_at.desc(), TicketRow.id.desc())
    query = query.where(TicketRow.due.is_not(None))
    if after is not None:
        query = query.where(tuple_(TicketRow.due, TicketRow.id) > (after.at, *after.key))
    return query.order_by(TicketRow.due, TicketRow.id)


def _conditions(wanted: Find, now: Any) -> Iterator[ColumnElement[bool]]:
    for column in _EQUAL:
        if (value := getattr(wanted, column)) is not None:
            yield _TICKET[column] == value
    if wanted.stage is None and (stage := _stage_of(wanted.phase)):
        yield TicketRow.stage == stage  # it has the index
    if wanted.unit is not None:
        leads = TicketRow.lead == wanted.unit
        yield or_(leads, TicketRow.assisting.any_() == wanted.unit) if wanted.assisting else leads
    if wanted.open is not None:
        yield TicketRow.end_kind.is_(None) if wanted.open else TicketRow.end_kind.is_not(None)
    if wanted.overdue is not None:
        late = and_(TicketRow.due.is_not(None), TicketRow.due < now)
        yield late if wanted.overdue else ~late
    yield from _overlays(wanted)
    if wanted.received_from is not None:
        yield TicketRow.received_at >= wanted.received_from
    if wanted.received_to is not None:
        yield TicketRow.received_at < wanted.received_to
    if wanted.text:
        yield (
            select(ClueRow.ticket_id)
            .where(
                ClueRow.ticket_id == TicketRow.id,
                ClueRow.text.icontains(wanted.text, autoescape=True),
            )
            .exists()
        )


def _overlays(wanted: Find) -> Iterator[ColumnElement[bool]]:
    for asked, holds in (
        (wanted.supervised, func.cardinality(TicketRow.supervised) > 0),
        # The columns themselves: "IS true" would not be seen to be what their index is about.
        (wanted.escalated, _TICKET.escalated),
        (wanted.on_hold, _TICKET.on_hold),
        (wanted.disputed, _TICKET.disputed),
    ):
        if asked is not None:
            yield holds if asked else ~holds


def _stage_of(phase: str | None) -> str | None:
    if phase not in set(Phase):
        return None
    stage = STAGE_OF.get(Phase(phase))
    return stage and stage.value


async def inbox(
    engine: AsyncEngine, holder: str, *, limit: int = PAGE, after: After | None = None
) -> list[InboxLine]:
    """What a unit or a desk must do, most urgent first; last what has no due time yet."""
    if "\0" in holder:
        return []
    lines: list[InboxLine] = []
    async with engine.connect() as connection:
        # Twice, so that both go down the index: a row comparison with NULL in it is never true.
        for dated in (True, False):
            query = _inbox_page(holder, after, dated=dated)
            if query is None or len(lines) >= limit:
                continue
            rows = (await connection.execute(query.limit(limit - len(lines)))).mappings()
            lines += [_inbox_line(row) for row in rows]
    return lines


def _inbox_page(
    holder: str, after: After | None, *, dated: bool
) -> Select[*tuple[Any, ...]] | None:
    query = (
        select(*(column.label(f"task_{column.name}") for column in _TASK), *_TICKET)
        # A task of another version is being written this moment, or was left by a race.
        .join(
            TicketRow,
            and_(TicketRow.id == TaskRow.ticket_id, TicketRow.version == TaskRow.version),
        )
        .where(TaskRow.holder == holder)
        .order_by(TaskRow.due, TaskRow.ticket_id, TaskRow.kind)
    )
    if not dated:
        query = query.where(TaskRow.due.is_(None))
        if after is not None and after.at is None:
            query = query.where(tuple_(TaskRow.ticket_id, TaskRow.kind) > after.key)
        return query
    if after is not None and after.at is None:
        return None
    query = query.where(TaskRow.due.is_not(None))
    if after is not None:
        place = tuple_(TaskRow.due, TaskRow.ticket_id, TaskRow.kind)
        query = query.where(place > (after.at, *after.key))
    return query


async def notices(
    engine: AsyncEngine, holder: str, *, limit: int = PAGE, after: After | None = None
) -> list[NoticeLine]:
    """What a unit or a desk was told, newest first."""
    if "\0" in holder:
        return []
    query = (
        select(*NoticeRow.__table__.columns)
        .where(NoticeRow.to == holder)
        .order_by(NoticeRow.at.desc(), NoticeRow.key.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(NoticeRow.at, NoticeRow.key) < (after.at, *after.key))
    async with engine.connect() as connection:
        rows = (await connection.execute(query)).mappings()
        return [NoticeLine.model_validate(dict(row)) for row in rows]


async def counts(
    engine: AsyncEngine, *, unit: str | None = None, now: datetime | None = None
) -> list[Count]:
    """How many tickets there are of each stage, phase, end and outcome; all, or a lead unit's."""
    alike = (TicketRow.stage, TicketRow.phase, TicketRow.end_kind, TicketRow.outcome)
    late = TicketRow.due < (func.now() if now is None else now)
    query = (
        select(
            *alike,
            func.count().label("tickets"),
            func.count().filter(late).label("past_due"),
        )
        .group_by(*alike)
        .order_by(*alike)
    )
    if unit is not None:
        query = query.where(TicketRow.lead == unit)
    async with engine.connect() as connection:
        rows = (await connection.execute(query)).mappings()
        return [Count.model_validate(dict(row)) for row in rows]


def _line(row: Any) -> TicketLine:
    return TicketLine.model_validate(dict(row))


def _inbox_line(row: Any) -> InboxLine:
    values = dict(row)
    task = {name: values.pop(f"task_{name}") for name in _TASK.keys()}  # noqa: SIM118
    del task["ticket_id"], task["version"]
    return InboxLine(**task, ticket=TicketLine.model_validate(values))
