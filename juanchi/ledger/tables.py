"""The tables of tickets: the journal, which is the truth, and what is derived from it or beside it.

The city's own tables (lists, units, calendars, policies) are in ``city_tables``, those of orders
and rulings in ``supervision_tables``, those of changes of the lists in ``duty_tables``, those of
channels in ``channel_tables``.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

TEXT_START = 120
"""How much of a clue's words lists show, in characters."""

_NONE = text("'{}'")


class Table(DeclarativeBase):
    """The base of all tables: time always with its zone, text without invented limits."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: Text,
        datetime: DateTime(timezone=True),
        date: Date,
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB,
    }


class JournalRow(Table):
    """One event of one ticket. Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE.

    ``event`` never holds contact data: that is in ``reporters``, apart, and may be erased there.
    """

    __tablename__ = "journal"
    __table_args__ = (CheckConstraint("seq >= 1", name="seq"),)

    ticket_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str]
    by_role: Mapped[str]
    by_unit: Mapped[str | None]
    cause: Mapped[str | None]
    event: Mapped[dict[str, Any]]


class TicketRow(Table):
    """How a ticket stands: what lists and boards show. A view of the journal; see ``rows``.

    ``spot`` is the address as it is compared with others, ``level`` that of the open order.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        Index(None, "received_at", "id"),
        Index(None, "lead", "received_at", "id"),
        Index(None, "stage", "received_at", "id"),
        Index(None, "district", "received_at", "id"),
        Index(None, "item", "received_at", "id"),
        Index(None, "due", "id"),
        # The same place and item again: what was closed there, the latest first.
        Index(None, "item", "region", "closed_at", postgresql_where=text("end_kind = 'closed'")),
        # Sweeps go through what lives, among years of what is archived.
        Index("ix_tickets_alive", "id", postgresql_where=text("NOT archived")),
        # What supervisors look at, a few among very many.
        Index(
            "ix_tickets_contested",
            "received_at",
            "id",
            postgresql_where=text("on_hold OR disputed OR escalated OR level IS NOT NULL"),
        ),
        # Room on the page, so that an update that moves no indexed column touches no index.
        {"postgresql_with": {"fillfactor": 80}},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(unique=True)
    channel: Mapped[str]
    external_id: Mapped[str]
    version: Mapped[int]
    stage: Mapped[str]
    phase: Mapped[str]
    nature: Mapped[str | None]
    urgency: Mapped[str]
    region: Mapped[str | None]
    district: Mapped[str | None]
    street_team: Mapped[str | None]
    item: Mapped[str | None]
    lead: Mapped[str | None]
    assisting: Mapped[list[str]]
    due: Mapped[datetime | None]
    first_due: Mapped[datetime | None]
    handle_due: Mapped[datetime | None]
    received_at: Mapped[datetime]
    dispatched_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    replied_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reworks: Mapped[int]
    voices: Mapped[int]
    on_time: Mapped[bool | None]
    outcome: Mapped[str | None]
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    end_kind: Mapped[str | None]
    end_reason: Mapped[str | None]
    merged_into: Mapped[str | None]
    archived: Mapped[bool]
    overdue: Mapped[bool]
    escalated: Mapped[bool]
    stuck: Mapped[str]
    text_start: Mapped[str] = mapped_column(String(TEXT_START))
    updated_at: Mapped[datetime]
    # With defaults of the server: version 0.1.0 writes rows without these.
    supervised: Mapped[list[str]] = mapped_column(server_default=_NONE)
    level: Mapped[str | None]
    on_hold: Mapped[bool] = mapped_column(server_default=false())
    disputed: Mapped[bool] = mapped_column(server_default=false())
    pending: Mapped[list[str]] = mapped_column(server_default=_NONE)
    raised_by: Mapped[str] = mapped_column(server_default="")
    on_time_first: Mapped[bool | None]
    extensions: Mapped[int] = mapped_column(server_default="0")
    returns_refused: Mapped[int] = mapped_column(server_default="0")
    rating_void: Mapped[bool] = mapped_column(server_default=false())
    address: Mapped[str] = mapped_column(server_default="")
    spot: Mapped[str] = mapped_column(server_default="")
    lon: Mapped[float | None] = mapped_column(Float(53))
    lat: Mapped[float | None] = mapped_column(Float(53))


class TaskRow(Table):
    """Who must do what by when: one line of an inbox. A view of the journal."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index(None, "holder", "due", "ticket_id", "kind"),
        {"postgresql_with": {"fillfactor": 80}},
    )

    ticket_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    due: Mapped[datetime | None]
    since: Mapped[datetime]
    version: Mapped[int]


class NoticeRow(Table):
    """One notice to a unit or a desk, and what became of posting it.

    ``webhook``: whether the unit had one when it was told, so that a repeated recording gets the
    same receipt. ``failed`` is the last error while the notice is not posted.
    """

    __tablename__ = "notices"
    __table_args__ = (Index(None, "to", "at", "key"), Index(None, "ticket_id"))

    key: Mapped[str] = mapped_column(primary_key=True)
    ticket_id: Mapped[str]
    to: Mapped[str]
    kind: Mapped[str]
    at: Mapped[datetime]
    webhook: Mapped[bool]
    posted_at: Mapped[datetime | None]
    failed: Mapped[str | None]


class ClueRow(Table):
    """What came in, whole. Its channel's id is taken for ever. A view of the journal."""

    __tablename__ = "clues"
    __table_args__ = (Index(None, "channel", "external_id", unique=True),)

    ticket_id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    external_id: Mapped[str]
    received_at: Mapped[datetime]
    text: Mapped[str]
    url: Mapped[str]
    reporter_id: Mapped[str | None]


class MergeRow(Table):
    """A ticket that gave its voice to another. A view of the journal."""

    __tablename__ = "merges"
    __table_args__ = (Index(None, "into_id"),)

    ticket_id: Mapped[str] = mapped_column(primary_key=True)
    into_id: Mapped[str]
    at: Mapped[datetime]


class ReporterRow(Table):
    """Contact data, sealed, apart from all else: deleting the row erases the person."""

    __tablename__ = "reporters"

    id: Mapped[str] = mapped_column(primary_key=True)
    sealed_contact: Mapped[str]


class NumberRow(Table):
    """The number people say, given once for ever."""

    __tablename__ = "numbers"
    __table_args__ = (Index(None, "day", "serial", unique=True),)

    ticket_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date]
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)


class NumberDayRow(Table):
    """The last serial given on a local day, or in the period that begins with it."""

    __tablename__ = "number_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]
