"""Learned models in the ledger: kept, and decided about.

What is in force follows from the journal: promoting puts a model on top, rolling back goes to the
one below it, at last to none.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from juanchi.domain.models import (
    Card,
    Decision,
    Deed,
    ModelEntry,
    ModelKind,
    ModelLine,
    promoted,
)
from juanchi.ledger.errors import ModelInForce, NoModel, NothingInForce, Overtaken
from juanchi.ledger.model_tables import ModelJournalRow, ModelRow

_LOCK: Final = 0x4A5543_04  # one decision about models at a time, so that the journal has an order
KEPT: Final = 3
"""Models of a kind that were never in force and whose bytes are still kept: the newest."""

_IN_FORCE: Final = text(
    "SELECT DISTINCT ON (kind) kind, stands FROM model_journal ORDER BY kind, id DESC"
)


class Trained(NamedTuple):
    """A model that is to be kept: its bytes, and its card as it was trained."""

    data: bytes
    card: Card


async def keep(engine: AsyncEngine, model: Trained, by: str) -> ModelLine:
    """Keep a model without deciding about it."""
    async with engine.begin() as connection:
        await _lock(connection)
        line = await _keep(connection, model, by)
        await _forget(connection, model.card.kind)
    return line


async def decide(engine: AsyncEngine, decision: Decision, model: Trained | None) -> ModelEntry:
    """Keep a model and journal what was decided about it, in one transaction.

    The same key again changes nothing and gets what was written. Raises ``Overtaken`` when the
    decision was made against ``decision.rival`` and that is in force no more.
    """
    async with engine.begin() as connection:
        await _lock(connection)
        if decision.key and (known := await _decided(connection, decision.key)):
            return known
        stands = (await standing(connection)).get(decision.kind)
        if model is not None and stands != decision.rival:
            raise Overtaken(decision.kind)
        if model is not None:
            line = await _keep(connection, model, decision.by)
            decision = decision.model_copy(update={"model": line.id})
        if decision.deed is Deed.PROMOTED:
            stands = decision.model
        entry = await _write(connection, decision, stands)
        await _forget(connection, decision.kind)
    return entry


async def decided(engine: AsyncEngine, key: str) -> ModelEntry | None:
    """What was written under a key, if anything was."""
    async with engine.connect() as connection:
        return await _decided(connection, key)


async def promote(engine: AsyncEngine, model: int, by: str, why: str = "") -> ModelEntry:
    """Put a model in force by hand. Raises ``NoModel``, ``ModelInForce``."""
    async with engine.begin() as connection:
        await _lock(connection)
        line = await _line_of(connection, model)
        if line.size is None:
            raise NoModel(f"Model {model} is kept no more: only its card is. Train a new one.")
        stands = (await standing(connection)).get(line.kind)
        if stands == model:
            raise ModelInForce(model)
        decision = Decision(
            kind=line.kind,
            deed=Deed.PROMOTED,
            model=model,
            by=by,
            why=why,
            card=line.card,
            rival=stands,
        )
        return await _write(connection, decision, model)


async def roll_back(engine: AsyncEngine, kind: ModelKind, by: str, why: str = "") -> ModelEntry:
    """Go back to the model that was in force before; again, further back; at last to none.

    Raises ``NothingInForce``.
    """
    async with engine.begin() as connection:
        await _lock(connection)
        stack = promoted(await _entries(connection, ModelJournalRow.kind == kind))
        if not stack:
            raise NothingInForce(kind)
        left = stack.pop()
        decision = Decision(kind=kind, deed=Deed.ROLLED_BACK, model=left, by=by, why=why)
        return await _write(connection, decision, stack[-1] if stack else None)


async def models(engine: AsyncEngine, limit: int = 50) -> list[ModelLine]:
    """The models, the newest first."""
    async with engine.connect() as connection:
        query = select(*_LINE).order_by(ModelRow.id.desc()).limit(limit)
        return [_line(row) for row in (await connection.execute(query)).mappings()]


async def model(engine: AsyncEngine, model_id: int) -> ModelLine:
    """A model without its bytes. Raises ``NoModel``."""
    async with engine.connect() as connection:
        return await _line_of(connection, model_id)


async def model_bytes(engine: AsyncEngine, model_id: int) -> bytes:
    """A model's bytes. Raises ``NoModel``, also when they are kept no more."""
    async with engine.connect() as connection:
        found = await connection.scalar(select(ModelRow.blob).where(ModelRow.id == model_id))
    if found is None:
        raise NoModel(f"There is no model {model_id}, or only its card is kept. See `models list`.")
    return bytes(found)


async def in_force(engine: AsyncEngine) -> Mapping[ModelKind, int]:
    """The model in force of each kind that has one."""
    async with engine.connect() as connection:
        return await standing(connection)


async def journal(
    engine: AsyncEngine, *, about: int | None = None, limit: int = 100
) -> list[ModelEntry]:
    """What was decided, the newest first; of all models or about one."""
    async with engine.connect() as connection:
        where = [ModelJournalRow.model == about] if about is not None else []
        return await _entries(connection, *where, limit=limit)


async def _lock(connection: AsyncConnection) -> None:
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


async def standing(connection: AsyncConnection) -> dict[ModelKind, int]:
    """The model in force of each kind that has one, within a transaction."""
    rows = await connection.execute(_IN_FORCE)
    return {ModelKind(row.kind): row.stands for row in rows if row.stands is not None}


async def _keep(connection: AsyncConnection, model: Trained, by: str) -> ModelLine:
    card = model.card
    values = {
        "kind": card.kind,
        "blob": model.data,
        "card": card.model_dump(mode="json"),
        "digest": hashlib.sha256(model.data).hexdigest(),
        "trained_at": card.trained_at,
        "by": by,
    }
    added = await connection.execute(insert(ModelRow).values(**values).returning(*_LINE))
    return _line(added.mappings().one())


async def _forget(connection: AsyncConnection, kind: ModelKind) -> None:
    """Let go of the bytes of old models that were never in force: a night leaves one more."""
    ever = select(ModelJournalRow.stands).where(ModelJournalRow.stands.is_not(None))
    never = (
        select(ModelRow.id)
        .where(ModelRow.kind == kind, ModelRow.blob.is_not(None), ModelRow.id.not_in(ever))
        .order_by(ModelRow.id.desc())
        .offset(KEPT)
    )
    await connection.execute(
        update(ModelRow).where(ModelRow.id.in_(never.scalar_subquery())).values(blob=None)
    )


async def _write(connection: AsyncConnection, decision: Decision, stands: int | None) -> ModelEntry:
    values = {
        "kind": decision.kind,
        "deed": decision.deed,
        "model": decision.model,
        "stands": stands,
        "at": func.now(),
        "key": decision.key,
        "decision": decision.model_dump(mode="json"),
    }
    added = await connection.execute(insert(ModelJournalRow).values(**values).returning(*_ENTRY))
    return _entry(added.mappings().one())


async def _decided(connection: AsyncConnection, key: str) -> ModelEntry | None:
    found = await _entries(connection, ModelJournalRow.key == key)
    return found[0] if found else None


_LINE: Final = (
    *(ModelRow.id, ModelRow.kind, ModelRow.card, ModelRow.digest, ModelRow.trained_at, ModelRow.by),
    func.length(ModelRow.blob).label("size"),
)
_ENTRY: Final = (
    ModelJournalRow.id,
    ModelJournalRow.at,
    ModelJournalRow.decision,
    ModelJournalRow.stands,
)


async def _line_of(connection: AsyncConnection, model_id: int) -> ModelLine:
    found = await connection.execute(select(*_LINE).where(ModelRow.id == model_id))
    row = found.mappings().one_or_none()
    if row is None:
        raise NoModel(f"There is no model {model_id}. See `models list`.")
    return _line(row)


async def _entries(
    connection: AsyncConnection, *where: ColumnElement[bool], limit: int | None = None
) -> list[ModelEntry]:
    """Lines of the journal in order; with a limit the newest, the newest first."""
    query = select(*_ENTRY).where(*where)
    by_id = ModelJournalRow.id
    query = query.order_by(by_id) if limit is None else query.order_by(by_id.desc()).limit(limit)
    return [_entry(row) for row in (await connection.execute(query)).mappings()]


def _line(row: Mapping[Any, Any]) -> ModelLine:
    return ModelLine.model_validate(dict(row))


def _entry(row: Mapping[Any, Any]) -> ModelEntry:
    return ModelEntry.model_validate(dict(row))
