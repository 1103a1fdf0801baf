"""``lists show``: who is responsible for an item somewhere on a day, and by which row."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

import typer

from juanchi.cli.display import lang as language
from juanchi.cli.display import line, out
from juanchi.cli.list_options import Batch, Day, city_then, day_of, w
from juanchi.cli.session import open_ledger, run
from juanchi.cli.tables import facts_table
from juanchi.domain.duties import ANY, Assignment, Directory
from juanchi.domain.list_changes import ListName, keyed
from juanchi.domain.lists import Duty, Handling, Pack, Unit
from juanchi.domain.refusal import Code, Refused
from juanchi.ledger.batches import duty_since
from juanchi.runtime.settings import Settings
from juanchi.words import say
from juanchi.words.catalogue import comma, listed
from juanchi.words.naming import Names
from juanchi.words.spans import limit_words

Fact = tuple[str, object]


class _Row(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str: ...
    @property
    def aliases(self) -> tuple[str, ...]: ...


def show(
    item: Annotated[str, typer.Argument(help=w("help.item"))],
    *,
    region: Annotated[str | None, typer.Option(help=w("help.region"))] = None,
    as_of: Day = None,
    batch: Batch = None,
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            then = await city_then(engine, day_of(as_of), batch)
            pack, names = then.pack, Names(then.pack, language())
            code = _meant(item, pack.items, Code.UNKNOWN_ITEM)
            place = None if region is None else _meant(region, pack.regions, Code.UNKNOWN_REGION)
            day = day_of(as_of) or datetime.now(ZoneInfo(pack.timezone)).date()
            directory = Directory.of(pack)
            found = directory.assign(code, place, day)
            since = found and await duty_since(engine, _key(found.duty, pack), then.batch)
        facts = [*_matter(code, place, day, names)]
        if found is not None:
            facts += _responsible(found, names)
            if found.lead and (terms := directory.handling(found.lead, code)):
                facts += _terms(terms, names)
            facts.append((w("fact.since"), w("batch", n=since)))
        facts.append((w("fact.version"), then.version))
        out().print(facts_table(dict(facts)))
        if found is None:
            line(w("nobody"), "yellow")

    run(work)


def _meant(text: str, rows: Sequence[_Row], unknown: Code) -> str:
    """The code of the row that a person means by its code, name or alias."""
    wanted = text.strip().casefold()
    for row in rows:
        if row.code.casefold() == wanted:
            return row.code
    for row in rows:
        if wanted in [name.casefold() for name in (row.name, row.name_en, *row.aliases)]:
            return row.code
    raise Refused(unknown, names=text)


def _key(duty: Duty, pack: Pack) -> str:
    rows = keyed(pack.duties, ListName.DUTIES).items()
    return next(key for key, row in rows if row is duty)


def _matter(item: str, region: str | None, day: date, names: Names) -> Iterator[Fact]:
    yield w("fact.item"), w("named", name=names.item(item), code=item)
    yield w("fact.region"), _where(region or ANY, names)
    yield w("fact.day"), day


def _responsible(found: Assignment, names: Names) -> Iterator[Fact]:
    duty = found.duty
    yield w("fact.lead"), _unit(found.lead, names) or w("unstaffed", who=duty.lead)
    if found.assisting:
        units = (_unit(unit, names) for unit in found.assisting)
        yield w("fact.assisting"), comma(names.lang).join(units)
    row = w("row", item=duty.item, region=duty.region, lead=duty.lead, since=duty.valid_from)
    yield w("fact.row"), row
    yield w("fact.basis"), duty.basis
    yield w("fact.valid"), w("valid", since=duty.valid_from, to=duty.valid_to or "")


def _terms(terms: Handling, names: Names) -> Iterator[Fact]:
    if terms.team:
        yield w("fact.team"), terms.team
    if terms.limit is not None:
        yield w("fact.limit"), limit_words(str(terms.limit), names.lang)
    if terms.evidence:
        yield w("fact.evidence"), listed("evidence", terms.evidence, names.lang)


def _unit(unit: Unit | None, names: Names) -> str:
    return w("named", name=names.unit(unit.code), code=unit.code) if unit else ""


def _where(region: str, names: Names) -> str:
    if region == ANY:
        return say("basis.everywhere", names.lang)
    return w("named", name=names.region(region), code=region)
