"""``contributors``: who makes suggestions; and how they leave."""

from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.cli.display import lang, line, out, print_json, safe, t
from juanchi.cli.session import as_ticket, open_ledger, run
from juanchi.domain.refusal import Code, Refused
from juanchi.ledger import contributors
from juanchi.ledger.reading import LedgerViews
from juanchi.runtime.settings import Settings
from juanchi.words import say


def c(key: str, **facts: object) -> str:
    """Words of contributors."""
    return say(f"contributors.{key}", lang(), **facts)


_Who = Annotated[str, typer.Argument(help=c("help.who"))]
_COLUMNS = ("id", "made", "adopted", "partly_adopted", "not_adopted", "honoured")


def list_(
    ctx: typer.Context,
    *,
    top: Annotated[int, typer.Option(min=1, max=10_000, help=c("help.top"))] = 20,
    as_json: Annotated[bool, typer.Option("--json", help=t("help.json"))] = False,
) -> None:
    if ctx.invoked_subcommand is not None:
        return

    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            found = await contributors.top(engine, top)
            totals = await contributors.totals(engine)
        if as_json:
            print_json(found)
            return
        if not totals.made:
            line(c("nobody"), "dim")
            return
        facts = totals.model_dump()
        line(c("title", **facts), "bold")
        line(c("totals", **facts, partly=totals.partly_adopted))
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
        for name in _COLUMNS:
            table.add_column(c(f"column.{name}"), justify="left" if name == "id" else "right")
        for one in found:
            counts = (one.made, one.adopted, one.partly_adopted, one.not_adopted)
            table.add_row(safe(one.id), *map(str, counts), str(one.honoured or "–"))
        out().print(table)

    run(work)


def opt_out(who: _Who) -> None:
    _chosen(who, out_=True)


def opt_in(who: _Who) -> None:
    _chosen(who, out_=False)


def _chosen(who: str, *, out_: bool) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            person = await _person(engine, who)
            await contributors.opt_out(engine, person, out=out_)
        line(c("out" if out_ else "back", id=person))

    run(work)


def erase(
    who: _Who, *, yes: Annotated[bool, typer.Option("--yes", help=c("help.yes"))] = False
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            person = await _person(engine, who)
            if not yes and not typer.confirm(c("confirm", id=person)):
                line(c("kept"))
                return
            await contributors.erase(engine, person)
        line(c("erased", id=person))

    run(work)


async def _person(engine: AsyncEngine, who: str) -> str:
    """A pseudonym as it was given, or that of who reported a ticket. Refused: not_found."""
    given = as_ticket(who)
    ticket = await LedgerViews(engine).ticket_line(given)
    if ticket is None:
        return given
    person = await contributors.reporter_of(engine, ticket.id)
    if person is None:
        raise Refused(Code.BAD_INPUT, where="ID", problem=c("no_reporter", ticket=given))
    return person
