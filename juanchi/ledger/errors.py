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


class IncidentKnown(LedgerError):
    """Another incident was declared under this code; nothing was changed."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Another incident has the code {code}. Choose a new one.")


class NoIncident(LedgerError):
    """No incident was ever declared under this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"There is no incident {code}.")


class NoDutyChange(LedgerError):
    """No change of the lists was ever filed under this number."""

    def __init__(self, number: str) -> None:
        super().__init__(f"There is no change {number}.")


class Unrecordable(LedgerError):
    """PostgreSQL cannot take this recording's values, and never will; nothing was written."""


class LedgerUnavailable(LedgerError):
    """The database is away or busy; the same call later is safe and will do."""


class ListsRefused(LedgerError):
    """A change of the lists, or a look into their past, that is not possible. Nothing has changed.

    ``code`` is stable; ``facts`` fill the sentence that a catalogue holds under ``lists.refused``.
    """

    def __init__(self, code: str, **facts: object) -> None:
        self.code = code
        self.facts = {name: str(value) for name, value in facts.items()}
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        super().__init__(f"{code}: {told}" if told else code)


class NoModel(LedgerError):
    """There is no such model, or its bytes are kept no more."""


class NothingInForce(LedgerError):
    """No model of this kind is in force, so there is none to roll back."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"No {kind} model is in force: there is nothing to roll back.")


class ModelInForce(LedgerError):
    """The model is in force already; nothing was changed."""

    def __init__(self, model: int) -> None:
        super().__init__(f"Model {model} is in force already.")


class Overtaken(LedgerError):
    """Another model was put in force meanwhile; nothing was written. Judge against that one."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"Another {kind} model was put in force meanwhile. Train again.")


class NoChannel(LedgerError):
    """No channel is registered under this code."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"No channel {code} is registered.")


class NoArrival(LedgerError):
    """This channel never brought anything of this id."""

    def __init__(self, channel: str, external_id: str) -> None:
        self.channel, self.external_id = channel, external_id
        super().__init__(f"{channel} never brought {external_id}.")


class NotSetAside(LedgerError):
    """This arrival is not set aside, so there is nothing to decide about it."""

    def __init__(self, channel: str, external_id: str, state: str) -> None:
        self.channel, self.external_id, self.state = channel, external_id, state
        super().__init__(f"{channel}/{external_id} is {state}, not set aside.")
