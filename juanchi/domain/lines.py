"""What lists, boards and inboxes show: one line of a ticket, of a task, of a notice."""

from pydantic import Field

from juanchi.domain.ball import TaskKind
from juanchi.domain.base import Moment, Value
from juanchi.domain.notices import NoticeKind
from juanchi.domain.terms import EndKind, Nature, Outcome, Role, Stage, Urgency
from juanchi.domain.ticket import Phase


class TicketLine(Value):
    """One ticket as lists show it. Times are instants; ``due`` is that of whoever has the ball."""

    id: str
    number: str | None
    channel: str
    external_id: str
    version: int
    stage: Stage
    phase: Phase
    nature: Nature | None
    urgency: Urgency
    region: str | None
    district: str | None
    street_team: str | None
    item: str | None
    lead: str | None
    assisting: tuple[str, ...] = ()
    text_start: str
    received_at: Moment
    dispatched_at: Moment | None
    signed_at: Moment | None
    replied_at: Moment | None
    closed_at: Moment | None
    due: Moment | None
    first_due: Moment | None
    on_time: bool | None
    outcome: Outcome | None
    rating: int | None
    reworks: int
    voices: int
    end_kind: EndKind | None
    end_reason: str | None
    merged_into: str | None
    escalated: bool
    archived: bool


class InboxLine(Value):
    """One task of a unit or a desk, with the ticket it is about."""

    kind: TaskKind
    holder: str
    role: Role
    due: Moment | None
    since: Moment
    ticket: TicketLine


class NoticeLine(Value):
    """One notice in an inbox; ``posted_at`` is when the unit's own system took it."""

    key: str
    ticket_id: str
    to: str
    kind: NoticeKind
    at: Moment
    posted_at: Moment | None = None


class Wanted(Value):
    """Which tickets to list. Fields that are None do not narrow; ``after`` is the last line's id
    of the page before.
    """

    stage: Stage | None = None
    phase: Phase | None = None
    unit: str | None = None
    district: str | None = None
    item: str | None = None
    channel: str | None = None
    open: bool | None = None
    overdue: bool | None = None
    escalated: bool | None = None
    end_kind: EndKind | None = None
    text: str | None = Field(default=None, max_length=200)
    after: str | None = None
    limit: int = Field(default=50, ge=1, le=1000)
