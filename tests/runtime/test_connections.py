"""What is said when a server is not there, and what is accepted as an address."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from temporalio.client import Client

from juanchi.runtime import attributes
from juanchi.runtime.database import check_database, database_url, make_engine, normalised
from juanchi.runtime.embedded import Embedded, discover
from juanchi.runtime.errors import CannotReach, RuntimeTrouble
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect, connect_config, register_search_attributes


@pytest.fixture
def nowhere(tmp_path: Path, no_environment: pytest.MonkeyPatch) -> Settings:
    return Settings(home=tmp_path)


async def test_nothing_running_says_how_to_start(nowhere: Settings) -> None:
    with pytest.raises(CannotReach, match=r"embedded Temporal.*make up"):
        await connect(nowhere)
    with pytest.raises(CannotReach, match=r"embedded PostgreSQL.*make up"):
        database_url(nowhere)
    assert await discover(nowhere) is None


async def test_an_unreachable_temporal_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotReach, match=r"Temporal at 127\.0\.0\.1:1: .*make up"):
        await connect(Settings(home=tmp_path, temporal_address="127.0.0.1:1"))


async def test_an_unknown_namespace_is_told(servers: Embedded, tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path, temporal_address=servers.temporal_address, temporal_namespace="atlantis"
    )
    with pytest.raises(CannotReach, match="NOT_FOUND"):
        await connect(settings, within=timedelta(seconds=5))


async def test_an_unreachable_database_is_named_without_its_password() -> None:
    engine = make_engine("postgres://user:secret@127.0.0.1:1/city")
    try:
        with pytest.raises(CannotReach, match=r"PostgreSQL at 127\.0\.0\.1:1/city") as caught:
            await check_database(engine)
    finally:
        await engine.dispose()
    assert "secret" not in str(caught.value)


async def test_a_missing_database_is_told(servers: Embedded) -> None:
    engine = make_engine(servers.database_url.rsplit("/", 1)[0] + "/atlantis")
    try:
        with pytest.raises(CannotReach, match="atlantis"):
            await check_database(engine)
    finally:
        await engine.dispose()


async def test_the_database_answers_in_utc(database_url: str) -> None:
    engine = make_engine(database_url)
    try:
        await check_database(engine)
        async with engine.connect() as connection:
            assert (await connection.execute(text("SHOW timezone"))).scalar_one() == "UTC"
    finally:
        await engine.dispose()


@pytest.mark.parametrize(
    "url",
    ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"],
)
def test_any_postgres_url_gets_the_driver(url: str) -> None:
    made = normalised(url)
    assert made.render_as_string(hide_password=False) == "postgresql+asyncpg://u:p@h/d"


def test_socket_directories_and_sslmode_are_understood() -> None:
    socket = normalised("postgresql://postgres:@/postgres?host=/run/data")
    assert socket.query["host"] == "/run/data"
    assert socket.host is None
    assert socket.password is None
    assert normalised("postgresql://h/d?sslmode=require").query == {"ssl": "require"}


@pytest.mark.parametrize("url", ["nonsense secret", "mysql://u:secret@h/d"])
def test_another_url_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(RuntimeTrouble) as caught:
        normalised(url)
    assert "secret" not in str(caught.value)


async def test_search_attributes_can_be_registered_again(temporal_client: Client) -> None:
    await register_search_attributes(temporal_client)
    await register_search_attributes(temporal_client)


def test_search_attributes_fit_what_sql_visibility_allows() -> None:
    kinds = [key.indexed_value_type.name for key in attributes.ALL]
    assert kinds.count("KEYWORD") <= 10
    assert all(kinds.count(kind) <= 3 for kind in kinds if kind != "KEYWORD")


def test_a_named_profile_is_read(tmp_path: Path, no_environment: pytest.MonkeyPatch) -> None:
    file = tmp_path / "temporal.toml"
    file.write_text('[profile.city]\naddress = "cluster:7233"\nnamespace = "tickets"\n')
    settings = Settings(home=tmp_path, temporal_profile="city", temporal_config_file=file)

    config = connect_config(settings)

    assert config.get("target_host") == "cluster:7233"
    assert config.get("namespace") == "tickets"
    with pytest.raises(RuntimeTrouble, match="configuration"):
        connect_config(Settings(home=tmp_path, temporal_profile="town", temporal_config_file=file))


async def test_servers_of_ones_own_are_discovered(servers: Embedded, tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        temporal_address=servers.temporal_address,
        database_url=SecretStr(servers.database_url),
    )
    found = await discover(settings)
    assert found is not None
    assert found.temporal_address == servers.temporal_address
