"""The settings and how the environment reaches them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from juanchi.runtime.settings import Settings


def test_defaults_need_no_environment(no_environment: pytest.MonkeyPatch) -> None:
    settings = Settings()

    assert settings.home == Path.cwd() / ".juanchi"
    assert not settings.own_temporal
    assert not settings.own_database
    assert settings.namespace == "default"
    assert settings.tickets_queue == "juanchi-tickets"
    assert settings.queue("ledger") == "juanchi-ledger"


def test_shared_names_are_plain_and_ours_are_prefixed(no_environment: pytest.MonkeyPatch) -> None:
    no_environment.setenv("DATABASE_URL", "postgresql://u:hush-hush@db/x")
    no_environment.setenv("TEMPORAL_ADDRESS", "temporal:7233")
    no_environment.setenv("TEMPORAL_NAMESPACE", "city")
    no_environment.setenv("JUANCHI_LANG", "zh-CN")
    no_environment.setenv("JUANCHI_LOG_LEVEL", "debug")
    no_environment.setenv("JUANCHI_TEMPORAL_PORT", "7300")

    settings = Settings()

    assert settings.own_temporal
    assert settings.own_database
    assert settings.temporal_address == "temporal:7233"
    assert settings.namespace == "city"
    assert settings.language == "zh-CN"
    assert settings.log_level == "DEBUG"
    assert settings.temporal_port == 7300
    assert "hush-hush" not in repr(settings)


def test_empty_variables_count_as_unset(no_environment: pytest.MonkeyPatch) -> None:
    no_environment.setenv("DATABASE_URL", "")
    no_environment.setenv("TEMPORAL_ADDRESS", "")

    settings = Settings()

    assert not settings.own_database
    assert not settings.own_temporal


@pytest.mark.parametrize("name", ["JUANCHI_NO_CACHE", "JUANCHI_TEST_NO_CACHE"])
def test_no_cache_means_no_workflow_is_kept(no_environment: pytest.MonkeyPatch, name: str) -> None:
    assert Settings().max_cached_workflows > 0
    no_environment.setenv(name, "1")
    assert Settings().max_cached_workflows == 0


def test_a_named_profile_is_a_server_of_ones_own(no_environment: pytest.MonkeyPatch) -> None:
    no_environment.setenv("TEMPORAL_PROFILE", "prod")
    assert Settings().own_temporal


def test_nonsense_is_refused(no_environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="temporal_port"):
        Settings(temporal_port=70_000)
