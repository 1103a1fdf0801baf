"""Learned models, with their cards, and the journal of what was put in force."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "models",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("blob", sa.LargeBinary(), nullable=True),
        sa.Column("card", JSONB, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("trained_at", WHEN, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_models")),
    )
    op.create_index(op.f("ix_models_kind_id"), "models", ["kind", "id"])
    # Arrays of numbers: trying to compress them again would only cost time.
    op.execute("ALTER TABLE models ALTER blob SET STORAGE EXTERNAL")
    op.create_table(
        "model_journal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("model", sa.BigInteger(), nullable=True),
        sa.Column("stands", sa.BigInteger(), nullable=True),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("decision", JSONB, nullable=False),
        sa.ForeignKeyConstraint(
            ["model"], ["models.id"], name=op.f("fk_model_journal_model_models")
        ),
        sa.ForeignKeyConstraint(
            ["stands"], ["models.id"], name=op.f("fk_model_journal_stands_models")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_journal")),
        sa.UniqueConstraint("key", name=op.f("uq_model_journal_key")),
    )
    op.create_index(op.f("ix_model_journal_kind_id"), "model_journal", ["kind", "id"])
    for name, when in (("rows", "UPDATE OR DELETE"), ("all", "TRUNCATE")):
        each = "ROW" if name == "rows" else "STATEMENT"
        op.execute(
            f"CREATE TRIGGER model_journal_append_only_{name} BEFORE {when} ON model_journal "
            f"FOR EACH {each} EXECUTE FUNCTION journal_append_only()"
        )


def downgrade() -> None:
    op.drop_table("model_journal")
    op.drop_table("models")
