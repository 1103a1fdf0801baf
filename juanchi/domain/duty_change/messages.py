"""What every action on a change has in common, and what the lists are asked before it."""

from datetime import date

from juanchi.domain.base import Code, Moment, Value
from juanchi.domain.duty_change.change import DutyChange
from juanchi.domain.duty_change.fit import Misfit
from juanchi.domain.duty_change.rows import AnyRow
from juanchi.domain.messages import Action
from juanchi.domain.rules import RulesOf


class Question(Value):
    """What the lists are asked: do these rows fit on a day, and are there these units?"""

    rows: tuple[AnyRow, ...] = ()
    on: date | None = None
    units: tuple[Code, ...] = ()


class Found(Value):
    """What the lists say. ``begins`` is when the day that was asked about begins in the city.

    ``concerned`` are the units that the rows give something or take it from.
    """

    today: date
    begins: Moment
    misfits: tuple[Misfit, ...] = ()
    concerned: tuple[Code, ...] = ()
    unknown_units: tuple[str, ...] = ()


class DutyAction(Action):
    """What somebody asks of a change of the lists."""

    def asks(self, change: DutyChange) -> Question:
        """What must be known before this action is decided."""
        return Question()


class DutyRules(RulesOf[DutyChange, Found]):
    """The rules of one part of a change's life."""
