"""What the ledger's views say of a ticket: pure, from the ticket alone, so they can be rebuilt.

Orders and rulings are in ``supervision_rows``.
"""

from collections.abc import Set
from datetime import datetime
from hashlib import blake2s
from typing import Any

from juanchi.domain.assisting import open_task
from juanchi.domain.ball import Task, TaskKind, tasks
from juanchi.domain.orders import open_order
from juanchi.domain.requests import RequestKind
from juanchi.domain.suggestions import short_path
from juanchi.domain.terms import ClockName, EndKind, RungKind
from juanchi.domain.ticket import Ticket
from juanchi.domain.wording import letters
from juanchi.ledger.tables import TEXT_START

Row = dict[str, Any]
"""Values by column name, as Python values."""


def ticket_row(ticket: Ticket, updated_at: datetime) -> Row:
    """The row of ``tickets``. ``updated_at`` is the moment of the ticket's last event.

    ``due`` is the earliest due time of its tasks; ``overdue`` and ``escalated`` tell what has
    rung on the clocks that run now.
    """
    place, answer, end = ticket.place, ticket.answer, ticket.ending
    handle = ticket.deadlines.get(ClockName.HANDLE)
    order, appeal = open_order(ticket), ticket.rating_appeal
    dues = [task.due for task in tasks(ticket) if task.due is not None]
    rung = _rung(ticket)
    return {
        "id": ticket.id,
        "number": ticket.number,
        "channel": ticket.clue.channel,
        "external_id": ticket.clue.external_id,
        "version": ticket.version,
        "stage": ticket.stage.value,
        "phase": ticket.phase.value,
        "nature": ticket.nature and ticket.nature.value,
        "urgency": ticket.urgency.value,
        "region": place and place.region,
        "district": ticket.district,
        "street_team": ticket.street_team,
        "item": ticket.item,
        "lead": ticket.lead,
        "assisting": list(ticket.assisting),
        "due": min(dues, default=None),
        "first_due": ticket.first_due,
        "handle_due": handle and handle.due,
        "received_at": ticket.received_at,
        "dispatched_at": ticket.dispatched_at,
        "signed_at": ticket.signed_at,
        "replied_at": answer and answer.at,
        "closed_at": end and end.at,
        "reworks": ticket.reworks,
        "voices": ticket.heard,
        "on_time": answer and answer.on_time,
        "outcome": end and end.outcome and end.outcome.value,
        "rating": ticket.rating and ticket.rating.overall,
        "end_kind": end and end.kind.value,
        "end_reason": end and end.reason,
        "merged_into": end and end.into,
        "archived": ticket.archived,
        "overdue": bool(rung & _OVERDUE),
        "escalated": bool(rung & _ESCALATED),
        "stuck": ticket.stuck,
        "text_start": ticket.words[:TEXT_START],
        "updated_at": updated_at,
        "supervised": [trigger.value for trigger in ticket.supervised],
        "level": order and order.level.value,
        "on_hold": ticket.hold is not None,
        "disputed": ticket.dispute is not None,
        "pending": _pending(ticket),
        "raised_by": ticket.raised_by,
        "on_time_first": answer and answer.on_time_first,
        "extensions": ticket.extensions,
        "returns_refused": ticket.refused_returns,
        "rating_void": bool(appeal and appeal.upheld),
        "address": place.address if place else "",
        "spot": letters(place.address) if place else "",
        "reply_key": reply_key(ticket),
        "lon": place and place.lon,
        "lat": place and place.lat,
    }


def _pending(ticket: Ticket) -> list[str]:
    """The requests that wait for an answer."""
    asked = {
        RequestKind.RETURN: ticket.returning,
        RequestKind.EXTENSION: ticket.extending,
        RequestKind.HOLD: ticket.holding,
    }
    return [kind.value for kind, request in asked.items() if request is not None]


def reply_key(ticket: Ticket) -> str | None:
    """What stands for the words of the reply to a suggestion; the same for the same words."""
    if ticket.answer is None or not short_path(ticket):
        return None
    return blake2s(letters(ticket.answer.public).encode(), digest_size=16).hexdigest()


_CARDS = {RungKind.YELLOW_CARD, RungKind.RED_CARD, RungKind.RAISED, RungKind.REPORTED}
_ESCALATED = {RungKind.ESCALATED, RungKind.PRESSED, *_CARDS}
_OVERDUE = {RungKind.OVERDUE, *_ESCALATED}


def _rung(ticket: Ticket) -> set[RungKind]:
    return {
        rung.kind
        for deadline in ticket.deadlines.values()
        for rung in deadline.rungs[: deadline.fired]
    }


def task_rows(ticket: Ticket) -> list[Row]:
    """The rows of ``tasks``: one for each line of somebody's inbox."""
    # A dispatcher may name a unit twice; its inbox has the task once.
    once = {(task.kind, task.holder): task for task in tasks(ticket)}
    return [
        {
            "ticket_id": ticket.id,
            "kind": task.kind.value,
            "holder": str(task.holder),
            "role": task.role.value,
            "due": task.due,
            "since": _since(ticket, task),
            "version": ticket.version,
        }
        for task in once.values()
    ]


def _since(ticket: Ticket, task: Task) -> datetime:
    """Since when somebody owes a task: since it was asked for, or since the phase began."""
    match task.kind:
        case TaskKind.PRESS if ticket.watch_from:
            return ticket.watch_from
        case TaskKind.ANSWER_RETURN if ticket.returning:
            return ticket.returning.at
        case TaskKind.ANSWER_EXTENSION if ticket.extending:
            return ticket.extending.at
        case TaskKind.ANSWER_HOLD if ticket.holding:
            return ticket.holding.at
        case TaskKind.JUDGE_SAMENESS if ticket.proposed:
            return ticket.proposed.at
        case TaskKind.RULE if ticket.dispute:
            return ticket.dispute.opened_at
        case TaskKind.FEED_BACK | TaskKind.RELEASE_ORDER if order := open_order(ticket):
            return order.fed_back_at or order.issued_at
        case TaskKind.ANSWER_RATING_APPEAL if ticket.rating_appeal:
            return ticket.rating_appeal.at
        case TaskKind.ASSIST if helper := open_task(ticket, task.holder, whistle=False):
            return helper.since
        case TaskKind.TURN_UP if helper := open_task(ticket, task.holder, whistle=True):
            return helper.since
    return ticket.since


def clue_row(ticket: Ticket, erased: Set[str] = frozenset()) -> Row:
    """The row of ``clues``: whole text, and the reporter's opaque id but no contact.

    Who is ``erased`` is not named at all.
    """
    clue = ticket.clue
    reporter = clue.reporter.id if clue.reporter else None
    return {
        "ticket_id": ticket.id,
        "channel": clue.channel,
        "external_id": clue.external_id,
        "received_at": ticket.received_at,
        "text": clue.text,
        "url": clue.url,
        "reporter_id": None if reporter in erased else reporter,
        "pictures": list(clue.pictures),
    }


def merge_row(ticket: Ticket) -> Row | None:
    """The row of ``merges``, if the ticket gave its voice to another."""
    end = ticket.ending
    if end is None or end.kind is not EndKind.MERGED:
        return None
    return {"ticket_id": ticket.id, "into_id": end.into, "at": end.at}
