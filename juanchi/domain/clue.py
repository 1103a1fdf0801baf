"""The first stage: a clue is received, screened and located (线索)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.actor import ENGINE
from juanchi.domain.base import Code, Line, Text, Value
from juanchi.domain.ending import Ended
from juanchi.domain.messages import Action, Event, Names, Result, Step
from juanchi.domain.place import Place
from juanchi.domain.rules import Rules
from juanchi.domain.terms import ClueVerdict, EndKind, Nature, Role, Urgency
from juanchi.domain.ticket import Clue, Phase, Ticket

rules = Rules()

DISCARDS = (
    ClueVerdict.EMPTY,
    ClueVerdict.ADVERTISEMENT,
    ClueVerdict.NOISE,
    ClueVerdict.OFF_TOPIC,
)
REFERRALS = (
    ClueVerdict.EMERGENCY,
    ClueVerdict.OUT_OF_REMIT,
    ClueVerdict.NOT_THIS_CITY,
    ClueVerdict.ALREADY_ANSWERED,
    ClueVerdict.THANKS,
)
"""The person is told where to turn, where the answer is, or whom their thanks have reached."""


UNSURE = "unsure"
"""What a clue is stuck on that may be taken in more than one way; its readings say in which."""


class Received(Event):
    """A channel handed in a clue; the ticket begins."""

    kind: Literal["received"] = "received"
    ticket_id: str
    clue: Clue


class Screen(Step):
    """Look at a clue's words: what is it, and is it ours?"""

    kind: Literal["screen"] = "screen"


class Reading(Value):
    """One way to take a clue: how likely it is, 0 to 1, and the rule that says so."""

    verdict: ClueVerdict
    score: float = Field(ge=0, le=1)
    rule: Line


class ScreenResult(Result):
    """What screening makes of a clue, and the rule that says so.

    ``verify``: whether this channel's clues are looked at on site before filing. ``score`` is how
    sure it is, 0 to 1; ``version`` names the words or the model it was done by. ``readings`` are
    for the person who decides where it was not sure, the likeliest first. ``matter`` is the clue's
    text without the advertising that was cut out of it, ``cut`` how many characters that were.
    """

    verdict: ClueVerdict
    rule: Line
    nature: Nature | None = None
    urgency: Urgency = Urgency.GENERAL
    verify: bool = False
    referral: Code | None = None
    advice: Text = ""
    pass_to: Code | None = None
    score: float | None = Field(default=None, ge=0, le=1)
    version: Line = ""
    readings: tuple[Reading, ...] = ()
    matter: Text = ""
    cut: int = Field(default=0, ge=0)


class Screened(Event):
    """The clue was screened, by rule or by a dispatcher: see ``ScreenResult``."""

    kind: Literal["screened"] = "screened"
    verdict: ClueVerdict
    rule: Line
    nature: Nature | None = None
    urgency: Urgency = Urgency.GENERAL
    verify: bool = False
    score: float | None = Field(default=None, ge=0, le=1)
    version: Line = ""
    readings: tuple[Reading, ...] = ()
    matter: Text = ""
    cut: int = Field(default=0, ge=0)


class Locate(Step):
    """Find the place in a clue's words."""

    kind: Literal["locate"] = "locate"


class LocateResult(Result):
    """The place found, the district it is in, and the unit that looks on site there.

    ``problem`` names why no place could be settled: ``no_place``, ``ambiguous``, ``outside``.
    ``possible_regions`` are those that the words may mean, for a person to choose from.
    ``compare``: the policy wants clues compared with those before them.
    """

    place: Place | None = None
    district: Code | None = None
    street_team: Code | None = None
    problem: Line = ""
    possible_regions: tuple[Code, ...] = ()
    compare: bool = False


class Located(Event):
    kind: Literal["located"] = "located"
    place: Place | None
    district: Code | None = None
    street_team: Code | None = None
    problem: Line = ""
    possible_regions: tuple[Code, ...] = ()
    compare: bool = False


class PlaceGiven(Event):
    """A person said where it is."""

    kind: Literal["place_given"] = "place_given"
    place: Place


class Triage(Action):
    """A dispatcher decides about a clue that the engine could not settle."""

    kind: Literal["triage"] = "triage"
    verdict: ClueVerdict
    reason: Text = Field(min_length=1)
    place: Place | None = None
    nature: Nature | None = None
    urgency: Urgency = Urgency.GENERAL
    verify: bool = False

    def names(self, ticket: Ticket) -> Names | None:
        return Names(places=(self.place,)) if self.place else None


@rules.evolves(Received)
def received(ticket: Ticket, event: Received) -> Ticket:
    return ticket


@rules.completes(ScreenResult)
def screen_done(ticket: Ticket, result: ScreenResult, now: datetime) -> Sequence[Event]:
    screened = Screened(
        at=now,
        by=ENGINE,
        verdict=result.verdict,
        rule=result.rule,
        nature=result.nature,
        urgency=result.urgency,
        verify=result.verify,
        score=result.score,
        version=result.version,
        readings=result.readings,
        matter=result.matter,
        cut=result.cut,
    )
    end = _end_of(result.verdict)
    if end is None:
        return [screened]
    return [
        screened,
        Ended(
            at=now,
            by=ENGINE,
            end=end,
            reason=result.verdict,
            note=result.rule,
            referral=result.referral,
            advice=result.advice,
            pass_to=result.pass_to,
        ),
    ]


def _end_of(verdict: ClueVerdict) -> EndKind | None:
    if verdict in DISCARDS:
        return EndKind.DISCARDED
    return EndKind.REDIRECTED if verdict in REFERRALS else None


@rules.evolves(Screened)
def screened(ticket: Ticket, event: Screened) -> Ticket:
    changes = {
        "nature": event.nature,
        "urgency": event.urgency,
        "verify": event.verify,
        "matter": event.matter or ticket.matter,
        "stuck": "",
    }
    if event.verdict is ClueVerdict.UNSURE:
        stuck = UNSURE if event.readings else event.rule
        return ticket.moved(Phase.TRIAGE, event.at, **{**changes, "stuck": stuck})
    return ticket.moved(Phase.LOCATING, event.at, **changes)


@rules.completes(LocateResult)
def locate_done(ticket: Ticket, result: LocateResult, now: datetime) -> Sequence[Event]:
    return [
        Located(
            at=now,
            by=ENGINE,
            place=result.place,
            district=result.district,
            street_team=result.street_team,
            problem=result.problem,
            possible_regions=result.possible_regions,
            compare=result.compare,
        )
    ]


@rules.evolves(Located)
def located(ticket: Ticket, event: Located) -> Ticket:
    changes = {
        "place": event.place,
        "district": event.district,
        "street_team": event.street_team,
        "possible_regions": event.possible_regions,
        "uncompared": event.compare,
    }
    if not ticket.verify:
        return ticket.moved(Phase.ROUTING, event.at, **changes)
    if event.street_team is None:
        stuck = event.problem or "no_street_team"
        return ticket.moved(Phase.TRIAGE, event.at, stuck=stuck, **changes)
    return ticket.moved(Phase.VERIFYING, event.at, **changes)


@rules.decides(Triage, roles=[Role.DISPATCHER], phases=[Phase.TRIAGE])
def triage(ticket: Ticket, action: Triage, now: datetime) -> Sequence[Event]:
    result = ScreenResult(
        verdict=action.verdict,
        rule="triage_by_dispatcher",
        nature=action.nature or ticket.nature,
        urgency=action.urgency,
        verify=action.verify,
    )
    events: list[Event] = [
        event.model_copy(update={"by": action.actor, "cause": action.key})
        for event in screen_done(ticket, result, now)
    ]
    if events[-1].__class__ is Ended:
        events[-1] = events[-1].model_copy(update={"note": action.reason})
    elif action.place is not None:
        # The engine still looks the place up, for its district and street team.
        events.append(PlaceGiven(at=now, by=action.actor, cause=action.key, place=action.place))
    return events


@rules.evolves(PlaceGiven)
def place_given(ticket: Ticket, event: PlaceGiven) -> Ticket:
    return ticket.having(place=event.place)
