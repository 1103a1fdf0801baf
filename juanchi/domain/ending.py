"""Ends that come before a unit has handled anything, and the person's own way out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.base import Code, Line, Text
from juanchi.domain.loose_ends import loose_ends
from juanchi.domain.messages import Action, Event
from juanchi.domain.rules import OPEN_PHASES, Rules
from juanchi.domain.supervised import Cause
from juanchi.domain.terms import EndKind, Role
from juanchi.domain.ticket import Ending, Phase, Ticket

rules = Rules()


class Withdraw(Action):
    """The reporter takes the matter back; the centre may do so on their word."""

    kind: Literal["withdraw"] = "withdraw"
    reason: Text = Field(min_length=1)


class Ended(Event):
    """The ticket ended without a unit's outcome: discarded, unfounded, redirected ...

    ``referral`` and ``advice`` say where a redirected matter goes; ``pass_to`` is the unit that is
    told at once (an emergency service); ``into`` is the surviving ticket of a merged one.
    """

    kind: Literal["ended"] = "ended"
    end: EndKind
    reason: Line
    note: Text = ""
    referral: Code | None = None
    advice: Text = ""
    pass_to: Code | None = None
    into: str | None = None


@rules.decides(Withdraw, roles=[Role.REPORTER, Role.DISPATCHER], phases=OPEN_PHASES)
def withdraw(ticket: Ticket, action: Withdraw, now: datetime) -> Sequence[Event]:
    return [
        *loose_ends(ticket, Cause(at=now, by=action.actor, key=action.key), "withdrawn"),
        Ended(
            at=now,
            by=action.actor,
            cause=action.key,
            end=EndKind.WITHDRAWN,
            reason="withdrawn_by_reporter",
            note=action.reason,
        ),
    ]


@rules.evolves(Ended)
def ended(ticket: Ticket, event: Ended) -> Ticket:
    ending = Ending(kind=event.end, reason=event.reason, at=event.at, into=event.into)
    return ticket.moved(
        Phase.ENDED,
        event.at,
        ending=ending,
        archived=True,
        merging_into=None,
        proposed=None,
        stuck="",
    )
