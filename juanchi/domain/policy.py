"""Policy: every limit, rung and window, as versioned data (rules 3 and 6 of the domain)."""

import re
from datetime import date, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, Self

from pydantic import Field, model_validator

from juanchi.domain.base import Code, Value
from juanchi.domain.terms import ClockName, Nature, RungKind, Urgency


class LimitKind(StrEnum):
    """The kinds of clock, never mixed."""

    ELAPSED = "elapsed"
    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"
    SAME_DAY = "same_day"


_LIMIT = re.compile(r"^(\d+(?:\.\d+)?)(s|m|h|d|wh|wd)$")
_SAME_DAY = re.compile(r"^same_day (\d{2}:\d{2}) (\d{2}:\d{2})$")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = {  # ten years; a typing error beyond that would walk the calendar for ever
    LimitKind.ELAPSED: 10 * 366 * 86400,
    LimitKind.WORKING_DAYS: 10 * 366,
    LimitKind.WORKING_HOURS: 10 * 366 * 24,
    LimitKind.SAME_DAY: 0,
}


class Limit(Value):
    """How long something may take, written ``30m``, ``24h``, ``15d`` (elapsed), ``4wh`` (working
    hours), ``10wd`` (working days) or ``same_day 16:00 12:00`` (end of today when started before
    16:00, else the next day at 12:00).

    ``amount`` is in seconds for elapsed limits, in hours for working hours, in days for working
    days.
    """

    kind: LimitKind
    amount: float = Field(default=0, ge=0)
    cutoff: time | None = None
    else_at: time | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, data: Any) -> Any:
        return cls._parse(data) if isinstance(data, str) else data

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.amount > _LONGEST[self.kind]:
            raise ValueError("a limit may be at most ten years")
        if self.kind is LimitKind.WORKING_DAYS and self.amount != int(self.amount):
            raise ValueError(f"working days must be whole, not {self.amount:g}")
        if self.kind is LimitKind.SAME_DAY and (self.cutoff is None or self.else_at is None):
            raise ValueError("a same_day limit needs its cut-off and the time next day")
        return self

    @staticmethod
    def _parse(text: str) -> dict[str, Any]:
        if found := _LIMIT.match(text):
            number, unit = float(found[1]), found[2]
            if unit == "wd":
                return {"kind": LimitKind.WORKING_DAYS, "amount": number}
            if unit == "wh":
                return {"kind": LimitKind.WORKING_HOURS, "amount": number}
            return {"kind": LimitKind.ELAPSED, "amount": number * _SECONDS[unit]}
        if found := _SAME_DAY.match(text):
            return {"kind": LimitKind.SAME_DAY, "cutoff": found[1], "else_at": found[2]}
        raise ValueError(
            f"{text!r} is not a limit; write 30m, 24h, 15d, 4wh, 10wd or 'same_day 16:00 12:00'"
        )

    def __str__(self) -> str:
        match self.kind:
            case LimitKind.WORKING_DAYS:
                return f"{self.amount:.12g}wd"
            case LimitKind.WORKING_HOURS:
                return f"{self.amount:.12g}wh"
            case LimitKind.SAME_DAY:
                return f"same_day {self.cutoff:%H:%M} {self.else_at:%H:%M}"
        for unit, seconds in (("d", 86400), ("h", 3600), ("m", 60)):
            if self.amount and self.amount % seconds == 0:
                return f"{self.amount / seconds:.12g}{unit}"
        return f"{self.amount:.12g}s"

    @property
    def elapsed(self) -> timedelta:
        """The length of an elapsed limit."""
        return timedelta(seconds=self.amount)


class RungSpec(Value):
    """When a rung fires: ``at`` is ``80%`` of the time gone, ``due``, ``due+1wd`` or ``due+2h``."""

    kind: RungKind
    at: str = Field(pattern=r"^(\d{1,2}%|due|due\+\d+(s|m|h|d|wh|wd))$")

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.at.startswith("due+"):
            Limit.model_validate(self.at.removeprefix("due+"))
        return self

    @property
    def rank(self) -> int:
        """Where it stands whatever the calendar: the percentage, 100 at due, 101 after."""
        if self.at.endswith("%"):
            return int(self.at[:-1])
        return 100 if self.at == "due" else 101


class Window(Value):
    """One span of service hours in a working day, e.g. 09:00-12:00."""

    opens: time
    closes: time

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, data: Any) -> Any:
        if isinstance(data, str):
            opens, dash, closes = data.partition("-")
            if not dash:
                raise ValueError(f"{data!r} is not a window; write 09:00-12:00")
            return {"opens": opens.strip(), "closes": closes.strip()}
        return data

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError(f"service hours must open before they close: {self.opens}")
        return self


class Rework(Value):
    """Limit for work sent back: a share of the original limit, but at least ``least``."""

    share: float = Field(default=0.5, gt=0, le=1)
    least: Limit


class Policy(Value):
    """All limits and rungs in force from a date.

    ``limits`` maps a clock to its limits by key; the keys, most telling first, are an urgency
    (``urgent``), a nature (``complaint``) and ``default``. ``rungs`` maps a clock (or ``default``)
    to what rings on it, in order.
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
        missing = [name.value for name in ClockName if name not in self.limits]
        if missing:
            raise ValueError(f"limits missing for: {', '.join(missing)}")
        allowed = {*Nature, *Urgency, "default"}
        for clock, by_key in self.limits.items():
            unknown = set(by_key) - allowed
            if unknown:
                raise ValueError(f"limits.{clock}: unknown key {min(unknown)!r}")
            if "default" not in by_key:
                raise ValueError(f"limits.{clock} needs a default")
        unknown_clocks = set(self.rungs) - {*ClockName, "default"}
        if unknown_clocks or "default" not in self.rungs:
            raise ValueError(f"rungs: need a default; unknown clocks {sorted(unknown_clocks)}")
        return self

    def limit_key(self, clock: ClockName, nature: Nature | None, urgency: Urgency) -> str:
        """Which limit of a clock holds: an urgent ticket's own, else its nature's, else default."""
        by_key = self.limits[clock]
        for key in (urgency if urgency is Urgency.URGENT else None, nature):
            if key is not None and key in by_key:
                return key.value
        return "default"

    def limit(self, clock: ClockName, nature: Nature | None, urgency: Urgency) -> Limit:
        """The limit of a clock, as ``limit_key`` chooses it."""
        return self.limits[clock][self.limit_key(clock, nature, urgency)]

    def rungs_of(self, clock: ClockName) -> tuple[RungSpec, ...]:
        """What rings on a clock."""
        return self.rungs.get(clock, self.rungs["default"])
