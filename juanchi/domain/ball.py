"""Who has the ball: every open ticket names who must do what by when."""

from enum import StrEnum

from juanchi.domain.base import Moment, Value
from juanchi.domain.terms import ClockName, Role
from juanchi.domain.ticket import Phase, Ticket


class TaskKind(StrEnum):
    """What somebody must do."""

    TRIAGE = "triage"
    VERIFY = "verify"
    DISPATCH = "dispatch"
    SIGN = "sign"
    REPLY = "reply"
    ASSIST = "assist"
    REVIEW = "review"
    CALL_BACK = "call_back"
    RECHECK = "recheck"
    REVIEW_RATING = "review_rating"
    PRESS = "press"


class Task(Value):
    """One line of an inbox. ``holder`` is a unit's code, or a desk of the centre (a role)."""

    kind: TaskKind
    holder: str
    role: Role
    due: Moment | None


_DESK: dict[Phase, tuple[TaskKind, Role, ClockName]] = {
    Phase.TRIAGE: (TaskKind.TRIAGE, Role.DISPATCHER, ClockName.TRIAGE),
    Phase.DISPATCHING: (TaskKind.DISPATCH, Role.DISPATCHER, ClockName.DISPATCH),
    Phase.REVIEW: (TaskKind.REVIEW, Role.CHECKER, ClockName.REVIEW),
    Phase.CALLBACK: (TaskKind.CALL_BACK, Role.CHECKER, ClockName.CALLBACK),
    Phase.DISPUTED: (TaskKind.REVIEW_RATING, Role.CHECKER, ClockName.REVIEW),
}


def _due(ticket: Ticket, clock: ClockName) -> Moment | None:
    deadline = ticket.deadlines.get(clock)
    return deadline.due if deadline else None


def tasks(ticket: Ticket) -> list[Task]:
    """The tasks that are open on this ticket now; the first is the one that moves it on.

    Empty while the engine itself has the ball, and when nobody owes anything any more.
    """
    found = _tasks_of_phase(ticket)
    if found and ticket.watch_from is not None:
        due = _due(ticket, ClockName.WATCH)
        found.append(
            Task(kind=TaskKind.PRESS, holder=Role.SUPERVISOR, role=Role.SUPERVISOR, due=due)
        )
    return found


def _tasks_of_phase(ticket: Ticket) -> list[Task]:
    if ticket.phase in _DESK:
        kind, role, clock = _DESK[ticket.phase]
        return [Task(kind=kind, holder=role, role=role, due=_due(ticket, clock))]
    match ticket.phase:
        case Phase.VERIFYING:
            return [_on_site(ticket, TaskKind.VERIFY, ClockName.VERIFY, ticket.street_team)]
        case Phase.RECHECK:
            return [_on_site(ticket, TaskKind.RECHECK, ClockName.CALLBACK, rechecker(ticket))]
        case Phase.UNSIGNED:
            return _with_units(ticket, TaskKind.SIGN, ClockName.SIGN)
        case Phase.HANDLING:
            return _with_units(ticket, TaskKind.REPLY, ClockName.HANDLE)
    return []


def rechecker(ticket: Ticket) -> str | None:
    """The street team that looks again; None when it handled the matter itself, or is unknown."""
    handlers = (ticket.lead, *ticket.assisting)
    return None if ticket.street_team in handlers else ticket.street_team


def _on_site(ticket: Ticket, kind: TaskKind, clock: ClockName, team: str | None) -> Task:
    # Without a street team the checker's desk must see to it.
    role = Role.STREET_TEAM if team else Role.CHECKER
    return Task(kind=kind, holder=team or role, role=role, due=_due(ticket, clock))


def _with_units(ticket: Ticket, kind: TaskKind, clock: ClockName) -> list[Task]:
    if ticket.lead is None:
        return []
    lead = Task(kind=kind, holder=ticket.lead, role=Role.UNIT, due=_due(ticket, clock))
    handle = _due(ticket, ClockName.HANDLE)
    return [
        lead,
        *(
            Task(kind=TaskKind.ASSIST, holder=unit, role=Role.UNIT, due=handle)
            for unit in ticket.assisting
        ),
    ]
