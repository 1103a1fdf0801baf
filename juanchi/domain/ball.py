"""Who has the ball: every open ticket names who must do what by when."""

from collections.abc import Iterator
from enum import StrEnum

from juanchi.domain.base import Moment, Value
from juanchi.domain.extension import approver
from juanchi.domain.orders import open_order
from juanchi.domain.overlays import Assistance
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
    GO_ON_SITE = "go_on_site"
    TURN_UP = "turn_up"
    ANSWER_RETURN = "answer_return"
    ANSWER_EXTENSION = "answer_extension"
    ANSWER_HOLD = "answer_hold"
    RULE = "rule"
    FEED_BACK = "feed_back"
    RELEASE_ORDER = "release_order"
    ANSWER_RATING_APPEAL = "answer_rating_appeal"
    JUDGE_SAMENESS = "judge_sameness"


class Task(Value):
    """One line of an inbox.

    ``holder`` is a unit's code, a post in a unit (``works/head``), or a desk of the centre (a
    role).
    """

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
    if found:
        found += [*_requests(ticket), *_of_dispute(ticket), *_of_order(ticket)]
    found += _of_rating(ticket)
    if found and ticket.watch_from is not None:
        found.append(_desk(ticket, TaskKind.PRESS, Role.SUPERVISOR, ClockName.WATCH))
    return found


def _desk(ticket: Ticket, kind: TaskKind, role: Role, clock: ClockName) -> Task:
    return Task(kind=kind, holder=role, role=role, due=_due(ticket, clock))


def _requests(ticket: Ticket) -> Iterator[Task]:
    if ticket.returning:
        yield _desk(ticket, TaskKind.ANSWER_RETURN, Role.DISPATCHER, ClockName.RETURN)
    if ticket.extending:
        clock = ClockName.EXTENSION
        yield _desk(ticket, TaskKind.ANSWER_EXTENSION, approver(ticket), clock)
    if ticket.holding:
        yield _desk(ticket, TaskKind.ANSWER_HOLD, Role.DISPATCHER, ClockName.HOLD_REQUEST)
    if ticket.proposed:
        yield _desk(ticket, TaskKind.JUDGE_SAMENESS, Role.DISPATCHER, ClockName.SAMENESS)


def _of_dispute(ticket: Ticket) -> Iterator[Task]:
    if ticket.dispute:
        appeal = ClockName.APPEAL in ticket.deadlines
        clock = ClockName.APPEAL if appeal else ClockName.ARBITRATION
        yield _desk(ticket, TaskKind.RULE, Role.ARBITER, clock)


def _of_order(ticket: Ticket) -> Iterator[Task]:
    order = open_order(ticket)
    if order is None:
        return
    if order.fed_back_at is not None or order.unit is None:
        yield _desk(ticket, TaskKind.RELEASE_ORDER, Role.SUPERVISOR, ClockName.ORDER)
    else:
        due = _due(ticket, ClockName.ORDER)
        yield Task(kind=TaskKind.FEED_BACK, holder=order.leader, role=Role.UNIT, due=due)


def _of_rating(ticket: Ticket) -> Iterator[Task]:
    if ClockName.RATING_APPEAL in ticket.deadlines:
        clock = ClockName.RATING_APPEAL
        yield _desk(ticket, TaskKind.ANSWER_RATING_APPEAL, Role.CHECKER, clock)


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
    # On hold the unit owes its reply no earlier than the review date.
    due = _due(ticket, ClockName.HOLD if ticket.hold else clock)
    found = [Task(kind=kind, holder=ticket.lead, role=Role.UNIT, due=due)]
    if ClockName.ON_SITE in ticket.deadlines:
        due = _due(ticket, ClockName.ON_SITE)
        found.append(Task(kind=TaskKind.GO_ON_SITE, holder=ticket.lead, role=Role.UNIT, due=due))
    return [*found, *(_help(ticket, one) for one in ticket.helpers if one.open)]


def _help(ticket: Ticket, one: Assistance) -> Task:
    deadline = ticket.deadline(one.clock, one.unit) or ticket.deadline(ClockName.HANDLE)
    return Task(
        kind=TaskKind.TURN_UP if one.whistle else TaskKind.ASSIST,
        holder=one.unit,
        role=Role.UNIT,
        due=deadline.due if deadline else None,
    )
