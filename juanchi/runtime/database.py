"""The connection to PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from juanchi.runtime.embedded_state import read_state
from juanchi.runtime.errors import CannotReach, RuntimeTrouble
from juanchi.runtime.settings import Settings

ANSWER_WITHIN = timedelta(seconds=10)
_DRIVER = "postgresql+asyncpg"


def database_url(settings: Settings) -> str:
    """Return the URL of the settings, else of the embedded server if it is running.

    Raises `CannotReach` if there is neither. The URL carries a password: do not log it.
    """
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    url = read_state(settings).addresses.database_url
    if url is None:
        raise CannotReach(
            "the embedded PostgreSQL",
            str(settings.home),
            "it is not running",
            "Start it with `make up`, or set DATABASE_URL.",
        )
    return url


def normalised(url: str) -> URL:
    """Return the URL with the asyncpg driver.

    Takes `postgres://`, `postgresql://` and any driver's name behind a plus; a socket directory
    may be given as the host (`postgresql://user@/name?host=/path`). Raises `RuntimeTrouble` for
    what is not a PostgreSQL URL.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The cause quotes the URL with its password.
        raise RuntimeTrouble("DATABASE_URL is not a URL: postgresql://user@host/name") from None
    if parsed.drivername.split("+")[0] not in {"postgres", "postgresql"}:
        raise RuntimeTrouble(f"DATABASE_URL is for {parsed.drivername}; PostgreSQL is needed")
    query = dict(parsed.query)
    # libpq's name for what asyncpg calls ssl.
    mode = query.pop("sslmode", None)
    if mode is not None:
        query["ssl"] = mode
    # `user:@` means an empty password to libpq as well: none.
    return URL.create(
        _DRIVER,
        username=parsed.username,
        password=parsed.password or None,
        host=parsed.host or None,
        port=parsed.port,
        database=parsed.database,
        query=query,
    )


def make_engine(url: str, *, pool_size: int = 10, echo: bool = False) -> AsyncEngine:
    """Return an engine; it connects when first used and belongs to the loop it is used on.

    `pool_size` connections are kept and as many again opened under load. Times are in UTC.
    Dispose of it when done.
    """
    # No ping before each use: it would cost a third of a small write. After a restart the first
    # use fails, which empties the whole pool, and whoever writes tries again.
    return create_async_engine(
        normalised(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        echo=echo,
        connect_args={"server_settings": {"timezone": "UTC", "application_name": "juanchi"}},
    )


async def check_database(engine: AsyncEngine, *, within: timedelta = ANSWER_WITHIN) -> None:
    """Return when the database has answered a query; else raise `CannotReach`."""
    try:
        async with asyncio.timeout(within.total_seconds()), engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except TimeoutError:
        reason = f"no answer within {within.total_seconds():g} s"
        raise CannotReach("PostgreSQL", address_of(engine.url), reason) from None
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise CannotReach("PostgreSQL", address_of(engine.url), reason) from error
    except OSError as error:
        raise CannotReach("PostgreSQL", address_of(engine.url), str(error)) from error


def address_of(url: URL) -> str:
    """Return where a URL points, without user or password."""
    host = url.host or url.query.get("host") or "localhost"
    return f"{host}:{url.port or 5432}/{url.database or ''}"
