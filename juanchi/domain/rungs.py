"""What policy says about rungs: which rings when, who is told, which order it brings (rules 6)."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, Self

from pydantic import Field, model_validator

from juanchi.domain.base import Line, Moment, Value
from juanchi.domain.holders import Holder
from juanchi.domain.limits import Limit, limit_of
from juanchi.domain.terms import RungKind

Resolve = Callable[[str], str]
"""Finds the holder that an expression means."""

_MARK = re.compile(r"(?P<percent>\d{1,2})%|due(?:(?P<sign>[+-])(?P<limit>\d+(?:s|m|h|d|wh|wd)))?")
_ONE = r"(?:\d{1,2}%|due|due[+-]\d+(?:s|m|h|d|wh|wd))"


class OrderSpec(Value):
    """A supervision order (督办单) as policy gives it: to whom, what for, and who gets a copy."""

    leader: Holder
    requirement: Line = ""
    copies: tuple[Holder, ...] = ()

    def resolved(self, find: Resolve) -> Self:
        """The same order, addressed to the holders that its expressions mean."""
        return self.model_copy(
            update={"leader": find(self.leader), "copies": tuple(map(find, self.copies))}
        )


class Mark(NamedTuple):
    """One moment on a clock: ``percent`` of its time gone, or due, or ``limit`` after it.

    ``early``: it is ``limit`` before due.
    """

    percent: int | None
    limit: Limit | None
    early: bool

    @property
    def rank(self) -> int:
        """Where it stands whatever the calendar: the percentage, 99 before due, 100 at it."""
        if self.percent is not None:
            return self.percent
        if self.limit is None:
            return 100
        return 99 if self.early else 101


class RungSpec(Value):
    """When a rung fires, who is told besides whoever has the task, and the order that it brings.

    ``at`` is ``80%`` of the time gone, ``due``, ``due-1wd`` or ``due+2h``; of alternatives joined
    by ``|`` the one that comes first. A rung is known by its kind: it fires once, also when the
    clock is planned again.
    """

    kind: RungKind
    at: str = Field(pattern=rf"^{_ONE}(\|{_ONE})*$")
    order: OrderSpec | None = None
    tell: tuple[Holder, ...] = ()

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        _ = self.marks
        return self

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Its alternatives."""
        return _marks(self.at)

    @property
    def rank(self) -> int:
        """Where it stands whatever the calendar; of alternatives the first."""
        return min(mark.rank for mark in self.marks)


@lru_cache(maxsize=512)
def _marks(at: str) -> tuple[Mark, ...]:
    return tuple(_mark(text) for text in at.split("|"))


def _mark(text: str) -> Mark:
    found = _MARK.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a moment on a clock")
    percent, limit = found["percent"], found["limit"]
    return Mark(
        percent=int(percent) if percent else None,
        limit=limit_of(limit) if limit else None,
        early=found["sign"] == "-",
    )


class Rung(Value):
    """One step of pressure and the moment it fires; ``order`` and ``tell`` name holders."""

    kind: RungKind
    at: Moment
    order: OrderSpec | None = None
    tell: tuple[Line, ...] = ()
