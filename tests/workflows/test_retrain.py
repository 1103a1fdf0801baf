"""Models trained by night: promoted, rejected, not enough, killed in the middle; and routed by."""

from __future__ import annotations

import asyncio
import multiprocessing
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from juanchi.domain.filing import Filed
from juanchi.domain.models import Card, Deed, ModelEntry, ModelKind
from juanchi.domain.promotion import Why
from juanchi.domain.retraining import Enough, Retrain, Retrained
from juanchi.intake.learning.course import Course, split_groups, train
from juanchi.ledger import models
from juanchi.ledger.journal import read
from juanchi.ledger.models import Trained
from juanchi.nightly import end_nightly, schedule_id, set_nightly
from juanchi.runtime.settings import Settings
from tests.lessons import examples, teach
from tests.pure import tinytown
from tests.town import Town, founded, tinytown_at_work
from worker import working
from workflows.retrain import RetrainWorkflow

ITEM = (ModelKind.ITEM,)
ENOUGH = Enough(learn=60, held_out=10)


class School:
    """A ledger with tickets to learn from, and a worker for the queue that learns."""

    def __init__(self, client: Client, engine: AsyncEngine, queue: str) -> None:
        self.client = client
        self.engine = engine
        self.queue = queue

    async def begun(self, *kinds: ModelKind) -> WorkflowHandle[RetrainWorkflow, Retrained]:
        return await self.client.start_workflow(
            RetrainWorkflow.run,
            Retrain(kinds=kinds, enough=ENOUGH),
            id=f"retrain-{uuid.uuid4().hex[:8]}",
            task_queue=self.queue,
        )

    async def journal(self) -> list[ModelEntry]:
        return await models.journal(self.engine)


@pytest.fixture
async def school(
    settings: Settings, temporal_client: Client, own_database_url: str
) -> AsyncIterator[School]:
    engine = await founded(own_database_url, tinytown().pack)
    own = settings.model_copy(update={"queue_prefix": f"school-{uuid.uuid4().hex[:8]}"})
    async with working(own, temporal_client, engine, ["learn"], shared=()):
        yield School(temporal_client, engine, own.queue("learn"))
    await engine.dispose()


async def killed_once() -> None:
    """Kill a training as soon as there is one."""
    async with asyncio.timeout(60):
        while not (children := multiprocessing.active_children()):  # noqa: ASYNC110 - far away
            await asyncio.sleep(0.01)
    children[0].kill()


async def attempts(handle: WorkflowHandle[RetrainWorkflow, Retrained]) -> list[int]:
    """How often its activities were begun."""
    return [
        event.activity_task_started_event_attributes.attempt
        async for event in handle.fetch_history_events()
        if event.HasField("activity_task_started_event_attributes")
    ]


async def test_of_two_at_once_one_is_promoted_though_one_is_killed(school: School) -> None:
    await teach(school.engine, 150)
    both = [await school.begun(*ITEM), await school.begun(*ITEM)]
    await killed_once()
    learnt = [one for handle in both for one in (await handle.result()).learnt]
    (first,) = (one for one in learnt if one.deed is Deed.PROMOTED)
    (again,) = (one for one in learnt if one is not first)
    assert sorted([await attempts(handle) for handle in both]) == [[1], [2]]
    assert (first.why, again.deed, again.why) == (
        Why.BETTER_SCORE,
        Deed.REJECTED,
        Why.NOT_BETTER,
    )
    assert first.examples >= 100
    assert first.held_out >= 10
    assert await models.in_force(school.engine) == {ModelKind.ITEM: first.model}
    rejected, promoted = await school.journal()
    for entry, rival in ((promoted, None), (rejected, first.model)):
        decision = entry.decision
        assert decision.rival == rival
        assert decision.card
        assert decision.rival_card
        assert decision.card.held_out == decision.rival_card.held_out == first.held_out
    assert (await models.roll_back(school.engine, ModelKind.ITEM, "ada")).stands is None


async def test_too_little_is_an_outcome_and_stands_in_the_journal(school: School) -> None:
    await teach(school.engine, 20)
    result = await (await school.begun(*ModelKind)).result()
    assert [one.deed for one in result.learnt] == [Deed.NOT_ENOUGH] * len(ModelKind)
    entries = await school.journal()
    assert {entry.decision.kind for entry in entries} == set(ModelKind)
    assert {entry.decision.why for entry in entries} == {"not_enough"}
    assert await models.models(school.engine) == []


async def test_the_nightly_schedule_is_one_however_often_it_is_set(school: School) -> None:
    client, queue = school.client, school.queue
    asked = Retrain(kinds=ITEM, enough=ENOUGH)
    assert await set_nightly(client, queue, time(2, 30), "Europe/Lisbon", asked)
    assert not await set_nightly(client, queue, time(3, 45), "Europe/Lisbon", asked)
    handle = client.get_schedule_handle(schedule_id(queue))
    # The server keeps a calendar as it likes; what counts is when it will be.
    upcoming = (await handle.describe()).info.next_action_times
    assert {at.minute for at in upcoming} == {45}
    await handle.trigger()
    async with asyncio.timeout(30):
        while not await school.journal():  # noqa: ASYNC110 - far away
            await asyncio.sleep(0.1)
    (entry,) = await school.journal()
    assert (entry.decision.deed, entry.decision.by) == (Deed.NOT_ENOUGH, "nightly")
    assert await end_nightly(client, queue)
    assert not await end_nightly(client, queue)
    with pytest.raises(RPCError):
        await handle.describe()


@pytest.fixture
async def town(
    settings: Settings, temporal_client: Client, own_database_url: str
) -> AsyncIterator[Town]:
    async with tinytown_at_work(settings, temporal_client, own_database_url) as alive:
        yield alive


def item_model() -> Trained:
    pack = tinytown().pack
    course = Course(
        kind=ModelKind.ITEM,
        split=split_groups(examples(150), ModelKind.ITEM),
        pack=pack,
        version="tinytown@1",
        on=date(2026, 11, 16),
        enough=ENOUGH,
        trained_on="tests",
    )
    graded = train(course)
    assert graded.data
    assert graded.card
    return Trained(graded.data, graded.card)


async def filed(town: Town, seen: Callable[[Filed], bool]) -> Filed:
    """A ticket's filing, once the worker knows what is in force: it looks once a second."""
    text = "gloop and a fissure in Mill Parish"
    async with asyncio.timeout(30):
        while True:
            ticket = await town.report(uuid.uuid4().hex[:8], text, channel="web")
            while (found := await _filing(town, ticket)) is None:  # noqa: ASYNC110 - far away
                await asyncio.sleep(0.05)
            if seen(found):
                return found


async def _filing(town: Town, ticket: str) -> Filed | None:
    events = (entry.event for entry in await read(town.engine, ticket))
    return next((event for event in events if isinstance(event, Filed)), None)


async def test_a_worker_routes_by_what_is_in_force_now(town: Town) -> None:
    engine = town.engine
    first = await filed(town, lambda _: True)
    assert (first.model, first.problem) == ("", "no_item")
    good = (await models.keep(engine, item_model(), "tests")).id
    await models.promote(engine, good, "ada")
    second = await filed(town, lambda one: one.model == f"item#{good}")
    assert second.candidates[0].item == "road-hole"

    unreadable = Card(
        kind=ModelKind.ITEM,
        format=99,
        trained_at=datetime.now(UTC) - timedelta(days=1),
        trained_on="another program",
        examples=1,
        held_out=0,
        classes=2,
    )
    bad = (await models.keep(engine, Trained(b"of another format", unreadable), "tests")).id
    await models.promote(engine, bad, "ada")
    third = await filed(town, lambda one: not one.model)
    assert third.problem == "no_item", "the lists' own words serve, and nobody stands still"
    await models.roll_back(engine, ModelKind.ITEM, "ada")
    assert (await filed(town, lambda one: bool(one.model))).model == f"item#{good}"
