"""``up``: the whole engine in one process, on the embedded servers, until it is told to stop."""

import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.admission import stand_admission
from juanchi.cli.display import line, out, t
from juanchi.cli.packing import POLICY, print_pack_load
from juanchi.cli.session import city, run
from juanchi.cli.tables import facts_table
from juanchi.duties import stand_watch
from juanchi.ledger.channels import registered
from juanchi.ledger.list_batches import Drops, load_whole_pack
from juanchi.ledger.migrate import migrate_with
from juanchi.packs import read_pack, shipped, shipped_names
from juanchi.runtime.database import address_of, make_engine, normalised
from juanchi.runtime.embedded import Embedded
from juanchi.runtime.logging import configure_logging
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect, register_search_attributes
from juanchi.watches import Watches


class Stop:
    """Turns the first SIGINT or SIGTERM into an orderly end; later ones do not disturb it."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.starting = True
        self._task = asyncio.current_task()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, self._ask)

    def _ask(self) -> None:
        if self.starting and not self.asked.is_set() and self._task is not None:
            self._task.cancel()
        self.asked.set()


def up(
    *,
    worker: Annotated[bool, typer.Option("--worker/--no-worker", help=t("help.worker"))] = True,
    pack: Annotated[Path | None, typer.Option(help=t("help.up_pack"))] = None,
    policy: Annotated[str, typer.Option(help=t("help.policy"))] = POLICY,
) -> None:
    async def work(settings: Settings) -> None:
        _quiet(settings)
        stop = Stop()
        try:
            await _serve(settings, stop, worker=worker, pack=pack, policy=policy)
        except asyncio.CancelledError:
            if not stop.asked.is_set():
                raise
        line(t("stopped"), "dim")

    run(work)


async def _serve(
    settings: Settings, stop: Stop, *, worker: bool, pack: Path | None, policy: str
) -> None:
    async with AsyncExitStack() as stack:
        line(t("starting"), "dim")
        servers = await stack.enter_async_context(Embedded.start(settings))
        engine = make_engine(servers.database_url)
        stack.push_async_callback(engine.dispose)
        await migrate_with(engine)
        await _have_city(engine, pack, policy)
        client = await connect(settings)
        await register_search_attributes(client)
        if worker:
            # Only here: the worker and the sandbox take a second to import.
            from worker import working

            await stack.enter_async_context(working(settings, client, engine))
            await stand_watch(client, settings.queue("bulk"))
            await stand_admission(client, settings.queue("bulk"))
            watches = Watches(client, settings.queue("watch"))
            await watches.align((await registered(engine)).channels)
        stop.starting = False
        _print_addresses(servers, worker=worker)
        await stop.asked.wait()
        line(t("stopping"), "dim")


async def _have_city(engine: AsyncEngine, pack: Path | None, policy: str) -> None:
    """Load what was asked for; else, into an empty ledger, the city that is shipped."""
    if pack is None and policy == POLICY and await city(engine) is not None:
        return
    read = read_pack(pack or shipped(shipped_names()[0]), policy)
    # A start is no moment to lose anything: what the ledger has of its own is kept, and told.
    done = await load_whole_pack(engine, read, "starter.py up", Drops.KEEP)
    print_pack_load(done, Drops.KEEP)


def _print_addresses(servers: Embedded, *, worker: bool) -> None:
    addresses = servers.addresses
    shown = {
        "Temporal": servers.temporal_address,
        t("temporal_pages"): addresses.temporal_ui or "–",
        "PostgreSQL": address_of(normalised(servers.database_url)),
        t("home"): servers.settings.home,
        t("worker"): t("working" if worker else "no_worker"),
    }
    out().print(facts_table(shown))
    line(t("next"), "green")


def _quiet(settings: Settings) -> None:
    # The worker's log belongs to those who ask for it: a person at a terminal reads what is above.
    told = "log_level" in settings.model_fields_set
    configure_logging(settings if told else settings.model_copy(update={"log_level": "WARNING"}))
