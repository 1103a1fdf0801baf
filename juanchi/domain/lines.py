"""What the read side gives out: lines of lists and inboxes, and what to ask for."""

from datetime import date, datetime
from enum import StrEnum

from juanchi.domain.base import Value
from juanchi.domain.situation import Incident


class TicketLine(Value):
    """One ticket in a list: its row, as it stood when it was read.

    ``level`` is that of the open supervision order. ``pending`` are the requests that wait for an
    answer: ``return``, ``extension``, ``hold``. ``rating_void``: an appeal against the rating was
    upheld, so it counts as not rated. ``spot`` is the address as it is compared with others,
    ``reply_key`` the words of the reply to a suggestion.
    """

    id: str
    number: str | None
    channel: str
    external_id: str
    version: int
    stage: str
    phase: str
    nature: str | None
    urgency: str
    region: str | None
    district: str | None
    street_team: str | None
    item: str | None
    lead: str | None
    assisting: tuple[str, ...]
    due: datetime | None
    first_due: datetime | None
    handle_due: datetime | None
    received_at: datetime
    dispatched_at: datetime | None
    signed_at: datetime | None
    replied_at: datetime | None
    closed_at: datetime | None
    reworks: int
    voices: int
    on_time: bool | None
    outcome: str | None
    rating: int | None
    end_kind: str | None
    end_reason: str | None
    merged_into: str | None
    archived: bool
    overdue: bool
    escalated: bool
    stuck: str
    text_start: str
    updated_at: datetime
    supervised: tuple[str, ...]
    level: str | None
    on_hold: bool
    disputed: bool
    pending: tuple[str, ...]
    raised_by: str
    on_time_first: bool | None
    extensions: int
    returns_refused: int
    rating_void: bool
    address: str
    spot: str
    lon: float | None
    lat: float | None
    reply_key: str | None = None


class Order(StrEnum):
    """``NEWEST``: last received first. ``DUE``: first due first; what nobody owes is left out."""

    NEWEST = "newest"
    DUE = "due"


class After(Value):
    """Where a page ended: give it back to get the next one. ``key`` breaks ties."""

    at: datetime | None
    key: tuple[str, ...]


class Find(Value):
    """What to look for; everything given must hold. ``text`` is part of the clue's words.

    ``unit`` leads, or assists when ``assisting`` is set. ``open``: true for what has not ended.
    ``overdue``: something is past its due time now. ``supervised``: for any reason; ``level`` is
    that of the open order.
    """

    stage: str | None = None
    phase: str | None = None
    unit: str | None = None
    assisting: bool = False
    district: str | None = None
    item: str | None = None
    channel: str | None = None
    number: str | None = None
    open: bool | None = None
    end_kind: str | None = None
    overdue: bool | None = None
    escalated: bool | None = None
    supervised: bool | None = None
    on_hold: bool | None = None
    disputed: bool | None = None
    level: str | None = None
    text: str | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None
    order: Order = Order.NEWEST

    def after(self, line: TicketLine) -> After:
        """Where the page that ends with this line ended."""
        at = line.received_at if self.order is Order.NEWEST else line.due
        return After(at=at, key=(line.id,))


class InboxLine(Value):
    """One task of a holder, and its ticket. ``due`` and ``since`` are the task's own."""

    kind: str
    holder: str
    role: str
    due: datetime | None
    since: datetime
    ticket: TicketLine

    @property
    def after(self) -> After:
        """Where the page that ends with this line ended."""
        return After(at=self.due, key=(self.ticket.id, self.kind))


class NoticeLine(Value):
    """One notice to a holder. ``failed`` is why posting it to the unit's system failed last."""

    key: str
    ticket_id: str
    to: str
    kind: str
    at: datetime
    webhook: bool
    posted_at: datetime | None
    failed: str | None

    @property
    def after(self) -> After:
        """Where the page that ends with this line ended."""
        return After(at=self.at, key=(self.key,))


class OrderLine(Value):
    """One supervision order. ``released_at`` is None while it is open."""

    ticket_id: str
    number: str
    level: str
    trigger: str
    unit: str | None
    leader: str
    requirement: str
    copies: tuple[str, ...]
    evidence_wanted: tuple[str, ...]
    issued_at: datetime
    feedback_due: datetime | None
    fed_back_at: datetime | None
    released_at: datetime | None
    outcome: str

    @property
    def after(self) -> After:
        """Where the page that ends with this line ended."""
        return After(at=self.issued_at, key=(self.ticket_id, self.number))


class RulingLine(Value):
    """One ruling. ``region`` is where it is a precedent: None for the whole city."""

    ticket_id: str
    number: str
    item: str
    region: str | None
    lead: str
    assisting: tuple[str, ...]
    backstop: str | None
    basis: str
    interim_until: date | None
    gap: bool
    final: bool
    at: datetime

    @property
    def after(self) -> After:
        """Where the page that ends with this line ended."""
        return After(at=self.at, key=(self.ticket_id, self.number))


class ProposalLine(Value):
    """What a ruling that found a gap would put into the responsibility list."""

    ticket_id: str
    ruling: str
    item: str
    region: str | None
    lead: str
    assisting: tuple[str, ...]
    basis: str
    at: datetime

    @property
    def after(self) -> After:
        """Where the page that ends with this line ended."""
        return After(at=self.at, key=(self.ticket_id, self.ruling))


class IncidentLine(Value):
    """One incident, who declared it, and when it was ended, if it was."""

    incident: Incident
    by: str
    ended_at: datetime | None


class Count(Value):
    """How many tickets are alike in these four, and how many of them are past due now."""

    stage: str
    phase: str
    end_kind: str | None
    outcome: str | None
    tickets: int
    past_due: int


class ContributorLine(Value):
    """One contributor as lists show them: a pseudonym, what was made of it, the highest honour."""

    id: str
    made: int
    adopted: int
    partly_adopted: int
    not_adopted: int
    honoured: int


class SuggestionTotals(Value):
    """All suggestions together; ``contributors`` are the people that are counted by name."""

    made: int
    adopted: int
    partly_adopted: int
    not_adopted: int
    contributors: int
    honoured: int
