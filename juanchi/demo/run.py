"""``starter.py demo``: a home of its own, real servers, a worker, the play, and the proof."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.text import Text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from juanchi.cli.display import err, lang, out, safe
from juanchi.cli.keeping import Proved, print_audit, prove
from juanchi.cli.serving import Stop
from juanchi.cli.session import FAILED
from juanchi.cli.session import run as run_command
from juanchi.cli.timeline import timeline
from juanchi.client import Juanchi
from juanchi.demo import summary
from juanchi.demo.home import demo_settings, emptied, log_file, logging_to, removed
from juanchi.demo.plain import PlainView
from juanchi.demo.play import Play, Played
from juanchi.demo.sample import read_sample
from juanchi.demo.stage import LiveView, View
from juanchi.demo.stories import stories
from juanchi.domain.lists import Pack
from juanchi.ledger.city import load_pack
from juanchi.ledger.migrate import migrate_with
from juanchi.packs import read_pack, shipped
from juanchi.runtime.contacts import contacts_from
from juanchi.runtime.database import make_engine
from juanchi.runtime.embedded import Embedded
from juanchi.runtime.settings import Settings
from juanchi.runtime.temporal import connect, register_search_attributes
from juanchi.words import language, say
from juanchi.words.naming import Names
from juanchi.words.telling import Teller

PACK = "shenzhen"
POLICY = "policy-demo.toml"
SAMPLE = "sample/clues.jsonl"
LONGEST_S = 150.0
INTERRUPTED = 130
_PLAIN_WIDTH = 120


def demo_command(
    *,
    seconds: Annotated[
        float, typer.Option(min=1, help=say("demo.help.seconds", lang()))
    ] = LONGEST_S,
    keep: Annotated[bool, typer.Option("--keep", help=say("demo.help.keep", lang()))] = False,
    plain: Annotated[bool, typer.Option("--plain", help=say("demo.help.plain", lang()))] = False,
) -> None:
    async def work(settings: Settings) -> int:
        stop = Stop()
        try:
            return await Demo(settings, plain=plain, keep=keep).run(seconds)
        except asyncio.CancelledError:
            if not stop.asked.is_set():
                raise
            err().print(say("demo.stopped", language(settings)))
            return INTERRUPTED

    run_command(work)


class City(NamedTuple):
    """An engine at work on a fresh ledger with a city in it."""

    engine: AsyncEngine
    client: Client
    juanchi: Juanchi
    pack: Pack


@asynccontextmanager
async def at_work(settings: Settings) -> AsyncIterator[City]:
    """Servers, tables, the shipped city at the demo's pace, and a worker, while the block runs."""
    # Only here: the worker and the sandbox take a second to import.
    from worker import working

    pack = read_pack(shipped(PACK), POLICY)
    async with Embedded.start(settings) as servers:
        engine = make_engine(servers.database_url)
        try:
            await migrate_with(engine)
            await load_pack(engine, pack, by="starter.py demo")
            client = await connect(settings)
            await register_search_attributes(client)
            seal = contacts_from(settings)
            async with working(settings, client, engine):
                juanchi = Juanchi(client, seal=seal, queue=settings.tickets_queue)
                yield City(engine, client, juanchi, pack)
        finally:
            await engine.dispose()


class Demo:
    """One run of the demo, from an empty home to the proof."""

    def __init__(self, settings: Settings, *, plain: bool, keep: bool) -> None:
        self._settings = demo_settings(settings)
        self._lang = language(settings)
        self._keep = keep
        self._console = out()
        self._plain = plain or not self._console.is_terminal
        if not self._console.is_terminal:
            self._console.width = _PLAIN_WIDTH
        self._log = log_file(self._settings)

    async def run(self, within: float) -> int:
        """Run it; returns the process's exit code."""
        began = time.monotonic()
        await emptied(self._settings)
        with logging_to(self._log, self._settings):
            ok = await self._played(within)
            self._say("took", seconds=f"{time.monotonic() - began:.0f}")
            if ok and not self._keep:
                await removed(self._settings)
        return 0 if ok else FAILED

    async def _played(self, within: float) -> bool:
        began = time.monotonic()
        sample = read_sample(shipped(PACK) / SAMPLE)
        self._say("starting", "dim", home=self._settings.home)
        async with at_work(self._settings) as city:
            took = f"{time.monotonic() - began:.1f}"
            self._say("started", "dim", seconds=took, clues=len(sample), log=self._log)
            teller = Teller(Names(city.pack, self._lang), ZoneInfo(city.pack.timezone))
            told = stories(sample)
            play = Play(city.juanchi, city.engine, sample, told, city.pack, teller)
            played = await play.perform(self._view(city.pack), within)
            proved = await prove(city.engine, city.client)
        if told:
            self._tell_story(played, told[0].tickets[0], teller)
        return self._summed_up(played, proved, within)

    def _view(self, pack: Pack) -> View:
        if self._plain:
            return PlainView(self._console, self._lang)
        name = pack.name if self._lang != "en" else pack.name_en or pack.name
        return LiveView(self._console, say("demo.title", self._lang, city=name), self._lang)

    def _tell_story(self, played: Played, ticket_id: str, teller: Teller) -> None:
        if entries := played.watch.lives.get(ticket_id):
            self._console.print()
            self._say("story_follows", "bold")
            self._console.print(timeline(entries, teller, datetime.now(UTC)))

    def _unfinished(self, played: Played, within: float) -> list[str]:
        left = played.rows.clues - played.watch.ended + played.unreported
        if not left:
            return []
        of = played.rows.clues + played.unreported
        facts = {"found": left, "expected": of, "seconds": f"{within:g}"}
        return [say("demo.wrong.cap", self._lang, **facts)]

    def _summed_up(self, played: Played, proved: Proved, within: float) -> bool:
        console: Console = self._console
        console.print()
        self._say("sum.title", "bold")
        console.print(summary.numbers(played.rows, played.journal, self._lang))
        console.print()
        print_audit(proved, console)
        wrong = self._unfinished(played, within)
        wrong += summary.complaints(played.wrong, self._lang)
        for complaint in wrong:
            console.print(Text(f"✗ {safe(complaint)}", style="red"), soft_wrap=True)
        ok = proved.report.ok and not wrong
        console.print()
        home = self._settings.home
        if not ok:
            self._say("failed", "bold red", home=home, log=self._log)
            return False
        self._say("clean", "bold green")
        if self._keep:
            self._say("kept", home=home)
            show = "python starter.py list"
            self._say("look_kept", home=home, make="make up", show=show)
        summary.advice(console, self._lang)
        return True

    def _say(self, key: str, style: str = "", **facts: object) -> None:
        words = say(f"demo.{key}", self._lang, **facts)
        self._console.print(Text(safe(words), style=style), soft_wrap=True)
