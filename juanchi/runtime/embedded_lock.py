"""Whose servers they are, and who may start or stop them now."""

from __future__ import annotations

import asyncio
import fcntl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from juanchi.runtime.embedded_state import Owner
from juanchi.runtime.errors import ServerFailed

_LOCK_WITHIN = 90.0


def owner_is_alive(owner: Owner) -> bool:
    """Whether the process that started the servers still runs."""
    try:
        return abs(psutil.Process(owner.pid).create_time() - owner.created) < 1
    except psutil.Error:
        return False


@asynccontextmanager
async def home_lock(home: Path) -> AsyncIterator[None]:
    """Keep two starters from working on one home at the same time.

    Held only while servers come up or go down; the kernel drops it with its process.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        file = (home / "lock").open("w")
    except OSError as error:
        raise ServerFailed(
            f"The home directory {home} cannot be written: {error.strerror}. "
            "Set JUANCHI_HOME to one that can."
        ) from error
    with file:
        limit = time.monotonic() + _LOCK_WITHIN
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > limit:
                    raise ServerFailed(
                        f"Another process has been starting or stopping the servers of {home} "
                        f"for {_LOCK_WITHIN:g} s"
                    ) from None
            await asyncio.sleep(0.05)
        yield
