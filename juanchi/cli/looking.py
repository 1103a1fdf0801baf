"""``show``, ``list``, ``inbox``, ``orders`` and ``rulings``: what is remembered.

Read from the ledger alone, so also while Temporal is away.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from juanchi.cli.channel_file import c
from juanchi.cli.channel_looking import channel_tasks, task_table
from juanchi.cli.display import line, out, print_json, t
from juanchi.cli.duty_looking import change_table
from juanchi.cli.duty_rows import d
from juanchi.cli.session import as_ticket, city, holder_of, open_ledger, run, teller
from juanchi.cli.tables import (
    inbox_table,
    notice_table,
    order_table,
    ruling_table,
    ticket_table,
)
from juanchi.cli.timeline import timeline
from juanchi.domain.holders import post_of
from juanchi.domain.lines import After, Find
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import EndKind, RungKind, Stage
from juanchi.domain.ticket import Phase
from juanchi.ledger.duty_changes import changes
from juanchi.ledger.reading import LedgerViews
from juanchi.runtime.settings import Settings

ROOMY = 100
"""From this width on tables show the clue's own words too."""

_AsJson = Annotated[bool, typer.Option("--json", help=t("help.json"))]


def show(
    ticket: Annotated[str, typer.Argument(help=t("help.ticket"))],
    *,
    why: Annotated[bool, typer.Option("--why", help=t("help.why"))] = False,
    as_json: _AsJson = False,
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            views = LedgerViews(engine)
            wanted = as_ticket(ticket)
            found = await views.ticket_line(wanted)
            entries = await views.journal(found.id) if found else []
            if not entries:
                raise Refused(Code.NOT_FOUND, ticket=wanted)
            if as_json:
                print_json(entries)
                return
            tells = teller(await city(engine))
        out().print(timeline(entries, tells, datetime.now(UTC), explain=why))

    run(work)


def list_(
    *,
    stage: Annotated[Stage | None, typer.Option(help=t("help.stage"))] = None,
    phase: Annotated[Phase | None, typer.Option(help=t("help.phase"))] = None,
    unit: Annotated[str | None, typer.Option(help=t("help.of_unit"))] = None,
    district: Annotated[str | None, typer.Option(help=t("help.district"))] = None,
    item: Annotated[str | None, typer.Option(help=t("help.item"))] = None,
    channel: Annotated[str | None, typer.Option(help=t("help.of_channel"))] = None,
    open_: Annotated[bool | None, typer.Option("--open/--ended", help=t("help.open"))] = None,
    overdue: Annotated[
        bool | None, typer.Option("--overdue/--in-time", help=t("help.overdue"))
    ] = None,
    escalated: Annotated[
        bool | None, typer.Option("--escalated/--not-escalated", help=t("help.escalated"))
    ] = None,
    supervised: Annotated[
        bool | None, typer.Option("--supervised/--not-supervised", help=t("help.supervised"))
    ] = None,
    on_hold: Annotated[
        bool | None, typer.Option("--on-hold/--not-on-hold", help=t("help.on_hold"))
    ] = None,
    disputed: Annotated[
        bool | None, typer.Option("--disputed/--undisputed", help=t("help.disputed"))
    ] = None,
    level: Annotated[RungKind | None, typer.Option(help=t("help.level"))] = None,
    end: Annotated[EndKind | None, typer.Option(help=t("help.end"))] = None,
    text: Annotated[str | None, typer.Option(help=t("help.words"))] = None,
    after: Annotated[str | None, typer.Option(help=t("help.after"))] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help=t("help.limit"))] = 50,
    as_json: _AsJson = False,
) -> None:
    asked: dict[str, Any] = {
        "stage": stage,
        "phase": phase,
        "unit": unit,
        "district": district,
        "item": item,
        "channel": channel,
        "open": open_,
        "overdue": overdue,
        "escalated": escalated,
        "supervised": supervised,
        "on_hold": on_hold,
        "disputed": disputed,
        "level": level,
        "end_kind": end,
        "text": text,
        "assisting": True,
    }

    async def work(settings: Settings) -> None:
        wanted = Find.model_validate(asked)
        async with open_ledger(settings) as engine:
            views = LedgerViews(engine)
            page = await _after(views, wanted, after)
            found = await views.find(wanted, limit, page)
            tells = teller(await city(engine))
        if as_json:
            print_json(found)
        elif not found:
            line(t("nothing_found"), "dim")
        else:
            console = out()
            wide = console.width >= ROOMY
            console.print(ticket_table(found, tells, datetime.now(UTC), wide=wide))
            if len(found) == limit:
                line(t("more", after=found[-1].id), "dim")

    run(work)


def inbox(
    holder: Annotated[str, typer.Argument(help=t("help.holder"))],
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000, help=t("help.limit"))] = 50,
    as_json: _AsJson = False,
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            pack = await city(engine)
            code = holder_of(holder, pack)
            views = LedgerViews(engine)
            tasks, notices = await views.inbox(code, limit), await views.notices(code, limit)
            duties = await changes(engine, holder=code, open=True, limit=limit)
            channels = await channel_tasks(engine, pack, code, datetime.now(UTC))
        if as_json:
            print_json([*tasks, *duties, *channels, *notices])
            return
        tells, console = teller(pack), out()
        line(t("inbox_of", holder=tells.names.holder(code), n=len(tasks)), "bold")
        if tasks:
            wide = console.width >= ROOMY
            console.print(inbox_table(tasks, tells, datetime.now(UTC), wide=wide))
        if duties:
            console.print()
            line(d("inbox"), "bold")
            console.print(change_table(duties, tells, datetime.now(UTC), code))
        if channels:
            console.print()
            line(c("inbox"), "bold")
            console.print(task_table(channels, tells, datetime.now(UTC)))
        if notices:
            console.print()
            line(t("notices"), "bold")
            console.print(notice_table(notices, tells))

    run(work)


def orders(
    *,
    unit: Annotated[str, typer.Option(help=t("help.orders_of"))] = "",
    open_: Annotated[
        bool | None, typer.Option("--open/--released", help=t("help.orders_open"))
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help=t("help.limit"))] = 50,
    as_json: _AsJson = False,
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            pack = await city(engine)
            holder = holder_of(unit, pack) if unit else None
            found = await LedgerViews(engine).orders(
                unit=None if holder and post_of(holder) else holder,
                leader=holder if holder and post_of(holder) else None,
                open=open_,
                limit=limit,
            )
        if as_json:
            print_json(found)
        elif not found:
            line(t("no_orders"), "dim")
        else:
            console, now = out(), datetime.now(UTC)
            wide = console.width >= ROOMY
            console.print(order_table(found, teller(pack), now, wide=wide))

    run(work)


def rulings(
    *,
    item: Annotated[str | None, typer.Option(help=t("help.item"))] = None,
    region: Annotated[str | None, typer.Option(help=t("help.rulings_region"))] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help=t("help.limit"))] = 50,
    as_json: _AsJson = False,
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            found = await LedgerViews(engine).rulings(item=item, region=region, limit=limit)
            tells = teller(await city(engine))
        if as_json:
            print_json(found)
        elif not found:
            line(t("no_rulings"), "dim")
        else:
            console = out()
            console.print(ruling_table(found, tells, wide=console.width >= ROOMY))

    run(work)


async def _after(views: LedgerViews, wanted: Find, last: str | None) -> After | None:
    """Where the page ended whose last ticket this was. Refused: not_found."""
    if last is None:
        return None
    row = await views.ticket_line(as_ticket(last))
    if row is None:
        raise Refused(Code.NOT_FOUND, ticket=last)
    return wanted.after(row)
