"""Units' own systems fail in every way; no notice is lost, and each keeps its key."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from juanchi.domain.lists import Pack
from juanchi.domain.notices import RETRY_AFTER, NoticeFailed, NoticePosted
from juanchi.domain.ticket import Phase
from juanchi.ledger.journal import read
from juanchi.ledger.views import notices
from juanchi.packs import read_pack
from juanchi.runtime.settings import Settings
from tests.chaos.receiver import Mood, Receiver
from tests.pure import TINYTOWN
from tests.town import Town, founded, town_at_work

ALL_WAYS = (Mood.BROKEN, Mood.ASLEEP, Mood.FORGETFUL, Mood.WELL)
A_LITTLE = timedelta(seconds=5)


def hooked(url: str) -> Pack:
    """Tinytown, where roads and rescue have systems of their own."""
    pack = read_pack(TINYTOWN)
    units = tuple(
        unit.model_copy(update={"webhook": url}) if unit.code in ("roads", "rescue") else unit
        for unit in pack.units
    )
    return pack.model_copy(update={"units": units})


class Post:
    """The town whose units are told, and the time that passes for one ticket."""

    def __init__(self, town: Town, receiver: Receiver, environment: WorkflowEnvironment) -> None:
        self.town = town
        self.receiver = receiver
        self._environment = environment

    async def report(self, name: str, text: str = "", **more: str) -> str:
        """A ticket whose time stands still until it is told to pass."""
        with self._environment.with_time_skipping_disabled():
            return await self.town.report(
                name, text or "A lamp is out in Mill Parish", channel="web", **more
            )

    async def pass_time(self, ticket: str, by: timedelta) -> None:
        """Let the ticket's own time pass."""
        handle = self.town.juanchi.temporal.get_workflow_handle(ticket)
        await self._environment.fast_forward(handle, by)

    async def first_key(self) -> str:
        """The key of the first notice that arrives."""
        async with asyncio.timeout(20):
            while not self.receiver.arrivals:  # noqa: ASYNC110 - a server's count
                await asyncio.sleep(0.02)
        return self.receiver.arrivals[0].key

    async def arrived(self, key: str, times: int) -> None:
        """Return when the receiver has seen a key so many times."""
        async with asyncio.timeout(20):
            while len(self.receiver.by_key()[key]) < times:  # noqa: ASYNC110 - a server's count
                await asyncio.sleep(0.02)

    async def tried(self, ticket: str, key: str) -> list[str]:
        """How each try to post went, as the journal tells it."""
        events = [entry.event for entry in await read(self.town.engine, ticket)]
        return [
            "posted" if isinstance(event, NoticePosted) else event.error
            for event in events
            if isinstance(event, NoticePosted | NoticeFailed) and event.key == key
        ]

    async def until_tried(self, ticket: str, key: str, times: int) -> list[str]:
        """The tries, once there are so many of them."""
        async with asyncio.timeout(20):
            while len(tries := await self.tried(ticket, key)) < times:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)
        return tries


@asynccontextmanager
async def post_office(
    settings: Settings, environment: WorkflowEnvironment, url: str, moods: Iterable[Mood]
) -> AsyncIterator[Post]:
    async with Receiver(moods).listening() as receiver:
        engine = await founded(url, hooked(receiver.url))
        client = environment.client
        async with town_at_work(settings, client, client, engine) as town:
            yield Post(town, receiver, environment)
        await engine.dispose()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for an answer is in real time, whatever the ticket's clock says."""
    monkeypatch.setattr("activities.notifying.TIMEOUT_S", 0.5)


async def test_a_notice_arrives_after_every_kind_of_failure(
    settings: Settings, time_skipping: WorkflowEnvironment, database_url: str
) -> None:
    async with post_office(settings, time_skipping, database_url, ALL_WAYS) as post:
        ticket = await post.report("hooked")
        key = await post.first_key()
        for times, wait in enumerate(RETRY_AFTER[:3], start=1):
            await post.until_tried(ticket, key, times)
            await post.pass_time(ticket, wait + A_LITTLE)
            await post.arrived(key, times + 1)
        tries = await post.until_tried(ticket, key, 4)
        assert tries[0] == "HTTP 500"
        assert tries[1].startswith("ReadTimeout")
        assert tries[2].startswith("RemoteProtocolError")
        assert tries[3] == "posted"
        seen = post.receiver.by_key()[key]
        assert [arrival.mood for arrival in seen] == list(ALL_WAYS)
        assert {arrival.told["what"] for arrival in seen} == {"dispatched"}
        assert {arrival.told["ticket"] for arrival in seen} == {ticket}
        line = next(n for n in await notices(post.town.engine, "roads") if n.key == key)
        assert line.posted_at is not None
        await post.town.sign(ticket)


async def test_a_dead_system_is_given_up_and_the_ticket_goes_on(
    settings: Settings, time_skipping: WorkflowEnvironment, database_url: str
) -> None:
    async with post_office(settings, time_skipping, database_url, [Mood.BROKEN]) as post:
        ticket = await post.report("dead")
        key = await post.first_key()
        for times, wait in enumerate(RETRY_AFTER, start=1):
            await post.until_tried(ticket, key, times)
            await post.pass_time(ticket, wait + A_LITTLE)
        tries = await post.until_tried(ticket, key, len(RETRY_AFTER) + 1)
        assert set(tries) == {"HTTP 500"}
        await post.town.sign(ticket)
        state = await post.town.state(ticket)
        assert state.phase is Phase.HANDLING
        assert key not in {waiting.key for waiting in state.undelivered}
        line = next(n for n in await notices(post.town.engine, "roads") if n.key == key)
        assert (line.posted_at, line.failed) == (None, "HTTP 500")


async def test_a_ticket_that_has_ended_still_delivers(
    settings: Settings, time_skipping: WorkflowEnvironment, database_url: str
) -> None:
    """An emergency is redirected at once; that its service was away for a minute loses nothing."""
    moods = (Mood.BROKEN, Mood.WELL)
    async with post_office(settings, time_skipping, database_url, moods) as post:
        ticket = await post.report("fire", "the mill is on fire, flames everywhere")
        key = await post.first_key()
        assert post.receiver.arrivals[0].told["what"] == "emergency"
        await post.until_tried(ticket, key, 1)
        await post.pass_time(ticket, RETRY_AFTER[0] + A_LITTLE)
        assert await post.until_tried(ticket, key, 2) == ["HTTP 500", "posted"]
        handle = post.town.juanchi.temporal.get_workflow_handle(ticket)
        assert await handle.result() == "redirected"
