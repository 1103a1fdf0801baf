"""The settings: the only place that reads the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class Settings(BaseSettings):
    """Where things are and how they run.

    Each field is read from `JUANCHI_<NAME>`; the few that other tools share (`DATABASE_URL`,
    `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_PROFILE`, `TEMPORAL_CONFIG_FILE`) keep
    their plain names. An empty variable counts as not set. Whatever else Temporal's environment
    configuration knows (`TEMPORAL_API_KEY`, `TEMPORAL_TLS_*`) is read by Temporal's own library
    when the connection is made.
    """

    model_config = SettingsConfigDict(
        env_prefix="JUANCHI_",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        validate_by_name=True,
        validate_by_alias=True,
    )

    home: Path = Field(
        default=Path(".juanchi"),
        description="Everything the embedded servers keep; may be deleted to start empty.",
    )

    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL", "JUANCHI_DATABASE_URL"),
        description="PostgreSQL of your own; none: the embedded one.",
    )
    temporal_address: str | None = Field(
        default=None,
        validation_alias=AliasChoices("TEMPORAL_ADDRESS", "JUANCHI_TEMPORAL_ADDRESS"),
        description="host:port of a Temporal of your own; none: the embedded one.",
    )
    temporal_namespace: str | None = Field(
        default=None,
        validation_alias=AliasChoices("TEMPORAL_NAMESPACE", "JUANCHI_TEMPORAL_NAMESPACE"),
        description="None: the profile's, else `default`.",
    )
    temporal_profile: str | None = Field(
        default=None,
        validation_alias=AliasChoices("TEMPORAL_PROFILE", "JUANCHI_TEMPORAL_PROFILE"),
        description="A profile of temporal.toml to connect with.",
    )
    temporal_config_file: Path | None = Field(
        default=None,
        validation_alias=AliasChoices("TEMPORAL_CONFIG_FILE", "JUANCHI_TEMPORAL_CONFIG_FILE"),
        description="Where temporal.toml is, if not in its usual place.",
    )

    temporal_port: int | None = Field(
        default=None, ge=1, le=65535, description="None: a free port, chosen once and remembered."
    )
    temporal_ui_port: int | None = Field(
        default=None, ge=1, le=65535, description="None: a free port, chosen once and remembered."
    )
    temporal_ui: bool = Field(default=True, description="Whether the embedded server has its UI.")
    postgres_port: int | None = Field(
        default=None, ge=1, le=65535, description="None: a free port, chosen once and remembered."
    )

    queue_prefix: str = Field(default="juanchi", min_length=1)
    deployment: str = Field(default="juanchi", min_length=1, description="Temporal's name of us.")
    build: str | None = Field(
        default=None,
        description="This program's build id: workers take part in Temporal's worker versioning.",
    )
    no_cache: bool = Field(
        default=False,
        validation_alias=AliasChoices("JUANCHI_NO_CACHE", "JUANCHI_TEST_NO_CACHE"),
        description="Workers keep no workflow in memory, so that every task is a full replay.",
    )
    cached_workflows: int = Field(default=1000, ge=0, description="Workflows a worker keeps.")

    under_way: int = Field(
        default=100,
        ge=1,
        description="Tickets between their start and the ledger; the admission lets in no more.",
    )

    reporter_key: SecretStr | None = Field(
        default=None,
        description="Fernet keys for contact data, newest first, separated by commas.",
    )
    secrets_dir: Path | None = Field(
        default=None,
        description="The folder of secrets that channels name, one file each; none: home/secrets.",
    )
    log_level: LogLevel = "INFO"
    log_json: bool = False
    language: str | None = Field(
        default=None,
        validation_alias=AliasChoices(
            "JUANCHI_LANG", "JUANCHI_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"
        ),
        description="Language of the command line: a tag such as zh-CN, else the locale.",
    )
    data: Path | None = Field(default=None, description="Real data for the tests that want it.")

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("home", "data", "secrets_dir", mode="after")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        # Servers started from here outlive a change of directory.
        return None if value is None else value.expanduser().absolute()

    @property
    def own_temporal(self) -> bool:
        """Whether Temporal is somebody else's server, not the embedded one.

        A profile counts only when it is named: a default profile that happens to be in the
        user's home must not send a demo to a production cluster.
        """
        return bool(self.temporal_address or self.temporal_profile or self.temporal_config_file)

    @property
    def own_database(self) -> bool:
        """Whether PostgreSQL is somebody else's server, not the embedded one."""
        return self.database_url is not None

    @property
    def namespace(self) -> str:
        """The namespace the embedded server makes and uses."""
        return self.temporal_namespace or "default"

    @property
    def secrets(self) -> Path:
        """The folder of secrets that channels name."""
        return self.secrets_dir or self.home / "secrets"

    @property
    def max_cached_workflows(self) -> int:
        """What a worker is given: 0 when every task is to be a replay."""
        return 0 if self.no_cache else self.cached_workflows

    def queue(self, kind: str) -> str:
        """The task queue of a kind of work: tickets, ledger, notify, bulk, learn, watch."""
        return f"{self.queue_prefix}-{kind}"

    @property
    def tickets_queue(self) -> str:
        """Where workflow tasks of tickets wait."""
        return self.queue("tickets")
