"""The same matter twice: one ticket gives its voice to another (并案).

What the survivor owes its voices is in ``voices``; how a merge is taken back in ``unmerging``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.actor import ENGINE
from juanchi.domain.base import Line, Text, TicketId
from juanchi.domain.ending import Ended
from juanchi.domain.likely import without_proposal
from juanchi.domain.loose_ends import loose_ends
from juanchi.domain.messages import Action, Event, Facts, Names, Result, Step, VoiceAt
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rules import OPEN_PHASES, Rules
from juanchi.domain.supervised import Cause, supervised_by
from juanchi.domain.terms import EndKind, Role, Trigger, Urgency
from juanchi.domain.ticket import Phase, Ticket
from juanchi.domain.urgency import UrgencySet
from juanchi.domain.voices import forgetting, late_voice

rules = Rules()

MERGES_IN = (Phase.TRIAGE, Phase.VERIFYING, Phase.DISPATCHING, Phase.UNSIGNED)

NAMED = 50
"""So many voices a ticket knows by name, the newest; the ledger knows them all."""

URGENT_VOICE = "urgent_voice"


class Merge(Action):
    """A dispatcher says that this is the matter of another ticket, given by its id."""

    kind: Literal["merge"] = "merge"
    into: TicketId
    reason: Text = Field(min_length=1)


class Absorb(Action):
    """Another ticket asks this one to speak for it too.

    ``brings``: how many it speaks for itself; ``urgent``: whether its matter is.
    """

    kind: Literal["absorb"] = "absorb"
    voice: TicketId
    brings: int = Field(default=0, ge=0)
    urgent: bool = False

    def names(self, ticket: Ticket) -> Names | None:
        # What the ticket has forgotten the ledger knows: nobody is counted twice.
        return Names(voice=VoiceAt(of=ticket.id, voice=self.voice)) if ticket.more_voices else None


class MergeAsked(Event):
    """``score`` and ``reasons`` are the engine's, when it is certain."""

    kind: Literal["merge_asked"] = "merge_asked"
    into: str
    reason: Text = ""
    score: float | None = None
    reasons: tuple[Line, ...] = ()


class MergeFailed(Event):
    """The survivor could not take it; this ticket goes on by itself.

    ``as_before``: as if nobody had asked; else a person must say what is to become of it.
    """

    kind: Literal["merge_failed"] = "merge_failed"
    into: str
    reason: Text
    as_before: bool = False


class VoiceAdded(Event):
    """One more clue says the same. ``brings``: those it speaks for; None as 0.2 wrote it."""

    kind: Literal["voice_added"] = "voice_added"
    voice: str
    brings: int | None = None


class AskSurvivor(Step):
    """Ask the surviving ticket to absorb this one."""

    kind: Literal["ask_survivor"] = "ask_survivor"
    into: str


class AskSurvivorResult(Result):
    """``refused`` is empty when the survivor took the voice.

    ``into`` is who took it: where the one that was asked had itself been merged, its survivor.
    """

    into: str
    refused: Text = ""


def merge_asked(
    ticket: Ticket, action: Action, into: str, now: datetime, reason: str = ""
) -> MergeAsked:
    """The event that starts a merge. Refused: merge_into_itself, merging."""
    if into == ticket.id:
        raise Refused(Code.MERGE_INTO_ITSELF)
    free_to_absorb(ticket)
    return MergeAsked(at=now, by=action.actor, cause=action.key, into=into, reason=reason)


@rules.decides(Merge, roles=[Role.DISPATCHER], phases=MERGES_IN)
def merge(ticket: Ticket, action: Merge, now: datetime) -> Sequence[Event]:
    return [merge_asked(ticket, action, action.into, now, action.reason)]


@rules.evolves(MergeAsked)
def asked(ticket: Ticket, event: MergeAsked) -> Ticket:
    return without_proposal(ticket).having(merging_into=event.into, merging_by=event.by.role)


@rules.completes(AskSurvivorResult)
def answered(ticket: Ticket, result: AskSurvivorResult, now: datetime) -> Sequence[Event]:
    if result.refused:
        return [
            MergeFailed(
                at=now,
                by=ENGINE,
                into=result.into,
                reason=result.refused,
                as_before=ticket.merging_by is Role.SYSTEM,
            )
        ]
    return [
        *loose_ends(ticket, Cause(at=now), "merged"),
        Ended(at=now, by=ENGINE, end=EndKind.MERGED, reason="same_matter", into=result.into),
    ]


@rules.evolves(MergeFailed)
def failed(ticket: Ticket, event: MergeFailed) -> Ticket:
    if ticket.phase is Phase.VERIFYING and not event.as_before:
        return ticket.moved(Phase.TRIAGE, event.at, merging_into=None, stuck="survivor_not_found")
    return ticket.having(merging_into=None, merging_by=None)


def free_to_absorb(ticket: Ticket) -> None:
    """Refused (merging) while this ticket itself asks another: both would end and nobody stay.

    Also while it takes its leave of one: that would wait for this, and this for that.
    """
    if asked := ticket.merging_into or ticket.leaving:
        raise Refused(Code.MERGING, into=asked)


@rules.decides_knowing(Absorb, roles=[Role.SYSTEM], phases=OPEN_PHASES)
def absorb(ticket: Ticket, action: Absorb, now: datetime, facts: Facts) -> Sequence[Event]:
    if action.voice == ticket.id:
        raise Refused(Code.MERGE_INTO_ITSELF)
    free_to_absorb(ticket)
    if facts.heard or action.voice in ticket.voices:
        raise Refused(Code.HEARD_ALREADY, voice=action.voice)
    events: list[Event] = [
        VoiceAdded(
            at=now, by=action.actor, cause=action.key, voice=action.voice, brings=action.brings
        ),
        *late_voice(ticket, now, action.key),
    ]
    if action.urgent and ticket.urgency is Urgency.GENERAL:
        events.append(
            UrgencySet(
                at=now,
                by=ENGINE,
                cause=action.key,
                urgency=Urgency.URGENT,
                reason=f"{URGENT_VOICE}: {action.voice}",
            )
        )
    many = ticket.terms and ticket.heard + 1 + action.brings >= ticket.terms.voices
    if many:
        events += supervised_by(ticket, Trigger.REPEATED, Cause(at=now, key=action.key))
    return events


@rules.evolves(VoiceAdded)
def voice_added(ticket: Ticket, event: VoiceAdded) -> Ticket:
    voices = (*ticket.voices, event.voice)
    if event.brings is None:
        return ticket.having(voices=voices, voice_at=ticket.version + 1)
    older = max(0, len(voices) - NAMED)
    return ticket.having(
        voices=voices[older:],
        more_voices=ticket.more_voices + older + event.brings,
        voice_at=ticket.version + 1,
        processed=forgetting(ticket.processed, "absorb:", NAMED) if older else ticket.processed,
    )
