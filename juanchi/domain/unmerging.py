"""A merge taken back: the clue is its own ticket again, with the time at which it came in.

The merged ticket lives on, and tells its survivor that it speaks for itself now.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.actor import ENGINE
from juanchi.domain.base import Text, TicketId
from juanchi.domain.messages import Action, Event, Result, Step
from juanchi.domain.phases import Phase
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rules import OPEN_PHASES, Rules
from juanchi.domain.terms import EndKind, Role, SiteVerdict
from juanchi.domain.ticket import Ticket

rules = Rules()


class Unmerge(Action):
    """A dispatcher says that it was another matter after all."""

    kind: Literal["unmerge"] = "unmerge"
    reason: Text = Field(min_length=1)


class Unmerged(Event):
    """The ticket goes on by itself. ``of``: the one that spoke for it."""

    kind: Literal["unmerged"] = "unmerged"
    of: str
    reason: Text


class LeaveSurvivor(Step):
    """Tell the survivor that this ticket speaks for itself again."""

    kind: Literal["leave_survivor"] = "leave_survivor"
    of: str


class LeaveSurvivorResult(Result):
    """``over`` is empty when the survivor has let it go, else why there was nothing to do."""

    of: str
    over: Text = ""


class SurvivorLeft(Event):
    """The survivor does not speak for it any more. ``over``: why it could not be told so."""

    kind: Literal["survivor_left"] = "survivor_left"
    of: str
    over: Text = ""


class LetGo(Action):
    """A voice speaks for itself again, and for the ``brings`` that it brought."""

    kind: Literal["let_go"] = "let_go"
    voice: TicketId
    brings: int = Field(default=0, ge=0)


class VoiceRemoved(Event):
    kind: Literal["voice_removed"] = "voice_removed"
    voice: str
    brings: int = 0


@rules.decides(Unmerge, roles=[Role.DISPATCHER], phases=[Phase.ENDED])
def unmerge(ticket: Ticket, action: Unmerge, now: datetime) -> Sequence[Event]:
    end = ticket.ending
    if end is None or end.kind is not EndKind.MERGED or end.into is None:
        raise Refused(Code.NOT_MERGED, how=end.kind if end else "archived")
    return [Unmerged(at=now, by=action.actor, cause=action.key, of=end.into, reason=action.reason)]


@rules.evolves(Unmerged)
def unmerged(ticket: Ticket, event: Unmerged) -> Ticket:
    phase, stuck = _goes_on_in(ticket)
    return ticket.moved(
        phase,
        event.at,
        stuck=stuck,
        ending=None,
        archived=False,
        # No unit has begun when a ticket is merged: whose it is, the lists say anew.
        lead=None,
        assisting=(),
        helpers=(),
        unlike=(*ticket.unlike, event.of),
        unmerges=ticket.unmerges + 1,
        leaving=event.of,
    )


def _goes_on_in(ticket: Ticket) -> tuple[Phase, str]:
    """Where its own life was when it was merged, and what holds it up there."""
    seen = ticket.verification
    if not ticket.verify or (seen and seen.verdict is not SiteVerdict.ALREADY_HANDLED):
        return Phase.ROUTING, ""
    if ticket.street_team is None:
        return Phase.TRIAGE, "no_street_team"
    return Phase.VERIFYING, ""


@rules.completes(LeaveSurvivorResult)
def leave_done(ticket: Ticket, result: LeaveSurvivorResult, now: datetime) -> Sequence[Event]:
    return [SurvivorLeft(at=now, by=ENGINE, of=result.of, over=result.over)]


@rules.evolves(SurvivorLeft)
def survivor_left(ticket: Ticket, event: SurvivorLeft) -> Ticket:
    return ticket.having(leaving=None)


@rules.decides(LetGo, roles=[Role.SYSTEM], phases=OPEN_PHASES | {Phase.CLOSED})
def let_go(ticket: Ticket, action: LetGo, now: datetime) -> Sequence[Event]:
    if action.voice not in ticket.voices and not ticket.more_voices:
        raise Refused(Code.NOT_A_VOICE, voice=action.voice)
    return [
        VoiceRemoved(
            at=now, by=action.actor, cause=action.key, voice=action.voice, brings=action.brings
        )
    ]


@rules.evolves(VoiceRemoved)
def voice_removed(ticket: Ticket, event: VoiceRemoved) -> Ticket:
    named = event.voice in ticket.voices
    less = event.brings + (0 if named else 1)
    return ticket.having(
        voices=tuple(voice for voice in ticket.voices if voice != event.voice),
        more_voices=max(0, ticket.more_voices - less),
    )
