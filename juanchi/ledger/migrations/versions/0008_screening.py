"""What screening ended, and what people said of it, found without reading years of journal."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(
        "ix_tickets_screened_out",
        "tickets",
        ["closed_at", "id"],
        postgresql_where=sa.text("stage = 'clue' AND end_kind IN ('discarded', 'redirected')"),
    )
    op.create_index(
        "ix_journal_screened_by_people",
        "journal",
        ["ticket_id"],
        postgresql_where=sa.text("kind = 'screened' AND by_role <> 'system'"),
    )
    op.create_index(
        "ix_journal_overturned",
        "journal",
        ["at"],
        postgresql_where=sa.text("kind = 'overturned'"),
    )


def downgrade() -> None:
    op.drop_index("ix_journal_overturned", table_name="journal")
    op.drop_index("ix_journal_screened_by_people", table_name="journal")
    op.drop_index("ix_tickets_screened_out", table_name="tickets")
