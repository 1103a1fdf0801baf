"""What the audit checks of one ticket as it stands: pure, from its journal's end and its rows."""

from collections.abc import Iterator, Set
from datetime import datetime, timedelta
from typing import Any, Final

from juanchi.domain import machine
from juanchi.domain.ball import tasks
from juanchi.domain.orders import open_order
from juanchi.domain.terms import ClockName, EndKind
from juanchi.domain.ticket import Phase, Ticket
from juanchi.ledger.derived import VIEWS, Rows, View, view_rows
from juanchi.ledger.rows import Row

ENGINE_GRACE = timedelta(minutes=10)
"""How long the engine may have the ball before somebody should look."""


def ended_rightly(ticket: Ticket) -> Iterator[str]:
    """Invariant 1: open, or ended with one outcome and a reason."""
    end = ticket.ending
    if end is None:
        if ticket.phase in (Phase.CLOSED, Phase.ENDED) or ticket.archived:
            yield "it is over but has no ending"
        return
    if not end.reason:
        yield "it ended without a reason"
    if end.kind is EndKind.CLOSED and end.outcome is None:
        yield "it was closed without an outcome"
    if end.kind is EndKind.MERGED and not end.into:
        yield "it was merged into nothing"
    if ticket.returning or ticket.extending or ticket.holding:
        yield "it ended while a request waits for its answer"
    if ticket.proposed:
        yield "it ended while it is proposed that it is the matter of another"
    if ticket.dispute:
        yield f"it ended, but its dispute {ticket.dispute.number} is open"
    if order := open_order(ticket):
        yield f"it ended, but its order {order.number} is open"


def has_ball(ticket: Ticket, last: datetime, now: datetime) -> Iterator[str]:
    """Invariant 2: somebody must do something by some time, or the engine is about to.

    That holds of everything that is owed: also a request, a dispute and an order have their time.
    """
    wants, late = machine.wants(ticket), now - last > ENGINE_GRACE
    if ticket.ending is not None:
        stuck = not ticket.archived and ClockName.REOPEN not in ticket.deadlines
        if stuck and (wants is None or late):
            yield "it is closed but no clock leads to its archive"
        return
    owed = tasks(ticket)
    if wants is not None:
        idle = machine.wants_of_lists(ticket) is not None or not any(task.due for task in owed)
        if idle and late:
            yield f"it is open and waits for the engine since {last.isoformat()}"
        return
    if not owed:
        yield "it is open but nobody must do anything by any time"
    for task in owed:
        if task.due is None:
            yield f"{task.holder} owes {task.kind}, but not by any time"


def rows_differ(
    ticket: Ticket, last: datetime, rows: Rows, erased: Set[str] = frozenset()
) -> Iterator[str]:
    """Invariant 8: folding the journal gives exactly the rows. Names every column that differs."""
    for view, wanted in view_rows(ticket, last, erased).items():
        has_by_key = {_key(view, row): row for row in rows[view]}
        by_key = {_key(view, row): row for row in wanted}
        for key in sorted(by_key.keys() | has_by_key.keys()):
            which = f" ({' of '.join(key)})" if key else ""
            yield from _differ(f"{view.__tablename__}{which}", by_key.get(key), has_by_key.get(key))


_KEYS: Final[dict[View, tuple[str, ...]]] = {
    view: tuple(column.name for column in view.__mapper__.primary_key if column.name != ticket.key)
    for view, ticket in VIEWS.items()
}
"""What tells apart the rows that one ticket has in a view."""


def _key(view: View, row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(row[name] for name in _KEYS[view])


def _differ(where: str, wanted: Row | None, has: Row | None) -> Iterator[str]:
    if wanted == has:
        return
    if has is None:
        yield f"its row in {where} is missing"
    elif wanted is None:
        yield f"a row in {where} should not be there"
    else:
        for name in sorted(name for name in wanted if wanted[name] != has.get(name)):
            yield f"{where}.{name} is {has.get(name)!r}, the journal says {wanted[name]!r}"
