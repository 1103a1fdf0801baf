"""Errors of the ledger, worded for the person who has to do something about them."""


class LedgerError(Exception):
    """Something in the ledger is not as it must be."""


class JournalConflict(LedgerError):
    """The journal already holds another event at this place; nothing was written.

    Two histories of one ticket have met. Trying again does not help: somebody must look.
    """

    def __init__(self, ticket_id: str, seq: int) -> None:
        self.ticket_id = ticket_id
        self.seq = seq
        super().__init__(f"{ticket_id}: the journal holds a different event {seq}")


class JournalDamaged(LedgerError):
    """A ticket's journal does not fold: it is gapped, begins wrongly, or cannot be read."""

    def __init__(self, ticket_id: str, problem: str) -> None:
        self.ticket_id = ticket_id
        self.problem = problem
        super().__init__(f"{ticket_id}: {problem}")


class SchemaMismatch(LedgerError):
    """The database's tables are not those this code works with."""


class NoCity(LedgerError):
    """No city pack has been loaded yet."""

    def __init__(self) -> None:
        super().__init__("No city is loaded. Load one with `starter.py pack load DIR`.")


class Unrecordable(LedgerError):
    """PostgreSQL cannot take this recording's values, and never will; nothing was written."""


class LedgerUnavailable(LedgerError):
    """The database is away or busy; the same call later is safe and will do."""
