"""What a channel adapter is: something that reads a source from where it stopped.

An adapter keeps nothing. What has been seen, and how far it has read, is the ledger's business: the
arrivals of one reading and its cursor are kept in one transaction, so an adapter may be killed at
any moment and will be asked for the same again. It need not know what is new: what was seen before
is passed over.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import httpx
from pydantic import Field

from juanchi.domain.base import Code, Key, Line, Moment, Text, Value
from juanchi.domain.channels import Unreadable as Unreadable
from juanchi.domain.place import Place
from juanchi.domain.terms import Nature, Urgency
from juanchi.domain.ticket import MOST_PICTURES, Picture


class Arrival(Value):
    """One thing that a source said, as far as it could be read.

    ``external_id`` is the source's own, and the same at every reading. ``reported_at`` is None
    where the source gives no time, or none that can be: then it is the moment of the first reading.
    ``contact`` is in the clear and is sealed before it is kept anywhere.
    """

    external_id: Key
    text: Text
    reported_at: Moment | None = None
    url: Line = ""
    place: Place | None = None
    nature: Nature | None = None
    urgency: Urgency | None = None
    contact: Line = ""
    pictures: tuple[Picture, ...] = Field(default=(), max_length=MOST_PICTURES)


@dataclass(frozen=True, slots=True)
class Fetched:
    """One reading: what came, what could not be read, where to go on, and whether at once."""

    arrivals: tuple[Arrival, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    cursor: str = ""
    more: bool = False


class SourceTrouble(Exception):
    """A source cannot be read now: away, refusing, broken. It is read again, later and later.

    ``retry_after`` is how long the source itself asked us to stay away.
    """

    def __init__(self, problem: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.retry_after = retry_after


class BadSettings(Exception):
    """A channel's settings cannot work until a person has changed them."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Source:
    """What an adapter is given: its channel's settings, and what of the world it may use.

    ``secret`` gives a secret by the name that the settings mention, so that none lies in the
    ledger; it raises ``BadSettings`` for one that is not set. ``zone`` is the city's: times that
    name no zone are local.
    """

    channel: Code
    settings: Mapping[str, Any]
    http: httpx.AsyncClient
    secret: Callable[[str], str]
    zone: ZoneInfo
    now: Callable[[], datetime] = field(repr=False)


class Adapter(Protocol):
    """An open source."""

    async def fetch(self, cursor: str) -> Fetched:
        """Read on from a cursor (empty: from the beginning).

        Raises ``SourceTrouble`` or ``BadSettings``. One bad thing among good ones is never raised:
        it is among the ``unreadable``.
        """
        ...


class AdapterKind(Protocol):
    """A kind of source: what an entry point of the group ``juanchi.channels`` names."""

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise ``BadSettings`` for settings that can never work; touches nothing."""
        ...

    def open(self, source: Source) -> AbstractAsyncContextManager[Adapter]:
        """An adapter for a source, for as long as the block lasts."""
        ...
