"""Alembic's environment: runs on the connection that ``juanchi.ledger.migrate`` hands over."""

from alembic import context

from juanchi.ledger import city_tables
from juanchi.ledger.tables import Table

assert city_tables.BatchRow.metadata is Table.metadata  # noqa: S101 - both modules must be loaded

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("Migrations run through juanchi.ledger.migrate, not the alembic command")

context.configure(connection=connection, target_metadata=Table.metadata, transactional_ddl=True)
context.run_migrations()
