"""What the workflow hands to the ledger after each turn, and what it gets back."""

from pydantic import Field

from juanchi.domain.base import Value
from juanchi.domain.events import Entry
from juanchi.domain.notices import Notice
from juanchi.domain.ticket import Ticket


class Recording(Value):
    """One turn of a ticket: its new journal entries, how it stands now, and who is told.

    Writing it is idempotent, keyed by (ticket id, seq) of each entry.
    """

    ticket: Ticket
    entries: tuple[Entry, ...] = Field(min_length=1)
    notices: tuple[Notice, ...] = ()


class Receipt(Value):
    """The ledger's answer.

    ``webhooks`` are the keys of those notices whose unit has one. ``lived_before``: this clue has
    been a ticket already, longer ago than Temporal remembers; nothing was written.
    """

    webhooks: tuple[str, ...] = ()
    lived_before: bool = False
