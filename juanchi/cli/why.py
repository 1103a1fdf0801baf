"""Why a due time falls where it does: so that anybody can check it by hand. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from juanchi.cli.display import RUNG_STYLE, safe
from juanchi.cli.prose import Prose
from juanchi.domain.calendar import SkippedDay
from juanchi.domain.clocks import Moved
from juanchi.domain.daybook import DayCounted, days
from juanchi.domain.deadlines import Deadline, Explanation, Extended, clock_key
from juanchi.domain.events import Entry
from juanchi.domain.rungs import Rung
from juanchi.domain.terms import ClockName
from juanchi.words import named, say
from juanchi.words.basis import basis_words
from juanchi.words.catalogue import comma
from juanchi.words.spans import limit_words
from juanchi.words.telling import Teller

_DAY = timedelta(days=1)

Row = tuple[str, RenderableType]
"""A label's key, and what it labels."""


class Run(NamedTuple):
    """One run of a clock: its deadline as it stands last, and when it was moved, from the first."""

    deadline: Deadline
    moves: tuple[tuple[datetime, Moved], ...] = ()


def why(entries: Sequence[Entry], teller: Teller) -> RenderableType:
    """Every deadline the ticket was given, in the order in which the clocks were started."""
    lang = teller.lang
    parts: list[RenderableType] = [
        Rule(Text(say("why.title", lang), style="bold cyan"), align="left", style="cyan")
    ]
    for run in runs(entries):
        parts += [_explained(run, teller), Text()]
    if len(parts) == 1:
        parts.append(Text(say("why.none", lang)))
    return Group(*parts)


def runs(entries: Sequence[Entry]) -> list[Run]:
    """The runs in the order in which they began. A watch runs round by round: the last stands."""
    found: dict[tuple[str, datetime | None], Run] = {}
    last: dict[str, tuple[str, datetime | None]] = {}
    for event in (entry.event for entry in entries):
        if event.kind == "rang" and (name := last.get(clock_key(event.clock, event.subject))):
            found[name] = _rung(found[name], 1 + len(event.missed))
        if event.kind != "planned":
            continue
        moved = {clock_key(one.clock, one.subject): one for one in event.moved}
        for deadline in event.deadlines:
            again = deadline.clock is ClockName.WATCH
            name = last[deadline.key] = deadline.key, None if again else deadline.started
            moves = found[name].moves if name in found else ()
            if one := moved.get(deadline.key):
                moves = (*moves, (event.at, one))
            found[name] = Run(deadline, moves)
    return list(found.values())


def _rung(run: Run, times: int) -> Run:
    deadline = run.deadline
    fired = min(deadline.fired + times, len(deadline.rungs))
    return run._replace(deadline=deadline.model_copy(update={"fired": fired}))


def _explained(run: Run, teller: Teller) -> RenderableType:
    lang, deadline = teller.lang, run.deadline
    clock = teller.clock(deadline.clock, deadline.subject)
    due = teller.short(deadline.due)
    title = Text(safe(say("why.deadline", lang, clock=clock, due=due)), style="bold")
    if deadline.due != deadline.original_due:
        first = say("why.moved", lang, due=teller.short(deadline.original_due))
        title.append(f" · {first}", style="not bold")
    lines: list[RenderableType] = [title]
    if deadline.provisional:
        lines.append(Prose(say("why.provisional", lang), style="yellow"))
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="dim", min_width=8)
    table.add_column(ratio=1, overflow="fold")
    before = ""
    for label, told in _rows(run, teller):
        table.add_row("" if label == before else say(f"why.{label}", lang), told)
        before = label
    return Group(*lines, table)


def _rows(run: Run, teller: Teller) -> Iterator[Row]:
    lang, deadline = teller.lang, run.deadline
    told = deadline.why
    yield "limit", Prose(limit_words(told.limit, lang))
    yield "rule", Prose(safe(basis_words(told.rule, teller.names)))
    yield "start", Text(teller.short(told.start))
    for one in told.extended:
        length = limit_words(one.limit, lang)
        before, after = teller.short(one.due_before), teller.short(one.due_after)
        yield "extended", Prose(say("why.from_to", lang, length=length, was=before, now=after))
    for pause in told.pauses:
        end = teller.short(pause.end) if pause.end else say("why.still", lang)
        yield "paused", Text(f"{teller.short(pause.begin)} – {end}")
    for at, move in run.moves:
        because = named("moved", move.why, lang)
        when, was = teller.moment(at), teller.short(move.was)
        yield "changed", Prose(say("why.change", lang, at=when, was=was, why=because))
    yield from _days(deadline, teller)
    if deadline.rungs:
        yield "rungs", _rungs(deadline, teller)


def _days(deadline: Deadline, teller: Teller) -> Iterator[Row]:
    """Day by day where working days were counted; else what was left out on the way."""
    if book := days(deadline):
        yield "days", _book(book, teller)
        return
    told = deadline.why
    parts: tuple[Explanation | Extended, ...] = (told, *told.extended)
    skipped = [range_ for one in parts for range_ in one.skipped]
    yield "skipped", _skipped(skipped, teller)
    if makeup := [day for one in parts for day in one.counted_makeup]:
        yield "makeup", Text(comma(teller.lang).join(map(str, makeup)))


def _book(book: Sequence[DayCounted], teller: Teller) -> Table:
    table = Table.grid(padding=(0, 2))
    for (counts, reason), group in groupby(book, key=lambda day: (day.counts, day.why)):
        run = list(group)
        told = named("skipped", reason, teller.lang)
        if counts:
            numbers = _between(run[0].number, run[-1].number)
            told = say("why.counted", teller.lang, numbers=numbers, why=told)
        table.add_row(_between(run[0].day, run[-1].day), Text(safe(told)))
    return table


def _between(first: object, last: object) -> str:
    return str(first) if first == last else f"{first} – {last}"


def _skipped(skipped: Sequence[SkippedDay], teller: Teller) -> Text:
    if not skipped:
        return Text(say("why.nothing_skipped", teller.lang))
    return Text("\n").join(Text(safe(_range(range_, teller))) for range_ in skipped)


def _range(skipped: SkippedDay, teller: Teller) -> str:
    length = say(_form(skipped.first, skipped.last), teller.lang, n=_length(skipped))
    between = _between(skipped.first, skipped.last)
    return f"{between}  {length}  {named('skipped', skipped.why, teller.lang)}"


def _length(skipped: SkippedDay) -> int:
    return (skipped.last - skipped.first) // _DAY + 1


def _form(first: date, last: date) -> str:
    return "why.days_one" if first == last else "why.days_many"


def _rungs(deadline: Deadline, teller: Teller) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for place, rung in enumerate(deadline.rungs):
        line = Prose(named("rung", rung.kind, teller.lang), style=RUNG_STYLE[rung.kind])
        line.append(safe(_brings(rung, teller)), style="not bold")
        if place < deadline.fired:
            line.append(f"  {say('why.fired', teller.lang)}", style="not bold dim")
        table.add_row(teller.short(rung.at), line)
    return table


def _brings(rung: Rung, teller: Teller) -> str:
    """To whom the order of a rung goes, and who is told besides those concerned."""
    told = ""
    if order := rung.order:
        leader, copies = teller.names.holder(order.leader), teller.holders(order.copies)
        told += say("why.order_to", teller.lang, leader=leader, copies=copies)
    if rung.tell:
        told += say("why.tells", teller.lang, told=teller.holders(rung.tell))
    return told
