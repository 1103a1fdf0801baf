"""What a ticket's workflow takes and gives: the types that clients share with it."""

from typing import Any

from pydantic import model_validator

from juanchi.domain.base import Value
from juanchi.domain.refusal import Refused
from juanchi.domain.ticket import Clue, Ticket

WORKFLOW = "Ticket"
ACT = "act"
"""The update that takes any action and answers at once."""
TELL = "tell"
"""The signal that takes any action; a refused one is journalled, never dropped."""

NAMED = ("sign", "progress", "reply", "verify", "rate")
"""Actions that other systems send most; each is also an update and a signal of its own name."""


class Opening(Value):
    """How a ticket's workflow starts: with a clue, or with the ticket of the run before."""

    clue: Clue | None = None
    ticket: Ticket | None = None

    @model_validator(mode="after")
    def _one(self) -> "Opening":
        if (self.clue is None) == (self.ticket is None):
            raise ValueError("a ticket opens with a clue or with a ticket, not both")
        return self


class Taken(Value):
    """The answer to an action: the same for the same action, however often it is sent.

    ``version`` is the ticket's version after the action's own events.
    """

    ticket_id: str
    action: str
    version: int


class Letter:
    """One message in the ticket's inbox, and what became of it.

    Not a value: a handler puts it in, the loop fills in the answer or the refusal.
    """

    __slots__ = ("by_signal", "data", "refused", "taken")

    def __init__(self, data: Any, *, by_signal: bool) -> None:
        self.data = data
        self.by_signal = by_signal
        self.taken: Taken | None = None
        self.refused: Refused | None = None

    @property
    def settled(self) -> bool:
        """Whether the loop is done with it."""
        return self.taken is not None or self.refused is not None
