"""The units concerned are asked, each with a clock; silence is noted, and is never agreement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain import base
from juanchi.domain.actor import ENGINE
from juanchi.domain.base import Text
from juanchi.domain.duty_change.change import Asked, DutyChange, DutyPhase, Stance
from juanchi.domain.duty_change.messages import DutyAction, DutyRules, Found, Question
from juanchi.domain.duty_change.proposal import consulting, opinion_clock
from juanchi.domain.messages import Event
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.requests import reasoned
from juanchi.domain.terms import Role

rules = DutyRules()

BEFORE_APPROVAL = (DutyPhase.CONSULTING, DutyPhase.OPINION, DutyPhase.APPROVAL)


class ConsultUnits(DutyAction):
    """More units are asked. Each is asked once, so that a change cannot go round for ever."""

    kind: Literal["consult"] = "consult"
    units: tuple[base.Code, ...] = Field(min_length=1, max_length=100)
    note: Text = ""

    def asks(self, change: DutyChange) -> Question:
        return Question(units=self.units)


class UnitsConsulted(Event):
    kind: Literal["units_consulted"] = "units_consulted"
    units: tuple[base.Code, ...]
    note: Text = ""


class AnswerAsUnit(DutyAction):
    """A unit agrees or objects. ``lead`` is whose it says the matter is; late is welcome too."""

    kind: Literal["answer"] = "answer"
    stance: Stance
    reason: Text = ""
    alternative: Text = ""
    lead: base.Code | None = None

    def asks(self, change: DutyChange) -> Question:
        return Question(units=(self.lead,) if self.lead else ())


class UnitAnswered(Event):
    """``late``: its silence had been noted before."""

    kind: Literal["unit_answered"] = "unit_answered"
    unit: base.Code
    stance: Stance
    reason: Text = ""
    alternative: Text = ""
    lead: base.Code | None = None
    late: bool = False


class UnitsSilent(Event):
    """These units had not answered when their clock had run: no answer, which is no agreement."""

    kind: Literal["units_silent"] = "units_silent"
    units: tuple[base.Code, ...]


class ConsultationOver(Event):
    """All have answered, or had the time to. The staffing office has the ball."""

    kind: Literal["consultation_over"] = "consultation_over"
    agreed: int
    objected: int
    silent: int


@rules.decides_knowing(
    ConsultUnits,
    roles=[Role.DISPATCHER, Role.SUPERVISOR, Role.ARBITER, Role.STAFFING, Role.APPROVER],
    phases=BEFORE_APPROVAL,
)
def consult(
    change: DutyChange, action: ConsultUnits, now: datetime, found: Found
) -> Sequence[Event]:
    if found.unknown_units:
        raise Refused(Code.UNKNOWN_UNIT, names=", ".join(found.unknown_units))
    known = {one.unit for one in change.asked}
    units = tuple(unit for unit in dict.fromkeys(action.units) if unit not in known)
    if not units:
        raise Refused(Code.ASKED_ALREADY, units=", ".join(action.units))
    return [
        UnitsConsulted(at=now, by=action.actor, cause=action.key, units=units, note=action.note)
    ]


@rules.evolves(UnitsConsulted)
def units_consulted(change: DutyChange, event: UnitsConsulted) -> DutyChange:
    return consulting(change, event.units, event.at)


@rules.decides_knowing(AnswerAsUnit, roles=[Role.UNIT], phases=BEFORE_APPROVAL)
def answer(
    change: DutyChange, action: AnswerAsUnit, now: datetime, found: Found
) -> Sequence[Event]:
    asked = next((one for one in change.asked if one.unit == action.actor.unit), None)
    if asked is None:
        raise Refused(Code.NOT_ASKED, unit=action.actor.unit)
    if asked.stance is not None:
        raise Refused(Code.ANSWERED_ALREADY, unit=asked.unit)
    if action.stance is Stance.OBJECT:
        reasoned(action.reason)
    if found.unknown_units:
        raise Refused(Code.UNKNOWN_UNIT, names=", ".join(found.unknown_units))
    answered = UnitAnswered(
        at=now,
        by=action.actor,
        cause=action.key,
        unit=asked.unit,
        stance=action.stance,
        reason=action.reason,
        alternative=action.alternative,
        lead=action.lead,
        late=asked.silent,
    )
    return [answered, *over_if_settled(change, unit_answered(change, answered), now, action.key)]


@rules.evolves(UnitAnswered)
def unit_answered(change: DutyChange, event: UnitAnswered) -> DutyChange:
    return change.having(
        asked=tuple(
            one.model_copy(update={"stance": event.stance}) if one.unit == event.unit else one
            for one in change.asked
        )
    )


def silence(change: DutyChange, now: datetime) -> Sequence[Event]:
    """What becomes of units whose clock has run: they are noted as silent, and it goes on."""
    units = tuple(one.unit for one in change.asked if one.pending and _ran(change, one, now))
    if not units:
        return []
    silent = UnitsSilent(at=now, by=ENGINE, units=units)
    return [silent, *over_if_settled(change, units_silent(change, silent), now)]


def _ran(change: DutyChange, asked: Asked, now: datetime) -> bool:
    deadline = change.deadlines.get(asked.clock)
    return deadline is not None and deadline.due <= now


@rules.evolves(UnitsSilent)
def units_silent(change: DutyChange, event: UnitsSilent) -> DutyChange:
    return change.having(
        asked=tuple(
            one.model_copy(update={"silent": True}) if one.unit in event.units else one
            for one in change.asked
        )
    )


def over_if_settled(
    change: DutyChange, after: DutyChange, now: datetime, cause: str | None = None
) -> Sequence[Event]:
    """The end of the consultation, if nobody's answer is waited for any more."""
    if change.phase is not DutyPhase.CONSULTING or after.pending:
        return []
    stances = [one.stance for one in after.asked]
    return [
        ConsultationOver(
            at=now,
            by=ENGINE,
            cause=cause,
            agreed=stances.count(Stance.AGREE),
            objected=stances.count(Stance.OBJECT),
            silent=stances.count(None),
        )
    ]


@rules.evolves(ConsultationOver)
def consultation_over(change: DutyChange, event: ConsultationOver) -> DutyChange:
    return change.moved(DutyPhase.OPINION, event.at, opinion_clock(event.at))
