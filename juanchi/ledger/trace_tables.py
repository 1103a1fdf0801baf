"""The tables by which a clue's matter is known again: what is remembered of it, and its keys."""

from datetime import datetime

from sqlalchemy import BigInteger, Float, Identity, Integer
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from juanchi.ledger.tables import Table


class TraceRow(Table):
    """What is remembered of a clue. Rebuilt from ``tickets`` and ``clues``; see ``retrace``.

    ``number`` grows in the order in which traces were committed: whoever has the greater one sees
    the other. Place and item are those of the moment; a ticket's row knows them better later.
    """

    __tablename__ = "traces"

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    ticket_id: Mapped[str] = mapped_column(unique=True)
    received_at: Mapped[datetime]
    smallest: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    runs: Mapped[int]
    head: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    marks: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    keys: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    path: Mapped[list[str]]
    spot: Mapped[str]
    lon: Mapped[float | None] = mapped_column(Float(53))
    lat: Mapped[float | None] = mapped_column(Float(53))
    item: Mapped[str | None]


class TraceKeyRow(Table):
    """One hash that a trace is found by: its ``keys``, turned round."""

    __tablename__ = "trace_keys"

    key: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
