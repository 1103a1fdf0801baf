"""``metrics``: the figures of a period from the journal, and the tickets behind each."""

import csv
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from heapq import heappush, heappushpop
from itertools import count
from typing import Annotated, NamedTuple

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.cli.display import err, line, out
from juanchi.cli.display import lang as language
from juanchi.cli.figures import (
    figure_table,
    group_tables,
    json_line,
    measure_rows,
    measure_table,
    share_rows,
)
from juanchi.cli.session import city, open_ledger, run, teller
from juanchi.domain.holders import unit_of
from juanchi.domain.lists import Pack
from juanchi.domain.measures import Measure, Metric
from juanchi.domain.metrics.period import Period, period_of
from juanchi.domain.metrics.summary import By, Tally
from juanchi.domain.refusal import Code, Refused
from juanchi.ledger.measuring import measured
from juanchi.runtime.settings import Settings
from juanchi.words import say
from juanchi.words.naming import find_holder
from juanchi.words.telling import Teller


def m(key: str, **facts: object) -> str:
    """Words of the figures."""
    return say(f"metrics.{key}", language(), **facts)


PeriodText = Annotated[str | None, typer.Option("--period", help=m("help.period"))]
AsJson = Annotated[bool, typer.Option("--json", help=say("cli.help.json", language()))]


class Wanted(NamedTuple):
    """Which measures are asked for."""

    period: Period
    metrics: tuple[Metric, ...]
    unit: str | None

    def has(self, one: Measure) -> bool:
        """Whether a measure is among them."""
        return one.metric in self.metrics and (self.unit is None or one.unit == self.unit)


def metrics(
    *,
    by: Annotated[By, typer.Option(help=m("help.by"))] = By.NONE,
    period: PeriodText = None,
    unit: Annotated[str | None, typer.Option(help=m("help.unit"))] = None,
    metric: Annotated[
        list[Metric] | None,
        typer.Option(metavar="METRIC", help=m("help.metric", metrics=", ".join(Metric))),
    ] = None,
    tickets: Annotated[bool, typer.Option("--tickets", help=m("help.tickets"))] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help=m("help.limit"))] = 50,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help=m("help.csv"))] = False,
) -> None:
    async def work(settings: Settings) -> None:
        write = writer(as_json, as_csv)
        async with open_ledger(settings) as engine:
            pack = await city(engine)
            tells = teller(pack)
            wanted = Wanted(period_asked(period, tells), tuple(metric or Metric), _unit(unit, pack))
            # Closed also when nobody reads on: a pipe ended, or a journal cannot be read.
            async with aclosing(_found(engine, wanted)) as found:
                if tickets and write:
                    async for measures in found:
                        write(measure_rows(measures))
                elif tickets:
                    await _show_tickets(found, limit, tells, wanted.period)
                else:
                    tally = await _tally(found, by)
                    if write:
                        shares = (one for one in tally.shares() if one.metric in wanted.metrics)
                        write(share_rows(shares, by, tells))
                    else:
                        _show(tally, by, wanted, tells)

    run(work)


async def _found(engine: AsyncEngine, wanted: Wanted) -> AsyncGenerator[list[Measure], None]:
    pages = measured(engine, wanted.period, datetime.now(UTC))
    with err().status(m("reading")):
        async with aclosing(pages):
            async for measures in pages:
                yield [one for one in measures if wanted.has(one)]


async def _tally(found: AsyncIterator[list[Measure]], by: By) -> Tally:
    tally = Tally(by)
    async for measures in found:
        for one in measures:
            tally.add(one)
    return tally


def _show(tally: Tally, by: By, wanted: Wanted, tells: Teller) -> None:
    shares = tally.shares()
    line(_title(wanted.period, tells), "dim")
    if not any(one.denominator for one in shares):
        line(m("nothing"), "dim")
    elif by is By.NONE:
        out().print(figure_table(shares, wanted.metrics, tells))
    else:
        out().print(group_tables(shares, by, wanted.metrics, tells))


async def _show_tickets(
    found: AsyncIterator[list[Measure]], limit: int, tells: Teller, period: Period
) -> None:
    """The newest of them; no more than these are kept while reading."""
    newest: list[tuple[datetime, int, Measure]] = []
    total, order = 0, count()
    async for measures in found:
        for one in measures:
            total += 1
            entry = (one.at, next(order), one)
            if len(newest) < limit:
                heappush(newest, entry)
            else:
                heappushpop(newest, entry)
    line(_title(period, tells), "dim")
    if not total:
        line(m("nothing"), "dim")
        return
    out().print(measure_table((one for _, _, one in sorted(newest, reverse=True)), tells))
    if total > len(newest):
        line(m("more", n=f"{total - len(newest):,}"), "dim")


def _title(period: Period, tells: Teller) -> str:
    return m("title", first=period.first, last=period.last, zone=tells.zone)


def period_asked(text: str | None, tells: Teller) -> Period:
    """The period that is meant; without a text this month. Refused: bad_input."""
    try:
        return period_of(text or f"{datetime.now(tells.zone):%Y-%m}", tells.zone)
    except ValueError:
        raise Refused(Code.BAD_INPUT, where="--period", problem=m("bad_period")) from None


def _unit(text: str | None, pack: Pack | None) -> str | None:
    """The one unit that is meant. Refused: unknown_unit; bad_input when several may be."""
    if text is None:
        return None
    holders = find_holder(text, pack.units if pack else ())
    found = sorted({unit for holder in holders if (unit := unit_of(holder))})
    if not found:
        raise Refused(Code.UNKNOWN_UNIT, names=text[:60])
    if len(found) > 1:
        some = ", ".join(found[:8]) + (" …" if len(found) > 8 else "")
        problem = say("cli.which_unit", language(), units=some)
        raise Refused(Code.BAD_INPUT, where="--unit", problem=problem)
    return found[0]


Row = Mapping[str, object]


def writer(as_json: bool, as_csv: bool) -> Callable[[Iterable[Row]], None] | None:
    """What writes rows for programs, if that is asked for. Refused: bad_input."""
    if as_json and as_csv:
        raise Refused(Code.BAD_INPUT, where="--csv", problem=m("one_format"))
    if as_json:
        return _write_json
    return _CsvWriter() if as_csv else None


def _write_json(rows: Iterable[Row]) -> None:
    for row in rows:
        typer.echo(json_line(row))


class _CsvWriter:
    """Writes rows as CSV, once with their names above them."""

    def __init__(self) -> None:
        self._lines: csv.DictWriter[str] | None = None

    def __call__(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if self._lines is None:
                self._lines = csv.DictWriter(sys.stdout, list(row), lineterminator="\n")
                self._lines.writeheader()
            self._lines.writerow(row)
