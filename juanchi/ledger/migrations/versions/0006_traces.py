"""What is remembered of clues, to know their matter again."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision: str = "0006"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "traces",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("smallest", ARRAY(sa.Integer()), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("head", ARRAY(sa.Integer()), nullable=False),
        sa.Column("marks", ARRAY(sa.Integer()), nullable=False),
        sa.Column("keys", ARRAY(sa.Integer()), nullable=False),
        sa.Column("path", ARRAY(sa.Text()), nullable=False),
        sa.Column("spot", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(53), nullable=True),
        sa.Column("lat", sa.Float(53), nullable=True),
        sa.Column("item", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_traces")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_traces_ticket_id")),
    )
    # Hashes: trying to compress them would only cost time.
    op.execute("ALTER TABLE traces ALTER smallest SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE traces ALTER head SET STORAGE EXTERNAL")
    op.create_table(
        "trace_keys",
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "number", name=op.f("pk_trace_keys")),
    )


def downgrade() -> None:
    op.drop_table("trace_keys")
    op.drop_table("traces")
