"""One turn of a change: what its workflow hands to the ledger, and what it gets back."""

from typing import Any

from juanchi.domain.base import Code, Moment, Value
from juanchi.domain.duty_change.change import DutyChange, Proposal
from juanchi.domain.duty_change.events import DutyEntry
from juanchi.domain.duty_change.fit import Misfit


class DutyTurn(Value):
    """A change as its workflow knows it, what is asked of it (if anything), and the turn's time."""

    change: DutyChange
    action: dict[str, Any] | None = None
    at: Moment


class DutyOpening(Value):
    """How a change's workflow starts: with a proposal, or with the change of the run before."""

    number: Code
    proposal: Proposal | None = None
    change: DutyChange | None = None


class DutyTaken(Value):
    """The answer to an action: the same for the same action, however often it is sent."""

    number: Code
    action: str
    version: int


class DutyTurned(Value):
    """All that the journal holds beyond the turn's change; and the refusal, if it was one."""

    entries: tuple[DutyEntry, ...] = ()
    refused: Misfit | None = None
