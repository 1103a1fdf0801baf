"""``lists export``, ``template`` and ``import``: the lists to a clerk's spreadsheet and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.cli.display import lang as language
from juanchi.cli.display import line
from juanchi.cli.list_options import (
    AllowOrphans,
    Batch,
    By,
    Day,
    DryRun,
    Note,
    city_then,
    day_of,
    w,
    who,
)
from juanchi.cli.list_printing import print_problems, print_proposed
from juanchi.cli.session import city, fail, open_ledger, run
from juanchi.domain.list_changes import ListName
from juanchi.domain.lists import Pack
from juanchi.ledger.batches import city_now, city_of
from juanchi.ledger.city import City
from juanchi.ledger.list_batches import change_lists
from juanchi.packs import Problem
from juanchi.runtime.settings import Settings
from juanchi.sheets import (
    About,
    Exported,
    SheetErrors,
    SheetTrouble,
    apply,
    open_book,
    read_lists,
    write_lists,
    write_template,
)
from juanchi.words import say


def export(
    file: Annotated[Path, typer.Argument(help=w("help.export_file"))],
    *,
    list_: Annotated[list[ListName] | None, typer.Option("--list", help=w("help.list"))] = None,
    as_of: Day = None,
    batch: Batch = None,
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            found = await city_then(engine, day_of(as_of), batch)
        now = datetime.now(UTC)
        exported = Exported(found.pack, found.batch, found.version, now, day_of(as_of))
        with told():
            written = write_lists(file, exported, list_ or ())
        names = ", ".join(say(f"cli.list.{name}", language()) for name in written)
        line(w("exported", file=file, version=found.version, lists=names), "green")

    run(work)


def template(file: Annotated[Path, typer.Argument(help=w("help.template_file"))]) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            pack = await city(engine)
        with told():
            write_template(file, pack.code if pack else "")
        line(w("template", file=file), "green")

    run(work)


def import_(
    file: Annotated[Path, typer.Argument(help=w("help.import_file"))],
    *,
    dry_run: DryRun = False,
    note: Note = "",
    by: By = "",
    batch: Annotated[int | None, typer.Option(help=w("help.from_batch"))] = None,
    additions: Annotated[bool, typer.Option("--additions", help=w("help.additions"))] = False,
    allow_removals: Annotated[
        bool, typer.Option("--allow-removals", help=w("help.allow_removals"))
    ] = False,
    allow_orphans: AllowOrphans = False,
) -> None:
    async def work(settings: Settings) -> int:
        async with open_ledger(settings) as engine:
            with told():
                book = open_book(file)
            base = await exported_from(engine, book.about, batch, file.name)
            reading = read_lists(book, base.pack)
            warnings: list[Problem] = []

            def edit(now: Pack) -> Pack:
                applied = apply(
                    reading, base.pack, now, additions=additions, allow_removals=allow_removals
                )
                warnings.extend(applied.warnings)
                return applied.pack

            try:
                proposed = await change_lists(
                    engine,
                    edit,
                    who(by, "lists import"),
                    note,
                    allow_orphans=allow_orphans,
                    dry_run=dry_run,
                )
            except SheetErrors as errors:
                print_problems(errors.problems)
                wrong = sum(not problem.warning for problem in errors.problems)
                fail(w("not_imported", file=file.name, n=wrong))
        print_problems(warnings)
        return print_proposed(proposed, allow_orphans=allow_orphans)

    run(work)


@contextmanager
def told() -> Iterator[None]:
    """What is wrong with a file as a whole, told as a sentence."""
    try:
        yield
    except SheetTrouble as trouble:
        fail(trouble.in_language(language()))


async def exported_from(engine: AsyncEngine, about: About, batch: int | None, file: str) -> City:
    """The version whose rows the file's are compared with."""
    now = await city_now(engine)
    with told():
        if about.city and about.city != now.pack.code:
            raise SheetTrouble("other_city", file=file, theirs=about.city, ours=now.pack.code)
        if about.as_of is not None:
            raise SheetTrouble("as_of", file=file, day=about.as_of)
    batch = about.batch if batch is None else batch
    return now if batch is None else await city_of(engine, batch)
