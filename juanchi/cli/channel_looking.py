"""``channel list``, ``show`` and ``set-aside``: how the reading of the city stands.

Read from the ledger alone, so also while Temporal is away.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from rich.text import Text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.cli.channel_file import c, written_span
from juanchi.cli.channels import told
from juanchi.cli.display import line, out, print_json, safe, t
from juanchi.cli.session import city, open_ledger, run, teller
from juanchi.cli.tables import facts_table
from juanchi.domain.admission import AsideLine, QueueLine
from juanchi.domain.calendar import WorkCalendar
from juanchi.domain.lists import Pack
from juanchi.domain.policy_terms import WatchTerms
from juanchi.domain.watching import (
    UNTIL_CHANGED,
    ChannelTask,
    Standing,
    Watched,
    standing,
    task_of,
)
from juanchi.ledger.admission import queue, set_aside
from juanchi.ledger.errors import NoChannel
from juanchi.ledger.watching import all_watched, watched
from juanchi.runtime.settings import Settings
from juanchi.words import named
from juanchi.words.catalogue import ENGLISH
from juanchi.words.spans import countdown, span
from juanchi.words.telling import Teller

_AsJson = Annotated[bool, typer.Option("--json", help=t("help.json"))]
_Code = Annotated[str, typer.Argument(help=c("help.code"))]

ROOMY = 120
"""From this width on the list tells also what each channel is."""

_STYLES = {
    Standing.BAD_SETTINGS: "bold red",
    Standing.FAILING: "bold red",
    Standing.SILENT: "yellow",
    Standing.BACKING_OFF: "yellow",
    Standing.OFF: "dim",
    Standing.NEVER_READ: "dim",
    Standing.WELL: "green",
}


class _Seen(NamedTuple):
    """Everything there is to show about channels, as of one moment."""

    found: Sequence[Watched]
    queues: Mapping[str, QueueLine]
    pack: Pack | None
    now: datetime

    def task(self, one: Watched) -> ChannelTask | None:
        """What whoever a channel belongs to must do about it."""
        return task_of(one, self.now, *_rules(self.pack, self.now)) if self.pack else None

    def queue(self, one: Watched) -> QueueLine:
        """What of a channel waits, and what was set aside."""
        code = one.channel.code
        return self.queues.get(code, QueueLine(channel=code))


def list_(*, as_json: _AsJson = False) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            seen = await _seen(engine, await all_watched(engine))
        tells = teller(seen.pack)
        if as_json:
            print_json(seen.found)
        elif not seen.found:
            line(c("none"), "dim")
        else:
            console = out()
            console.print(channel_table(seen, tells, wide=console.width >= ROOMY))

    run(work)


def show(code: _Code, *, as_json: _AsJson = False) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            found = await watched(engine, code)
            if found is None:
                with told():
                    raise NoChannel(code)
            seen = await _seen(engine, [found])
        if as_json:
            print_json([found])
            return
        out().print(facts_table(_facts(seen, found, teller(seen.pack))))

    run(work)


def aside(
    code: Annotated[str | None, typer.Argument(help=c("help.aside_code"))] = None,
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000, help=t("help.limit"))] = 50,
    as_json: _AsJson = False,
) -> None:
    async def work(settings: Settings) -> None:
        async with open_ledger(settings) as engine:
            found = await set_aside(engine, code, limit)
            tells = teller(await city(engine))
        if as_json:
            print_json(found)
        elif not found:
            line(c("nothing_aside"), "dim")
        else:
            out().print(aside_table(found, tells))

    run(work)


async def channel_tasks(
    engine: AsyncEngine, pack: Pack | None, holder: str, now: datetime
) -> list[ChannelTask]:
    """What a holder must do about channels, the most urgent first."""
    if pack is None:
        return []
    rules = _rules(pack, now)
    tasks = [task_of(one, now, *rules) for one in await all_watched(engine)]
    return sorted(
        (task for task in tasks if task and task.holder == holder), key=lambda task: task.due
    )


def _rules(pack: Pack, now: datetime) -> tuple[WatchTerms, WorkCalendar]:
    """The policy's numbers and the calendar by which channels are to be seen to."""
    policy = pack.policy_on(now.astimezone(ZoneInfo(pack.timezone)).date())
    calendar = WorkCalendar(pack.timezone, pack.calendars, policy.service_hours)
    return policy.watching, calendar


def task_table(tasks: Sequence[ChannelTask], tells: Teller, now: datetime) -> Table:
    """What somebody must do about channels, one line each."""
    table = _table("due", "channel", "task", "problem")
    for task in tasks:
        table.add_row(
            Text(countdown(task.due, now, tells.lang), style="red" if task.due < now else ""),
            safe(f"{_name(task.name, task.name_en, tells)} ({task.channel})"),
            Text(named("channel_task", task.kind, tells.lang), style=_STYLES[task.kind]),
            safe(task.problem),
        )
    return table


def channel_table(seen: _Seen, tells: Teller, *, wide: bool = False) -> Table:
    """Channels, one line each; where there is room for it, also what each is."""
    what = ("kind", "region", "trust", "last_success") if wide else ()
    table = _table("code", "name", *what, "standing", "lag", "budget", "waiting", "aside")
    for one in seen.found:
        channel, queued = one.channel, seen.queue(one)
        how, good = standing(one, seen.now), one.state.last_success
        about = (
            safe(channel.adapter or c("pushed")),
            safe(tells.names.region(channel.region)),
            named("trust", channel.trust, tells.lang),
            tells.short(good) if good else "–",
        )
        table.add_row(
            Text(safe(channel.code), style="bold"),
            safe(_name(channel.name, channel.name_en, tells)),
            *(about if wide else ()),
            Text(named("channel_standing", how, tells.lang), style=_STYLES[how]),
            span(seen.now - good, tells.lang) if good else "–",
            _budget(one),
            str(queued.waiting),
            str(queued.set_aside),
        )
    return table


def aside_table(lines: Sequence[AsideLine], tells: Teller) -> Table:
    """What was set aside, the newest first."""
    table = _table("code", "id", "at", "problem", "text")
    for one in lines:
        table.add_row(
            safe(one.channel),
            Text(safe(one.external_id), style="bold"),
            tells.short(one.set_aside_at),
            safe(one.problem),
            Text(safe(" ".join(one.text.split()))[:200], style="dim"),
        )
    return table


def _facts(seen: _Seen, one: Watched, tells: Teller) -> dict[str, object]:
    channel, state, queued = one.channel, one.state, seen.queue(one)
    shown: dict[str, object] = {
        "code": channel.code,
        "name": _name(channel.name, channel.name_en, tells),
        "standing": named("channel_standing", standing(one, seen.now), tells.lang),
        "kind": f"{channel.kind} · {channel.adapter or c('pushed')}",
        "region": tells.names.region(channel.region),
        "trust": named("trust", channel.trust, tells.lang),
        "verify": c("yes" if channel.verify else "no"),
        "owner": tells.names.holder(channel.owner) if channel.owner else "",
        "every": written_span(channel.every) if channel.adapter else "",
        "silent_after": written_span(channel.silent_after) if channel.silent_after else "",
        "last_read": _moment(state.last_read, tells),
        "last_success": _moment(state.last_success, tells),
        "last_new": _moment(state.last_new, tells),
        "budget": _budget(one),
        "problem": state.problem,
        "rests": _rests(one, seen.now, tells),
        "waiting": queued.waiting,
        "oldest": span(seen.now - queued.oldest, tells.lang) if queued.oldest else "",
        "unreadable": queued.unreadable or "",
        "aside": queued.set_aside,
        "settings": json.dumps(channel.settings, ensure_ascii=False) if channel.settings else "",
    }
    if task := seen.task(one):
        who, what = tells.names.holder(task.holder), named("channel_task", task.kind, tells.lang)
        shown["task"] = c("owes", holder=who, task=what, due=tells.short(task.due))
    return {c(f"column.{name}"): value for name, value in shown.items() if value != ""}


async def _seen(engine: AsyncEngine, found: Sequence[Watched]) -> _Seen:
    queues = {one.channel: one for one in (await queue(engine)).channels}
    return _Seen(found, queues, await city(engine), datetime.now(UTC))


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="dim", pad_edge=False)
    for name in columns:
        table.add_column(c(f"column.{name}"), overflow="fold")
    return table


def _name(name: str, name_en: str, tells: Teller) -> str:
    return name_en if name_en and tells.lang == ENGLISH else name


def _budget(one: Watched) -> str:
    """Failed readings of the last day, and how many of them may fail: ``3 % of 10 %``."""
    return c("of_budget", share=f"{one.state.failed_share:.0%}", budget=f"{one.channel.budget:.0%}")


def _moment(at: datetime | None, tells: Teller) -> str:
    return tells.moment(at) if at else "–"


def _rests(one: Watched, now: datetime, tells: Teller) -> str:
    until = one.state.backoff_until
    if until is None or until <= now:
        return ""
    return c("until_changed") if until == UNTIL_CHANGED else tells.moment(until)
