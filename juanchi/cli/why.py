"""Why a due time falls where it does: so that anybody can check it by hand. Pure."""

from collections.abc import Sequence
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from juanchi.cli.display import RUNG_STYLE, safe
from juanchi.domain.calendar import SkippedDay
from juanchi.domain.deadlines import Deadline
from juanchi.domain.events import Entry
from juanchi.domain.ticket import Ticket
from juanchi.words import named, say
from juanchi.words.catalogue import comma
from juanchi.words.spans import limit_words
from juanchi.words.telling import Teller

_DAY = timedelta(days=1)


def why(entries: Sequence[Entry], ticket: Ticket, teller: Teller) -> RenderableType:
    """Every deadline the ticket was given, in the order in which they were set."""
    lang = teller.lang
    parts: list[RenderableType] = [
        Rule(Text(say("why.title", lang), style="bold cyan"), align="left", style="cyan")
    ]
    for entry in entries:
        if entry.event.kind == "planned":
            for deadline in entry.event.deadlines:
                # What has fired is known only of the clocks that still run.
                running = ticket.deadlines.get(deadline.clock)
                same = running is not None and running.started == deadline.started
                parts += [_deadline(running if same and running else deadline, teller), Text()]
    if len(parts) == 1:
        parts.append(Text(say("why.none", lang)))
    return Group(*parts)


def _deadline(deadline: Deadline, teller: Teller) -> RenderableType:
    lang, told = teller.lang, deadline.why
    clock = named("clock", deadline.clock, lang)
    title = Text(
        say("why.deadline", lang, clock=clock, due=teller.short(deadline.due)), style="bold"
    )
    if deadline.due != deadline.original_due:
        moved = say("why.moved", lang, due=teller.short(deadline.original_due))
        title.append(f" · {moved}", style="not bold")
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="dim", min_width=8)
    table.add_column(ratio=1, overflow="fold")
    table.add_row(say("why.limit", lang), limit_words(told.limit, lang))
    table.add_row(say("why.rule", lang), safe(told.rule))
    table.add_row(say("why.start", lang), teller.short(told.start))
    table.add_row(say("why.skipped", lang), _skipped(told.skipped, teller))
    if told.counted_makeup:
        days = comma(lang).join(map(str, told.counted_makeup))
        table.add_row(say("why.makeup", lang), days)
    table.add_row(say("why.rungs", lang), _rungs(deadline, teller))
    lines: list[RenderableType] = [title]
    if deadline.provisional:
        lines.append(Text(say("why.provisional", lang), style="yellow"))
    return Group(*lines, table)


def _skipped(skipped: Sequence[SkippedDay], teller: Teller) -> Text:
    if not skipped:
        return Text(say("why.nothing_skipped", teller.lang))
    return Text("\n").join(Text(safe(_range(days, teller))) for days in skipped)


def _range(days: SkippedDay, teller: Teller) -> str:
    count = (days.last - days.first) // _DAY + 1
    form = "one" if count == 1 else "many"
    length = say(f"why.days_{form}", teller.lang, n=count)
    span = str(days.first) if count == 1 else f"{days.first} – {days.last}"
    return f"{span}  {length}  {named('skipped', days.why, teller.lang)}"


def _rungs(deadline: Deadline, teller: Teller) -> Text:
    lines = []
    for place, rung in enumerate(deadline.rungs):
        line = Text(f"{teller.short(rung.at)}  ")
        line.append(named("rung", rung.kind, teller.lang), style=RUNG_STYLE[rung.kind])
        if place < deadline.fired:
            line.append(f"  {say('why.fired', teller.lang)}", style="dim")
        lines.append(line)
    return Text("\n").join(lines)
