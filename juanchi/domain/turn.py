"""One turn of a ticket: what has just happened to it, and what follows without anybody's doing."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from pydantic import Field

from juanchi.domain import machine
from juanchi.domain.base import Moment, Value
from juanchi.domain.events import AnyEvent, Entry, entry
from juanchi.domain.messages import Event
from juanchi.domain.notices import Notice, notices
from juanchi.domain.ticket import Ticket


class Turn(Value):
    """What the workflow hands to the ledger: the ticket as last written, and what came after.

    ``at`` is the turn's own time, the time of all that follows from it.
    """

    ticket: Ticket
    events: tuple[AnyEvent, ...]
    at: Moment

    @classmethod
    def of(cls, ticket: Ticket, events: Iterable[Event], at: datetime) -> "Turn":
        """A turn of our own making."""
        # Not validated anew: every part is ours already, and this is the hottest path.
        own = tuple(cast(AnyEvent, event) for event in events)
        return cls.model_construct(ticket=ticket, events=own, at=at)


class Advanced(Value):
    """How far the turn has come, all of it written.

    ``stands``: the turn's own events are in the journal. If not, the journal already held another
    course of things; then ``entries`` are the journal's own, from the place of the turn's first
    event on. ``whole``: ``entries`` are the turn's own events (but for a clue's receipt, which is
    long and known) and what followed; without it, as 0.1 wrote it, only what followed. ``post`` are
    the notices for units' webhooks.
    """

    stands: bool = True
    whole: bool = False
    entries: tuple[Entry, ...] = ()
    post: tuple[Notice, ...] = ()


class Receipt(Value):
    """The ledger's answer to a recording: the keys of those notices whose unit has a webhook."""

    webhooks: tuple[str, ...] = ()


class Recording(Value):
    """A turn ready to be written: its journal entries, how the ticket then stands, who is told.

    Writing it is idempotent, keyed by (ticket id, seq) of each entry.
    """

    ticket: Ticket
    entries: tuple[Entry, ...] = Field(min_length=1)
    notices: tuple[Notice, ...] = ()


class Lived:
    """A ticket as events happen to it, with the journal entries and notices that they make."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.entries: list[Entry] = []
        self.notices: list[Notice] = []

    def happen(self, events: Iterable[Event]) -> None:
        """Let events happen, in order."""
        for event in events:
            self.ticket = machine.evolve(self.ticket, event)
            self.entries.append(entry(self.ticket, event))
            self.notices += notices(self.ticket, event, self.ticket.version)

    def recording(self) -> Recording:
        """All of it, ready to be written."""
        return Recording.model_construct(
            ticket=self.ticket, entries=tuple(self.entries), notices=tuple(self.notices)
        )
