"""The tables of learned models: the models with their cards, and the journal of decisions."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from juanchi.ledger.tables import Table


class ModelRow(Table):
    """One trained model. ``blob`` is empty once nobody can want it any more; the card stays."""

    __tablename__ = "models"
    __table_args__ = (Index(None, "kind", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str]
    blob: Mapped[bytes | None] = mapped_column(LargeBinary)
    card: Mapped[dict[str, Any]]
    digest: Mapped[str]
    trained_at: Mapped[datetime]
    by: Mapped[str]


class ModelJournalRow(Table):
    """One decision about a kind's models. Append-only, by a trigger, as the tickets' journal is.

    ``stands`` is the model in force after it: of the newest line of a kind, the one in force now.
    """

    __tablename__ = "model_journal"
    __table_args__ = (Index(None, "kind", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str]
    deed: Mapped[str]
    model: Mapped[int | None] = mapped_column(ForeignKey("models.id"))
    stands: Mapped[int | None] = mapped_column(ForeignKey("models.id"))
    at: Mapped[datetime]
    key: Mapped[str | None] = mapped_column(unique=True)
    decision: Mapped[dict[str, Any]]
