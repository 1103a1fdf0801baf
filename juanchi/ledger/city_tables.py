"""The city's tables: batches of loaded data, and the lists' rows with the batches they hold in."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from juanchi.ledger.tables import Table


class BatchRow(Table):
    """One load of city data. The newest is in force."""

    __tablename__ = "batches"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    pack: Mapped[str]
    pack_version: Mapped[str]
    digest: Mapped[str]
    loaded_at: Mapped[datetime]
    by: Mapped[str]
    changed: Mapped[dict[str, Any]]


class PackRow(Table):
    """The whole city as it was loaded: what a reader wants in one go."""

    __tablename__ = "packs"

    batch: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    pack: Mapped[dict[str, Any]]


class Listed:
    """A list's row and the batches it holds in: from ``batch_from`` up to before ``batch_to``.

    As of batch b: ``batch_from <= b and (batch_to is null or batch_to > b)``. ``body`` is the
    whole row; the columns beside it are those that queries ask for.
    """

    __tablename__: str

    key: Mapped[str] = mapped_column(primary_key=True)
    batch_from: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    batch_to: Mapped[int | None] = mapped_column(ForeignKey("batches.id"))
    body: Mapped[dict[str, Any]]

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805 - a class method in disguise
        name = f"uq_{cls.__tablename__}_current"
        return (Index(name, "key", unique=True, postgresql_where=text("batch_to IS NULL")),)


class RegionRow(Listed, Table):
    __tablename__ = "regions"

    parent: Mapped[str | None]
    level: Mapped[str]
    name: Mapped[str]


class UnitRow(Listed, Table):
    __tablename__ = "units"

    name: Mapped[str]
    role: Mapped[str]
    region: Mapped[str]
    webhook: Mapped[str | None]


class ItemRow(Listed, Table):
    __tablename__ = "items"

    category: Mapped[str]
    name: Mapped[str]


class DutyRow(Listed, Table):
    __tablename__ = "duties"

    item: Mapped[str]
    region: Mapped[str]
    lead: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class HandlingRow(Listed, Table):
    __tablename__ = "handlings"

    unit: Mapped[str]
    item: Mapped[str]


class ChannelRow(Listed, Table):
    __tablename__ = "channels"

    name: Mapped[str]
    kind: Mapped[str]


class CalendarRow(Listed, Table):
    __tablename__ = "calendars"

    year: Mapped[int]


class PolicyRow(Listed, Table):
    __tablename__ = "policies"

    code: Mapped[str]
    version: Mapped[str]
    valid_from: Mapped[date]
