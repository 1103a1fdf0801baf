"""The registry of channels: registered, changed, paused, and how the reading of each stands."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.channels import ChannelState
from juanchi.ledger.arrivals import Arrivals
from juanchi.ledger.channels import Channels, RegistryReader
from juanchi.ledger.errors import NoChannel
from tests.ledger.brought import NOW, SOON, clue, registered


async def test_a_channel_is_registered_changed_and_found(engine: AsyncEngine) -> None:
    channels = Channels(engine)
    first = await channels.put(registered(settings={"url": "http://a/feed"}), by="op")
    assert await channels.put(registered(settings={"url": "http://a/feed"}), by="op") == first
    second = await channels.put(registered(owner="desk"), by="op", why="it has an owner now")
    assert second > first
    assert await channels.get("feed-1") == registered(owner="desk")
    assert await channels.get("feed-2") is None
    await channels.put(registered("feed-0"), by="op")
    assert [channel.code for channel in await channels.all()] == ["feed-0", "feed-1"]


async def test_paused_and_resumed(engine: AsyncEngine) -> None:
    channels = Channels(engine)
    await channels.put(registered(), by="op")
    await channels.failed("feed-1", "refused", at=NOW, backoff_until=SOON)
    await channels.pause("feed-1", by="op", why="it is being rebuilt")
    assert not (await channels.all())[0].on
    await channels.resume("feed-1", by="op")
    assert (await channels.all())[0].on
    state = await channels.state("feed-1")
    assert (state.backoff_until, state.failures) == (None, 0)
    with pytest.raises(NoChannel, match="feed-9"):
        await channels.pause("feed-9", by="op")


async def test_failures_in_a_row_and_the_days_share(engine: AsyncEngine) -> None:
    channels, arrivals = Channels(engine), Arrivals(engine)
    assert await channels.state("feed-1") == ChannelState(code="feed-1")
    now = datetime.now(UTC)
    await arrivals.keep("feed-1", [clue("1", "feed-1")], cursor="c1", read_at=now)
    long_ago = now - timedelta(days=2)
    await channels.failed("feed-1", "long ago", at=long_ago)
    await channels.failed("feed-1", "no answer 1", at=now)
    stands = await channels.failed("feed-1", "no answer 2", at=now, backoff_until=SOON)
    assert (stands.failures, stands.problem, stands.cursor) == (3, "no answer 2", "c1")
    assert (stands.readings, stands.failed) == (3, 2)
    assert stands.failed_share == pytest.approx(2 / 3)
    await arrivals.keep("feed-1", [clue("1", "feed-1")], cursor="c2", read_at=now)
    healed = await channels.state("feed-1")
    assert (healed.failures, healed.problem, healed.backoff_until) == (0, "", None)
    assert (healed.cursor, healed.last_success, healed.last_new) == ("c2", now, now)


async def test_another_source_is_read_from_its_beginning(engine: AsyncEngine) -> None:
    channels, arrivals = Channels(engine), Arrivals(engine)
    await channels.put(registered(settings={"url": "http://a"}), by="op")
    await arrivals.keep("feed-1", [], cursor="far", read_at=NOW)
    await channels.put(registered(settings={"url": "http://a"}, owner="desk"), by="op")
    assert (await channels.state("feed-1")).cursor == "far"
    await channels.put(registered(settings={"url": "http://b"}, owner="desk"), by="op")
    assert (await channels.state("feed-1")).cursor == ""


async def test_a_reader_sees_the_registry_change_and_nothing_else(engine: AsyncEngine) -> None:
    channels, reader = Channels(engine), RegistryReader(engine, fresh_for=0)
    empty = await reader.registered()
    assert empty.channels == ()
    await channels.put(registered(), by="op")
    one = await reader.registered()
    assert (one.version > empty.version, one.channels) == (True, (registered(),))
    assert await reader.registered() is one
