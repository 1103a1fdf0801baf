"""``intake``: what came in within a period, and what became of it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.cli.display import err, lang, line, out, safe
from juanchi.cli.figures import json_line, percent
from juanchi.cli.measuring import AsJson, PeriodText, period_asked
from juanchi.cli.session import city, open_ledger, run, teller
from juanchi.cli.tables import facts_table
from juanchi.domain.admission import Queue
from juanchi.domain.metrics.arriving import Fate, Intake, arrived
from juanchi.domain.metrics.period import Period
from juanchi.ledger.admission import queue
from juanchi.ledger.errors import JournalDamaged
from juanchi.ledger.measuring import received
from juanchi.runtime.settings import Settings
from juanchi.words import named, say
from juanchi.words.telling import Teller


def w(key: str, **facts: object) -> str:
    """Words of this report."""
    return say(f"intake.{key}", lang(), **facts)


def intake(
    *,
    period: PeriodText = None,
    most: Annotated[int, typer.Option(min=1, max=1000, help=w("help.most"))] = 10,
    as_json: AsJson = False,
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            tells = teller(await city(engine))
            wanted = period_asked(period, tells)
            with err().status(w("reading")):
                found = await counted(engine, wanted, most)
                door = await queue(engine)
            if as_json:
                typer.echo(json_line(as_figures(found, door)))
                return
            out().print(report(found, wanted, tells))
            if told := at_the_door(door, tells):
                line(told, "yellow")

    run(work)


async def counted(engine: AsyncEngine, period: Period, most: int) -> Intake:
    """The figures of a period. Raises ``JournalDamaged``: one that leaves a clue out is none."""
    found = Intake(most=most)
    async with aclosing(received(engine, period)) as pages:
        async for lives in pages:
            for life in lives:
                try:
                    found.add(arrived(life.entries()))
                except ValueError as error:
                    raise JournalDamaged(life.ticket_id, str(error)) from error
    return found


def as_figures(found: Intake, door: Queue) -> Mapping[str, Any]:
    """The figures for programs."""
    return {
        "waiting": door.waiting,
        "waiting_urgent": door.urgent,
        "waiting_since": door.oldest.isoformat() if door.oldest else None,
        "clues": found.total,
        "own": found.own,
        "placed": found.placed,
        "urgent": found.urgent,
        "proposed": found.proposed,
        "fates": {fate.value: found.fates[fate] for fate in Fate},
        "channels": {code: dict(fates) for code, fates in sorted(found.channels.items())},
        "reasons": {f"{fate}:{why}": n for (fate, why), n in found.reasons.most_common()},
        "natures": {nature or "": n for nature, n in found.natures.most_common()},
        "items": dict(found.items.most_common(found.most)),
        "districts": dict(found.districts.most_common()),
        "loudest": [asdict(one) for one in found.loudest],
    }


def report(found: Intake, period: Period, tells: Teller) -> RenderableType:
    """The report as a supervisor reads it."""
    title = w("title", first=period.first, last=period.last, zone=tells.zone)
    parts: list[RenderableType] = [Text(title, style="dim")]
    if not found.total:
        return Group(*parts, Text(w("nothing"), style="dim"))
    parts += [facts_table(_headline(found)), _fates(found, tells)]
    for name, table in _lists(found, tells):
        if table.row_count:
            parts += ["", Text(w(name), style="cyan"), table]
    return Group(*parts)


def at_the_door(door: Queue, tells: Teller) -> str:
    """What is not a clue yet, in a sentence; nothing when nobody waits."""
    if not door.waiting or door.oldest is None:
        return ""
    since = tells.moment(door.oldest)
    return w("at_the_door", n=f"{door.waiting:,}", urgent=f"{door.urgent:,}", since=since)


def _headline(found: Intake) -> dict[str, object]:
    by_engine = found.fates[Fate.DISPATCHED_BY_ENGINE]
    dispatched = by_engine + found.fates[Fate.DISPATCHED_BY_PERSON]
    shown: dict[str, object] = {w("total"): f"{found.total:,}", w("own"): f"{found.own:,}"}
    if found.own:
        shown[w("ratio")] = f"{found.total / found.own:.2f}"
    shown[w("placed")] = _share(found.placed, found.total)
    shown[w("urgent")] = _share(found.urgent, found.total)
    if found.proposed:
        shown[w("proposed")] = _share(found.proposed, found.total)
    if dispatched:
        shown[w("engine")] = _share(by_engine, dispatched)
    return shown


def _share(n: int, of: int) -> str:
    return w("share_of", share=percent(n / of), n=f"{n:,}", of=f"{of:,}")


def _fates(found: Intake, tells: Teller) -> Table:
    """Channels by fate; a fate that nothing met has no column."""
    met = [fate for fate in Fate if found.fates[fate]]
    table = _table("channel", "clues")
    for fate in met:
        table.add_column(named("intake.fate", fate, tells.lang), justify="right", overflow="fold")
    ranked = sorted(found.channels.items(), key=lambda one: (-one[1].total(), one[0]))
    for code, fates in ranked:
        table.add_row(safe(tells.names.channel(code)), *_row(fates, met))
    if len(ranked) > 1:
        table.add_row("", *_row(found.fates, met), style="bold")
    return table


def _row(fates: Counter[Fate], met: list[Fate]) -> Iterator[str]:
    yield f"{fates.total():,}"
    yield from (f"{fates[fate]:,}" if fates[fate] else "–" for fate in met)


def _lists(found: Intake, tells: Teller) -> Iterator[tuple[str, Table]]:
    reasons = _table("fate", "why", "clues")
    for (fate, why), n in found.reasons.most_common(found.most):
        told = named("reason", why, tells.lang) if why else ""
        reasons.add_row(named("intake.fate", fate, tells.lang), safe(told), f"{n:,}")
    yield "reasons", reasons
    natures = _table("nature", "clues", "share")
    for nature, n in found.natures.most_common():
        told = named("nature", nature, tells.lang) if nature else w("no_nature")
        natures.add_row(told, f"{n:,}", percent(n / found.own))
    yield "natures", natures
    for name, column, counts, name_of in (
        ("items", "item", found.items, tells.names.item),
        ("districts", "district", found.districts, tells.names.region),
    ):
        table = _table(column, "clues", "share")
        for code, n in counts.most_common(found.most):
            table.add_row(safe(name_of(code)), f"{n:,}", percent(n / found.own))
        yield name, table
    loudest = _table("voices", "ticket", "words")
    for one in found.loudest:
        words = Text(safe(one.words), no_wrap=True, overflow="ellipsis", style="dim")
        loudest.add_row(f"{one.voices:,}", safe(one.number or one.ticket_id), words)
    yield "loudest", loudest


_NUMBERS = frozenset({"clues", "share", "voices"})


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for name in columns:
        justify: Any = "right" if name in _NUMBERS else "left"
        table.add_column(w(f"column.{name}"), justify=justify, overflow="fold")
    return table
