"""What a ticket's workflow takes and gives: the types that clients share with it."""

from typing import Any

from pydantic import model_validator
from temporalio.exceptions import ApplicationError

from juanchi.domain.actions import parse_action
from juanchi.domain.base import Value
from juanchi.domain.messages import Action
from juanchi.domain.refusal import Refused
from juanchi.domain.ticket import Clue, Ticket

WORKFLOW = "Ticket"
ACT = "act"
"""The update that takes any action and answers at once."""
TELL = "tell"
"""The signal that takes any action; a refused one is journalled, never dropped."""


class Opening(Value):
    """How a ticket's workflow starts: with a clue, or with the ticket of the run before.

    ``by_start``: the clue counts as received when the workflow was started; 0.1 took the time of
    its first task. ``revived``: the ticket had ended, and this run begins with the action that it
    lives on by.
    """

    clue: Clue | None = None
    ticket: Ticket | None = None
    by_start: bool = False
    revived: bool = False

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

    Not a value: a handler puts it in, the loop settles it with an answer or a refusal.
    """

    __slots__ = ("_action", "by_signal", "data", "refused", "settled", "taken")

    def __init__(self, data: Any, *, by_signal: bool) -> None:
        self.data = data
        self.by_signal = by_signal
        self.settled = False
        self.taken: Taken | None = None
        self.refused: Refused | None = None
        self._action: Action | None = None

    def action(self) -> Action:
        """The action in it. Refused: unknown_action, bad_input."""
        if self._action is None:
            self._action = parse_action(self.data)
        return self._action

    @property
    def kind(self) -> str:
        """What it claims to be, readable or not."""
        return self._action.name if self._action else str(self._field("kind"))[:60]

    @property
    def key(self) -> str:
        """Its idempotency key; of an unreadable one, the best that can be made of it."""
        if self._action:
            return self._action.key
        return f"{self.kind}:{self._field('id')}"[:200]

    def _field(self, name: str) -> Any:
        return self.data.get(name, "?") if isinstance(self.data, dict) else "?"


def told(refused: Refused) -> ApplicationError:
    """A refusal as a workflow answers with it; clients make it whole again."""
    return ApplicationError(str(refused), refused.facts, type=refused.code, non_retryable=True)
