"""The fifth stage: reviewed, called back or looked at again, closed or sent back (办结)."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from juanchi.domain.actor import ENGINE
from juanchi.domain.assisting import clocks_of
from juanchi.domain.base import Line, Text
from juanchi.domain.loose_ends import loose_ends
from juanchi.domain.messages import Action, Event
from juanchi.domain.phases import Phase
from juanchi.domain.place import Evidence
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rules import Rules
from juanchi.domain.suggestions import TOLD, short_path
from juanchi.domain.supervised import Cause, supervised_by
from juanchi.domain.terms import ClockName, EndKind, Outcome, Role, Trigger
from juanchi.domain.ticket import Ending, Rating, Ticket
from juanchi.domain.voices import answer_owed, nothing_owed, unasked

rules = Rules()


class CallResult(StrEnum):
    """How a callback ended without a rating."""

    NOT_REACHED = "not_reached"
    DECLINED = "declined"


class Review(Action):
    """A checker accepts the reply or sends it back (审核)."""

    kind: Literal["review"] = "review"
    accepted: bool
    note: Text = ""


class Reviewed(Event):
    """The reply stands; the reporter is asked, or the place is looked at."""

    kind: Literal["reviewed"] = "reviewed"
    note: Text = ""


class SentBack(Event):
    """The work is done again (重办): same unit, a new and shorter limit."""

    kind: Literal["sent_back"] = "sent_back"
    reason: Line
    note: Text = ""


class Call(Action):
    """A checker tried to call the reporter back and got no rating (回访)."""

    kind: Literal["call"] = "call"
    result: CallResult
    note: Text = ""


class Called(Event):
    kind: Literal["called"] = "called"
    result: CallResult
    note: Text = ""


class Rate(Action):
    """The reporter's rating, given directly or taken down by a checker (评价).

    A suggestion is rated after it has closed, once.
    """

    kind: Literal["rate"] = "rate"
    rating: Rating


class Rated(Event):
    kind: Literal["rated"] = "rated"
    rating: Rating


class Recheck(Action):
    """The street team looks at the place of a clue that has no reporter to call."""

    kind: Literal["recheck"] = "recheck"
    fixed: bool
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=50)
    note: Text = ""


class Rechecked(Event):
    kind: Literal["rechecked"] = "rechecked"
    fixed: bool
    evidence: tuple[Evidence, ...] = ()
    note: Text = ""


class Closed(Event):
    """The matter is settled. ``rated`` is false when nobody rated: never read it as praise."""

    kind: Literal["closed"] = "closed"
    outcome: Outcome
    reason: Line
    rated: bool


class Reopen(Action):
    """Within the reopen window: it is broken again, or was never repaired."""

    kind: Literal["reopen"] = "reopen"
    reason: Text = Field(min_length=1)


class Reopened(Event):
    kind: Literal["reopened"] = "reopened"
    reason: Text


class Archived(Event):
    """The reopen window has passed; the ticket is history."""

    kind: Literal["archived"] = "archived"


def not_handler(ticket: Ticket, action: Action) -> None:
    """Nobody checks their own work. Refused: checker_handled_it, unit_required."""
    # Tickets dispatched before 0.2 have no terms, and go on under the rules they began with.
    if ticket.terms and action.actor.role is not Role.REPORTER and action.actor.unit is None:
        raise Refused(Code.UNIT_REQUIRED, role=action.actor.role)
    if action.actor.unit is not None and action.actor.unit in (ticket.lead, *ticket.assisting):
        raise Refused(Code.CHECKER_HANDLED_IT, unit=action.actor.unit)


@rules.decides(Review, roles=[Role.CHECKER], phases=[Phase.REVIEW, Phase.DISPUTED])
def review(ticket: Ticket, action: Review, now: datetime) -> Sequence[Event]:
    not_handler(ticket, action)
    if not action.accepted:
        if not action.note.strip():
            raise Refused(Code.MISSING_REASON)
        return _sent_back(ticket, action, now, "not_accepted", action.note)
    reviewed = Reviewed(at=now, by=action.actor, cause=action.key, note=action.note)
    if ticket.phase is Phase.DISPUTED:
        # Its own reporter has still to be asked when it was a voice that brought it here.
        asked = not unasked(ticket)
        closed = _closed(ticket, action, now, "bad_rating_reviewed") if asked else ()
        return [reviewed, *closed]
    owed = answer_owed(ticket, now, action.key)
    if short_path(ticket):
        # What looks like a template may be right all the same; then somebody says why.
        if ticket.same_replies and not action.note.strip():
            raise Refused(Code.TEMPLATE_REPLY, times=ticket.same_replies)
        return [reviewed, *owed, *_closed(ticket, action, now, TOLD)]
    return [reviewed, *owed]


def _sent_back(
    ticket: Ticket, action: Action, now: datetime, reason: str, note: str
) -> Sequence[Event]:
    sent_back = SentBack(at=now, by=action.actor, cause=action.key, reason=reason, note=note)
    return [sent_back, *_reworked_often(ticket, action, now)]


def _reworked_often(ticket: Ticket, action: Action, now: datetime) -> Sequence[Event]:
    """What so many reworks bring, if one more makes them so many."""
    if ticket.terms is None or ticket.reworks + 1 < ticket.terms.reworks:
        return []
    return supervised_by(ticket, Trigger.REWORKS, Cause(at=now, key=action.key))


def _closed(
    ticket: Ticket, action: Action, now: datetime, reason: str, rated: bool | None = None
) -> Sequence[Event]:
    if ticket.answer is None:
        raise Refused(Code.WRONG_PHASE, phase=ticket.phase)
    cause = Cause(at=now, by=action.actor, key=action.key)
    return [
        *loose_ends(ticket, cause, "closed"),
        Closed(
            at=now,
            by=action.actor,
            cause=action.key,
            outcome=ticket.answer.outcome,
            reason=reason,
            rated=_counts(ticket) if rated is None else rated,
        ),
    ]


def _counts(ticket: Ticket) -> bool:
    """Whether there is a rating, and no appeal against it has been upheld."""
    upheld = ticket.rating_appeal is not None and ticket.rating_appeal.upheld
    return ticket.rating is not None and not upheld


@rules.evolves(Reviewed)
def reviewed(ticket: Ticket, event: Reviewed) -> Ticket:
    if short_path(ticket):
        return ticket  # it closes with the next event
    asks = ticket.clue.reporter is not None
    return ticket.moved(Phase.CALLBACK if asks else Phase.RECHECK, event.at, missed_calls=())


@rules.evolves(SentBack)
def sent_back(ticket: Ticket, event: SentBack) -> Ticket:
    return _again(ticket, event.at)


def _again(ticket: Ticket, at: datetime) -> Ticket:
    """Back with the unit: what assisting units still owe, they owe again."""
    again = ticket.moved(
        Phase.HANDLING,
        at,
        reworks=ticket.reworks + 1,
        rating=None,
        rating_appeal=None,
        extensions=0,
        ending=None,
        **nothing_owed(),
    ).without(ClockName.RATING_APPEAL)
    return again.asking(*clocks_of(ticket.helpers, at))


@rules.decides(Rate, roles=[Role.REPORTER, Role.CHECKER], phases=[Phase.CALLBACK, Phase.CLOSED])
def rate(ticket: Ticket, action: Rate, now: datetime) -> Sequence[Event]:
    not_handler(ticket, action)
    after = ticket.phase is Phase.CLOSED
    if after:
        _may_still_rate(ticket, action)
    rated = Rated(at=now, by=action.actor, cause=action.key, rating=action.rating)
    if action.rating.bad or after:
        return [rated]
    return [rated, *_closed(ticket, action, now, "rated", rated=True)]


def _may_still_rate(ticket: Ticket, action: Rate) -> None:
    if not short_path(ticket) or ticket.clue.reporter is None:
        raise Refused(Code.WRONG_PHASE, action=action.name, phase=ticket.phase)
    if ticket.rating is not None:
        raise Refused(Code.RATED_ALREADY)


@rules.evolves(Rated)
def rated(ticket: Ticket, event: Rated) -> Ticket:
    if event.rating.bad:
        return ticket.moved(Phase.DISPUTED, event.at, rating=event.rating, ending=None)
    ending = ticket.ending and ticket.ending.model_copy(update={"rated": True})
    return ticket.having(rating=event.rating, ending=ending)


@rules.decides(Call, roles=[Role.CHECKER], phases=[Phase.CALLBACK])
def call(ticket: Ticket, action: Call, now: datetime) -> Sequence[Event]:
    not_handler(ticket, action)
    called = Called(
        at=now, by=action.actor, cause=action.key, result=action.result, note=action.note
    )
    if action.result is CallResult.DECLINED:
        return [called, *_closed(ticket, action, now, "rating_declined")]
    calls = (*ticket.missed_calls, now)
    # Days are the city's own: deadlines carry its offset.
    zone = ticket.deadlines[ClockName.CALLBACK].started.tzinfo
    days = {moment.astimezone(zone).date() for moment in calls}
    if len(calls) >= ticket.calls_wanted.tries and len(days) >= ticket.calls_wanted.days:
        return [called, *_closed(ticket, action, now, "not_reached")]
    return [called]


@rules.evolves(Called)
def called(ticket: Ticket, event: Called) -> Ticket:
    if event.result is CallResult.NOT_REACHED:
        return ticket.having(missed_calls=(*ticket.missed_calls, event.at))
    return ticket


@rules.decides(Recheck, roles=[Role.STREET_TEAM, Role.CHECKER], phases=[Phase.RECHECK])
def recheck(ticket: Ticket, action: Recheck, now: datetime) -> Sequence[Event]:
    not_handler(ticket, action)
    if action.actor.role is Role.STREET_TEAM and action.actor.unit != ticket.street_team:
        raise Refused(Code.WRONG_UNIT, unit=action.actor.unit, expected=ticket.street_team)
    if not action.evidence:
        raise Refused(Code.MISSING_EVIDENCE, wanted="site_after")
    rechecked = Rechecked(
        at=now,
        by=action.actor,
        cause=action.key,
        fixed=action.fixed,
        evidence=action.evidence,
        note=action.note,
    )
    if action.fixed:
        return [rechecked, *_closed(ticket, action, now, "rechecked_on_site")]
    return [rechecked, *_sent_back(ticket, action, now, "not_fixed_on_site", action.note)]


@rules.evolves(Rechecked)
def rechecked(ticket: Ticket, event: Rechecked) -> Ticket:
    return ticket


@rules.evolves(Closed)
def closed(ticket: Ticket, event: Closed) -> Ticket:
    ending = Ending(
        kind=EndKind.CLOSED,
        reason=event.reason,
        at=event.at,
        outcome=event.outcome,
        rated=event.rated,
    )
    return ticket.moved(Phase.CLOSED, event.at, ending=ending)


@rules.decides(Reopen, roles=[Role.REPORTER, Role.CHECKER, Role.SUPERVISOR], phases=[Phase.CLOSED])
def reopen(ticket: Ticket, action: Reopen, now: datetime) -> Sequence[Event]:
    reopened = Reopened(at=now, by=action.actor, cause=action.key, reason=action.reason)
    return [reopened, *_reworked_often(ticket, action, now)]


@rules.evolves(Reopened)
def reopened(ticket: Ticket, event: Reopened) -> Ticket:
    return _again(ticket, event.at)


@rules.rings(ClockName.REOPEN)
def window_has_passed(ticket: Ticket, now: datetime) -> Sequence[Event]:
    return [Archived(at=now, by=ENGINE)]


@rules.evolves(Archived)
def archived(ticket: Ticket, event: Archived) -> Ticket:
    return ticket.moved(Phase.ENDED, event.at, archived=True)
