"""What a ticket has lived through since the ledger last heard of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from juanchi.domain import machine
from juanchi.domain.clue import Received
from juanchi.domain.messages import Event
from juanchi.domain.notices import Notice
from juanchi.domain.ticket import Ticket
from juanchi.domain.turn import Advanced, Turn
from workflows.steps import advance, catch_up


class Logbook:
    """Collects a turn's events and writes them; keeps the ticket as it was last written."""

    def __init__(self, ticket: Ticket) -> None:
        self._written = ticket
        self._events: list[Event] = []

    @property
    def pending(self) -> bool:
        """Whether something has happened that the ledger does not know yet."""
        return bool(self._events)

    def note(self, ticket: Ticket, events: Iterable[Event]) -> Ticket:
        """Let events happen to the ticket; the ledger hears of them at the next writing."""
        for event in events:
            ticket = machine.evolve(ticket, event)
            self._events.append(event)
        return ticket

    async def write(self, now: datetime) -> tuple[Ticket, Sequence[Notice]]:
        """Write what has happened and what follows from it; the ticket then, and what to post.

        The ticket is what the answer says, not what this run has thought: where the server had to
        divide a task (a query came in meanwhile), a replay runs the turn at a later time.
        """
        turn = Turn.of(self._written, self._events, now)
        own, self._events = self._events, []
        advanced = await advance(turn)
        if not advanced.stands:
            return self._follow(self._written, advanced)
        return self._follow(machine.fold(self._written, _unsaid(own, advanced)), advanced)

    async def catch_up(self) -> tuple[Ticket, Sequence[Notice]] | None:
        """The ticket as the ledger knows it, if that is further than this book; and what to post.

        What was not written yet then gives way: it happened to a ticket that was behind.
        """
        advanced = await catch_up(self._written)
        if not advanced.entries:
            return None
        self._events = []
        return self._follow(self._written, advanced)

    def _follow(self, ticket: Ticket, advanced: Advanced) -> tuple[Ticket, Sequence[Notice]]:
        followed = [line.event for line in advanced.entries]
        if followed:
            ticket = machine.fold(machine.born_as(ticket, followed[0]), followed)
        self._written = ticket
        return ticket, advanced.post


def _unsaid(own: Sequence[Event], advanced: Advanced) -> Sequence[Event]:
    """The turn's own events that the answer takes as known: the receipt, and to 0.1 all."""
    if not advanced.whole:
        return own
    return [event for event in own[:1] if isinstance(event, Received)]
