"""When a channel is read, how long a failing one is left alone, and who must look at it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juanchi.domain.channels import ChannelState, RegisteredChannel
from juanchi.domain.lists import ChannelKind
from juanchi.domain.policy_terms import WatchTerms
from juanchi.domain.watching import (
    LONGEST_ASKED,
    UNTIL_CHANGED,
    Reading,
    Skip,
    Standing,
    Watched,
    offset_of,
    pause_after,
    skipped,
    standing,
    task_of,
)
from tests.pure import MONDAY, tinytown

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TERMS = WatchTerms(see_to="2h")  # type: ignore[arg-type]


def channel(**more: Any) -> RegisteredChannel:
    given: dict[str, Any] = {
        "code": "forum",
        "name": "The forum",
        "kind": ChannelKind.FEED,
        "adapter": "feed",
        "every": MINUTE,
        "silent_after": 6 * HOUR,
        **more,
    }
    return RegisteredChannel.model_validate(given)


def seen(state: dict[str, Any] | None = None, **more: Any) -> Watched:
    """A channel registered a week ago."""
    return Watched(
        channel=channel(**more),
        state=ChannelState(code="forum", **(state or {})),
        changed_at=MONDAY - timedelta(days=7),
    )


def well(**more: Any) -> dict[str, Any]:
    """The state of one that was read a minute ago and brought something."""
    a_minute_ago = MONDAY - MINUTE
    return {
        "last_read": a_minute_ago,
        "last_success": a_minute_ago,
        "last_new": a_minute_ago,
        "readings": 1440,
        **more,
    }


def failing(since: timedelta, **more: Any) -> dict[str, Any]:
    """The state of one that could be read last so long ago."""
    return well(last_success=MONDAY - since, failures=3, failed=3, problem="HTTP 503", **more)


# ------------------------------------------------------------ when it is read


def test_five_hundred_channels_do_not_start_at_once() -> None:
    starts = [offset_of(f"channel-{n}", MINUTE) for n in range(500)]
    assert all(timedelta() <= start < MINUTE for start in starts)
    assert max(starts.count(start) for start in set(starts)) < 25
    assert offset_of("forum", MINUTE) == offset_of("forum", MINUTE)


def test_a_failing_source_is_left_alone_longer_and_longer_up_to_a_bound() -> None:
    pauses = [pause_after(n, MINUTE, TERMS) for n in range(1, 10)]
    assert pauses[:4] == [MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE]
    assert pauses[-1] == HOUR
    assert pause_after(10**9, MINUTE, TERMS) == HOUR
    assert pause_after(5, timedelta(days=1), TERMS) == timedelta(days=1)


@given(
    st.integers(1, 10**6),
    st.timedeltas(timedelta(seconds=1), timedelta(days=30)),
    st.none() | st.timedeltas(timedelta(days=-1), timedelta(days=10**6)),
)
def test_a_pause_is_never_shorter_than_the_interval_nor_without_bound(
    failures: int, every: timedelta, asked: timedelta | None
) -> None:
    pause = pause_after(failures, every, TERMS, asked)
    assert every <= pause <= max(every, HOUR, LONGEST_ASKED)
    assert pause <= pause_after(failures + 1, every, TERMS, asked)
    if asked is not None:
        assert pause >= min(asked, LONGEST_ASKED)


@pytest.mark.parametrize(
    ("state", "more", "why"),
    [
        ({}, {}, None),
        (well(backoff_until=MONDAY - MINUTE), {}, None),
        (well(backoff_until=MONDAY + MINUTE), {}, Skip.BACKING_OFF),
        (well(backoff_until=UNTIL_CHANGED), {}, Skip.BAD_SETTINGS),
        (well(), {"on": False}, Skip.OFF),
        ({}, {"adapter": ""}, Skip.PUSHED),
    ],
)
def test_why_a_channel_is_not_read(
    state: dict[str, Any], more: dict[str, Any], why: Skip | None
) -> None:
    found = seen(state, **more)
    assert skipped(found, Reading(channel="forum"), MONDAY) is why
    by_hand = skipped(found, Reading(channel="forum", by_hand=True), MONDAY)
    assert by_hand is (Skip.PUSHED if why is Skip.PUSHED else None)


# ------------------------------------------------------------ how it stands, and who must act


@pytest.mark.parametrize(
    ("state", "more", "how"),
    [
        (well(), {}, Standing.WELL),
        ({}, {"silent_after": None}, Standing.NEVER_READ),
        ({}, {"silent_after": None, "adapter": ""}, Standing.WELL),
        (well(last_new=MONDAY - 7 * HOUR), {}, Standing.SILENT),
        (well(last_new=MONDAY - 6 * HOUR), {}, Standing.WELL),
        (well(last_new=MONDAY - 7 * HOUR), {"adapter": ""}, Standing.SILENT),
        (well(last_new=MONDAY - 7 * HOUR), {"on": False}, Standing.OFF),
        # A tenth of a day is 2.4 hours.
        (failing(2 * HOUR, backoff_until=MONDAY + MINUTE), {}, Standing.BACKING_OFF),
        (failing(3 * HOUR, backoff_until=MONDAY + MINUTE), {}, Standing.FAILING),
        (failing(2 * HOUR), {"budget": 0}, Standing.FAILING),
        (failing(HOUR, readings=20), {}, Standing.FAILING),
        (failing(HOUR, readings=20) | {"failed": 2}, {}, Standing.WELL),
        (well(readings=10, failed=9), {}, Standing.WELL),
        (failing(3 * HOUR, backoff_until=UNTIL_CHANGED), {}, Standing.BAD_SETTINGS),
    ],
)
def test_how_a_channel_stands(state: dict[str, Any], more: dict[str, Any], how: Standing) -> None:
    assert standing(seen(state, **more), MONDAY) is how


def task(found: Watched, now: datetime = MONDAY) -> Any:
    tools = tinytown()
    _, calendar = tools.rulebook(now)
    return task_of(found, now, TERMS, calendar)


def test_a_silent_channel_is_somebody_s_task_and_no_longer_when_it_speaks() -> None:
    found = seen(well(last_new=MONDAY - 7 * HOUR), owner="roads")
    (kind, holder, since, due) = (lambda t: (t.kind, t.holder, t.since, t.due))(task(found))
    assert (kind, holder) == (Standing.SILENT, "roads")
    assert (since, due) == (MONDAY - HOUR, MONDAY + HOUR)
    assert task(found, MONDAY + 3 * HOUR).due == due  # it does not move
    assert task(seen(well(), owner="roads")) is None


def test_a_channel_without_an_owner_is_the_supervisors() -> None:
    found = task(seen(failing(3 * HOUR)))
    assert (found.holder, found.problem) == ("supervisor", "HTTP 503")
    assert found.since == MONDAY - 3 * HOUR + timedelta(hours=2.4)


def test_turned_on_again_it_has_its_time_from_then() -> None:
    old = well(last_new=MONDAY - timedelta(days=30))
    found = seen(old).model_copy(update={"changed_at": MONDAY - HOUR})
    assert standing(found, MONDAY) is Standing.WELL
    assert standing(found, MONDAY + 6 * HOUR) is Standing.SILENT
    assert standing(found, datetime(2027, 1, 1, tzinfo=UTC)) is Standing.SILENT
