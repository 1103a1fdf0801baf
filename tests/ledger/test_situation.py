"""Rulings as precedents and incidents, as workers read them: rarely, and never stale for long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.situation import CALM, Incident, Precedent
from juanchi.ledger.errors import IncidentKnown, NoIncident
from juanchi.ledger.incidents import begin_incident, end_incident, incident, incidents
from juanchi.ledger.situation import SituationReader
from juanchi.ledger.writer import LedgerWriter
from tests.ledger.conftest import force
from tests.walk import RULED, START, walk

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
STORM = Incident(
    code="storm-1",
    name="Gale",
    region="street-1",
    items=("road", "streets"),
    reason="台风 🌀",
    begins=NOW - HOUR,
)


async def now(engine: AsyncEngine) -> Any:
    """The situation, read anew."""
    return await SituationReader(engine).situation()


async def test_an_empty_ledger_is_calm(engine: AsyncEngine) -> None:
    assert await now(engine) == CALM


async def test_of_rulings_on_the_same_only_the_newest(
    engine: AsyncEngine, writer: LedgerWriter
) -> None:
    first = walk(RULED, external_id="first", at=START + 2 * HOUR)
    second = walk(RULED, external_id="second", at=START + 3 * HOUR)
    appealed = walk("settled", external_id="third")
    for life in (second, first, appealed):
        await writer.record(life.whole)
    (ruling,) = second.ticket.rulings
    assert (await now(engine)).precedents == (
        Precedent(
            ruling="WA-video-second-A1",
            item="road",
            region="street-1",
            lead="parks",
            assisting=("police",),
            until=date(2027, 3, 31),
            since=ruling.at,
        ),
    )
    await force(engine, "UPDATE rulings SET region = NULL WHERE ticket_id LIKE '%first'")
    await force(engine, "UPDATE rulings SET item = 'lamp' WHERE ticket_id LIKE '%third'")
    found = {(one.item, one.region): one.ruling for one in (await now(engine)).precedents}
    assert found == {
        ("road", "street-1"): "WA-video-second-A1",
        ("road", None): "WA-video-first-A1",
        ("lamp", "street-1"): "WA-video-third-A1-appeal",
    }


async def test_a_reader_asks_rarely_and_sees_every_change(
    engine: AsyncEngine, writer: LedgerWriter
) -> None:
    asked: list[str] = []

    def note(*args: Any) -> None:
        asked.append(args[2])

    reader = SituationReader(engine, fresh_for=0.2)
    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        found = await asyncio.gather(*(reader.situation() for _ in range(50)))
        assert set(map(id, found)) == {id(found[0])}
        assert len(asked) == 3, "what has changed, the rulings, the incidents"
        await asyncio.sleep(0.25)
        asked.clear()
        assert await reader.situation() is found[0]
        assert len(asked) == 1, "nothing changed: one cheap query"
        for change, seen in changes(engine, writer):
            await change()
            await asyncio.sleep(0.25)
            assert seen(await reader.situation())
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


def changes(
    engine: AsyncEngine, writer: LedgerWriter
) -> list[tuple[Callable[[], Any], Callable[[Any], bool]]]:
    """What can change, and how one sees that it has."""
    ruled = walk(RULED, external_id="a").whole
    return [
        (lambda: writer.record(ruled), lambda now: len(now.precedents) == 1),
        (lambda: begin_incident(engine, STORM, "me"), lambda now: now.incidents == (STORM,)),
        (lambda: end_incident(engine, "storm-1", NOW), lambda now: now.incidents == ()),
    ]


async def test_an_incident_is_declared_once(engine: AsyncEngine) -> None:
    begun = await begin_incident(engine, STORM, "Ada")
    assert (begun.incident, begun.by, begun.ended_at) == (STORM, "Ada", None)
    assert await begin_incident(engine, STORM, "Bob") == begun
    other = STORM.model_copy(update={"items": ("lamp",)})
    with pytest.raises(IncidentKnown, match="storm-1"):
        await begin_incident(engine, other, "Ada")
    assert await incident(engine, "storm-1") == begun
    results = await asyncio.gather(
        *(
            begin_incident(engine, one.model_copy(update={"code": "s2"}), "Ada")
            for one in (STORM, other) * 3
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(result, IncidentKnown) for result in results) == 3


async def test_an_incident_is_ended_once(engine: AsyncEngine) -> None:
    await begin_incident(engine, STORM, "Ada")
    assert (await end_incident(engine, "storm-1", NOW)).ended_at == NOW
    assert (await end_incident(engine, "storm-1", NOW + HOUR)).ended_at == NOW
    assert (await begin_incident(engine, STORM, "Ada")).ended_at == NOW
    for asking in (incident(engine, "none"), end_incident(engine, "none", NOW)):
        with pytest.raises(NoIncident, match="none"):
            await asking


async def test_which_incidents_are_active(engine: AsyncEngine) -> None:
    made = {
        "open": {},
        "over": {"ends": NOW - timedelta(minutes=1)},
        "later": {"begins": NOW + HOUR, "ends": NOW + 2 * HOUR},
        "ended": {"ends": NOW + HOUR},
    }
    for code, change in made.items():
        one = STORM.model_copy(update={"code": code, **change})
        await begin_incident(engine, one, "Ada")
    await end_incident(engine, "ended", NOW)
    active = await incidents(engine, active_only=True)
    assert [line.incident.code for line in active] == ["later", "open"]
    assert {line.incident.code for line in await incidents(engine)} == set(made)
    situation = await now(engine)
    assert [one.code for one in situation.incidents] == ["open", "later"]
