"""Limits: how long something may take, and the hours in which a city works (rules 3)."""

import re
from datetime import time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Self

from pydantic import Field, model_validator

from juanchi.domain.base import Value


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


@lru_cache(maxsize=512)
def limit_of(text: str) -> Limit:
    """A limit as it is written. Raises ``ValueError`` when it is none."""
    return Limit.model_validate(text)


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
