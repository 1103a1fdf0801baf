"""A change of Tinytown's lists on the pure core, and the people who act on it.

life = Change(add("lamp", "harbour", "bins"))
life.does("south-roads", "answer", stance="agree")
assert life.refuses("approver", "approve", in_force_on=DAY) is Code.NOT_NOW
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from juanchi.domain.actor import Actor
from juanchi.domain.base import Value
from juanchi.domain.duty_change import machine
from juanchi.domain.duty_change.actions import parse_duty_action
from juanchi.domain.duty_change.ball import DutyTask, duty_tasks
from juanchi.domain.duty_change.change import DutyChange, DutyPhase, Proposal
from juanchi.domain.duty_change.clocks import PlanClocks, earliest
from juanchi.domain.duty_change.desk import DutyDesk, entering
from juanchi.domain.duty_change.entering import Enter, Entered
from juanchi.domain.duty_change.events import DutyEntry
from juanchi.domain.duty_change.fit import DoesNotFit
from juanchi.domain.duty_change.messages import DutyAction
from juanchi.domain.duty_change.proposal import Survey, begin
from juanchi.domain.duty_change.rows import AddDuty, AnyRow, EndDuty, ReplaceDuty
from juanchi.domain.lists import Pack
from juanchi.domain.messages import Event, Result, Step
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import Role
from juanchi.intake.tools import Tools
from tests.pure import MONDAY, tinytown

OF_CHANGES = frozenset(
    {
        Code.NO_SUCH_CHANGE,
        Code.CHANGE_OVER,
        Code.NOT_NOW,
        Code.EMPTY_CHANGE,
        Code.ROW_TWICE,
        Code.ROW_SAME,
        Code.ROW_OVERLAPS,
        Code.NO_SUCH_ROW,
        Code.STREET_WITHOUT_BASIS,
        Code.TOO_MANY_UNITS,
        Code.NOT_ASKED,
        Code.ANSWERED_ALREADY,
        Code.ASKED_ALREADY,
        Code.NOT_CONSULTED,
        Code.NO_AMENDMENT,
        Code.POSTPONED_ENOUGH,
        Code.DATE_NOT_LATER,
    }
)
"""The codes that only a change says."""

TODAY = MONDAY.date()
SUPERVISOR = Actor(role=Role.SUPERVISOR, staff="s1")


def in_days(days: int) -> date:
    """A day, so many from the Monday on which lives begin."""
    return TODAY + timedelta(days=days)


def add(item: str, region: str, lead: str, **more: Any) -> AddDuty:
    """A new row; it has a basis unless the test says otherwise."""
    return AddDuty(item=item, region=region, lead=lead, **{"basis": "Charter 3", **more})


def replace(item: str, region: str, lead: str, **more: Any) -> ReplaceDuty:
    """A row in place of the one in force."""
    return ReplaceDuty(item=item, region=region, lead=lead, **{"basis": "Charter 4", **more})


def end(item: str, region: str = "*") -> EndDuty:
    """The row in force ends."""
    return EndDuty(item=item, region=region)


class Change:
    """One change's life. Who acts is a role, or a unit's code. ``pack`` are the lists in force."""

    def __init__(
        self,
        *rows: AnyRow,
        pack: Pack | None = None,
        begins: datetime = MONDAY,
        units: Sequence[str] = (),
    ) -> None:
        self.pack = pack or tinytown().pack
        self.now = begins
        self.batches: list[Pack] = []
        self._ids = count(1)
        self._seen: Pack | None = None
        proposal = Proposal(rows=rows, reason="a gap", by=SUPERVISOR, units=tuple(units))
        newborn, proposed = begin("DC-1", proposal, begins)
        self.lived = machine.Lived(newborn)
        self.lived.happen([proposed])
        self.ring()

    @property
    def change(self) -> DutyChange:
        return self.lived.change

    @property
    def entries(self) -> Sequence[DutyEntry]:
        return self.lived.entries

    @property
    def kinds(self) -> list[str]:
        """The kinds of all that happened."""
        return [entry.event.kind for entry in self.entries]

    @property
    def tasks(self) -> list[DutyTask]:
        """Who must do what now."""
        return duty_tasks(self.change)

    def asks(self, who: str, kind: str, **fields: Any) -> DutyAction:
        """An action as somebody would send it."""
        role, unit = (who, None) if who in list(Role) else (Role.UNIT, who)
        asked = {"kind": kind, "id": str(next(self._ids)), "at": self.now}
        plain = {name: _plain(value) for name, value in fields.items()}
        return parse_duty_action({**asked, "actor": {"role": role, "unit": unit}, **plain})

    def does(self, who: str, kind: str, **fields: Any) -> "Change":
        """Somebody does something. Raises ``Refused``."""
        self.act(self.asks(who, kind, **fields))
        return self

    def refuses(self, who: str, kind: str, **fields: Any) -> Code:
        """The code with which something is refused; and nothing has changed."""
        self.ring()
        before = self.change
        with pytest.raises(Refused) as told:
            self.act(self.asks(who, kind, **fields))
        assert self.change is before
        return told.value.code

    def act(self, action: DutyAction) -> Sequence[Event]:
        """Take an action as the workflow's activity would. Raises ``Refused``."""
        self.ring()
        found = self._desk.found(action.asks(self.change), self.now)
        events = machine.decide(self.change, action, self.now, found)
        self.lived.happen(events)
        self.ring()
        return events

    def pass_time(self, by: timedelta) -> "Change":
        """Time passes; what is due happens at its own moment."""
        until = self.now + by
        while (when := earliest(self.change)) is not None and when <= until:
            self.now = max(when, self.now)
            self.ring()
        self.now = until
        return self

    def at(self, phase: DutyPhase) -> bool:
        """Whether it is there now."""
        return self.change.phase is phase

    def waits_for(self) -> list[str]:
        """The units whose answer is still waited for."""
        return list(self.change.pending)

    def days(self, days: float) -> "Change":
        """So many days pass."""
        return self.pass_time(timedelta(days=days))

    def ring(self) -> None:
        """Everything that has come due, and what follows."""
        self._settle()
        while rang := machine.ring_due(self.change, self.now):
            self.lived.happen(rang)
            self._settle()

    @property
    def _desk(self) -> DutyDesk:
        if self._seen is not self.pack:
            tools = Tools(self.pack, "now")
            self._made = DutyDesk(self.pack, tools.rulebook, tools.local_day)
            self._seen = self.pack
        return self._made

    def _settle(self) -> None:
        while step := machine.wants(self.change):
            result = self._take(step)
            self.lived.happen(machine.complete(self.change, result, self.now))

    def _take(self, step: Step) -> Result:
        match step:
            case Survey():
                return self._desk.survey(self.change, self.now)
            case PlanClocks():
                return self._desk.planned(step)
            case Enter():
                return self._enter()
        raise AssertionError(f"no hand for {step!r}")

    def _enter(self) -> Entered:
        assert self.change.in_force_on is not None
        try:
            self.pack = entering(self.pack, self.change.rows, self.change.in_force_on)
        except DoesNotFit as unfit:
            return Entered(misfits=unfit.misfits)
        self.batches.append(self.pack)
        return Entered(batch=len(self.batches), lists_version=f"lists#{len(self.batches)}")


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.model_dump(mode="json") if isinstance(value, Value) else value


def lamp_at_harbour() -> Change:
    """Lamps at Harbour are to be the bins' people's: they and the depot there are asked."""
    return Change(add("lamp", "harbour", "bins"))


def before_opinion() -> Change:
    """Both units have agreed."""
    life = lamp_at_harbour()
    return life.does("bins", "answer", stance="agree").does("south-roads", "answer", stance="agree")


def before_approval() -> Change:
    """The staffing office supports it."""
    return before_opinion().does("staffing", "opinion", verdict="support")


def approved(days: int = 7) -> Change:
    """It is to be in force in so many days."""
    return before_approval().does("approver", "approve", in_force_on=in_days(days))
