"""Channels watched on real servers: schedules, readings, crashes, trouble, silence."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow
from temporalio.service import RPCError

from juanchi.domain.channels import ChannelState, RegisteredChannel
from juanchi.domain.lists import ChannelKind
from juanchi.domain.watching import Reading, ReadOut, Skip, Standing, Watched, standing
from juanchi.ledger.arrivals import Arrivals
from juanchi.ledger.channels import Channels
from juanchi.ledger.watching import watched
from juanchi.runtime.settings import Settings
from juanchi.watches import Watches, schedule_id
from tests.pure import tinytown
from tests.sources import BROKEN, Answer, Site, feed, item
from tests.town import founded
from worker import working
from workflows.channel_watch import ChannelWatch

OFTEN = timedelta(seconds=1)


class Post:
    """Tinytown's post room: a registry, a worker that reads channels, and a site to read."""

    def __init__(self, client: Client, engine: AsyncEngine, queue: str, site: Site) -> None:
        self.client = client
        self.engine = engine
        self.queue = queue
        self.site = site
        self.channels = Channels(engine)
        self.watches = Watches(client, queue)
        self.pages: dict[str, Answer] = {}

    async def register(self, code: str, **more: Any) -> RegisteredChannel:
        """A feed of the site's, read by hand only, unless ``every`` says otherwise."""
        given: dict[str, Any] = {
            "code": code,
            "name": code,
            "kind": ChannelKind.FEED,
            "adapter": "feed",
            "settings": {"url": f"{self.site.address}/{code}"},
            "every": timedelta(days=1),
            **more,
        }
        channel = RegisteredChannel.model_validate(given)
        await self.channels.put(channel, by="tests")
        await self.watches.follow(channel)
        return channel

    def serve(self, code: str, answer: Answer) -> None:
        """What the site says under a channel's address from now on."""
        self.pages[f"/{code}"] = answer

    def asked(self, code: str) -> int:
        """How often a channel's address was asked for."""
        return self.site.requests.count(f"/{code}")

    async def seen(self, code: str) -> dict[str, str]:
        """What a channel brought, and where each is."""
        query = text("SELECT external_id, state FROM arrivals WHERE channel = :code")
        async with self.engine.connect() as connection:
            rows = await connection.execute(query, {"code": code})
            return {row.external_id: row.state for row in rows}

    async def until(self, code: str, wanted: Callable[[ChannelState], bool]) -> ChannelState:
        """Wait until a channel's reading stands as wanted."""
        async with asyncio.timeout(30):
            while not wanted(state := await self.channels.state(code)):  # noqa: ASYNC110 - far away
                await asyncio.sleep(0.1)
        return state

    async def scheduled(self, code: str) -> ReadOut:
        """What a reading of a channel's schedule finds."""
        queue = self.queue
        return await self.client.execute_workflow(
            ChannelWatch.run,
            Reading(channel=code),
            id=f"{schedule_id(queue, code)}/{uuid.uuid4().hex[:8]}",
            task_queue=queue,
        )

    async def at_rest(self, code: str) -> None:
        """Wait until a paused schedule has nothing under way."""
        handle = self.client.get_schedule_handle(schedule_id(self.queue, code))
        described = await handle.describe()
        assert described.schedule.state.paused
        async with asyncio.timeout(30):
            for action in described.info.running_actions:
                assert isinstance(action, ScheduleActionExecutionStartWorkflow)
                with suppress(RPCError):
                    await self.client.get_workflow_handle(action.workflow_id).result()

    async def watched(self, code: str) -> Watched:
        """A channel as those who watch it see it."""
        found = await watched(self.engine, code)
        assert found is not None
        return found


@pytest.fixture(scope="module")
async def post(
    settings: Settings, temporal_client: Client, database_url: str
) -> AsyncIterator[Post]:
    engine = await founded(database_url, tinytown().pack)
    own = settings.model_copy(update={"queue_prefix": f"post-{uuid.uuid4().hex[:8]}"})
    pages: dict[str, Answer] = {}
    site = Site(lambda path: pages.get(path, Answer(404)))
    async with site.open(), working(own, temporal_client, engine, ["watch"], shared=()):
        room = Post(temporal_client, engine, own.queue("watch"), site)
        room.pages = pages
        yield room
        await room.watches.align([])
    await engine.dispose()


async def test_a_reading_keeps_what_is_new_once(post: Post) -> None:
    post.serve("plain", feed(item("a"), item("b")))
    await post.register("plain")
    first = await post.watches.read_now("plain")
    post.serve("plain", feed(item("b"), item("a")))
    again = await post.watches.read_now("plain")
    assert (first.new, first.known, again.new, again.known) == (2, 0, 0, 2)
    post.serve("plain", feed(item("b"), item("c"), item("a")))
    assert (await post.watches.read_now("plain")).new == 1
    assert await post.seen("plain") == dict.fromkeys("abc", "waiting")


async def test_schedules_follow_the_registry(post: Post) -> None:
    """Put, changed, paused and taken away while the worker goes on; and mended by ``align``."""
    post.serve("follow", feed(item("a")))
    channel = await post.register("follow", every=timedelta(hours=1))
    assert post.asked("follow") == 0
    quicker = channel.model_copy(update={"every": OFTEN})
    await post.channels.put(quicker, by="tests")
    await post.watches.follow(quicker)
    await post.until("follow", lambda state: state.readings >= 2)
    await post.channels.pause("follow", by="tests")
    paused = await post.channels.get("follow")
    assert paused is not None
    await post.watches.follow(paused)
    await post.at_rest("follow")
    before = post.asked("follow")
    await asyncio.sleep(1.5 * OFTEN.total_seconds())
    assert post.asked("follow") == before
    # Somebody died between the registry and the schedule: the next worker that starts mends it.
    await post.watches.remove("follow")
    await post.channels.resume("follow", by="tests")
    resumed = await post.channels.get("follow")
    assert resumed is not None
    assert (await post.watches.align([resumed])).put == 1
    await post.until("follow", lambda state: post.asked("follow") > before)
    assert await post.watches.remove("follow")
    assert not await post.watches.remove("follow")


async def test_align_leaves_alone_what_is_right(post: Post) -> None:
    wanted = [
        await post.register(f"kept-{n}", every=timedelta(hours=n + 1), on=n != 1) for n in range(3)
    ]
    pushed = await post.register("pushed", adapter="")
    all_ = [*wanted, pushed]
    async with asyncio.timeout(30):
        # What is listed follows what is there only after a moment.
        while (aligned := await post.watches.align(all_)).right < 3:  # noqa: ASYNC110 - far away
            await asyncio.sleep(0.2)
    assert (aligned.put, aligned.right) == (0, 3)
    assert not await post.watches.remove("pushed")


async def test_killed_between_fetch_and_keep(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site has answered, and nothing of it is kept: the same is asked for again."""
    post.serve("killed", feed(item("a"), item("b")))
    await post.register("killed")
    kept, blows = Arrivals.keep, iter([True, False])

    async def struck(self: Arrivals, *args: Any, **more: Any) -> Any:
        before = next(blows, None)
        if before:
            raise OSError("killed before anything was kept")
        done = await kept(self, *args, **more)
        if before is False:
            raise OSError("killed after all was kept, before anybody was told")
        return done

    monkeypatch.setattr(Arrivals, "keep", struck)
    out = await post.watches.read_now("killed")
    assert (out.new, out.problem) == (0, ""), "the third answer is the second one again"
    assert post.asked("killed") == 3
    assert await post.seen("killed") == {"a": "waiting", "b": "waiting"}


async def test_a_source_in_trouble_is_left_alone_and_comes_back(post: Post) -> None:
    post.serve("moving", BROKEN)
    await post.register("moving", every=OFTEN)
    state = await post.until("moving", lambda state: state.failures >= 2)
    assert "503" in state.problem
    assert state.backoff_until is not None
    assert state.last_read is not None
    assert state.backoff_until - state.last_read >= 2 * OFTEN
    asked = post.asked("moving")
    await asyncio.sleep(0.5)
    assert post.asked("moving") - asked <= 1
    post.serve("moving", feed(item("a")))
    state = await post.until("moving", lambda state: state.failures == 0)
    assert (state.problem, state.backoff_until) == ("", None)
    assert await post.seen("moving") == {"a": "waiting"}


async def test_a_source_may_ask_for_peace_and_a_person_reads_it_all_the_same(post: Post) -> None:
    post.serve("shy", Answer(429, headers=(("retry-after", "3600"),)))
    await post.register("shy")
    assert (await post.watches.read_now("shy")).problem
    state = await post.channels.state("shy")
    assert state.backoff_until is not None
    assert state.backoff_until > datetime.now(UTC) + timedelta(minutes=59)
    assert (await post.scheduled("shy")).skipped is Skip.BACKING_OFF
    post.serve("shy", feed(item("a")))
    assert (await post.watches.read_now("shy")).new == 1


async def test_bad_settings_are_told_and_not_tried_for_ever(post: Post) -> None:
    post.serve("secret", feed(item("a")))
    channel = await post.register(
        "secret",
        settings={"url": f"{post.site.address}/secret", "authorization": "street-token"},
    )
    out = await post.watches.read_now("secret")
    assert "street-token" in out.problem
    assert (await post.scheduled("secret")).skipped is Skip.BAD_SETTINGS
    assert standing(await post.watched("secret"), datetime.now(UTC)) is Standing.BAD_SETTINGS
    assert post.asked("secret") == 0
    mended = channel.model_copy(update={"settings": {"url": f"{post.site.address}/secret"}})
    await post.channels.put(mended, by="tests")
    assert (await post.scheduled("secret")).new == 1
    unknown = await post.register("unknown", adapter="telepathy")
    assert "telepathy" in (await post.watches.read_now(unknown.code)).problem


async def test_what_cannot_be_read_is_set_aside_and_the_rest_goes_on(post: Post) -> None:
    good = [item(f"g{n}") for n in range(4)]
    poison = {"id": "poison", "content_text": ""}
    post.serve("poison", feed(*good[:2], poison, *good[2:]))
    await post.register("poison")
    out = await post.watches.read_now("poison")
    assert (out.new, out.unreadable, out.set_aside) == (4, 1, 1)
    seen = await post.seen("poison")
    assert {state: list(seen.values()).count(state) for state in seen.values()} == {
        "waiting": 4,
        "set_aside": 1,
    }
    # What is set aside already costs no further tries.
    post.serve("poison", feed(poison, *good))
    asked = post.asked("poison")
    assert (await post.watches.read_now("poison")).known == 5
    assert post.asked("poison") == asked + 1


async def test_pause_stops_and_resume_goes_on_from_the_cursor(post: Post) -> None:
    post.serve("paused", feed(item("a")))
    await post.register("paused", on=False)
    assert (await post.scheduled("paused")).skipped is Skip.OFF
    assert (await post.watches.read_now("paused")).new == 1  # a person may look all the same
    cursor = (await post.channels.state("paused")).cursor
    await post.channels.resume("paused", by="tests")
    assert (await post.channels.state("paused")).cursor == cursor
    post.serve("paused", feed(item("b"), item("a")))
    out = await post.scheduled("paused")
    assert (out.new, out.skipped) == (1, None)
    assert (await post.scheduled("nobody")).skipped is Skip.GONE
