"""The registry of channels, how far each was read, and what they brought."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    _registry()
    _reading()
    _arrivals()


def _registry() -> None:
    op.create_table(
        "channel_journal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("body", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_journal")),
    )
    for name, when in (("rows", "UPDATE OR DELETE"), ("all", "TRUNCATE")):
        each = "ROW" if name == "rows" else "STATEMENT"
        op.execute(
            f"CREATE TRIGGER channel_journal_append_only_{name} BEFORE {when} ON channel_journal "
            f"FOR EACH {each} EXECUTE FUNCTION journal_append_only()"
        )
    op.create_table(
        "channel_registry",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_channel_registry")),
    )


def _reading() -> None:
    op.create_table(
        "channel_states",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), server_default="", nullable=False),
        sa.Column("last_read", WHEN, nullable=True),
        sa.Column("last_success", WHEN, nullable=True),
        sa.Column("last_new", WHEN, nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("backoff_until", WHEN, nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("minute", WHEN, nullable=True),
        sa.Column("admitted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("served", WHEN, nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_channel_states")),
    )
    op.create_table(
        "channel_hours",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("hour", WHEN, nullable=False),
        sa.Column("readings", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", "hour", name=op.f("pk_channel_hours")),
    )


def _arrivals() -> None:
    op.create_table(
        "arrivals",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_at", WHEN, nullable=False),
        sa.Column("since", WHEN, nullable=False),
        sa.Column("tried_at", WHEN, nullable=False),
        sa.Column("clue", JSONB, nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("raw", sa.Text(), server_default="", nullable=False),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("channel", "external_id", name=op.f("pk_arrivals")),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index(
        "ix_arrivals_waiting",
        "arrivals",
        ["channel", "urgent", "position"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_arrivals_under_way",
        "arrivals",
        ["tried_at"],
        postgresql_where=sa.text("state = 'admitted' AND clue IS NOT NULL"),
    )
    op.create_index(
        "ix_arrivals_troubled",
        "arrivals",
        ["channel", "since"],
        postgresql_where=sa.text("state IN ('unreadable', 'set_aside')"),
    )


def downgrade() -> None:
    for table in (
        *("arrivals", "channel_hours", "channel_states"),
        *("channel_registry", "channel_journal"),
    ):
        op.drop_table(table)
