"""A discarded clue taken up again: a person says that screening was wrong (推翻筛查)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from pydantic import Field

from juanchi.domain.base import Text
from juanchi.domain.clue import PlaceGiven, Screened
from juanchi.domain.messages import Action, Event, Names
from juanchi.domain.place import Place
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rules import Rules
from juanchi.domain.terms import ClueVerdict, EndKind, Nature, Role, Stage, Urgency
from juanchi.domain.ticket import Phase, Ticket

rules = Rules()

RULE: Final = "overturned"
"""The rule that a screening by overturn names."""

GOES_ON: Final = (ClueVerdict.ACTIONABLE, ClueVerdict.SUGGESTION)


class Overturn(Action):
    """A person says that a clue was discarded, or sent elsewhere, wrongly; it goes on.

    Not bounded in time: a discard closed nothing that anybody relies on.
    """

    kind: Literal["overturn"] = "overturn"
    reason: Text = Field(min_length=1)
    verdict: ClueVerdict = ClueVerdict.ACTIONABLE
    nature: Nature | None = None
    urgency: Urgency = Urgency.GENERAL
    place: Place | None = None
    verify: bool = False

    def names(self, ticket: Ticket) -> Names | None:
        return Names(places=(self.place,)) if self.place else None


class Overturned(Event):
    """The discard does not stand; ``verdict`` is the one that was wrong."""

    kind: Literal["overturned"] = "overturned"
    reason: Text
    verdict: ClueVerdict | None = None


@rules.decides(Overturn, roles=[Role.DISPATCHER, Role.SUPERVISOR], phases=[Phase.ENDED])
def overturn(ticket: Ticket, action: Overturn, now: datetime) -> Sequence[Event]:
    ending = ticket.ending
    screened_out = ending is not None and ending.kind in (EndKind.DISCARDED, EndKind.REDIRECTED)
    if ending is None or not screened_out or ticket.stage is not Stage.CLUE:
        raise Refused(Code.NOT_DISCARDED, how=ending.kind if ending else None)
    if action.verdict not in GOES_ON:
        raise Refused(Code.OVERTURNED_TO_NOTHING, verdict=action.verdict)
    was = ClueVerdict(ending.reason) if ending.reason in set(ClueVerdict) else None
    events: list[Event] = [
        Overturned(at=now, by=action.actor, cause=action.key, reason=action.reason, verdict=was),
        Screened(
            at=now,
            by=action.actor,
            cause=action.key,
            verdict=action.verdict,
            rule=RULE,
            nature=action.nature or ticket.clue.nature or ticket.nature,
            urgency=action.urgency,
            verify=action.verify,
        ),
    ]
    if action.place is not None:
        # The engine still looks the place up, for its district and street team.
        events.append(PlaceGiven(at=now, by=action.actor, cause=action.key, place=action.place))
    return events


@rules.evolves(Overturned)
def overturned(ticket: Ticket, event: Overturned) -> Ticket:
    return ticket.moved(Phase.SCREENING, event.at, ending=None, archived=False)
