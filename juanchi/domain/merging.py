"""The same matter twice: one ticket gives its voice to another (并案)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.actor import ENGINE
from juanchi.domain.base import Text, TicketId
from juanchi.domain.ending import Ended
from juanchi.domain.loose_ends import loose_ends
from juanchi.domain.messages import Action, Event, Result, Step
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rules import OPEN_PHASES, Rules
from juanchi.domain.supervised import Cause, supervised_by
from juanchi.domain.terms import EndKind, Role, Trigger
from juanchi.domain.ticket import Phase, Ticket

rules = Rules()

BEFORE_HANDLING = (Phase.TRIAGE, Phase.VERIFYING, Phase.DISPATCHING, Phase.UNSIGNED)


class Merge(Action):
    """A dispatcher says that this is the matter of another ticket, given by its id."""

    kind: Literal["merge"] = "merge"
    into: TicketId
    reason: Text = Field(min_length=1)


class Absorb(Action):
    """Another ticket asks this one to speak for it too."""

    kind: Literal["absorb"] = "absorb"
    voice: TicketId


class MergeAsked(Event):
    kind: Literal["merge_asked"] = "merge_asked"
    into: str


class MergeFailed(Event):
    """The survivor could not take it; this ticket goes on by itself."""

    kind: Literal["merge_failed"] = "merge_failed"
    into: str
    reason: Text


class VoiceAdded(Event):
    """One more clue says the same."""

    kind: Literal["voice_added"] = "voice_added"
    voice: str


class AskSurvivor(Step):
    """Ask the surviving ticket to absorb this one."""

    kind: Literal["ask_survivor"] = "ask_survivor"
    into: str


class AskSurvivorResult(Result):
    """``refused`` is empty when the survivor took the voice."""

    into: str
    refused: Text = ""


def merge_asked(ticket: Ticket, action: Action, into: str, now: datetime) -> MergeAsked:
    """The event that starts a merge. Refused: merge_into_itself, merging."""
    if into == ticket.id:
        raise Refused(Code.MERGE_INTO_ITSELF)
    free_to_absorb(ticket)
    return MergeAsked(at=now, by=action.actor, cause=action.key, into=into)


@rules.decides(Merge, roles=[Role.DISPATCHER], phases=BEFORE_HANDLING)
def merge(ticket: Ticket, action: Merge, now: datetime) -> Sequence[Event]:
    return [merge_asked(ticket, action, action.into, now)]


@rules.evolves(MergeAsked)
def asked(ticket: Ticket, event: MergeAsked) -> Ticket:
    return ticket.having(merging_into=event.into)


@rules.completes(AskSurvivorResult)
def answered(ticket: Ticket, result: AskSurvivorResult, now: datetime) -> Sequence[Event]:
    if result.refused:
        return [MergeFailed(at=now, by=ENGINE, into=result.into, reason=result.refused)]
    return [
        *loose_ends(ticket, Cause(at=now), "merged"),
        Ended(at=now, by=ENGINE, end=EndKind.MERGED, reason="same_matter", into=result.into),
    ]


@rules.evolves(MergeFailed)
def failed(ticket: Ticket, event: MergeFailed) -> Ticket:
    if ticket.phase is Phase.VERIFYING:
        return ticket.moved(Phase.TRIAGE, event.at, merging_into=None, stuck="survivor_not_found")
    return ticket.having(merging_into=None)


def free_to_absorb(ticket: Ticket) -> None:
    """Refused (merging) while this ticket itself asks another: both would end and nobody stay."""
    if ticket.merging_into:
        raise Refused(Code.MERGING, into=ticket.merging_into)


@rules.decides(Absorb, roles=[Role.SYSTEM], phases=OPEN_PHASES)
def absorb(ticket: Ticket, action: Absorb, now: datetime) -> Sequence[Event]:
    if action.voice == ticket.id:
        raise Refused(Code.MERGE_INTO_ITSELF)
    free_to_absorb(ticket)
    added = VoiceAdded(at=now, by=action.actor, cause=action.key, voice=action.voice)
    if ticket.terms is None or len(ticket.voices) + 1 < ticket.terms.voices:
        return [added]
    return [added, *supervised_by(ticket, Trigger.REPEATED, Cause(at=now, key=action.key))]


@rules.evolves(VoiceAdded)
def voice_added(ticket: Ticket, event: VoiceAdded) -> Ticket:
    return ticket.having(voices=(*ticket.voices, event.voice))
