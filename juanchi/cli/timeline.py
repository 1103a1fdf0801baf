"""A ticket's life as a timeline: from journal entries to what a terminal shows. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from juanchi.cli.beats import Beat, Chapter, lived
from juanchi.cli.display import safe
from juanchi.cli.marks import mark
from juanchi.cli.outcome import outcome
from juanchi.cli.prose import Prose, tied
from juanchi.cli.standing import standing
from juanchi.cli.why import why
from juanchi.domain.clocks import Rang
from juanchi.domain.closure import Reopened, SentBack
from juanchi.domain.events import Entry
from juanchi.domain.messages import Event
from juanchi.domain.supervised import OrderIssued
from juanchi.words import named, say
from juanchi.words.spans import span
from juanchi.words.telling import Detail, Teller

SHORT_LIFE = timedelta(hours=1)
"""A life shorter than this (a demo's) is told to the second."""

_WORTH_A_LINE = (
    (SHORT_LIFE, timedelta(seconds=1)),
    (timedelta(days=3), timedelta(minutes=1)),
    (timedelta(days=30), timedelta(days=1)),
    (timedelta.max, timedelta(days=3)),
)
"""Up to which length of a life which waits are told."""


def timeline(
    entries: Sequence[Entry], teller: Teller, now: datetime, *, explain: bool = False
) -> RenderableType:
    """A ticket's life: who has the ball, what happened, how it ended, and why by when."""
    ticket, beats = lived(entries)
    life = entries[-1].event.at - entries[0].event.at
    parts: list[RenderableType] = [standing(ticket, teller, now)]
    for chapter, group in groupby(beats, key=lambda beat: beat.chapter):
        parts += [Text(), _heading(chapter, teller), _chapter(list(group), teller, life)]
    if ticket.ending is not None:
        parts += [Text(), outcome(ticket, entries, teller)]
    if explain:
        parts += [Text(), why(entries, teller)]
    return Group(*parts)


def _heading(chapter: Chapter, teller: Teller) -> Rule:
    lang = teller.lang
    again = ""
    if chapter.back is SentBack:
        again = say("timeline.again_rework", lang, n=chapter.again.reworks)
    elif chapter.back is Reopened:
        again = say("timeline.again_reopened", lang)
    title = say(
        "timeline.chapter",
        lang,
        stage=named("stage", chapter.stage, lang),
        again=again,
        unit=teller.names.unit(chapter.lead),
    )
    return Rule(Text(safe(title), style="bold cyan"), align="left", style="cyan")


def _chapter(beats: Sequence[Beat], teller: Teller, life: timedelta) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    seconds = life < SHORT_LIFE
    shortest = next(wait for longest, wait in _WORTH_A_LINE if life < longest)
    shown, before = ("", ""), None
    for beat in beats:
        if beat.waited >= shortest:
            after = say("timeline.after", teller.lang, span=span(beat.waited, teller.lang))
            table.add_row("", "", Text("┆", style="dim"), Text(after, style="dim italic"))
        day, _, clock = teller.moment(beat.event.at, seconds=seconds).partition(" ")
        sign, style = mark(beat.order or beat.event)
        when = ("" if day == shown[0] else day, "" if (day, clock) == shown else clock)
        table.add_row(*when, Text(sign, style=style), _told(beat, teller, style, before))
        shown, before = (day, clock), beat
        if details := _details(beat, teller):
            table.add_row("", "", "", details)
    return table


def _told(beat: Beat, teller: Teller, style: str, before: Beat | None) -> Text:
    line = Prose(safe(teller.sentence(beat.event)), style=style)
    if beat.order:
        line.append(safe(_with_order(beat, beat.order, teller)))
    if beat.until is not None:
        until = teller.moment(beat.until)
        line.append(say("timeline.times", teller.lang, n=beat.times, until=until), style="not bold")
    who = "" if before and _one_deed(before.event, beat.event) else teller.who(beat.event.by)
    if who:
        line.append(f"  {tied(safe(who))}", style="not bold dim")
    return line


def _with_order(beat: Beat, order: OrderIssued, teller: Teller) -> str:
    """The order that came of it; its level is told unless it is that of the rung."""
    level = "" if isinstance(beat.event, Rang) else named("rung", order.level, teller.lang)
    return say(
        "timeline.with_order",
        teller.lang,
        number=order.number,
        level=level,
        leader=teller.names.holder(order.leader),
    )


def _one_deed(before: Event, event: Event) -> bool:
    """Whether both came of one action, so that who did it has been told."""
    return event.cause is not None and (before.cause, before.by) == (event.cause, event.by)


def _details(beat: Beat, teller: Teller) -> RenderableType | None:
    details = [*teller.details(beat.event), *_consequences(beat, teller)]
    if not details:
        return None
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(ratio=1, overflow="fold")
    before = ""
    for label, text in details:
        table.add_row("" if label == before else label, Prose(safe(text)))
        before = label
    return Padding(table, (0, 0, 0, 1))


def _consequences(beat: Beat, teller: Teller) -> list[Detail]:
    """What came of it: the order, who else was told, the due times."""
    found: list[Detail] = []
    if beat.order:
        because = say("timeline.trigger", teller.lang)
        found += [one for one in teller.details(beat.order) if one[0] != because]
    found.append((say("timeline.replaces", teller.lang), beat.replaces))
    found.append((say("timeline.told", teller.lang), teller.holders(beat.told)))
    if beat.planned:
        unmoved = (say("timeline.due", teller.lang), say("timeline.unmoved", teller.lang))
        found += teller.details(beat.planned) or [unmoved]
    return [one for one in found if one[1]]
