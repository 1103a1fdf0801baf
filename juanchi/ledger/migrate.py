"""Bring a database's tables to those of this code, and check that they are."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from juanchi.ledger.errors import SchemaMismatch

_SCRIPTS: Final = Path(__file__).with_name("migrations")
_LOCK: Final = 0x4A5543_01  # one migration of a database at a time, whoever starts it


async def migrate(url: str | URL) -> None:
    """Upgrade the database at ``url`` to this code's tables; harmless when it has them.

    Several processes may ask at once. Raises ``SchemaMismatch`` when the database is ahead.
    """
    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool
    )
    try:
        await migrate_with(engine)
    finally:
        await engine.dispose()


async def migrate_with(engine: AsyncEngine) -> None:
    """``migrate``, through an engine that is there already."""
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if (problem := await connection.run_sync(_problem)) and not problem.behind:
            raise SchemaMismatch(problem.told)
        await connection.run_sync(_upgrade)


async def check_schema(engine: AsyncEngine) -> None:
    """Return when the tables are this code's; else raise ``SchemaMismatch`` saying what to do."""
    async with engine.connect() as connection:
        if problem := await connection.run_sync(_problem):
            raise SchemaMismatch(problem.told)


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file: works wherever the package is."""
    made = Config()
    made.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def _upgrade(connection: Connection) -> None:
    command.upgrade(config(connection), "head")


class _Problem:
    def __init__(self, told: str, *, behind: bool) -> None:
        self.told = told
        self.behind = behind


def _problem(connection: Connection) -> _Problem | None:
    scripts = ScriptDirectory.from_config(config())
    wanted = scripts.get_current_head()
    has = MigrationContext.configure(connection).get_current_revision()
    if has == wanted:
        return None
    if has is None:
        told = "The database has no tables yet. Run `starter.py migrate`."
        return _Problem(told, behind=True)
    if has in {script.revision for script in scripts.walk_revisions()}:
        told = f"The database is at {has}, this program needs {wanted}. Run `starter.py migrate`."
        return _Problem(told, behind=True)
    told = f"The database is at {has}, newer than this program ({wanted}). Update the program."
    return _Problem(told, behind=False)
