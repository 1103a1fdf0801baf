"""Policy: every limit, rung and window, as versioned data (rules 3 and 6 of the domain)."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Final, Self

from pydantic import Field, model_validator

from juanchi.domain.base import Code, Value
from juanchi.domain.limits import Limit, LimitKind, Rework, Window, limit_of
from juanchi.domain.policy_terms import (
    DutyTerms,
    SamenessTerms,
    SuggestionTerms,
    Terms,
    TriggerSpec,
    WatchTerms,
)
from juanchi.domain.rungs import OrderSpec, RungSpec
from juanchi.domain.terms import ClockName, Nature, RungKind, SiteProof, Urgency

__all__ = [
    "DEFAULT_LIMITS", "Limit", "LimitKind", "OrderSpec", "Policy", "Rework", "RungSpec",
    "SuggestionTerms", "Terms", "TriggerSpec", "Window",
]  # fmt: skip

DEFAULT: Final = "default"
JOINT: Final = "joint"
"""The limit of an arbitration in which the units concerned are consulted together."""


def _limits(**by_key: str) -> Mapping[str, Limit]:
    return MappingProxyType({key: limit_of(text) for key, text in by_key.items()})


DEFAULT_LIMITS: Final[Mapping[ClockName, Mapping[str, Limit]]] = MappingProxyType(
    {
        ClockName.ON_SITE: _limits(default="24h"),
        ClockName.RETURN_WINDOW: _limits(default="1wd", urgent="2h"),
        ClockName.RETURN: _limits(default="4wh", urgent="30m"),
        ClockName.EXTENSION: _limits(default="4wh", urgent="30m"),
        ClockName.HOLD_REQUEST: _limits(default="4wh", urgent="30m"),
        # Holds have a review date of their own; this is for one that has none.
        ClockName.HOLD: _limits(default="30d"),
        ClockName.ASSIST: _limits(default="5wd"),
        ClockName.WHISTLE: _limits(default="4wh", urgent="1h"),
        ClockName.ARBITRATION: _limits(default="1wd", joint="3wd"),
        ClockName.APPEAL: _limits(default="1wd"),
        ClockName.ORDER: _limits(default="2wd"),
        ClockName.RATING_APPEAL: _limits(default="1wd"),
        ClockName.SAMENESS: _limits(default="4wh", urgent="30m"),
        ClockName.CONSULTATION: _limits(default="5wd"),
        ClockName.OPINION: _limits(default="5wd"),
        ClockName.APPROVAL: _limits(default="5wd"),
    }
)
"""Limits of clocks that policies written before these clocks existed do not name."""

_BUILT_IN_RUNGS: Final[Mapping[ClockName, tuple[RungSpec, ...]]] = MappingProxyType(
    {
        ClockName.HOLD: (RungSpec(kind=RungKind.ELAPSED, at="due"),),
        # Unanswered, a proposal falls away, and the ticket goes on by itself.
        ClockName.SAMENESS: (
            RungSpec(kind=RungKind.REMINDER, at="50%"),
            RungSpec(kind=RungKind.ELAPSED, at="due"),
        ),
        # At its due time silence is noted, and there is nothing more to press for.
        ClockName.CONSULTATION: (
            RungSpec(kind=RungKind.REMINDER, at="80%"),
            RungSpec(kind=RungKind.ELAPSED, at="due"),
        ),
    }
)
"""What rings on clocks for which the default ladder would be wrong."""

_RINGING: Final = frozenset(ClockName) - {ClockName.RETURN_WINDOW}
_URGENT_KEYS: Final = {clock: f"{clock.value}.{Urgency.URGENT.value}" for clock in _RINGING}


class Policy(Value):
    """All limits, rungs and numbers in force from a date.

    ``limits`` maps a clock to its limits by key; the keys, most telling first, are an urgency
    (``urgent``), a nature (``complaint``) and ``default``. ``rungs`` maps a clock (or ``default``)
    to what rings on it, in order; ``sign.urgent`` is for urgent tickets.
    """

    code: Code
    version: Code
    valid_from: date
    service_hours: tuple[Window, ...] = Field(min_length=1)
    limits: dict[ClockName, dict[str, Limit]]
    rungs: dict[str, tuple[RungSpec, ...]]
    rework: Rework
    item_limits: bool = Field(
        default=True,
        description="whether limits of the implementation lists win over those of this policy",
    )
    callback_tries: int = Field(default=3, ge=1)
    callback_days: int = Field(default=2, ge=1, description="days the tries must spread over")
    verification_evidence: SiteProof = Field(
        default=SiteProof.EVIDENCE,
        description="what a verdict on what was seen on site must come with",
    )
    terms: Terms = Terms()
    duty_changes: DutyTerms = DutyTerms()
    sameness: SamenessTerms | None = Field(
        default=None, description="when two clues are the same matter; without it none are compared"
    )
    watching: WatchTerms = WatchTerms()

    @model_validator(mode="after")
    def _hours_in_order(self) -> Self:
        for one, other in pairwise(self.service_hours):
            if other.opens < one.closes:
                raise ValueError(
                    f"service_hours: the window from {other.opens:%H:%M} begins before the one "
                    f"ahead of it closes at {one.closes:%H:%M}"
                )
        return self

    @model_validator(mode="after")
    def _rungs_in_order(self) -> Self:
        for clock, specs in self.rungs.items():
            for one, other in pairwise(specs):
                if other.rank < one.rank:
                    raise ValueError(
                        f"rungs.{clock}: {other.at!r} is listed after {one.at!r} but rings before"
                    )
        return self

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [
            name.value
            for name in ClockName
            if name not in self.limits and name not in DEFAULT_LIMITS
        ]
        if missing:
            raise ValueError(f"limits missing for: {', '.join(missing)}")
        for clock, by_key in self.limits.items():
            unknown = by_key.keys() - _keys(clock)
            if unknown:
                raise ValueError(f"limits.{clock}: unknown key {min(unknown)!r}")
            if DEFAULT not in by_key:
                raise ValueError(f"limits.{clock} needs a default")
        unknown_clocks = self.rungs.keys() - {*_RINGING, *_URGENT_KEYS.values(), DEFAULT}
        if unknown_clocks or DEFAULT not in self.rungs:
            raise ValueError(f"rungs: need a default; unknown clocks {sorted(unknown_clocks)}")
        return self

    def limits_of(self, clock: ClockName) -> Mapping[str, Limit]:
        """The limits of a clock by key: its own, else the built-in ones."""
        return self.limits[clock] if clock in self.limits else DEFAULT_LIMITS[clock]

    def limit_key(self, clock: ClockName, nature: Nature | None, urgency: Urgency) -> str:
        """Which limit of a clock holds: an urgent ticket's own, else its nature's, else default."""
        by_key = self.limits_of(clock)
        for key in (urgency if urgency is Urgency.URGENT else None, nature):
            if key is not None and key in by_key:
                return key.value
        return DEFAULT

    def limit(self, clock: ClockName, nature: Nature | None, urgency: Urgency) -> Limit:
        """The limit of a clock, as ``limit_key`` chooses it."""
        return self.limits_of(clock)[self.limit_key(clock, nature, urgency)]

    def rule(self, clock: ClockName, key: str) -> str:
        """Where a clock's limit of that key is written, for an explanation."""
        if clock in self.limits:
            return f"policy {self.code}@{self.version} limits.{clock.value}.{key}"
        return f"built-in limits.{clock.value}.{key}"

    def rungs_of(
        self, clock: ClockName, urgency: Urgency = Urgency.GENERAL
    ) -> tuple[RungSpec, ...]:
        """What rings on a clock: nothing on a return window, whatever the policy says."""
        if clock not in _RINGING:
            return ()
        if urgency is Urgency.URGENT and (key := _URGENT_KEYS[clock]) in self.rungs:
            return self.rungs[key]
        if clock in self.rungs:
            return self.rungs[clock]
        return _BUILT_IN_RUNGS.get(clock) or self.rungs[DEFAULT]


def _keys(clock: ClockName) -> set[str]:
    joint = {JOINT} if clock is ClockName.ARBITRATION else set()
    return {*Nature, *Urgency, DEFAULT, *joint}
