"""When a channel is read, and when somebody must look at it. Pure.

A channel's schedule says when it may be read; what has happened to it says whether it is. A source
that fails is left alone longer and longer, up to a bound, and read at its ordinary pace again from
its first answer on.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from pydantic import Field

from juanchi.domain.base import Code, Moment, Text, Value
from juanchi.domain.calendar import WorkCalendar
from juanchi.domain.channels import ChannelState, RegisteredChannel
from juanchi.domain.policy_terms import WatchTerms
from juanchi.domain.terms import Role

LONGEST_ASKED: Final = timedelta(days=1)
"""The most that a source is left alone because it asks for it: it may be wrong, or hostile."""
UNTIL_CHANGED: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""Until a person has changed the channel, or reads it by hand."""
LEAST_FAILED: Final = 3
"""So few failed readings in a day spend no budget, however few readings there were."""
DAY: Final = timedelta(days=1)


class Reading(Value):
    """One reading of a channel. ``by_hand``: a person wants it now, whatever it rests for."""

    channel: Code
    by_hand: bool = False


class Skip(StrEnum):
    """Why a channel was not read."""

    GONE = "gone"
    OFF = "off"
    PUSHED = "pushed"
    BACKING_OFF = "backing_off"
    BAD_SETTINGS = "bad_settings"


class ReadOut(Value):
    """What one reading, or several, found. ``more``: the source has more, and may be read on.

    ``slowed``: there is more, but so much waits already that it stays where it is for now.
    """

    skipped: Skip | None = None
    pages: int = Field(default=0, ge=0)
    new: int = Field(default=0, ge=0)
    known: int = Field(default=0, ge=0)
    unreadable: int = Field(default=0, ge=0)
    set_aside: int = Field(default=0, ge=0)
    problem: Text = ""
    more: bool = False
    slowed: bool = False

    def plus(self, other: "ReadOut") -> "ReadOut":
        """Both together; how it stands is as the other one says."""
        counts = ("pages", "new", "known", "unreadable", "set_aside")
        sums = {name: getattr(self, name) + getattr(other, name) for name in counts}
        return other.model_copy(update=sums)


class Standing(StrEnum):
    """How a channel stands, the gravest first."""

    BAD_SETTINGS = "bad_settings"
    FAILING = "failing"
    SILENT = "silent"
    OFF = "off"
    BACKING_OFF = "backing_off"
    NEVER_READ = "never_read"
    WELL = "well"


class Watched(Value):
    """A channel and how its reading stands. ``changed_at``: when a person last changed it."""

    channel: RegisteredChannel
    state: ChannelState
    changed_at: Moment


class ChannelTask(Value):
    """What somebody must do about a channel: ``kind`` is how it stands, ``due`` by when.

    ``since`` is when it came to stand so; ``problem`` what the source said last, if it failed.
    """

    kind: Standing
    channel: Code
    name: str
    name_en: str
    holder: str
    since: Moment
    due: Moment
    problem: str = ""


def offset_of(code: str, every: timedelta) -> timedelta:
    """Where in its interval a channel is read: by its name, so that many do not start at once.

    Whole seconds, the same for ever.
    """
    draw = int.from_bytes(blake2b(code.encode(), digest_size=8).digest())
    return timedelta(seconds=draw % max(1, int(every.total_seconds())))


def pause_after(
    failures: int, every: timedelta, terms: WatchTerms, asked: timedelta | None = None
) -> timedelta:
    """How long a source is left alone after so many failures in a row.

    One interval after the first, each time twice as long, up to the policy's bound or one interval.
    What the source itself asks for counts where it is more, up to a day.
    """
    longest = max(every, timedelta(minutes=terms.longest_pause_minutes))
    # Beyond 20 doublings the bound holds for any interval.
    ours = min(every * (1 << min(max(failures - 1, 0), 20)), longest)
    return max(ours, min(asked or timedelta(), LONGEST_ASKED))


def skipped(watched: Watched, reading: Reading, now: datetime) -> Skip | None:
    """Why a channel is not read now; None if it is."""
    if not watched.channel.adapter:
        return Skip.PUSHED
    if reading.by_hand:
        return None
    if not watched.channel.on:
        return Skip.OFF
    until = watched.state.backoff_until
    if until is None or until <= now:
        return None
    return Skip.BAD_SETTINGS if until == UNTIL_CHANGED else Skip.BACKING_OFF


def standing(watched: Watched, now: datetime) -> Standing:
    """How a channel stands."""
    if not watched.channel.on:
        return Standing.OFF
    until = watched.state.backoff_until
    if until == UNTIL_CHANGED:
        return Standing.BAD_SETTINGS
    if _spent_since(watched, now) is not None:
        return Standing.FAILING
    if _silent_since(watched, now) is not None:
        return Standing.SILENT
    if until is not None and until > now:
        return Standing.BACKING_OFF
    if watched.channel.adapter and watched.state.last_read is None:
        return Standing.NEVER_READ
    return Standing.WELL


def task_of(
    watched: Watched, now: datetime, terms: WatchTerms, calendar: WorkCalendar
) -> ChannelTask | None:
    """What whoever a channel belongs to must do about it, if anything; gone when it is well."""
    kind = standing(watched, now)
    since = _since(watched, kind, now)
    if since is None:
        return None
    channel = watched.channel
    return ChannelTask(
        kind=kind,
        channel=channel.code,
        name=channel.name,
        name_en=channel.name_en,
        holder=channel.owner or Role.SUPERVISOR,
        since=since,
        due=calendar.add(terms.see_to, since).at,
        problem=watched.state.problem,
    )


def _since(watched: Watched, kind: Standing, now: datetime) -> datetime | None:
    match kind:
        case Standing.BAD_SETTINGS:
            return watched.state.last_read
        case Standing.FAILING:
            return _spent_since(watched, now)
        case Standing.SILENT:
            return _silent_since(watched, now)
    return None


def _silent_since(watched: Watched, now: datetime) -> datetime | None:
    """Since when it has been silent for longer than it may be."""
    allowed = watched.channel.silent_after
    if allowed is None:
        return None
    # One that was off, or is new, gets its time from the moment on which it was put on.
    spoke = max(watched.state.last_new or watched.changed_at, watched.changed_at)
    return spoke + allowed if now - spoke > allowed else None


def _spent_since(watched: Watched, now: datetime) -> datetime | None:
    """Since when its error budget is spent: by the share of a day in which nothing could be read,
    or by the share of a day's readings that failed. Only while its readings fail.
    """
    state, budget = watched.state, watched.channel.budget
    if not state.failures or state.last_read is None or state.last_read < watched.changed_at:
        return None
    good = max(state.last_success or watched.changed_at, watched.changed_at)
    if now - good > DAY * budget:
        return good + DAY * budget
    if state.failed >= LEAST_FAILED and state.failed_share > budget:
        return good
    return None
