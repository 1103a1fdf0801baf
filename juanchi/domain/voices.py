"""What a ticket owes those who said the same: to be told of the answer that stands.

A matter may have ten thousand voices. The ticket keeps how many there are and how far they have
been told; who they are the ledger knows, and it is told page by page.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from juanchi.domain.actor import ENGINE
from juanchi.domain.messages import Event, Result, Step
from juanchi.domain.overlays import Answering, VoiceRatings
from juanchi.domain.phases import Phase
from juanchi.domain.rules import Rules
from juanchi.domain.ticket import Processed, Ticket

rules = Rules()

ANSWERED = (Phase.CALLBACK, Phase.RECHECK, Phase.DISPUTED)
"""The lead's reply stands, and the ticket still takes voices."""


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
