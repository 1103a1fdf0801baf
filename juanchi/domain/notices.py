"""Who is told when something has happened; a notice lands in an inbox, and on a webhook if set."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from juanchi.domain.actor import ENGINE
from juanchi.domain.arbitration import AppealLodged, ArbitrationOpened, ConsultationCalled
from juanchi.domain.assisting import AssistantReleased, AssistantsAdded, AssistReplied, Whistled
from juanchi.domain.ball import TaskKind, tasks
from juanchi.domain.base import Line, Moment, Text, Value
from juanchi.domain.clocks import Rang
from juanchi.domain.closure import Closed, Reopened, SentBack
from juanchi.domain.deadlines import clock_key
from juanchi.domain.ending import Ended
from juanchi.domain.extension import ExtensionGranted, ExtensionRefused
from juanchi.domain.filing import Dispatched
from juanchi.domain.hold import HoldEnded, HoldGranted, HoldRefused
from juanchi.domain.messages import Event, Result, Step
from juanchi.domain.moving import MovedToList
from juanchi.domain.orders import OrderFedBack, OrderReleased
from juanchi.domain.rating_appeal import RatingAppealAnswered
from juanchi.domain.returns import ReturnAgreed, ReturnRefused
from juanchi.domain.rules import Rules
from juanchi.domain.ruling import RulingGiven
from juanchi.domain.supervised import OrderIssued, addressed
from juanchi.domain.supervision import Pressed
from juanchi.domain.terms import ClockName, ClueVerdict, Role, RungKind, Urgency
from juanchi.domain.ticket import Ticket, Undelivered
from juanchi.domain.urgency import UrgencySet

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
    WARNING = "warning"
    YELLOW_CARD = "yellow_card"
    RED_CARD = "red_card"
    RAISED = "raised"
    REPORTED = "reported"
    ORDER = "order"
    ORDER_COPY = "order_copy"
    ORDER_FED_BACK = "order_fed_back"
    ORDER_RELEASED = "order_released"
    TAKEN_AWAY = "taken_away"
    RETURN_REFUSED = "return_refused"
    EXTENSION_GRANTED = "extension_granted"
    EXTENSION_REFUSED = "extension_refused"
    HOLD_GRANTED = "hold_granted"
    HOLD_REFUSED = "hold_refused"
    HOLD_ENDED = "hold_ended"
    WHISTLE = "whistle"
    ASSIST_REPLIED = "assist_replied"
    RELEASED = "released"
    DISPUTE = "dispute"
    CONSULTATION = "consultation"
    RULING = "ruling"
    APPEAL = "appeal"
    URGENT = "urgent"
    NO_LONGER_URGENT = "no_longer_urgent"
    RATING_APPEAL_ANSWERED = "rating_appeal_answered"
    WITHDRAWN = "withdrawn"
    ANSWERED = "answered"
    THANKS = "thanks"


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
        case Ended(pass_to=str(praised), reason=ClueVerdict.THANKS):
            yield praised, NoticeKind.THANKS
        case Ended(pass_to=str(service)):
            yield service, NoticeKind.EMERGENCY
        case Rang():
            yield from _rung(ticket, event)
        case Pressed():
            yield from ((task.holder, NoticeKind.PRESSED) for task in tasks(ticket)[:1])
        case OrderIssued():
            yield from _order(event)
        case Whistled() | AssistantsAdded() | AssistantReleased() | ConsultationCalled():
            yield from _beside(event)
        case MovedToList():
            yield event.unit, NoticeKind.TAKEN_AWAY
        case ArbitrationOpened() | RulingGiven() | AppealLodged() | ReturnAgreed():
            yield from _dispute(ticket, event)
        case UrgencySet() if ticket.lead:
            urgent = event.urgency is Urgency.URGENT
            yield ticket.lead, NoticeKind.URGENT if urgent else NoticeKind.NO_LONGER_URGENT
        case OrderFedBack():
            yield Role.SUPERVISOR, NoticeKind.ORDER_FED_BACK
        case _ if ticket.lead and (kind := _LEAD_IS_TOLD.get(type(event))):
            yield ticket.lead, kind


def _order(event: OrderIssued) -> Iterator[tuple[str, NoticeKind]]:
    yield from ((copy, NoticeKind.ORDER_COPY) for copy in event.copies)
    if event.unit:
        yield event.unit, NoticeKind.ORDER
    yield event.leader, NoticeKind.ORDER


def _beside(
    event: Whistled | AssistantsAdded | AssistantReleased | ConsultationCalled,
) -> Iterator[tuple[str, NoticeKind]]:
    match event:
        case Whistled():
            yield from ((unit, NoticeKind.WHISTLE) for unit in event.units)
        case AssistantsAdded():
            yield from ((unit, NoticeKind.ASSIST) for unit in event.units)
        case AssistantReleased():
            yield event.unit, NoticeKind.RELEASED
        case ConsultationCalled():
            yield from ((unit, NoticeKind.CONSULTATION) for unit in event.units)


def _dispute(
    ticket: Ticket, event: ArbitrationOpened | RulingGiven | AppealLodged | ReturnAgreed
) -> Iterator[tuple[str, NoticeKind]]:
    match event:
        case ReturnAgreed():
            yield event.unit, NoticeKind.TAKEN_AWAY
        case ArbitrationOpened():
            yield Role.ARBITER, NoticeKind.DISPUTE
            yield from ((unit, NoticeKind.DISPUTE) for unit in ticket.returned_by)
            if ticket.lead:
                yield ticket.lead, NoticeKind.DISPUTE
        case AppealLodged():
            yield Role.ARBITER, NoticeKind.APPEAL
        case RulingGiven():
            told = (*ticket.returned_by, ticket.lead, event.backstop, *event.assisting, event.lead)
            yield from ((unit, NoticeKind.RULING) for unit in told if unit)


_LEAD_IS_TOLD: dict[type[Event], NoticeKind] = {
    SentBack: NoticeKind.SENT_BACK,
    Reopened: NoticeKind.REOPENED,
    Closed: NoticeKind.CLOSED,
    Ended: NoticeKind.WITHDRAWN,
    ReturnRefused: NoticeKind.RETURN_REFUSED,
    ExtensionGranted: NoticeKind.EXTENSION_GRANTED,
    ExtensionRefused: NoticeKind.EXTENSION_REFUSED,
    HoldGranted: NoticeKind.HOLD_GRANTED,
    HoldRefused: NoticeKind.HOLD_REFUSED,
    HoldEnded: NoticeKind.HOLD_ENDED,
    AssistReplied: NoticeKind.ASSIST_REPLIED,
    OrderReleased: NoticeKind.ORDER_RELEASED,
    RatingAppealAnswered: NoticeKind.RATING_APPEAL_ANSWERED,
}


_RUNG_IS_TOLD = {
    RungKind.REMINDER: NoticeKind.REMINDER,
    RungKind.WARNING: NoticeKind.WARNING,
    RungKind.OVERDUE: NoticeKind.OVERDUE,
    RungKind.ESCALATED: NoticeKind.ESCALATED,
    RungKind.YELLOW_CARD: NoticeKind.YELLOW_CARD,
    RungKind.RED_CARD: NoticeKind.RED_CARD,
    RungKind.RAISED: NoticeKind.RAISED,
    RungKind.REPORTED: NoticeKind.REPORTED,
    RungKind.PRESSED: NoticeKind.PRESSED,
}
_MILD = (RungKind.REMINDER, RungKind.WARNING, RungKind.OVERDUE)
"""Rungs that a supervisor hears of only where the ticket is supervised."""


def _rung(ticket: Ticket, event: Rang) -> Iterator[tuple[str, NoticeKind]]:
    kind = _RUNG_IS_TOLD.get(event.rung)
    if kind is None:
        return
    yield from ((holder, kind) for holder in _who_owes(ticket, event))
    if event.rung not in _MILD or ticket.supervised:
        yield Role.SUPERVISOR, kind
    deadline = ticket.deadlines.get(clock_key(event.clock, event.subject))
    for rung in deadline.rungs if deadline else ():
        if rung.kind is event.rung:
            yield from ((addressed(holder, ticket.lead), kind) for holder in rung.tell)


def _who_owes(ticket: Ticket, event: Rang) -> list[str]:
    """Whoever must do what the clock is about."""
    if event.subject:
        return [event.subject]
    kinds = _OWED_BY.get(event.clock)
    owed = tasks(ticket)
    if kinds is None:
        return [task.holder for task in owed[:1]]
    return [task.holder for task in owed if task.kind in kinds]


_OWED_BY: dict[ClockName, tuple[TaskKind, ...]] = {
    ClockName.ON_SITE: (TaskKind.GO_ON_SITE,),
    ClockName.RETURN: (TaskKind.ANSWER_RETURN,),
    ClockName.EXTENSION: (TaskKind.ANSWER_EXTENSION,),
    ClockName.HOLD_REQUEST: (TaskKind.ANSWER_HOLD,),
    ClockName.ARBITRATION: (TaskKind.RULE,),
    ClockName.APPEAL: (TaskKind.RULE,),
    ClockName.ORDER: (TaskKind.FEED_BACK, TaskKind.RELEASE_ORDER),
    ClockName.RATING_APPEAL: (TaskKind.ANSWER_RATING_APPEAL,),
    ClockName.SAMENESS: (TaskKind.JUDGE_SAMENESS,),
}
"""Of the clocks that lie over a stage: whose task they are. The others are the first task's."""


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
