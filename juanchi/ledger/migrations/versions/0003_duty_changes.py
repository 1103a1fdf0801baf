"""Duty changes: proposals with their numbers, their journal, and how each change stands.

It only adds: earlier versions go on beside it.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("CREATE SEQUENCE duty_change_serial")
    op.create_table(
        "duty_change_filings",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("proposal", JSONB, nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_duty_change_filings")),
        sa.UniqueConstraint("number", name=op.f("uq_duty_change_filings_number")),
    )
    op.create_table(
        "duty_change_journal",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by_role", sa.Text(), nullable=False),
        sa.Column("by_unit", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("event", JSONB, nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_duty_change_journal_seq")),
        sa.PrimaryKeyConstraint("number", "seq", name=op.f("pk_duty_change_journal")),
    )
    for name, when, each in (
        ("rows", "UPDATE OR DELETE", "ROW"),
        ("all", "TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER duty_journal_append_only_{name} BEFORE {when} ON duty_change_journal "
            f"FOR EACH {each} EXECUTE FUNCTION journal_append_only()"
        )
    op.create_table(
        "duty_changes",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("ruling", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rows", JSONB, nullable=False),
        sa.Column("tasks", JSONB, nullable=False),
        sa.Column("holders", ARRAY(sa.Text()), nullable=False),
        sa.Column("proposed_at", WHEN, nullable=False),
        sa.Column("since", WHEN, nullable=False),
        sa.Column("in_force_on", sa.Date(), nullable=True),
        sa.Column("batch", sa.Integer(), nullable=True),
        sa.Column("updated_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_duty_changes")),
    )
    op.create_index(
        op.f("ix_duty_changes_proposed_at_number"), "duty_changes", ["proposed_at", "number"]
    )
    op.create_index(
        "ix_duty_changes_open",
        "duty_changes",
        ["number"],
        postgresql_where=sa.text("phase NOT IN ('in_force', 'rejected', 'withdrawn')"),
    )


def downgrade() -> None:
    for table in ("duty_changes", "duty_change_journal", "duty_change_filings"):
        op.drop_table(table)
    op.execute("DROP SEQUENCE duty_change_serial")
