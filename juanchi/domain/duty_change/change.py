"""A change of the lists as it stands: the fold of its events, nothing else."""

from datetime import date
from enum import StrEnum
from typing import Any, Self

from pydantic import Field

from juanchi.domain.actor import Actor
from juanchi.domain.base import Code, Key, Line, Moment, State, Text, Value
from juanchi.domain.deadlines import Deadline
from juanchi.domain.duty_change.fit import Misfit
from juanchi.domain.duty_change.rows import Rows
from juanchi.domain.plans import PlanFor
from juanchi.domain.policy_terms import DutyTerms
from juanchi.domain.terms import Role
from juanchi.domain.ticket import Processed


class DutyPhase(StrEnum):
    """Where a change is; the engine has the ball in the first and in ``entering``."""

    PROPOSED = "proposed"
    CONSULTING = "consulting"
    OPINION = "opinion"
    APPROVAL = "approval"
    APPROVED = "approved"
    ENTERING = "entering"
    IN_FORCE = "in_force"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


OVER = frozenset({DutyPhase.IN_FORCE, DutyPhase.REJECTED, DutyPhase.WITHDRAWN})


class Origin(StrEnum):
    """Where a proposal comes from."""

    HAND = "hand"
    RULING = "ruling"
    DOCTOR = "doctor"


class Stance(StrEnum):
    """What a unit says of a change. That it says nothing is no stance."""

    AGREE = "agree"
    OBJECT = "object"


class Verdict(StrEnum):
    """What the staffing office (编制部门) says of a change."""

    SUPPORT = "support"
    OPPOSE = "oppose"
    AMEND = "amend"


PROPOSERS = frozenset({Role.ARBITER, Role.DISPATCHER, Role.SUPERVISOR, Role.SYSTEM})


class Proposal(Value):
    """What is proposed, by whom and why. ``units`` are to be consulted besides those concerned.

    ``ruling`` and ``ticket_id`` name the ruling that found a gap, if one did.
    """

    rows: Rows
    reason: Text = Field(min_length=1)
    by: Actor
    origin: Origin = Origin.HAND
    ruling: Line = ""
    ticket_id: Line = ""
    units: tuple[Code, ...] = Field(default=(), max_length=100)


class Asked(Value):
    """A unit that was consulted. ``clock`` is the key of the clock by which it must answer.

    ``silent``: it had not answered when its clock had run, whatever it says later (``late``).
    """

    unit: Code
    at: Moment
    clock: str
    stance: Stance | None = None
    silent: bool = False

    @property
    def pending(self) -> bool:
        """Whether its answer is still waited for."""
        return self.stance is None and not self.silent


class Opinion(Value):
    """The staffing office's opinion; ``rows`` is how it would have the change."""

    verdict: Verdict
    note: Text = ""
    rows: Rows = ()


class DutyChange(State):
    """A change's whole state. ``rows`` are those that go into force if nobody changes them."""

    number: Code
    proposal: Proposal
    rows: Rows
    version: int = 0
    phase: DutyPhase = DutyPhase.PROPOSED
    since: Moment
    asked: tuple[Asked, ...] = ()
    opinion: Opinion | None = None
    in_force_on: date | None = None
    in_force_at: Moment | None = None
    misfits: tuple[Misfit, ...] = ()
    postponed: int = 0
    terms: DutyTerms = DutyTerms()
    batch: int | None = None
    lists_version: Line = ""
    deadlines: dict[str, Deadline] = Field(default_factory=dict)
    unplanned: tuple[PlanFor, ...] = ()
    processed: dict[Key, Processed] = Field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id of its workflow."""
        return change_id(self.number)

    @property
    def open(self) -> bool:
        """Whether it is neither in force nor given up."""
        return self.phase not in OVER

    @property
    def pending(self) -> tuple[str, ...]:
        """The units whose answer is still waited for."""
        return tuple(one.unit for one in self.asked if one.pending)

    def moved(self, phase: DutyPhase, at: Moment, *clocks: PlanFor, **changes: Any) -> Self:
        """This change in another phase, where only these clocks run."""
        return self.having(phase=phase, since=at, deadlines={}, unplanned=clocks, **changes)


def change_id(number: str) -> str:
    """The id of a change's workflow."""
    return f"duty-change/{number}"
