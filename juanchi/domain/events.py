"""All events of a ticket's life, as one discriminated union, and the journal's entry."""

from typing import Annotated, Literal, cast

from pydantic import Field

from juanchi.domain.base import Line, Text, Value
from juanchi.domain.clocks import Archived, Planned, Rang
from juanchi.domain.closure import (
    Called,
    Closed,
    Rated,
    Rechecked,
    Reopened,
    Reviewed,
    SentBack,
)
from juanchi.domain.clue import Located, PlaceGiven, Received, Screened
from juanchi.domain.ending import Ended
from juanchi.domain.filing import Dispatched, Filed
from juanchi.domain.merging import MergeAsked, MergeFailed, VoiceAdded
from juanchi.domain.messages import Event
from juanchi.domain.notices import NoticeFailed, NoticePosted, NoticeRetried
from juanchi.domain.rules import Rules
from juanchi.domain.supervision import Pressed, Progressed, Replied, Signed
from juanchi.domain.ticket import Ticket
from juanchi.domain.verification import Verified

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
    | Located
    | PlaceGiven
    | Verified
    | MergeAsked
    | MergeFailed
    | VoiceAdded
    | Filed
    | Dispatched
    | Planned
    | Rang
    | Archived
    | Signed
    | Progressed
    | Replied
    | Pressed
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
