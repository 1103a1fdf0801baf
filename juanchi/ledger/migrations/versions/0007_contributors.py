"""Contributors of suggestions; pictures of clues; what a street team finds around a task."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AROUND = sa.text("end_kind IS NULL AND street_team IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "contributors",
        sa.Column("id", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), server_default="0", nullable=False)
            for name in ("made", "adopted", "partly_adopted", "not_adopted", "honoured")
        ),
        sa.Column("opted_out", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("erased", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contributors")),
    )
    op.create_index(op.f("ix_contributors_made_id"), "contributors", ["made", "id"])
    op.add_column(
        "clues",
        sa.Column("pictures", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.create_index(
        "ix_clues_reporter",
        "clues",
        ["reporter_id"],
        postgresql_where=sa.text("reporter_id IS NOT NULL"),
    )
    op.add_column("tickets", sa.Column("reply_key", sa.Text(), nullable=True))
    op.create_index(
        "ix_tickets_same_reply",
        "tickets",
        ["reply_key"],
        postgresql_where=sa.text("reply_key IS NOT NULL"),
    )
    op.create_index(
        "ix_tickets_around", "tickets", ["street_team", "received_at"], postgresql_where=AROUND
    )


def downgrade() -> None:
    op.drop_index("ix_tickets_around", "tickets")
    op.drop_index("ix_tickets_same_reply", "tickets")
    op.drop_column("tickets", "reply_key")
    op.drop_index("ix_clues_reporter", "clues")
    op.drop_column("clues", "pictures")
    op.drop_table("contributors")
