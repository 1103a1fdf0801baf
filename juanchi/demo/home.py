"""The demo's own home: emptied at the start, so that every run is the same. Nothing else is."""

import asyncio
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from juanchi.runtime.embedded import Embedded
from juanchi.runtime.embedded_lock import owner_is_alive
from juanchi.runtime.embedded_postgres import PostgresServer
from juanchi.runtime.embedded_state import read_state
from juanchi.runtime.embedded_temporal import TemporalServer
from juanchi.runtime.errors import RuntimeTrouble
from juanchi.runtime.logging import configure_logging
from juanchi.runtime.settings import Settings
from juanchi.words import language, say

FOLDER = "demo"
LOG = "demo.log"


def demo_settings(settings: Settings) -> Settings:
    """The settings of a demo under these: a home below theirs, and no server but its own."""
    return settings.model_copy(
        update={
            "home": settings.home / FOLDER,
            "database_url": None,
            "temporal_address": None,
            "temporal_namespace": None,
            "temporal_profile": None,
            "temporal_config_file": None,
            # Ports that are set belong to the engine itself, which may be running.
            "temporal_port": None,
            "temporal_ui_port": None,
            "postgres_port": None,
            "reporter_key": None,
        }
    )


def log_file(demo: Settings) -> Path:
    """Where a demo's log goes: beside its home, so that it outlives the data."""
    return demo.home.parent / LOG


@contextmanager
def logging_to(file: Path, demo: Settings) -> Iterator[None]:
    """Have everything logged to a file, and nothing over the screen.

    Before anything connects: Temporal's core keeps the runtime that it was first used with.
    """
    with file.open("w", encoding="utf-8") as stream:
        configure_logging(demo, stream)
        logging.captureWarnings(True)
        forwarding = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
        filter_ = TelemetryFilter(core_level="WARN", other_level="ERROR")
        Runtime.set_default(
            Runtime(
                telemetry=TelemetryConfig(
                    logging=LoggingConfig(filter=filter_, forwarding=forwarding)
                )
            )
        )
        try:
            yield
        finally:
            # What is logged while the interpreter ends has nowhere to go.
            logging.captureWarnings(False)
            logging.getLogger().handlers = [logging.NullHandler()]


async def emptied(demo: Settings) -> None:
    """Leave nothing of the demo before. Raises ``RuntimeTrouble`` when one is running."""
    owner = read_state(demo).owner
    if owner is not None and owner_is_alive(owner):
        told = say("demo.another", language(demo), home=demo.home, pid=owner.pid)
        raise RuntimeTrouble(told)
    if TemporalServer.find(demo) or PostgresServer.find(demo):
        # A killed demo has left its servers running: adopted, they are stopped in order.
        async with Embedded.start(demo):
            pass
    await removed(demo)
    demo.home.mkdir(parents=True)


async def removed(demo: Settings) -> None:
    """Delete the demo's data."""
    if demo.home.exists():
        await asyncio.to_thread(shutil.rmtree, demo.home)
