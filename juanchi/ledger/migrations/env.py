"""Alembic's environment: runs on the connection that ``juanchi.ledger.migrate`` hands over."""

from alembic import context

from juanchi.ledger.channel_tables import ArrivalRow
from juanchi.ledger.city_tables import BatchRow
from juanchi.ledger.duty_tables import DutyChangeRow
from juanchi.ledger.model_tables import ModelRow
from juanchi.ledger.supervision_tables import OrderRow
from juanchi.ledger.tables import Table

for loaded in (ArrivalRow, BatchRow, DutyChangeRow, ModelRow, OrderRow):
    assert loaded.metadata is Table.metadata  # noqa: S101 - all modules of tables must be loaded

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("Migrations run through juanchi.ledger.migrate, not the alembic command")

context.configure(connection=connection, target_metadata=Table.metadata, transactional_ddl=True)
context.run_migrations()
