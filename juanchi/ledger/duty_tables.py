"""The tables of changes of the lists: proposals with their numbers, the journal, how each stands.

``duty_change_filings`` and ``duty_change_journal`` are the truth; ``duty_changes`` is a view.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Integer, Sequence, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from juanchi.ledger.tables import Table

SERIAL = Sequence("duty_change_serial", metadata=Table.metadata)


class FilingRow(Table):
    """A proposal, and the number that it was given once for ever. Its key is the proposer's."""

    __tablename__ = "duty_change_filings"

    key: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    proposal: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class DutyJournalRow(Table):
    """One event of one change. Append-only, by the same trigger as the tickets' journal."""

    __tablename__ = "duty_change_journal"
    __table_args__ = (CheckConstraint("seq >= 1", name="seq"),)

    number: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str]
    by_role: Mapped[str]
    by_unit: Mapped[str | None]
    cause: Mapped[str | None]
    event: Mapped[dict[str, Any]]


class DutyChangeRow(Table):
    """How a change stands. ``holders`` are those who owe something; ``tasks`` what, by when."""

    __tablename__ = "duty_changes"
    __table_args__ = (
        Index(None, "proposed_at", "number"),
        Index(
            "ix_duty_changes_open",
            "number",
            postgresql_where=text("phase NOT IN ('in_force', 'rejected', 'withdrawn')"),
        ),
    )

    number: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    phase: Mapped[str]
    origin: Mapped[str]
    ruling: Mapped[str]
    ticket_id: Mapped[str]
    reason: Mapped[str]
    rows: Mapped[list[Any]] = mapped_column(JSONB)
    tasks: Mapped[list[Any]] = mapped_column(JSONB)
    holders: Mapped[list[str]]
    proposed_at: Mapped[datetime]
    since: Mapped[datetime]
    in_force_on: Mapped[date | None]
    batch: Mapped[int | None]
    updated_at: Mapped[datetime]
