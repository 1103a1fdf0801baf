"""A bad rating may be appealed once by the unit (评价申诉); upheld, it counts as not rated."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.base import Text
from juanchi.domain.closure import not_handler
from juanchi.domain.messages import Action, Event
from juanchi.domain.overlays import RatingAppeal
from juanchi.domain.phases import Phase
from juanchi.domain.place import Evidence
from juanchi.domain.plans import PlanFor
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.requests import only_lead
from juanchi.domain.rules import Rules
from juanchi.domain.terms import ClockName, Role
from juanchi.domain.ticket import Ticket

rules = Rules()

RATED = (Phase.DISPUTED, Phase.CLOSED)


class AppealRating(Action):
    """The lead unit says why a bad rating should not count."""

    kind: Literal["appeal_rating"] = "appeal_rating"
    reason: Text = Field(min_length=1)
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=50)


class RatingAppealed(Event):
    kind: Literal["rating_appealed"] = "rating_appealed"
    reason: Text
    evidence: tuple[Evidence, ...] = ()


class AnswerRatingAppeal(Action):
    """A checker decides whether the rating counts, and says why."""

    kind: Literal["answer_rating_appeal"] = "answer_rating_appeal"
    upheld: bool
    note: Text = Field(min_length=1)


class RatingAppealAnswered(Event):
    """Upheld: the rating stays visible, and counts as not rated."""

    kind: Literal["rating_appeal_answered"] = "rating_appeal_answered"
    upheld: bool
    note: Text


@rules.decides(AppealRating, roles=[Role.UNIT], phases=RATED)
def appeal_rating(ticket: Ticket, action: AppealRating, now: datetime) -> Sequence[Event]:
    only_lead(ticket, action)
    if ticket.rating is None or not ticket.rating.bad:
        raise Refused(Code.NO_BAD_RATING)
    if ticket.rating_appeal is not None:
        raise Refused(Code.APPEALED_ALREADY)
    return [
        RatingAppealed(
            at=now,
            by=action.actor,
            cause=action.key,
            reason=action.reason,
            evidence=action.evidence,
        )
    ]


@rules.evolves(RatingAppealed)
def rating_appealed(ticket: Ticket, event: RatingAppealed) -> Ticket:
    return ticket.having(rating_appeal=RatingAppeal(reason=event.reason, at=event.at)).asking(
        PlanFor(clock=ClockName.RATING_APPEAL, start=event.at)
    )


@rules.decides(AnswerRatingAppeal, roles=[Role.CHECKER], phases=RATED)
def answer_rating_appeal(
    ticket: Ticket, action: AnswerRatingAppeal, now: datetime
) -> Sequence[Event]:
    not_handler(ticket, action)
    if ticket.rating_appeal is None or ticket.rating_appeal.upheld is not None:
        raise Refused(Code.NO_REQUEST, request="rating_appeal")
    return [
        RatingAppealAnswered(
            at=now, by=action.actor, cause=action.key, upheld=action.upheld, note=action.note
        )
    ]


@rules.evolves(RatingAppealAnswered)
def rating_appeal_answered(ticket: Ticket, event: RatingAppealAnswered) -> Ticket:
    appeal = ticket.rating_appeal
    answered = appeal.model_copy(update={"upheld": event.upheld}) if appeal else None
    ending = ticket.ending
    if ending and event.upheld:
        ending = ending.model_copy(update={"rated": False})
    return ticket.without(ClockName.RATING_APPEAL).having(rating_appeal=answered, ending=ending)
