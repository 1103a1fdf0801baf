"""What a clock that is to be planned needs to say: from when, and why."""

from datetime import date
from enum import StrEnum

from juanchi.domain.base import Line, Moment, Value
from juanchi.domain.deadlines import clock_key
from juanchi.domain.terms import ClockName


class PlanWhy(StrEnum):
    """Why a due time is computed: a clock starts, or its due time moves."""

    START = "start"
    EXTENDED = "extended"
    RESUMED = "resumed"
    RAISED = "raised"
    LOWERED = "lowered"
    REPLANNED = "replanned"


class PlanFor(Value):
    """A clock that needs a due time.

    ``start`` is when it starts, or when what moves it happened. ``rework``: it is work sent back.
    ``subject`` is the unit of a clock that runs once for each unit. ``limit_key`` chooses one of
    the policy's limits by name; ``extend`` is a granted limit (``5wd``); ``until`` is a date that a
    person has set instead of a limit.
    """

    clock: ClockName
    start: Moment
    rework: bool = False
    subject: str = ""
    why: PlanWhy = PlanWhy.START
    limit_key: Line = ""
    extend: Line = ""
    until: date | None = None

    @property
    def key(self) -> str:
        """The key of the deadline that it will be."""
        return clock_key(self.clock, self.subject)
