"""What a ticket has lived through since the ledger last heard of it.

The journal is the truth. A turn is written while its workflow task is still open; when that task is
lost after the writing (a worker killed, a message that came in between), Temporal runs the turn
anew, and it may now come out differently. Then the ledger answers with what it holds, and the
ticket lives on from there: what was written, and perhaps told to units, has happened.
"""

from collections.abc import Iterable, Sequence

from juanchi.domain import machine
from juanchi.domain.events import Entry, entry
from juanchi.domain.messages import Event
from juanchi.domain.notices import Notice, notices
from juanchi.domain.recording import Recording
from juanchi.domain.ticket import Ticket
from workflows import steps


class Logbook:
    """Collects a turn's events and writes them; keeps the ticket as it was last written."""

    def __init__(self, ticket: Ticket) -> None:
        self._written = ticket
        self._entries: list[Entry] = []
        self._told: list[Notice] = []

    @property
    def pending(self) -> bool:
        """Whether something has happened that the ledger does not know yet."""
        return bool(self._entries)

    def note(self, ticket: Ticket, events: Iterable[Event]) -> Ticket:
        """Let events happen to the ticket; the ledger hears of them at the next writing."""
        for event in events:
            ticket = machine.evolve(ticket, event)
            self._entries.append(entry(ticket, event))
            self._told += notices(ticket, event, ticket.version)
        return ticket

    async def write(self, ticket: Ticket) -> tuple[Ticket, Sequence[Notice]]:
        """Write what has happened; the ticket as the ledger knows it, and the notices to post."""
        recording = Recording.model_construct(
            ticket=ticket, entries=tuple(self._entries), notices=tuple(self._told)
        )
        self._entries, self._told = [], []
        receipt = await steps.record(recording)
        told: Sequence[Notice] = recording.notices
        if receipt.journal:
            ticket, told = _relived(self._written, receipt.journal)
        self._written = ticket
        waiting = {notice.key for notice in ticket.undelivered}
        post = set(receipt.webhooks) - waiting
        return ticket, [notice for notice in told if notice.key in post]


def _relived(ticket: Ticket, journal: Sequence[Entry]) -> tuple[Ticket, Sequence[Notice]]:
    """The ticket after the journal's own entries, and the notices that they brought."""
    first = journal[0].event
    if ticket.version == 0:
        ticket, _ = machine.begin(ticket.clue, first.at, first.by)
    told: list[Notice] = []
    for line in journal:
        ticket = machine.evolve(ticket, line.event)
        told += notices(ticket, line.event, ticket.version)
    return ticket, told
