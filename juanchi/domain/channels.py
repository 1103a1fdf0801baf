"""Channels as an operator registers them, and what becomes of what they bring: pure values."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from pydantic import Field

from juanchi.domain.base import Code, Key, Line, Moment, Text, Value
from juanchi.domain.lists import Channel, ChannelKind, Pack

TRIES: Final = 3
"""How often one thing may fail, to be read or to become a ticket, before it is set aside."""

RAW_KEPT: Final = 1000
"""Characters of an unreadable thing that are kept for a person to look at."""


class Trust(StrEnum):
    """How far a channel is believed.

    ``public``: anybody may write there, so what it says about nature and urgency counts for
    nothing. ``known``: a partner whose word on that is taken. ``trusted``: a house of the city's
    own.
    """

    PUBLIC = "public"
    KNOWN = "known"
    TRUSTED = "trusted"


class ChannelLimits(Value):
    """How fast a channel's arrivals become tickets, and how long its queue may grow in peace.

    ``per_minute``: general ones admitted each minute; urgent ones count but never wait for it.
    ``waiting``: from so many on, the adapter is asked to slow down. Nothing is ever dropped.
    """

    per_minute: int = Field(default=1200, ge=1, le=1_000_000)
    waiting: int = Field(default=5000, ge=1, le=1_000_000)


class RegisteredChannel(Value):
    """A channel that was registered while the engine ran; it adds to those of the city's lists.

    ``adapter`` names a kind of adapter (empty: it is only pushed to), ``settings`` are that
    adapter's, and name secrets without holding them. ``region`` is the part of the city it is
    about. ``verify``: a street team looks before filing. ``every``: between two readings.
    ``silent_after``: with nothing new for so long, somebody is to look. ``budget``: the share of
    a day's readings that may fail before it counts as ailing.
    """

    code: Code
    name: Line = Field(min_length=1)
    name_en: Line = ""
    kind: ChannelKind
    adapter: Line = ""
    settings: dict[str, Any] = Field(default_factory=dict)
    region: Code | None = None
    trust: Trust = Trust.PUBLIC
    verify: bool = True
    every: timedelta = Field(default=timedelta(minutes=5), ge=timedelta(seconds=1))
    owner: Line = ""
    on: bool = True
    silent_after: timedelta | None = Field(default=None, gt=timedelta())
    limits: ChannelLimits = ChannelLimits()
    budget: float = Field(default=0.1, ge=0, le=1)

    @property
    def listed(self) -> Channel:
        """It as the city's lists would tell of it."""
        return Channel(
            code=self.code,
            name=self.name,
            name_en=self.name_en,
            kind=self.kind,
            verify=self.verify,
        )


class ChannelState(Value):
    """How a channel's reading stands.

    ``last_new`` is when it last brought something new; ``failures`` are those in a row.
    ``readings`` and ``failed`` count the last 24 hours. ``problem`` is that of the last reading,
    empty when it went well.
    """

    code: Code
    cursor: str = ""
    last_read: Moment | None = None
    last_success: Moment | None = None
    last_new: Moment | None = None
    failures: int = 0
    backoff_until: Moment | None = None
    problem: str = ""
    readings: int = 0
    failed: int = 0

    @property
    def failed_share(self) -> float:
        """The share of the last 24 hours' readings that failed, to compare with the budget."""
        return self.failed / self.readings if self.readings else 0.0


class Unreadable(Value):
    """One thing that a source said and that could not be read.

    ``external_id`` is the source's own, or made of the raw words, the same at every reading.
    ``raw`` is the beginning of what was given, for a person to look at.
    """

    external_id: Key
    problem: Line
    raw: Text = ""


class ArrivalState(StrEnum):
    """Where an arrival is. Only ``dropped`` is a person's; nothing else ends without a ticket."""

    WAITING = "waiting"
    ADMITTED = "admitted"
    UNREADABLE = "unreadable"
    SET_ASIDE = "set_aside"
    DROPPED = "dropped"


class Kept(Value):
    """What became of one reading.

    ``new`` wait from now on; ``known`` had been seen before. ``unreadable`` will be tried again,
    ``set_aside`` were set aside now. ``waiting``: this channel's arrivals that wait to be
    admitted, counted up to its limit. ``slow_down``: the adapter should. ``wake``: the admission
    may be asleep and is to be told.
    """

    new: int = 0
    known: int = 0
    unreadable: int = 0
    set_aside: int = 0
    waiting: int = 0
    slow_down: bool = False
    wake: bool = False


def with_registered(pack: Pack, registered: tuple[RegisteredChannel, ...]) -> Pack:
    """A city with its registered channels among those of its lists; the registry's word wins."""
    if not registered:
        return pack
    channels = {channel.code: channel for channel in pack.channels}
    channels |= {channel.code: channel.listed for channel in registered}
    return pack.model_copy(update={"channels": tuple(channels.values())})


_NUMBER = re.compile(r"\d(?:[\d\- ]{5,}\d)")
_MAIL = re.compile(r"[\w.+\-]+@[\w\-]+\.[\w.\-]+")


def veiled(raw: str) -> str:
    """The beginning of raw words, without what may be somebody's number or address."""
    return _MAIL.sub("***@***", _NUMBER.sub("***", raw[:RAW_KEPT]))
