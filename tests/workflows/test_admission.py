"""From what channels bring to tickets, on a living town: none lost, none doubled."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from temporalio.client import Client

from juanchi.admission import stand_admission
from juanchi.domain.channels import ArrivalState
from juanchi.domain.terms import Urgency
from juanchi.ledger.admission import queue, set_aside
from juanchi.ledger.arrivals import Arrivals
from juanchi.ledger.audit import audit
from juanchi.ledger.channel_tables import ArrivalRow
from juanchi.ledger.tables import ClueRow
from juanchi.runtime.settings import Settings
from tests.ledger.brought import clue, poison, row
from tests.town import Town
from worker import working

EVERY = timedelta(hours=1)
"""It must be woken: nothing here waits for its own look."""


@pytest.fixture
async def admission(town: Town) -> AsyncIterator[str]:
    """The admission of the town."""
    id_ = f"admission-{town.mark}"
    await stand_admission(town.juanchi.temporal, town.bulk_queue, every=EVERY, id_=id_)
    yield id_
    await town.juanchi.temporal.get_workflow_handle(id_).terminate()


async def keep(
    town: Town, admission: str, *ids: str, channel: str = "wall", **more: object
) -> None:
    """What a channel's reading does: keep, and wake the admission if it may be asleep."""
    now = datetime.now(UTC)
    clues = [clue(id_, channel, **{"reported_at": now, **more}) for id_ in ids]
    kept = await Arrivals(town.engine).keep(channel, clues, cursor="c", read_at=now)
    assert kept.new == len(ids)
    if kept.wake:
        await town.juanchi.wake(admission)


async def settled(town: Town) -> None:
    """Until nothing waits and nothing is under way."""

    async def done() -> bool:
        return not (await queue(town.engine)).waiting and not await unwritten(town)

    await until(done)


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while True:
            if await done():
                return
            await asyncio.sleep(0.02)


async def unwritten(town: Town) -> int:
    """How many were let in that are not clues yet."""
    known = select(ClueRow.ticket_id).where(
        ClueRow.channel == ArrivalRow.channel, ClueRow.external_id == ArrivalRow.external_id
    )
    query = select(func.count()).select_from(ArrivalRow)
    query = query.where(ArrivalRow.state == ArrivalState.ADMITTED, ~known.exists())
    async with town.engine.connect() as connection:
        return await connection.scalar(query) or 0


async def test_what_is_kept_becomes_tickets_and_what_comes_later_wakes_it(
    town: Town, admission: str
) -> None:
    await keep(town, admission, "a1", "a2")
    await settled(town)
    await asyncio.sleep(0.5)  # it sleeps by now
    await keep(town, admission, "a3", urgency=Urgency.URGENT)
    await settled(town)
    assert (await town.state("ticket/wall/a1")).clue.external_id == "a1"
    assert (await town.state("ticket/wall/a3")).urgency is Urgency.URGENT
    again = [clue("a1"), clue("a2")]
    kept = await Arrivals(town.engine).keep("wall", again, cursor="c", read_at=datetime.now(UTC))
    assert (kept.new, kept.known, kept.waiting) == (0, 2, 0)


async def test_one_that_is_refused_is_set_aside_and_can_be_tried_again(
    town: Town, admission: str
) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    await keep(town, admission, "bad", reported_at=tomorrow)
    await keep(town, admission, "good")
    await settled(town)
    [line] = await set_aside(town.engine, "wall")
    assert (line.external_id, line.tries) == ("bad", 3)
    assert line.problem.startswith("time_in_future")
    await Arrivals(town.engine).drop("wall", "bad", by="op", why="a broken clock")


async def test_killed_in_the_middle_of_a_flood(
    settings: Settings, temporal_client: Client, town: Town
) -> None:
    """The worker of the admission goes, and another one comes: no ticket more, none less."""
    ids = [f"f{n}" for n in range(60)]
    own = settings.model_copy(update={"queue_prefix": f"flood-{town.mark}"})
    first, second = (f"admission-{town.mark}-{n}" for n in (1, 2))
    async with working(own, temporal_client, town.engine, shared=()):
        await stand_admission(temporal_client, own.queue("bulk"), every=EVERY, id_=first)
        await keep(town, first, *ids)

        async def midway() -> bool:
            return (await queue(town.engine)).waiting <= 50

        await until(midway)
        # Cut off where it stands, between starting tickets and noting it.
        await temporal_client.get_workflow_handle(first).terminate()
    async with working(own, temporal_client, town.engine, shared=()):
        await stand_admission(temporal_client, own.queue("bulk"), every=EVERY, id_=second)
        await settled(town)
        await temporal_client.get_workflow_handle(second).terminate()
    async with town.engine.connect() as connection:
        found = await connection.scalars(
            select(ClueRow.external_id).where(ClueRow.external_id.like("f%"))
        )
        assert sorted(found) == sorted(ids)


async def test_all_are_accounted_for(town: Town) -> None:
    await Arrivals(town.engine).keep(
        "wall", [], [poison("p")], cursor="c", read_at=datetime.now(UTC)
    )
    report = await audit(town.engine)
    assert report.problems == ()
    assert report.arrivals["admitted"] == report.tickets
    assert (await row(town.engine, "p")).state == ArrivalState.UNREADABLE
