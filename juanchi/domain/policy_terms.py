"""Numbers that a ticket lives by besides its limits: returns, extensions, holds, supervision,
merging.
"""

from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from juanchi.domain.base import Value
from juanchi.domain.limits import Limit, limit_of
from juanchi.domain.rungs import OrderSpec, Resolve
from juanchi.domain.terms import RungKind, Trigger

_NO_LEVEL = (RungKind.PRESSED, RungKind.ELAPSED)


class TriggerSpec(Value):
    """The order that comes when a ticket is supervised for some reason, and its level."""

    level: RungKind
    order: OrderSpec

    @model_validator(mode="after")
    def _a_level(self) -> Self:
        if self.level in _NO_LEVEL:
            raise ValueError(f"an order cannot be of level {self.level.value!r}")
        return self


class SuggestionTerms(Value):
    """Numbers of the short path of suggestions.

    ``template_from``: a reply in the same words as so many others is flagged to its checker.
    ``honours``: so many suggestions of one person are honoured, each number once.
    """

    template_from: int = Field(default=3, ge=1, le=10_000)
    honours: tuple[int, ...] = Field(default=(10, 100), max_length=20)

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if list(self.honours) != sorted({number for number in self.honours if number > 0}):
            raise ValueError("honours must be numbers above 0, each once, the smallest first")
        return self


class Terms(Value):
    """Numbers of a policy that a ticket needs itself.

    ``refused_returns``: so many refused returns open arbitration. ``extension_days``: most working
    days of one extension; ``hold_days``: most days of one hold; ``extensions`` and ``holds``: how
    many there may be, none if 0. ``reworks``: so many are reported. ``voices``: so many make a
    matter a repeated one. ``strong_hours`` and ``weak_days`` after a closing, the same place and
    item again say strongly or weakly that the closing was false. ``triggers``: orders that come
    with a reason for supervision. ``suggestions``: None, and they have no short path.
    """

    refused_returns: int = Field(default=2, ge=1, le=20)
    extension_days: int = Field(default=10, ge=1, le=366)
    extensions: int = Field(default=2, ge=0, le=20)
    hold_days: int = Field(default=30, ge=1, le=366)
    holds: int = Field(default=2, ge=0, le=20)
    reworks: int = Field(default=3, ge=1, le=100)
    voices: int = Field(default=3, ge=1, le=10_000)
    strong_hours: int = Field(default=72, ge=0, le=366 * 24)
    weak_days: int = Field(default=30, ge=0, le=366)
    suggestions: SuggestionTerms | None = None
    triggers: dict[Trigger, TriggerSpec] = Field(default_factory=dict)

    def resolved(self, find: Resolve) -> Self:
        """The same terms, their orders addressed to the holders that the expressions mean."""
        return self.model_copy(
            update={
                "triggers": {
                    trigger: spec.model_copy(update={"order": spec.order.resolved(find)})
                    for trigger, spec in self.triggers.items()
                }
            }
        )


class DutyTerms(Value):
    """Numbers of a policy for changes of the lists.

    ``postponements``: how often one change may be put off; ``postpone_days``: most days ahead that
    it may be put off to, and that its date in force may lie ahead.
    """

    postponements: int = Field(default=3, ge=0, le=20)
    postpone_days: int = Field(default=366, ge=1, le=3660)


class SamenessTerms(Value):
    """A policy's numbers for merging; a policy without them compares nothing.

    From ``merge_above`` on (a score, 0 to 1) the engine merges by itself, from ``propose_above`` on
    it proposes. ``open_days`` and ``closed_days``: how long before a clue came in another one may
    have come in that is open, or been closed. ``radius_m``: metres within which two points are the
    same place.
    """

    merge_above: float = Field(gt=0, le=1)
    propose_above: float = Field(gt=0, le=1)
    open_days: int = Field(default=90, ge=1, le=3660)
    closed_days: int = Field(default=30, ge=0, le=3660)
    radius_m: float = Field(default=100, gt=0, le=10_000)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.propose_above > self.merge_above:
            raise ValueError(
                f"propose_above ({self.propose_above:g}) must not be above merge_above "
                f"({self.merge_above:g}): what is merged would not even be proposed"
            )
        return self

    @property
    def reach(self) -> timedelta:
        """How long ago a clue may have come in that is still compared."""
        return timedelta(days=self.open_days + self.closed_days)


class WatchTerms(Value):
    """Numbers of a policy for channels that are read.

    ``see_to``: how soon whoever a channel belongs to is to see to it once it has fallen silent or
    fails. ``longest_pause_minutes``: the most that a failing source is left alone by our own doing.
    """

    see_to: Limit = limit_of("4wh")
    longest_pause_minutes: int = Field(default=60, ge=1, le=24 * 60)
