"""What those who said the same think of how it was handled: each is heard once on each reply.

A voice rates by its own clue; the client brings it to the ticket that speaks for it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from juanchi.domain.base import TicketId
from juanchi.domain.closure import not_handler
from juanchi.domain.messages import Action, Event, Facts, Names, VoiceAt
from juanchi.domain.phases import Phase
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rules import Rules
from juanchi.domain.terms import Role
from juanchi.domain.ticket import Rating, Ticket
from juanchi.domain.voices import ANSWERED, forgetting

rules = Rules()

KEPT = 50
"""Of so many ratings the ticket knows the action, the newest; of the others the ledger does."""


class RateVoice(Action):
    """The rating of one of the voices, given by its clue."""

    kind: Literal["rate_voice"] = "rate_voice"
    voice: TicketId
    rating: Rating

    def names(self, ticket: Ticket) -> Names | None:
        since = ticket.answering.round if ticket.answering else 0
        return Names(voice=VoiceAt(of=ticket.id, voice=self.voice, since=since))


class VoiceRated(Event):
    """Counted beside the ticket's own rating, never as it."""

    kind: Literal["voice_rated"] = "voice_rated"
    voice: str
    rating: Rating


@rules.decides_knowing(
    RateVoice, roles=[Role.REPORTER, Role.CHECKER], phases=(*ANSWERED, Phase.CLOSED)
)
def rate_voice(ticket: Ticket, action: RateVoice, now: datetime, facts: Facts) -> Sequence[Event]:
    not_handler(ticket, action)
    if facts.stranger or not ticket.heard:
        raise Refused(Code.NOT_A_VOICE, voice=action.voice)
    if facts.rated:
        raise Refused(Code.RATED_ALREADY)
    return [
        VoiceRated(
            at=now, by=action.actor, cause=action.key, voice=action.voice, rating=action.rating
        )
    ]


@rules.evolves(VoiceRated)
def voice_rated(ticket: Ticket, event: VoiceRated) -> Ticket:
    ratings = ticket.voice_ratings.plus(event.rating.overall, bad=event.rating.bad)
    processed = forgetting(ticket.processed, "rate_voice:", KEPT)
    if not event.rating.bad or ratings.reviewed or ticket.phase is Phase.DISPUTED:
        return ticket.having(voice_ratings=ratings, processed=processed)
    # The first bad one of a reply brings it back to the checker; after that they only count:
    # ten thousand voices must not bring it back ten thousand times.
    closed = ticket.phase is Phase.CLOSED
    ratings = ratings.model_copy(update={"reviewed": True, "after_close": closed})
    return ticket.moved(
        Phase.DISPUTED, event.at, voice_ratings=ratings, processed=processed, ending=None
    )
