"""The fourth stage: the unit signs and handles; supervisors press (督办).

What lies over this stage has files of its own: ``returns``, ``extension``, ``hold``, ``assisting``,
``arbitration``, ``orders``, ``urgency``.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.assisting import mandatory_done
from juanchi.domain.base import Text
from juanchi.domain.hold import hold_ends
from juanchi.domain.likely import SIGNED, proposal_lapses
from juanchi.domain.messages import Action, Event
from juanchi.domain.phases import WITH_UNIT, Phase
from juanchi.domain.place import Evidence
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.requests import lapsed, only_lead
from juanchi.domain.rules import OPEN_PHASES, Rules
from juanchi.domain.suggestions import FOR_SUGGESTIONS, short_path
from juanchi.domain.supervised import Cause
from juanchi.domain.terms import ClockName, Nature, Outcome, Role
from juanchi.domain.ticket import Answer, Ticket

rules = Rules()


class Sign(Action):
    """The lead unit takes the ticket (签收)."""

    kind: Literal["sign"] = "sign"


class Signed(Event):
    kind: Literal["signed"] = "signed"


class Progress(Action):
    """A unit tells how far it is (进展), with or without pictures."""

    kind: Literal["progress"] = "progress"
    note: Text = Field(min_length=1)
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=50)


class Progressed(Event):
    kind: Literal["progressed"] = "progressed"
    note: Text
    evidence: tuple[Evidence, ...] = ()


class Reply(Action):
    """The lead unit's answer: an outcome, words for the public, and proof.

    ``reason`` is why a suggestion is adopted only in part, or not at all.
    """

    kind: Literal["reply"] = "reply"
    outcome: Outcome
    public: Text = Field(min_length=1)
    internal: Text = ""
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=50)
    reason: Text = ""


class Replied(Event):
    """``on_time`` is measured against the handling deadline that ran at the reply.

    ``on_time_first`` is measured against the first one that the ticket ever had: no extension, hold
    or other unit moves that.
    """

    kind: Literal["replied"] = "replied"
    outcome: Outcome
    public: Text
    internal: Text = ""
    evidence: tuple[Evidence, ...] = ()
    on_time: bool
    on_time_first: bool | None = None
    reason: Text = ""


class Press(Action):
    """A supervisor presses whoever has the ball (催办)."""

    kind: Literal["press"] = "press"
    requirement: Text = Field(min_length=1)


class Pressed(Event):
    kind: Literal["pressed"] = "pressed"
    requirement: Text


@rules.decides(Sign, roles=[Role.UNIT], phases=[Phase.UNSIGNED])
def sign(ticket: Ticket, action: Sign, now: datetime) -> Sequence[Event]:
    only_lead(ticket, action)
    return [
        *proposal_lapses(ticket, Cause(at=now, key=action.key), SIGNED),
        Signed(at=now, by=action.actor, cause=action.key),
    ]


@rules.evolves(Signed)
def signed(ticket: Ticket, event: Signed) -> Ticket:
    return ticket.moved(Phase.HANDLING, event.at, signed_at=event.at)


@rules.decides(Progress, roles=[Role.UNIT], phases=WITH_UNIT)
def progress(ticket: Ticket, action: Progress, now: datetime) -> Sequence[Event]:
    helpers = (helper.unit for helper in ticket.helpers)
    if action.actor.unit not in (ticket.lead, *ticket.assisting, *helpers):
        raise Refused(Code.WRONG_UNIT, unit=action.actor.unit, expected=ticket.lead)
    return [
        Progressed(
            at=now, by=action.actor, cause=action.key, note=action.note, evidence=action.evidence
        )
    ]


@rules.decides(Reply, roles=[Role.UNIT], phases=[Phase.HANDLING])
def reply(ticket: Ticket, action: Reply, now: datetime) -> Sequence[Event]:
    only_lead(ticket, action)
    _outcome_fits(ticket, action.outcome)
    _reason_given(ticket, action)
    _proof_given(ticket, action)
    mandatory_done(ticket)
    cause = Cause(at=now, by=action.actor, key=action.key)
    return [
        *hold_ends(ticket, cause, "replied"),
        *lapsed(ticket, cause),
        Replied(
            at=now,
            by=action.actor,
            cause=action.key,
            outcome=action.outcome,
            public=action.public,
            internal=action.internal,
            evidence=action.evidence,
            on_time=_on_time(ticket, now),
            on_time_first=now <= ticket.first_due if ticket.first_due else None,
            reason=action.reason,
        ),
    ]


def _on_time(ticket: Ticket, now: datetime) -> bool:
    deadline = ticket.deadlines[ClockName.HANDLE]
    # A clock that stands still cannot run out.
    stopped_at = ticket.hold.since if ticket.hold and deadline.paused else now
    return stopped_at <= deadline.due


def _outcome_fits(ticket: Ticket, outcome: Outcome) -> None:
    suggestion = ticket.nature is Nature.SUGGESTION
    if (outcome in FOR_SUGGESTIONS) != suggestion:
        raise Refused(Code.OUTCOME_NOT_FOR_NATURE, outcome=outcome, nature=ticket.nature)


def _reason_given(ticket: Ticket, action: Reply) -> None:
    told = action.outcome is Outcome.ADOPTED or action.reason.strip()
    if short_path(ticket) and not told:
        raise Refused(Code.MISSING_REASON)


def _proof_given(ticket: Ticket, action: Reply) -> None:
    if action.outcome is not Outcome.SOLVED:
        return
    given = {proof.kind for proof in action.evidence}
    lacking = [kind for kind in ticket.evidence_wanted if kind not in given]
    if lacking:
        raise Refused(Code.MISSING_EVIDENCE, wanted=", ".join(lacking))


@rules.evolves(Replied)
def replied(ticket: Ticket, event: Replied) -> Ticket:
    answer = Answer(
        outcome=event.outcome,
        public=event.public,
        internal=event.internal,
        evidence=event.evidence,
        at=event.at,
        on_time=event.on_time,
        on_time_first=event.on_time_first,
        reason=event.reason,
    )
    return ticket.moved(Phase.REVIEW, event.at, answer=answer, same_replies=0)


@rules.decides(Press, roles=[Role.SUPERVISOR], phases=OPEN_PHASES)
def press(ticket: Ticket, action: Press, now: datetime) -> Sequence[Event]:
    return [Pressed(at=now, by=action.actor, cause=action.key, requirement=action.requirement)]


@rules.evolves(Progressed)
def progressed(ticket: Ticket, event: Progressed) -> Ticket:
    return ticket


@rules.evolves(Pressed)
def pressed(ticket: Ticket, event: Pressed) -> Ticket:
    return ticket
