"""The first tables: the journal and its views, notices, numbers, reporters, the city's lists."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WHEN = sa.DateTime(timezone=True)
LISTS = (
    "regions",
    "units",
    "items",
    "duties",
    "handlings",
    "channels",
    "calendars",
    "policies",
)

APPEND_ONLY = """
CREATE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def upgrade() -> None:
    city_lists()
    ticket_tables()
    op.execute(APPEND_ONLY)
    for name, when in (("rows", "UPDATE OR DELETE"), ("all", "TRUNCATE")):
        each = "ROW" if name == "rows" else "STATEMENT"
        op.execute(
            f"CREATE TRIGGER journal_append_only_{name} BEFORE {when} ON journal "
            f"FOR EACH {each} EXECUTE FUNCTION journal_append_only()"
        )


def city_lists() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("pack_version", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("loaded_at", WHEN, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("changed", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_table(
        "calendars",
        sa.Column("year", sa.Integer(), nullable=False),
        *listed("calendars"),
    )
    op.create_table(
        "channels",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        *listed("channels"),
    )
    op.create_table(
        "duties",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        *listed("duties"),
    )
    op.create_table(
        "handlings",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        *listed("handlings"),
    )
    op.create_table(
        "items",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *listed("items"),
    )
    op.create_table(
        "packs",
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("pack", JSONB, nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"], name=op.f("fk_packs_batch")),
        sa.PrimaryKeyConstraint("batch", name=op.f("pk_packs")),
    )
    op.create_table(
        "policies",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        *listed("policies"),
    )
    op.create_table(
        "regions",
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *listed("regions"),
    )
    op.create_table(
        "units",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("webhook", sa.Text(), nullable=True),
        *listed("units"),
    )

    for table in LISTS:
        op.create_index(
            f"uq_{table}_current",
            table,
            ["key"],
            unique=True,
            postgresql_where=sa.text("batch_to IS NULL"),
        )


def listed(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """What every list has: its key, the batches a row holds in, and the row."""
    return (
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("batch_from", sa.BigInteger(), nullable=False),
        sa.Column("batch_to", sa.BigInteger(), nullable=True),
        sa.Column("body", JSONB, nullable=False),
        sa.ForeignKeyConstraint(["batch_from"], ["batches.id"], name=f"fk_{table}_batch_from"),
        sa.ForeignKeyConstraint(["batch_to"], ["batches.id"], name=f"fk_{table}_batch_to"),
        sa.PrimaryKeyConstraint("key", "batch_from", name=f"pk_{table}"),
    )


def ticket_tables() -> None:
    op.create_table(
        "clues",
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("received_at", WHEN, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("reporter_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_clues")),
    )
    op.create_index(
        op.f("ix_clues_channel_external_id"), "clues", ["channel", "external_id"], unique=True
    )
    op.create_table(
        "journal",
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by_role", sa.Text(), nullable=False),
        sa.Column("by_unit", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("event", JSONB, nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_journal_seq")),
        sa.PrimaryKeyConstraint("ticket_id", "seq", name=op.f("pk_journal")),
    )
    op.create_table(
        "merges",
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("into_id", sa.Text(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_merges")),
    )
    op.create_index(op.f("ix_merges_into_id"), "merges", ["into_id"])
    op.create_table(
        "notices",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("webhook", sa.Boolean(), nullable=False),
        sa.Column("posted_at", WHEN, nullable=True),
        sa.Column("failed", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_ticket_id"), "notices", ["ticket_id"])
    op.create_index(op.f("ix_notices_to_at_key"), "notices", ["to", "at", "key"])
    op.create_table(
        "number_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_number_days")),
    )
    op.create_table(
        "numbers",
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_numbers")),
        sa.UniqueConstraint("number", name=op.f("uq_numbers_number")),
    )
    op.create_index(op.f("ix_numbers_day_serial"), "numbers", ["day", "serial"], unique=True)
    op.create_table(
        "reporters",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sealed_contact", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporters")),
    )
    op.create_table(
        "tasks",
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("due", WHEN, nullable=True),
        sa.Column("since", WHEN, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "kind", "holder", name=op.f("pk_tasks")),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index(
        op.f("ix_tasks_holder_due_ticket_id_kind"), "tasks", ["holder", "due", "ticket_id", "kind"]
    )
    op.create_table(
        "tickets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("nature", sa.Text(), nullable=True),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("street_team", sa.Text(), nullable=True),
        sa.Column("item", sa.Text(), nullable=True),
        sa.Column("lead", sa.Text(), nullable=True),
        sa.Column("assisting", ARRAY(sa.Text()), nullable=False),
        sa.Column("due", WHEN, nullable=True),
        sa.Column("first_due", WHEN, nullable=True),
        sa.Column("handle_due", WHEN, nullable=True),
        sa.Column("received_at", WHEN, nullable=False),
        sa.Column("dispatched_at", WHEN, nullable=True),
        sa.Column("signed_at", WHEN, nullable=True),
        sa.Column("replied_at", WHEN, nullable=True),
        sa.Column("closed_at", WHEN, nullable=True),
        sa.Column("reworks", sa.Integer(), nullable=False),
        sa.Column("voices", sa.Integer(), nullable=False),
        sa.Column("on_time", sa.Boolean(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("end_kind", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("merged_into", sa.Text(), nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("escalated", sa.Boolean(), nullable=False),
        sa.Column("stuck", sa.Text(), nullable=False),
        sa.Column("text_start", sa.String(length=120), nullable=False),
        sa.Column("updated_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("number", name=op.f("uq_tickets_number")),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index(
        op.f("ix_tickets_district_received_at_id"), "tickets", ["district", "received_at", "id"]
    )
    op.create_index(op.f("ix_tickets_due_id"), "tickets", ["due", "id"])
    op.create_index(
        op.f("ix_tickets_item_received_at_id"), "tickets", ["item", "received_at", "id"]
    )
    op.create_index(
        op.f("ix_tickets_lead_received_at_id"), "tickets", ["lead", "received_at", "id"]
    )
    op.create_index(op.f("ix_tickets_received_at_id"), "tickets", ["received_at", "id"])
    op.create_index(
        op.f("ix_tickets_stage_received_at_id"), "tickets", ["stage", "received_at", "id"]
    )


def downgrade() -> None:
    for table in (
        "units",
        "regions",
        "policies",
        "packs",
        "items",
        "handlings",
        "duties",
        "channels",
        "calendars",
        "tickets",
        "tasks",
        "reporters",
        "numbers",
        "number_days",
        "notices",
        "merges",
        "journal",
        "clues",
        "batches",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION journal_append_only")
