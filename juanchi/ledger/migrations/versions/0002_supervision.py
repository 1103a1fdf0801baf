"""Supervision: orders, rulings, proposals, incidents, and what tickets show of them.

It only adds: version 0.1.0 goes on writing beside it. What its rows lack a rebuild fills in, once
the last worker of that version has stopped.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WHEN = sa.DateTime(timezone=True)
NONE = sa.text("'{}'")


def upgrade() -> None:
    tickets()
    views()
    incidents()


def tickets() -> None:
    # Constant defaults: PostgreSQL adds such columns without touching a row.
    for column in (
        sa.Column("supervised", ARRAY(sa.Text()), server_default=NONE, nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("on_hold", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("disputed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("pending", ARRAY(sa.Text()), server_default=NONE, nullable=False),
        sa.Column("raised_by", sa.Text(), server_default="", nullable=False),
        sa.Column("on_time_first", sa.Boolean(), nullable=True),
        sa.Column("extensions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("returns_refused", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rating_void", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("spot", sa.Text(), server_default="", nullable=False),
        sa.Column("lon", sa.Float(53), nullable=True),
        sa.Column("lat", sa.Float(53), nullable=True),
    ):
        op.add_column("tickets", column)
    op.create_index(
        op.f("ix_tickets_item_region_closed_at"),
        "tickets",
        ["item", "region", "closed_at"],
        postgresql_where=sa.text("end_kind = 'closed'"),
    )
    op.create_index("ix_tickets_alive", "tickets", ["id"], postgresql_where=sa.text("NOT archived"))
    op.create_index(
        "ix_tickets_contested",
        "tickets",
        ["received_at", "id"],
        postgresql_where=sa.text("on_hold OR disputed OR escalated OR level IS NOT NULL"),
    )


def views() -> None:
    op.create_table(
        "orders",
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("leader", sa.Text(), nullable=False),
        sa.Column("requirement", sa.Text(), nullable=False),
        sa.Column("copies", ARRAY(sa.Text()), nullable=False),
        sa.Column("evidence_wanted", ARRAY(sa.Text()), nullable=False),
        sa.Column("issued_at", WHEN, nullable=False),
        sa.Column("feedback_due", WHEN, nullable=True),
        sa.Column("fed_back_at", WHEN, nullable=True),
        sa.Column("released_at", WHEN, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "number", name=op.f("pk_orders")),
    )
    op.create_index(op.f("ix_orders_unit_issued_at"), "orders", ["unit", "issued_at"])
    op.create_index(op.f("ix_orders_leader_issued_at"), "orders", ["leader", "issued_at"])
    op.create_index(
        "ix_orders_open",
        "orders",
        ["issued_at"],
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_table(
        "rulings",
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("assisting", ARRAY(sa.Text()), nullable=False),
        sa.Column("backstop", sa.Text(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("interim_until", sa.Date(), nullable=True),
        sa.Column("gap", sa.Boolean(), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "number", name=op.f("pk_rulings")),
    )
    op.create_index(op.f("ix_rulings_item_region_at"), "rulings", ["item", "region", "at"])
    op.create_table(
        "proposals",
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("ruling", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("assisting", ARRAY(sa.Text()), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "ruling", name=op.f("pk_proposals")),
    )
    op.create_index(op.f("ix_proposals_at"), "proposals", ["at"])


def incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("items", ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("begins", WHEN, nullable=False),
        sa.Column("ends", WHEN, nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_incidents")),
    )


def downgrade() -> None:
    for table in ("incidents", "proposals", "rulings", "orders"):
        op.drop_table(table)
    for index in ("ix_tickets_contested", "ix_tickets_alive", "ix_tickets_item_region_closed_at"):
        op.drop_index(index, table_name="tickets")
    for column in (
        "lat",
        "lon",
        "spot",
        "address",
        "rating_void",
        "returns_refused",
        "extensions",
        "on_time_first",
        "raised_by",
        "pending",
        "disputed",
        "on_hold",
        "level",
        "supervised",
    ):
        op.drop_column("tickets", column)
