"""The tables of supervision: orders, rulings and what rulings propose; and the city's incidents."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from juanchi.ledger.tables import Table


class OrderRow(Table):
    """A supervision order (督办单) as it stands. A view of the journal."""

    __tablename__ = "orders"
    __table_args__ = (
        Index(None, "unit", "issued_at"),
        Index(None, "leader", "issued_at"),
        Index("ix_orders_open", "issued_at", postgresql_where=text("released_at IS NULL")),
    )

    ticket_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[str]
    trigger: Mapped[str]
    unit: Mapped[str | None]
    leader: Mapped[str]
    requirement: Mapped[str]
    copies: Mapped[list[str]]
    evidence_wanted: Mapped[list[str]]
    issued_at: Mapped[datetime]
    feedback_due: Mapped[datetime | None]
    fed_back_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    outcome: Mapped[str]


class RulingRow(Table):
    """A ruling (裁决), which is a precedent for the next such ticket. A view of the journal."""

    __tablename__ = "rulings"
    __table_args__ = (Index(None, "item", "region", "at"),)

    ticket_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str]
    region: Mapped[str | None]
    lead: Mapped[str]
    assisting: Mapped[list[str]]
    backstop: Mapped[str | None]
    basis: Mapped[str]
    interim_until: Mapped[date | None]
    gap: Mapped[bool]
    final: Mapped[bool]
    at: Mapped[datetime]


class ProposalRow(Table):
    """A change of the responsibility list that a ruling proposes. A view of the journal."""

    __tablename__ = "proposals"
    __table_args__ = (Index(None, "at"),)

    ticket_id: Mapped[str] = mapped_column(primary_key=True)
    ruling: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str]
    region: Mapped[str | None]
    lead: Mapped[str]
    assisting: Mapped[list[str]]
    basis: Mapped[str]
    at: Mapped[datetime]


class IncidentRow(Table):
    """An incident (a storm): classes of items that are urgent in a region. Not a view."""

    __tablename__ = "incidents"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    region: Mapped[str | None]
    items: Mapped[list[str]]
    reason: Mapped[str]
    begins: Mapped[datetime]
    ends: Mapped[datetime | None]
    by: Mapped[str]
    ended_at: Mapped[datetime | None]
