"""Who has the ball: every open change names who must do what by when, or the date it waits for."""

from collections.abc import Iterator
from enum import StrEnum

from juanchi.domain.base import Line, Moment, Value
from juanchi.domain.deadlines import Deadline
from juanchi.domain.duty_change.change import DutyChange, DutyPhase
from juanchi.domain.terms import ClockName, Role, RungKind

_MILD = frozenset({RungKind.REMINDER, RungKind.WARNING, RungKind.OVERDUE, RungKind.ELAPSED})


class DutyTaskKind(StrEnum):
    """What somebody must do about a change."""

    ANSWER = "answer"
    GIVE_OPINION = "give_opinion"
    DECIDE = "decide"
    PRESS = "press"


class DutyTask(Value):
    """One line of an inbox. ``holder`` is a unit's code or a desk."""

    kind: DutyTaskKind
    holder: Line
    role: Role
    due: Moment | None


def duty_tasks(change: DutyChange) -> list[DutyTask]:
    """The tasks that are open on a change now; none while it waits for its date."""
    found: list[DutyTask] = []
    match change.phase:
        case DutyPhase.CONSULTING:
            found = list(_units(change))
        case DutyPhase.OPINION:
            found = [_desk(change, DutyTaskKind.GIVE_OPINION, Role.STAFFING, ClockName.OPINION)]
        case DutyPhase.APPROVAL:
            found = [_desk(change, DutyTaskKind.DECIDE, Role.APPROVER, ClockName.APPROVAL)]
    if any(map(_escalated, change.deadlines.values())):
        clock = ClockName.WATCH if ClockName.WATCH in change.deadlines else None
        found.append(_desk(change, DutyTaskKind.PRESS, Role.SUPERVISOR, clock))
    return found


def _units(change: DutyChange) -> Iterator[DutyTask]:
    for one in change.asked:
        if one.pending:
            deadline = change.deadlines.get(one.clock)
            yield DutyTask(
                kind=DutyTaskKind.ANSWER,
                holder=one.unit,
                role=Role.UNIT,
                due=deadline.due if deadline else None,
            )


def _desk(change: DutyChange, kind: DutyTaskKind, role: Role, clock: ClockName | None) -> DutyTask:
    deadline = change.deadlines.get(clock) if clock else _latest(change)
    return DutyTask(kind=kind, holder=role, role=role, due=deadline.due if deadline else None)


def _latest(change: DutyChange) -> Deadline | None:
    return next((one for one in change.deadlines.values() if _escalated(one)), None)


def _escalated(deadline: Deadline) -> bool:
    """Whether a clock has rung so far that a supervisor must press whoever is late."""
    fired = deadline.rungs[: deadline.fired]
    watched = deadline.clock is ClockName.WATCH
    mine = deadline.clock is not ClockName.CONSULTATION
    return watched or (mine and any(rung.kind not in _MILD for rung in fired))
