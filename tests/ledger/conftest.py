"""A migrated ledger on a real PostgreSQL, empty for every test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.ledger.migrate import migrate
from juanchi.ledger.tables import Table
from juanchi.ledger.writer import LedgerWriter
from juanchi.runtime.database import make_engine


@pytest.fixture(scope="module")
async def migrated(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The module's database with all tables."""
    await migrate(database_url)
    engine = make_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def engine(migrated: AsyncEngine) -> AsyncEngine:
    """The module's database, emptied."""
    # Much quicker than TRUNCATE, which makes a new file for every table and index.
    await force(
        migrated,
        *(f"DELETE FROM {table.name}" for table in Table.metadata.sorted_tables),  # noqa: S608
        "ALTER TABLE batches ALTER id RESTART",
    )
    return migrated


@pytest.fixture
def writer(engine: AsyncEngine) -> LedgerWriter:
    """The writer of the emptied ledger."""
    return LedgerWriter(engine)


async def force(engine: AsyncEngine, *statements: str, **values: str) -> None:
    """Do what the journal's triggers refuse: damage for an audit to find."""
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            await connection.execute(text(statement), values)
