"""Migrations lead to the models' tables, from anywhere, once, and say when they do not fit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.ledger.errors import SchemaMismatch
from juanchi.ledger.migrate import check_schema, config, migrate
from juanchi.ledger.tables import Table
from juanchi.ledger.writer import LedgerWriter
from juanchi.runtime.database import make_engine
from tests.walk import walk


@pytest.fixture
async def bare(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The module's database, emptied of all tables."""
    engine = make_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    yield engine
    await engine.dispose()


async def test_several_processes_may_migrate_at_once(
    bare: AsyncEngine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await asyncio.gather(*(migrate(database_url) for _ in range(4)))
    await check_schema(bare)


async def test_the_models_and_the_migrations_agree(bare: AsyncEngine, database_url: str) -> None:
    await migrate(database_url)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, Table.metadata))

    async with bare.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_down_and_up_again(bare: AsyncEngine, database_url: str) -> None:
    await migrate(database_url)
    async with bare.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(config(sync), "base"))
    async with bare.connect() as connection:
        left = await connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        assert left.all() == ["alembic_version"]
    await migrate(database_url)
    await check_schema(bare)


async def test_a_database_without_tables_is_named(bare: AsyncEngine) -> None:
    with pytest.raises(SchemaMismatch, match=r"no tables yet.*migrate"):
        await check_schema(bare)


async def test_a_database_ahead_is_left_alone(bare: AsyncEngine, database_url: str) -> None:
    await migrate(database_url)
    async with bare.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaMismatch, match="newer than this program"):
        await check_schema(bare)
    with pytest.raises(SchemaMismatch, match="newer than this program"):
        await migrate(database_url)


@pytest.mark.parametrize(
    "statement", ["UPDATE journal SET seq = 7", "DELETE FROM journal", "TRUNCATE journal"]
)
async def test_the_journal_only_grows(bare: AsyncEngine, database_url: str, statement: str) -> None:
    await migrate(database_url)
    await LedgerWriter(bare).record(walk().whole)
    with pytest.raises(IntegrityError, match="append-only"):
        async with bare.begin() as connection:
            await connection.execute(text(statement))
