"""``lists batches``, ``diff`` and ``rollback``: the lists' past, and back to it."""

from typing import Annotated

import typer

from juanchi.cli.display import line, out
from juanchi.cli.list_options import (
    AllowOrphans,
    By,
    DryRun,
    Note,
    city_then,
    w,
    who,
)
from juanchi.cli.list_printing import print_changes, print_proposed
from juanchi.cli.list_tables import batch_table
from juanchi.cli.session import city, open_ledger, run, teller
from juanchi.domain.list_changes import compare
from juanchi.ledger import batches as history
from juanchi.ledger.list_batches import roll_back
from juanchi.runtime.settings import Settings


def batches(
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000, help=w("help.limit"))] = 20,
    before: Annotated[int | None, typer.Option(help=w("help.before"))] = None,
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            pack = await city(engine)
            found = await history.batches(engine, limit, before)
        out().print(batch_table(found, teller(pack)))

    run(work)


def diff(
    older: Annotated[int, typer.Argument(help=w("help.older"))],
    newer: Annotated[int | None, typer.Argument(help=w("help.newer"))] = None,
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            old = await history.city_of(engine, older)
            new = await city_then(engine, None, newer)
        changes = compare(old.pack, new.pack)
        print_changes(changes, new.pack)
        if not changes:
            line(w("no_difference", older=old.version, newer=new.version), "green")

    run(work)


def rollback(
    batch: Annotated[int, typer.Argument(help=w("help.rollback_to"))],
    *,
    dry_run: DryRun = False,
    note: Note = "",
    by: By = "",
    allow_orphans: AllowOrphans = False,
) -> None:
    async def work(settings: Settings) -> int:
        reason = note or w("rollback_note", batch=batch)
        async with open_ledger(settings) as engine:
            proposed = await roll_back(
                engine,
                batch,
                who(by, "lists rollback"),
                reason,
                allow_orphans=allow_orphans,
                dry_run=dry_run,
            )
        return print_proposed(proposed, allow_orphans=allow_orphans)

    run(work)
