"""``whatif --lists``, ``--batch``, ``--threshold``: tickets routed again, before one decides."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.cli.display import err
from juanchi.cli.display import lang as language
from juanchi.cli.figures import json_line
from juanchi.cli.lists import exported_from, told
from juanchi.cli.measuring import period_asked
from juanchi.cli.packing import print_problems
from juanchi.cli.rerouted import By, Found, plain_sums, plain_ticket, r, show
from juanchi.cli.session import open_ledger, run, teller
from juanchi.domain.lists import Pack
from juanchi.domain.metrics.period import Period
from juanchi.domain.refusal import Code, Refused
from juanchi.intake.rerouting import Rerouted, Rulings, Story, Version, reroute, story
from juanchi.intake.tools import Tools
from juanchi.ledger.city import city_at, current_pack
from juanchi.ledger.errors import JournalDamaged
from juanchi.ledger.journal import Life
from juanchi.ledger.lists_then import ListsThen
from juanchi.ledger.measuring import filed
from juanchi.ledger.situation import rulings_ever
from juanchi.packs import PackErrors, Problem, examine
from juanchi.runtime.settings import Settings
from juanchi.sheets import SheetErrors, apply, open_book, read_lists
from juanchi.words.catalogue import comma

HEAD = "pack.toml"
"""A folder with this file in it is a whole pack."""

Lists = Annotated[Path | None, typer.Option(metavar="FILE", help=r("help.lists"))]
Batch = Annotated[int | None, typer.Option(min=1, help=r("help.batch"))]
Threshold = Annotated[float | None, typer.Option(min=0, max=1, help=r("help.threshold"))]
On = Annotated[str | None, typer.Option(metavar="DATE", help=r("help.on"))]
Groups = Annotated[By | None, typer.Option(help=r("help.by"))]


class Others(NamedTuple):
    """The other lists, or the other threshold, as asked for."""

    lists: Path | None
    batch: int | None
    threshold: float | None
    on: str | None


class Told(NamedTuple):
    """Of which period, and how it is told."""

    period: str | None
    by: By | None
    tickets: bool
    limit: int
    as_json: bool


def whatif_lists(others: Others, wanted: Told) -> None:
    """Route a period's tickets again, by other lists or by another threshold."""

    async def work(settings: Settings) -> None:
        _sensible(others)
        async with open_ledger(settings) as engine:
            pack, _ = await current_pack(engine)
            tells = teller(pack)
            period = period_asked(wanted.period, tells)
            after, warnings = await _after(engine, others, pack)
            found = Found(wanted.by, wanted.limit)
            with err().status(r("reading")):
                async with aclosing(_rerouted(engine, period, after, others.threshold)) as pages:
                    async for page in pages:
                        for one in page:
                            found.add(one)
                            if one and one.differs and wanted.tickets and wanted.as_json:
                                typer.echo(json_line(plain_ticket(one)))
        if wanted.as_json:
            for row in plain_sums(found):
                typer.echo(json_line(row))
        else:
            print_problems(warnings)
            show(found, period, _named(after, others.threshold), tells, tickets=wanted.tickets)

    run(work)


def _sensible(others: Others) -> None:
    """Refused: bad_input, for what contradicts itself."""
    if others.lists is not None and others.batch is not None:
        raise Refused(Code.BAD_INPUT, where="--batch", problem=r("one_list"))
    if others.lists is None and others.batch is None:
        if others.threshold is None:
            raise Refused(Code.BAD_INPUT, where="whatif", problem=r("what"))
        if others.on is not None:
            raise Refused(Code.BAD_INPUT, where="--on", problem=r("on_alone"))


async def _after(
    engine: AsyncEngine, others: Others, pack: Pack
) -> tuple[Version | None, Sequence[Problem]]:
    """The other lists, as of a day, with warnings; None where only the threshold is another."""
    warnings: Sequence[Problem] = ()
    if others.lists is not None:
        other, problems = await _of_file(engine, others.lists, pack)
        if other is None:
            raise PackErrors(str(others.lists), problems)
        name, warnings = others.lists.name, problems
    elif others.batch is not None:
        city = await city_at(engine, others.batch)
        if city.batch != others.batch:
            raise Refused(Code.BAD_INPUT, where="--batch", problem=r("no_batch"))
        other, name = city.pack, city.version
    else:
        return None, ()
    if other.code != pack.code:
        problem = r("other_city", here=pack.code, there=other.code)
        raise Refused(Code.BAD_INPUT, where=name, problem=problem)
    zone = ZoneInfo(other.timezone)
    day = _day(others.on) or _all_in_force(other, pack, datetime.now(zone).date())
    noon = datetime.combine(day, time(12), tzinfo=zone)
    return Version(Tools(other, name), noon, others.threshold), warnings


def _named(after: Version | None, threshold: float | None) -> str:
    """What the tickets are routed by, in words."""
    parts = []
    if after is not None and after.at is not None:
        parts.append(r("lists", version=after.tools.version, on=after.at.date()))
    if threshold is not None:
        parts.append(r("threshold", n=f"{threshold:g}"))
    return comma(language()).join(parts)


async def _of_file(
    engine: AsyncEngine, path: Path, pack: Pack
) -> tuple[Pack | None, Sequence[Problem]]:
    """The city with the lists of a pack's folder or a clerk's file, and problems.

    None when it has errors. ``pack`` is the city in force, for a file that holds only some lists.
    """
    if (path / HEAD).is_file():
        examined = examine(path)
        return examined.pack, examined.problems
    with told():
        book = open_book(path)
    base = await exported_from(engine, book.about, None, path.name)
    try:
        applied = apply(read_lists(book, base.pack), base.pack, pack, allow_removals=True)
    except SheetErrors as errors:
        return None, errors.problems
    return applied.pack, applied.warnings


def _all_in_force(other: Pack, pack: Pack, today: date) -> date:
    """The first day, from today on, on which all rows that the others change have begun."""
    known = set(map(repr, pack.duties))
    return max([today, *(one.valid_from for one in other.duties if repr(one) not in known)])


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(Code.BAD_INPUT, where="--on", problem=r("bad_day")) from None


async def _rerouted(
    engine: AsyncEngine, period: Period, after: Version | None, threshold: float | None
) -> AsyncGenerator[list[Rerouted | None], None]:
    """Each filed ticket by both lists; None for one that is not settled yet."""
    then = await ListsThen.of(engine)
    rulings = Rulings(await rulings_ever(engine))
    versions: dict[int, Version] = {}
    async with aclosing(filed(engine, period)) as pages:
        async for lives in pages:
            page = []
            for told in filter(None, map(_told, lives)):
                city = await then.at(told.at)
                if city.batch not in versions:
                    versions[city.batch] = Version(Tools(city.pack, city.version))
                before = versions[city.batch]
                other = after or before._replace(threshold=threshold)
                page.append(reroute(told, before, other, rulings))
            yield page


def _told(life: Life) -> Story | None:
    entries = life.entries()
    try:
        return story(entries)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise JournalDamaged(life.ticket_id, f"it cannot be told again: {error!r}") from error
