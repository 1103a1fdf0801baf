"""Who is told when something has happened; a notice lands in an inbox, and on a webhook if set."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from juanchi.domain.actor import ENGINE
from juanchi.domain.ball import tasks
from juanchi.domain.base import Line, Moment, Text, Value
from juanchi.domain.clocks import Rang
from juanchi.domain.closure import Closed, Reopened, SentBack
from juanchi.domain.ending import Ended
from juanchi.domain.filing import Dispatched
from juanchi.domain.messages import Event, Result, Step
from juanchi.domain.rules import Rules
from juanchi.domain.supervision import Pressed
from juanchi.domain.terms import Role, RungKind
from juanchi.domain.ticket import Ticket, Undelivered

rules = Rules()

RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
"""Waits between tries to post a notice; after the last one it stays in the inbox only."""


class NoticeKind(StrEnum):
    """What a notice tells."""

    DISPATCHED = "dispatched"
    ASSIST = "assist"
    SENT_BACK = "sent_back"
    REOPENED = "reopened"
    REMINDER = "reminder"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    PRESSED = "pressed"
    CLOSED = "closed"
    EMERGENCY = "emergency"
    WITHDRAWN = "withdrawn"


class Notice(Value):
    """One notice to a unit or a desk. ``key`` is its idempotency key, for ever the same."""

    key: str
    ticket_id: str
    to: str
    kind: NoticeKind
    at: Moment


class Notify(Step):
    """Post a notice to its unit's webhook."""

    kind: Literal["notify"] = "notify"
    key: str
    to: str
    what: str
    attempt: int


class NotifyResult(Result):
    """How posting went; ``error`` is empty when it was taken."""

    key: str
    to: str
    what: str
    attempt: int
    error: Text = ""


class NoticePosted(Event):
    """A unit's own system took the notice."""

    kind: Literal["notice_posted"] = "notice_posted"
    key: str
    to: str
    attempt: int


class NoticeFailed(Event):
    """A unit's own system did not take it. ``retry_at`` is None when it is given up."""

    kind: Literal["notice_failed"] = "notice_failed"
    key: str
    to: str
    what: str
    attempt: int
    error: Line
    retry_at: Moment | None


class NoticeRetried(Event):
    """The time to try again has come."""

    kind: Literal["notice_retried"] = "notice_retried"
    key: str


def notices(ticket: Ticket, event: Event, version: int) -> list[Notice]:
    """The notices of one event; ``ticket`` is as it stands after the event at ``version``."""
    return [
        Notice(
            key=f"{ticket.id}#{version}>{to}",
            ticket_id=ticket.id,
            to=to,
            kind=kind,
            at=event.at,
        )
        for to, kind in dict(_told(ticket, event)).items()
    ]


def _told(ticket: Ticket, event: Event) -> Iterator[tuple[str, NoticeKind]]:
    match event:
        case Dispatched():
            yield event.lead, NoticeKind.DISPATCHED
            yield from ((unit, NoticeKind.ASSIST) for unit in event.assisting)
        case Ended(pass_to=str(service)):
            yield service, NoticeKind.EMERGENCY
        case Rang():
            yield from _rung(ticket, event)
        case Pressed():
            yield from ((task.holder, NoticeKind.PRESSED) for task in tasks(ticket)[:1])
        case SentBack() | Reopened() | Closed() | Ended():
            if ticket.lead:
                yield ticket.lead, _LEAD_IS_TOLD[type(event)]


_LEAD_IS_TOLD: dict[type[Event], NoticeKind] = {
    SentBack: NoticeKind.SENT_BACK,
    Reopened: NoticeKind.REOPENED,
    Closed: NoticeKind.CLOSED,
    Ended: NoticeKind.WITHDRAWN,
}


def _rung(ticket: Ticket, event: Rang) -> Iterator[tuple[str, NoticeKind]]:
    kind = {
        RungKind.REMINDER: NoticeKind.REMINDER,
        RungKind.OVERDUE: NoticeKind.OVERDUE,
        RungKind.ESCALATED: NoticeKind.ESCALATED,
        RungKind.PRESSED: NoticeKind.PRESSED,
    }.get(event.rung)
    if kind is None:
        return
    yield from ((task.holder, kind) for task in tasks(ticket)[:1])
    if kind in (NoticeKind.ESCALATED, NoticeKind.PRESSED):
        yield Role.SUPERVISOR, kind


@rules.completes(NotifyResult)
def notify_done(ticket: Ticket, result: NotifyResult, now: datetime) -> Sequence[Event]:
    if not result.error:
        return [
            NoticePosted(at=now, by=ENGINE, key=result.key, to=result.to, attempt=result.attempt)
        ]
    again = result.attempt <= len(RETRY_AFTER)
    return [
        NoticeFailed(
            at=now,
            by=ENGINE,
            key=result.key,
            to=result.to,
            what=result.what,
            attempt=result.attempt,
            error=result.error[:200],
            retry_at=now + RETRY_AFTER[result.attempt - 1] if again else None,
        )
    ]


def retries(ticket: Ticket, now: datetime) -> Sequence[Event]:
    """The notices whose time to be tried again has come."""
    return [
        NoticeRetried(at=now, by=ENGINE, key=waiting.key)
        for waiting in ticket.undelivered
        if waiting.retry_at is not None and waiting.retry_at <= now
    ]


def next_notice(ticket: Ticket) -> Notify | None:
    """The posting that is due now."""
    for waiting in ticket.undelivered:
        if waiting.retry_at is None:
            return Notify(
                key=waiting.key, to=waiting.to, what=waiting.what, attempt=waiting.attempt
            )
    return None


@rules.evolves(NoticePosted)
def posted(ticket: Ticket, event: NoticePosted) -> Ticket:
    return ticket.having(undelivered=_without(ticket, event.key))


@rules.evolves(NoticeFailed)
def notice_failed(ticket: Ticket, event: NoticeFailed) -> Ticket:
    rest = _without(ticket, event.key)
    if event.retry_at is None:
        return ticket.having(undelivered=rest)
    waiting = Undelivered(
        key=event.key,
        to=event.to,
        what=event.what,
        attempt=event.attempt + 1,
        retry_at=event.retry_at,
    )
    return ticket.having(undelivered=(*rest, waiting))


@rules.evolves(NoticeRetried)
def retried(ticket: Ticket, event: NoticeRetried) -> Ticket:
    return ticket.having(
        undelivered=tuple(
            n.model_copy(update={"retry_at": None}) if n.key == event.key else n
            for n in ticket.undelivered
        )
    )


def _without(ticket: Ticket, key: str) -> tuple[Undelivered, ...]:
    return tuple(n for n in ticket.undelivered if n.key != key)
