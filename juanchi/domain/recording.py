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

    ``journal`` is empty when the recording was written. Otherwise nothing was written, because the
    journal already holds another course of things: these are its own entries from the recording's
    first seq on. ``webhooks`` are the keys of the notices still to be posted.
    """

    webhooks: tuple[str, ...] = ()
    journal: tuple[Entry, ...] = ()
