"""Models in the ledger: kept, promoted, rolled back, and the ones in force as workers read them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.models import Card, Decision, Deed, ModelKind
from juanchi.ledger import models
from juanchi.ledger.errors import ModelInForce, NoModel, NothingInForce, Overtaken
from juanchi.ledger.model_reader import ModelReader
from juanchi.ledger.models import KEPT, Trained

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
ITEM, DISPATCH = ModelKind.ITEM, ModelKind.DISPATCH


def card(kind: ModelKind = ITEM, **figures: float) -> Card:
    return Card(
        kind=kind,
        format=1,
        trained_at=NOW,
        trained_on="tests",
        examples=10,
        held_out=2,
        classes=2,
        figures=figures,
    )


async def kept(engine: AsyncEngine, data: bytes = b"model", kind: ModelKind = ITEM) -> int:
    return (await models.keep(engine, Trained(data, card(kind)), "tests")).id


def decision(deed: Deed, rival: int | None = None, key: str | None = None) -> Decision:
    return Decision(
        kind=ITEM, deed=deed, by="nightly", why="better_score", card=card(), rival=rival, key=key
    )


async def test_promoting_and_rolling_back_to_none(engine: AsyncEngine) -> None:
    first, second = await kept(engine, b"1"), await kept(engine, b"2")
    other = await kept(engine, b"3", DISPATCH)
    for model in (first, other, second):
        await models.promote(engine, model, "ada", "looks good")
    assert await models.in_force(engine) == {ITEM: second, DISPATCH: other}
    back = await models.roll_back(engine, ITEM, "ada", "it was worse")
    assert (back.stands, back.decision.model, back.decision.why) == (first, second, "it was worse")
    assert await models.in_force(engine) == {ITEM: first, DISPATCH: other}
    assert (await models.roll_back(engine, ITEM, "ada")).stands is None
    assert await models.in_force(engine) == {DISPATCH: other}
    with pytest.raises(NothingInForce, match="No item model is in force"):
        await models.roll_back(engine, ITEM, "ada")
    deeds = [(entry.decision.deed, entry.stands) for entry in await models.journal(engine)]
    assert deeds == [
        (Deed.ROLLED_BACK, None),
        (Deed.ROLLED_BACK, first),
        (Deed.PROMOTED, second),
        (Deed.PROMOTED, other),
        (Deed.PROMOTED, first),
    ]


async def test_what_cannot_be_promoted_is_said(engine: AsyncEngine) -> None:
    with pytest.raises(NoModel, match="no model 4711"):
        await models.promote(engine, 4711, "ada")
    model = await kept(engine)
    await models.promote(engine, model, "ada")
    with pytest.raises(ModelInForce, match=f"{model} is in force already"):
        await models.promote(engine, model, "ada")


async def test_a_decision_is_written_once(engine: AsyncEngine) -> None:
    trained = Trained(b"new", card(macro_f1=0.9))
    promoted = decision(Deed.PROMOTED, key="run/item")
    entries = await asyncio.gather(*(models.decide(engine, promoted, trained) for _ in range(5)))
    assert len({entry.id for entry in entries}) == 1
    (line,) = await models.models(engine)
    assert await models.in_force(engine) == {ITEM: line.id}
    assert entries[0].decision.model == line.id
    assert await models.decided(engine, "run/item") == entries[0]
    assert await models.model_bytes(engine, line.id) == b"new"


async def test_two_trainings_at_once_do_not_both_promote(engine: AsyncEngine) -> None:
    both = (decision(Deed.PROMOTED, key=key) for key in ("one/item", "two/item"))
    done = await asyncio.gather(
        *(models.decide(engine, one, Trained(b"x", card())) for one in both),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["ModelEntry", "Overtaken"]
    assert len(await models.models(engine)) == 1, "what was overtaken left nothing behind"
    with pytest.raises(Overtaken, match="Train again"):
        await models.decide(engine, decision(Deed.REJECTED), Trained(b"y", card()))


async def test_the_journal_of_models_only_grows(engine: AsyncEngine) -> None:
    await models.promote(engine, await kept(engine), "ada")
    for statement in ("UPDATE model_journal SET by = 'x'", "DELETE FROM model_journal"):
        statement = statement.replace("by = 'x'", "kind = 'x'")
        with pytest.raises(IntegrityError, match="append-only"):
            async with engine.begin() as connection:
                await connection.execute(text(statement))


async def test_old_models_that_were_never_in_force_keep_only_their_card(
    engine: AsyncEngine,
) -> None:
    first = await kept(engine, b"0")
    await models.promote(engine, first, "ada")
    later = [await kept(engine, b"%d" % n) for n in range(KEPT + 2)]
    sizes = {line.id: line.size for line in await models.models(engine)}
    assert [sizes[id_] is None for id_ in later] == [True, True] + [False] * KEPT
    assert sizes[first] == 1
    with pytest.raises(NoModel, match="only its card"):
        await models.promote(engine, later[0], "ada")
    with pytest.raises(NoModel, match="only its card"):
        await models.model_bytes(engine, later[0])


async def test_a_reader_loads_a_model_once_and_sees_every_change(engine: AsyncEngine) -> None:
    loaded: list[tuple[ModelKind, int]] = []
    asked: list[str] = []

    def load(kind: ModelKind, id_: int, data: bytes) -> bytes | None:
        loaded.append((kind, id_))
        return None if data == b"broken" else data

    def note(*args: Any) -> None:
        asked.append(args[2])

    reader = ModelReader(engine, load, fresh_for=0.0)
    assert (await reader.in_force()).loaded == {}
    first, broken = await kept(engine, b"first"), await kept(engine, b"broken")
    other = await kept(engine, b"other", DISPATCH)
    await models.promote(engine, first, "ada")
    await models.promote(engine, other, "ada")
    found = await reader.in_force()
    assert found.loaded == {ITEM: b"first", DISPATCH: b"other"}

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        assert await reader.in_force() is found
        assert len(asked) == 1, "nothing changed: one cheap query"
        # Another decision that changes nothing in force reads no model again.
        await models.decide(engine, decision(Deed.NOT_ENOUGH, first), None)
        asked.clear()
        assert (await reader.in_force()).loaded == found.loaded
        assert not [statement for statement in asked if "blob" in statement]
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
    assert sorted(loaded) == [(DISPATCH, other), (ITEM, first)]

    await models.promote(engine, broken, "ada")
    found = await reader.in_force()
    assert found.loaded == {DISPATCH: b"other"}
    assert found.ids == {ITEM: broken, DISPATCH: other}
    await reader.in_force()
    assert loaded.count((ITEM, broken)) == 1, "what cannot be read is not tried again and again"
    await models.roll_back(engine, ITEM, "ada")
    assert (await reader.in_force()).loaded[ITEM] == b"first"
