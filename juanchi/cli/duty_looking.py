"""``duty list`` and ``duty show``: changes as they stand, and their stories.

Read from the ledger alone, so also while Temporal is away.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from juanchi.cli.display import line, out, print_json, safe, t
from juanchi.cli.duty_rows import d
from juanchi.cli.prose import Prose
from juanchi.cli.session import city, holder_of, open_ledger, run, teller
from juanchi.domain.duty_change.ball import duty_tasks
from juanchi.domain.duty_change.change import DutyChange
from juanchi.domain.duty_change.events import DutyEntry
from juanchi.domain.duty_change.line import DutyChangeLine
from juanchi.domain.duty_change.machine import relive
from juanchi.domain.refusal import Code, Refused
from juanchi.ledger.duty_changes import changes, read
from juanchi.runtime.settings import Settings
from juanchi.words import named
from juanchi.words.spans import countdown
from juanchi.words.telling import Teller
from juanchi.words.telling.duty_changes import row_told

_AsJson = Annotated[bool, typer.Option("--json", help=t("help.json"))]


def list_(
    *,
    for_: Annotated[str, typer.Option("--for", help=d("help.for"))] = "",
    open_: Annotated[bool | None, typer.Option("--open/--over", help=d("help.open"))] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help=t("help.limit"))] = 50,
    as_json: _AsJson = False,
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            pack = await city(engine)
            holder = holder_of(for_, pack) if for_ else None
            found = await changes(engine, holder=holder, open=open_, limit=limit)
        if as_json:
            print_json(found)
        elif not found:
            line(d("none"), "dim")
        else:
            out().print(change_table(found, teller(pack), datetime.now(UTC), holder))

    run(work)


def show(
    number: Annotated[str, typer.Argument(help=d("help.number"))], *, as_json: _AsJson = False
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            entries = await read(engine, number)
            tells = teller(await city(engine))
        if not entries:
            raise Refused(Code.NO_SUCH_CHANGE, number=number[:60])
        if as_json:
            print_json(entries)
        else:
            out().print(story(entries, tells))

    run(work)


def change_table(
    lines: Sequence[DutyChangeLine], tells: Teller, now: datetime, holder: str | None = None
) -> Table:
    """Changes, one line each; the due time is the holder's, else the next one."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in ("number", "due", "state", "what"):
        table.add_column(d(column), overflow="fold", no_wrap=column == "number")
    for one in lines:
        dues = [task.due for task in one.tasks if task.due and holder in (None, task.holder)]
        due = countdown(min(dues), now, tells.lang) if dues else ""
        told = row_told(one.rows[0], tells) if one.rows else ""
        more = d("more_rows", n=len(one.rows) - 1) if len(one.rows) > 1 else ""
        state = named("duty_phase", one.phase, tells.lang)
        table.add_row(one.number, due, state, Prose(safe(" · ".join(filter(None, (told, more))))))
    return table


def story(entries: Sequence[DutyEntry], tells: Teller) -> RenderableType:
    """What has happened to a change, and how it stands."""
    change = relive([entry.event for entry in entries])
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(ratio=1, overflow="fold")
    for entry in entries:
        event = entry.event
        told, who = Prose(safe(tells.sentence(event))), tells.who(event.by)
        if who:
            told.append(f"  {safe(who)}", style="dim")
        table.add_row(tells.moment(event.at), told)
        for label, text in tells.details(event):
            detail = Prose(safe(f"{label}: {text}"), style="dim")
            table.add_row("", Padding(detail, (0, 0, 0, 2)))
    return Group(_standing(change, tells), table)


def _standing(change: DutyChange, tells: Teller) -> Panel:
    lines: list[Text] = [Text(named("duty_phase", change.phase, tells.lang), style="bold")]
    lines += [Prose(safe(row_told(row, tells))) for row in change.rows]
    for task in duty_tasks(change):
        holder = tells.names.holder(task.holder)
        what = named("duty_task", task.kind, tells.lang)
        due = tells.short(task.due) if task.due else ""
        lines.append(Prose(safe("→ " + d("task", holder=holder, task=what, due=due))))
    if change.open and change.in_force_on:
        lines.append(Prose(d("waits", day=change.in_force_on)))
    title = Text(safe(d("title", number=change.number)), style="bold")
    return Panel(Group(*lines), title=title, title_align="left", padding=(0, 1))
