"""How far a random life came: so that we know that lives get deep, and do not only start."""

from collections.abc import Sequence

from juanchi.domain.arbitration import AppealLodged, ArbitrationOpened
from juanchi.domain.assisting import AssistReplied, Whistled
from juanchi.domain.clocks import Planned, Rang
from juanchi.domain.closure import Archived, Closed, Reopened
from juanchi.domain.events import Entry
from juanchi.domain.extension import ExtensionGranted
from juanchi.domain.filing import Dispatched
from juanchi.domain.hold import HoldGranted
from juanchi.domain.likely import NotSameSaid, SameLapsed
from juanchi.domain.messages import Event
from juanchi.domain.moving import MovedToList
from juanchi.domain.orders import OrderFedBack
from juanchi.domain.overturning import Overturned
from juanchi.domain.rating_appeal import RatingAppealAnswered
from juanchi.domain.ruling import RulingGiven
from juanchi.domain.supervised import OrderIssued
from juanchi.domain.terms import ClockName
from juanchi.domain.ticket import Ticket
from juanchi.domain.unmerging import Unmerged, VoiceRemoved
from juanchi.domain.voice_rating import VoiceRated
from juanchi.domain.voices import VoicesTold

_BY_EVENT: dict[type[Event], str] = {
    ArbitrationOpened: "arbitration",
    RulingGiven: "ruling",
    AppealLodged: "appeal",
    MovedToList: "moved to list",
    HoldGranted: "hold",
    ExtensionGranted: "extension",
    OrderIssued: "order",
    OrderFedBack: "order answered",
    AssistReplied: "assisted",
    Whistled: "whistle",
    RatingAppealAnswered: "rating appeal",
    Closed: "closed",
    Reopened: "reopened",
    Archived: "archived",
    Overturned: "overturned",
    NotSameSaid: "not the same",
    SameLapsed: "proposal lapsed",
    Unmerged: "unmerged",
    VoicesTold: "voices told",
    VoiceRated: "voice rated",
    VoiceRemoved: "voice let go",
}

LEAST: dict[str, float] = {
    "dispatched": 0.4,
    "arbitration": 0.04,
    "ruling": 0.025,
    "appeal": 0.01,
    "moved to list": 0.012,
    "hold": 0.018,
    "extension": 0.004,
    "order": 0.1,
    "order answered": 0.006,
    "assisted": 0.08,
    "whistle": 0.005,
    "third rework": 0.007,
    "last rung": 0.07,
    "moved: extended": 0.004,
    "moved: resumed": 0.002,
    "moved: raised": 0.01,
    "moved: lowered": 0.003,
    "moved: replanned": 0.04,
    "rating appeal": 0.005,
    "closed": 0.1,
    "reopened": 0.01,
    "archived": 0.03,
    "overturned": 0.003,
    "proposal lapsed": 0.04,
    "unmerged": 0.003,
    "voices told": 0.02,
    "voice rated": 0.012,
    "voice let go": 0.006,
}
"""The share of lives that must come at least so far: about a third of those that do in a lean run.

Shares differ by two between runs: the lives of one run resemble each other.
"""


def reached(entries: Sequence[Entry], ticket: Ticket) -> set[str]:
    """The milestones of one life."""
    found = {name for line in entries if (name := _BY_EVENT.get(type(line.event)))}
    if any(isinstance(line.event, Dispatched) for line in entries):
        found.add("dispatched")
    if ticket.reworks >= 3:
        found.add("third rework")
    for line in entries:
        match line.event:
            case Rang(clock=ClockName.WATCH):
                found.add("last rung")
            case Planned(moved=moved):
                found |= {f"moved: {one.why}" for one in moved}
    return found
