"""What a ticket owes those who said the same: the answer that stands, and to be heard on it.

A matter may have ten thousand voices. The ticket keeps how many there are and how far they have
been told; who they are the ledger knows, and it is told page by page.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.actor import ENGINE
from juanchi.domain.base import TicketId
from juanchi.domain.messages import Action, Event, Facts, Names, Result, Step, VoiceAt
from juanchi.domain.overlays import Answering, VoiceRatings
from juanchi.domain.phases import Phase
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rules import Rules
from juanchi.domain.terms import Role
from juanchi.domain.ticket import Processed, Rating, Ticket

rules = Rules()

ANSWERED = (Phase.CALLBACK, Phase.RECHECK, Phase.DISPUTED)
"""The lead's reply stands, and the ticket still takes voices."""

KEPT_RATINGS = 50
"""Of so many ratings by voices the ticket knows the action; of the others the ledger does."""


class VoicesOwed(Event):
    """The reply stands: from now on everybody who said the same is told of it."""

    kind: Literal["voices_owed"] = "voices_owed"


class AnswerVoices(Step):
    """Tell a page of the voices that came after the entry ``after``, up to ``upto``.

    ``round`` is the entry of the journal from which the reply stands: nobody is told twice in it.
    """

    kind: Literal["answer_voices"] = "answer_voices"
    round: int
    after: int
    upto: int


class AnswerVoicesResult(Result):
    """``after`` is the entry up to which all are told now."""

    after: int
    told: int


class VoicesTold(Event):
    kind: Literal["voices_told"] = "voices_told"
    after: int
    told: int


class RateVoice(Action):
    """What one of the voices thinks of how the matter was handled; once for each reply."""

    kind: Literal["rate_voice"] = "rate_voice"
    voice: TicketId
    rating: Rating

    def names(self, ticket: Ticket) -> Names | None:
        since = ticket.answering.round if ticket.answering else 0
        return Names(voice=VoiceAt(of=ticket.id, voice=self.voice, since=since))


class VoiceRated(Event):
    kind: Literal["voice_rated"] = "voice_rated"
    voice: str
    rating: Rating = Field()


def answer_owed(ticket: Ticket, now: datetime, cause: str | None) -> Sequence[Event]:
    """What a reply that stands means for the voices, if there are any.

    Nothing on a ticket dispatched by 0.1: it goes on by the rules it began with.
    """
    if ticket.terms is None or not ticket.heard:
        return []
    return [VoicesOwed(at=now, by=ENGINE, cause=cause)]


def late_voice(ticket: Ticket, now: datetime, cause: str | None) -> Sequence[Event]:
    """The first voice that comes when the reply stands already is owed it at once."""
    if ticket.terms is None or ticket.answering or ticket.phase not in ANSWERED:
        return []
    return [VoicesOwed(at=now, by=ENGINE, cause=cause)]


def answer_due(ticket: Ticket) -> AnswerVoices | None:
    """The page that is to be told now."""
    telling = ticket.answering
    if telling is None:
        return None
    upto = max(ticket.voice_at, telling.round)
    if telling.after >= upto:
        return None
    return AnswerVoices(round=telling.round, after=telling.after, upto=upto)


@rules.evolves(VoicesOwed)
def voices_owed(ticket: Ticket, event: VoicesOwed) -> Ticket:
    return ticket.having(answering=Answering(round=ticket.version + 1))


@rules.completes(AnswerVoicesResult)
def answer_done(ticket: Ticket, result: AnswerVoicesResult, now: datetime) -> Sequence[Event]:
    return [VoicesTold(at=now, by=ENGINE, after=result.after, told=result.told)]


@rules.evolves(VoicesTold)
def voices_told(ticket: Ticket, event: VoicesTold) -> Ticket:
    telling = ticket.answering
    if telling is None:
        return ticket
    return ticket.having(
        answering=telling.model_copy(
            update={"after": event.after, "told": telling.told + event.told}
        )
    )


@rules.decides_knowing(
    RateVoice, roles=[Role.REPORTER, Role.CHECKER], phases=(*ANSWERED, Phase.CLOSED)
)
def rate_voice(ticket: Ticket, action: RateVoice, now: datetime, facts: Facts) -> Sequence[Event]:
    if facts.stranger:
        raise Refused(Code.NOT_A_VOICE, voice=action.voice)
    if facts.rated:
        raise Refused(Code.RATED_ALREADY)
    return [
        VoiceRated(
            at=now,
            by=action.actor,
            cause=action.key,
            voice=action.voice,
            rating=action.rating,
        )
    ]


@rules.evolves(VoiceRated)
def voice_rated(ticket: Ticket, event: VoiceRated) -> Ticket:
    ratings = ticket.voice_ratings.plus(event.rating.overall, bad=event.rating.bad)
    processed = forgetting(ticket.processed, "rate_voice:", KEPT_RATINGS)
    if not event.rating.bad or ratings.reviewed or ticket.phase is Phase.DISPUTED:
        return ticket.having(voice_ratings=ratings, processed=processed)
    # The first bad one of a reply brings it back to the checker; after that, they only count:
    # ten thousand voices must not bring it back ten thousand times.
    closed = ticket.phase is Phase.CLOSED
    ratings = ratings.model_copy(update={"reviewed": True, "after_close": closed})
    return ticket.moved(
        Phase.DISPUTED, event.at, voice_ratings=ratings, processed=processed, ending=None
    )


def unasked(ticket: Ticket) -> bool:
    """Whether a voice has brought it to the checker before its own reporter was asked."""
    ratings = ticket.voice_ratings
    return ratings.reviewed and not ratings.after_close and ticket.rating is None


def nothing_owed() -> dict[str, object]:
    """What a ticket that goes back to its unit forgets: the next reply is a new one."""
    return {"answering": None, "voice_ratings": VoiceRatings()}


def forgetting(processed: Mapping[str, Processed], kind: str, keep: int) -> dict[str, Processed]:
    """The processed actions, of one kind only the newest: the ledger knows the older ones."""
    ours = [key for key in processed if key.startswith(kind)]
    old = set(ours[: max(0, len(ours) - keep + 1)])
    return {key: done for key, done in processed.items() if key not in old}
