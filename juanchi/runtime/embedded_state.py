"""What the embedded servers leave on disk for other processes: `servers.json`."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ValidationError

from juanchi.runtime.settings import Settings

STATE_FILE = "servers.json"


class Owner(BaseModel):
    """The process that started the servers and will stop them.

    `created` is the process's start in seconds since 1970: a pid alone may be somebody else's
    by now.
    """

    pid: int
    created: float


class Addresses(BaseModel):
    """Where the servers are.

    `temporal_pid` and `postgres_pid` are None for servers that are not embedded. `database_url`
    carries a password: do not log it.
    """

    temporal_address: str | None = None
    temporal_namespace: str = "default"
    temporal_ui: str | None = None
    database_url: str | None = None
    temporal_pid: int | None = None
    postgres_pid: int | None = None


class State(BaseModel):
    """The content of `servers.json`; ports stay remembered after a stop."""

    running: bool = False
    owner: Owner | None = None
    addresses: Addresses = Addresses()
    ports: dict[str, int] = {}
    versions: dict[str, str] = {}


def read_state(settings: Settings) -> State:
    """Return what was written last; an empty state if nothing (readable) is there."""
    try:
        return State.model_validate_json((settings.home / STATE_FILE).read_bytes())
    except (OSError, ValidationError):
        # Addresses can be chosen again; the data is elsewhere.
        return State()


def write_state(settings: Settings, state: State) -> None:
    """Replace the state whole, readable by its owner only."""
    path = settings.home / STATE_FILE
    fresh = path.with_suffix(f".{os.getpid()}.new")
    write_private(fresh, state.model_dump_json(indent=2))
    fresh.replace(path)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, and wait until it is on the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
