"""``discards``: what screening ended without a ticket, and why; a sample of it for review."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from juanchi.cli.display import lang, line, out, print_json, safe
from juanchi.cli.measuring import AsJson
from juanchi.cli.session import city, open_ledger, run, teller
from juanchi.domain.discards import DiscardCount, DiscardLine, FindDiscards, Sample
from juanchi.domain.metrics.period import Period
from juanchi.domain.refusal import Code, Refused
from juanchi.ledger.discards import discard_counts
from juanchi.ledger.discards import discards as found_in
from juanchi.runtime.settings import Settings
from juanchi.words import named, say
from juanchi.words.telling import Teller

_USUAL = timedelta(days=7)


def s(key: str, **facts: object) -> str:
    """Words of screening."""
    return say(f"screening.{key}", lang(), **facts)


def discards(
    *,
    since: Annotated[str | None, typer.Option(help=s("help.since"))] = None,
    rule: Annotated[str | None, typer.Option(help=s("help.rule"))] = None,
    sample: Annotated[int | None, typer.Option(min=1, max=1000, help=s("help.sample"))] = None,
    seed: Annotated[str, typer.Option(help=s("help.seed"))] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help=s("help.limit"))] = 50,
    as_json: AsJson = False,
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            tells = teller(await city(engine))
            drawn = Sample(size=sample, seed=seed) if sample else None
            wanted = FindDiscards(period=_since(since, tells), rule=rule, sample=drawn)
            counts = await discard_counts(engine, wanted)
            lines = await found_in(engine, wanted, limit)
        if as_json:
            print_json(lines)
            return
        if not lines:
            line(s("none"), "dim")
            return
        out().print(_count_table(counts))
        out().print()
        told = s("drawn", n=len(lines), of=sum(one.count for one in counts), seed=seed)
        line(told if drawn else s("newest", n=len(lines)), "bold")
        out().print(_line_table(lines, tells))
        line(s("how"), "dim")

    run(work)


def _since(text: str | None, tells: Teller) -> Period:
    """From a day of the city up to now. Refused: bad_input."""
    now = datetime.now(tells.zone)
    try:
        first = date.fromisoformat(text) if text else (now - _USUAL).date()
    except ValueError:
        raise Refused(Code.BAD_INPUT, where="--since", problem=s("bad_since")) from None
    start = datetime.combine(first, time.min, tzinfo=tells.zone)
    return Period(first=first, last=now.date(), start=start, end=now + timedelta(minutes=1))


def _count_table(counts: Sequence[DiscardCount]) -> Table:
    table = _table("verdict", "rule", "count", "overturned")
    for one in counts:
        wrong = Text(str(one.overturned), style="yellow" if one.overturned else "dim")
        verdict, rule = named("verdict", one.verdict, lang()), named("rule", one.rule, lang())
        table.add_row(verdict, safe(rule), f"{one.count:,}", wrong)
    return table


def _line_table(lines: Sequence[DiscardLine], tells: Teller) -> Table:
    table = _table("at", "verdict", "why", "words")
    for one in lines:
        mark = f"↺ {s('taken_up')} " if one.overturned else ""
        score = "" if one.score is None else f"{one.score:.0%}"
        why = s("why", rule=named("rule", one.rule, lang()), score=score, version=one.version)
        words = Text(safe(one.text_start), overflow="fold")
        words.append(f"\n{mark}{safe(one.ticket_id)}", style="dim")
        verdict = named("verdict", one.verdict, lang())
        table.add_row(tells.moment(one.at), verdict, safe(why), words)
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for column in columns:
        table.add_column(s(f"column.{column}"), no_wrap=column == "at", overflow="fold")
    return table
