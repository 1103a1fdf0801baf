"""All events of a ticket's life, as one discriminated union, and the journal's entry."""

from typing import Annotated, Literal, cast

from pydantic import Field

from juanchi.domain.arbitration import (
    AppealLodged,
    ArbitrationOpened,
    ConsultationCalled,
    DisputeLapsed,
)
from juanchi.domain.assisting import (
    Arrived,
    AssistantReleased,
    AssistantsAdded,
    AssistReplied,
    Whistled,
)
from juanchi.domain.base import Line, Text, Value
from juanchi.domain.clocks import Planned, Rang
from juanchi.domain.closure import (
    Archived,
    Called,
    Closed,
    Rated,
    Rechecked,
    Reopened,
    Reviewed,
    SentBack,
)
from juanchi.domain.clue import Located, PlaceGiven, Received, Screened
from juanchi.domain.comparing import Compared
from juanchi.domain.ending import Ended
from juanchi.domain.extension import ExtensionGranted, ExtensionRefused, ExtensionRequested
from juanchi.domain.filing import Dispatched, Filed
from juanchi.domain.hold import HoldEnded, HoldGranted, HoldRefused, HoldRequested
from juanchi.domain.likely import NotSameSaid, SameLapsed, SameProposed
from juanchi.domain.merging import MergeAsked, MergeFailed, VoiceAdded
from juanchi.domain.messages import Event
from juanchi.domain.moving import MovedToList
from juanchi.domain.notices import NoticeFailed, NoticePosted, NoticeRetried
from juanchi.domain.orders import OrderFedBack, OrderReleased
from juanchi.domain.overturning import Overturned
from juanchi.domain.rating_appeal import RatingAppealAnswered, RatingAppealed
from juanchi.domain.recurrence import RecurrenceSeen
from juanchi.domain.replanning import ReplanAsked
from juanchi.domain.requests import RequestLapsed
from juanchi.domain.returns import ReturnAgreed, ReturnRefused, ReturnRequested
from juanchi.domain.rules import Rules
from juanchi.domain.ruling import DutyChangeProposed, RulingGiven
from juanchi.domain.suggestions import TemplateFlagged
from juanchi.domain.supervised import OrderIssued, Supervised
from juanchi.domain.supervision import Pressed, Progressed, Replied, Signed
from juanchi.domain.ticket import Ticket
from juanchi.domain.unmerging import SurvivorLeft, Unmerged, VoiceRemoved
from juanchi.domain.urgency import UrgencySet
from juanchi.domain.verification import Verified
from juanchi.domain.voice_rating import VoiceRated
from juanchi.domain.voices import VoicesOwed, VoicesTold

rules = Rules()


class ActionRefused(Event):
    """A machine sent an action that the ticket does not take; kept, never dropped."""

    kind: Literal["action_refused"] = "action_refused"
    action: Line
    code: Line
    told: Text = ""


@rules.evolves(ActionRefused)
def action_refused(ticket: Ticket, event: ActionRefused) -> Ticket:
    return ticket


AnyEvent = Annotated[
    Received
    | Screened
    | Overturned
    | Located
    | PlaceGiven
    | Compared
    | SameProposed
    | NotSameSaid
    | SameLapsed
    | Verified
    | MergeAsked
    | MergeFailed
    | VoiceAdded
    | VoiceRemoved
    | VoicesOwed
    | VoicesTold
    | VoiceRated
    | Unmerged
    | SurvivorLeft
    | Filed
    | Dispatched
    | Planned
    | Rang
    | Archived
    | Signed
    | Progressed
    | Replied
    | Pressed
    | UrgencySet
    | ReplanAsked
    | Supervised
    | OrderIssued
    | OrderFedBack
    | OrderReleased
    | RecurrenceSeen
    | ReturnRequested
    | ReturnAgreed
    | ReturnRefused
    | ExtensionRequested
    | ExtensionGranted
    | ExtensionRefused
    | HoldRequested
    | HoldGranted
    | HoldRefused
    | HoldEnded
    | RequestLapsed
    | AssistantsAdded
    | AssistantReleased
    | AssistReplied
    | Whistled
    | Arrived
    | ArbitrationOpened
    | ConsultationCalled
    | RulingGiven
    | DutyChangeProposed
    | AppealLodged
    | DisputeLapsed
    | MovedToList
    | RatingAppealed
    | RatingAppealAnswered
    | TemplateFlagged
    | Reviewed
    | SentBack
    | Called
    | Rated
    | Rechecked
    | Closed
    | Reopened
    | Ended
    | NoticePosted
    | NoticeFailed
    | NoticeRetried
    | ActionRefused,
    Field(discriminator="kind"),
]


class Entry(Value):
    """One line of the journal: the ticket's version after the event, and the event."""

    seq: int = Field(ge=1)
    event: AnyEvent


def entry(ticket: Ticket, event: Event) -> Entry:
    """The journal's entry of an event that has just been evolved into ``ticket``."""
    # Built without validation: the event is one of ours, and this is the hottest path.
    return Entry.model_construct(seq=ticket.version, event=cast(AnyEvent, event))
