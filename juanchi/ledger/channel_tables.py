"""The tables of channels and of what they bring, on its way to becoming tickets.

``channel_journal`` is the truth about the registry and ``channel_registry`` a view of it.
``arrivals`` remembers for ever what was seen.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from juanchi.ledger.tables import Table


class ChannelJournalRow(Table):
    """A channel as somebody registered or changed it. Append-only; the last id is the version."""

    __tablename__ = "channel_journal"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    code: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    why: Mapped[str]
    body: Mapped[dict[str, Any]]


class RegistryRow(Table):
    """A registered channel as it is now."""

    __tablename__ = "channel_registry"

    code: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[dict[str, Any]]


class ChannelStateRow(Table):
    """How far a channel has been read, and how fast it is let in.

    Also the lock under which a channel's readings are kept one after another. Every channel that
    ever brought something has a row, registered or not. ``admitted``: how many were let in in
    ``minute``; ``served``: when the last one was.
    """

    __tablename__ = "channel_states"

    code: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[str] = mapped_column(server_default="")
    last_read: Mapped[datetime | None]
    last_success: Mapped[datetime | None]
    last_new: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    backoff_until: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(server_default="")
    minute: Mapped[datetime | None]
    admitted: Mapped[int] = mapped_column(server_default="0")
    served: Mapped[datetime | None]


class ChannelHourRow(Table):
    """A channel's readings in one hour, and those that failed."""

    __tablename__ = "channel_hours"

    code: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    readings: Mapped[int]
    failed: Mapped[int]


class ArrivalRow(Table):
    """Something that a channel brought. Its key stays for ever, its body until it is a ticket.

    ``clue`` has no contact: that is in ``reporters``, apart. ``tried_at``: when it was last
    offered, an unreadable one to us, an admitted one to the engine. ``by`` and ``why``: a person's
    decision.
    """

    __tablename__ = "arrivals"
    __table_args__ = (
        # What waits, in the order in which it came, the urgent apart.
        Index(
            "ix_arrivals_waiting",
            "channel",
            "urgent",
            "position",
            postgresql_where=text("state = 'waiting'"),
        ),
        # Handed to the engine, and not yet in the ledger: a few at any time.
        Index(
            "ix_arrivals_under_way",
            "tried_at",
            postgresql_where=text("state = 'admitted' AND clue IS NOT NULL"),
        ),
        Index(
            "ix_arrivals_troubled",
            "channel",
            "since",
            postgresql_where=text("state IN ('unreadable', 'set_aside')"),
        ),
        {"postgresql_with": {"fillfactor": 80}},
    )

    channel: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    state: Mapped[str]
    urgent: Mapped[bool] = mapped_column(server_default=false())
    tries: Mapped[int] = mapped_column(server_default="0")
    first_at: Mapped[datetime]
    since: Mapped[datetime]
    tried_at: Mapped[datetime]
    clue: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    problem: Mapped[str] = mapped_column(server_default="")
    raw: Mapped[str] = mapped_column(server_default="")
    by: Mapped[str] = mapped_column(server_default="")
    why: Mapped[str] = mapped_column(server_default="")
