"""A ticket's life as a timeline: from journal entries to what a terminal shows. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from juanchi.cli.display import RUNG_STYLE, safe
from juanchi.cli.why import why
from juanchi.domain import machine
from juanchi.domain.ball import Task, tasks
from juanchi.domain.clocks import Archived, Rang
from juanchi.domain.closure import Closed, Reopened, SentBack
from juanchi.domain.ending import Ended
from juanchi.domain.events import ActionRefused, Entry
from juanchi.domain.messages import Event
from juanchi.domain.notices import NoticeFailed, NoticePosted, NoticeRetried
from juanchi.domain.supervision import Pressed, Replied
from juanchi.domain.terms import ClockName, EndKind, Role, RungKind, Stage, Urgency
from juanchi.domain.ticket import Phase, Ticket
from juanchi.words import named, say
from juanchi.words.spans import countdown, span
from juanchi.words.telling import Teller, kind_of

SHORT_LIFE = timedelta(hours=1)
"""A life shorter than this (a demo's) is told to the second."""

_MACHINES = (NoticePosted, NoticeRetried)
_BACK = (SentBack, Reopened)


class Beat(NamedTuple):
    """One event, where the ticket was when it happened, and how long after the one before."""

    event: Event
    stage: Stage
    reworks: int
    waited: timedelta


def timeline(
    entries: Sequence[Entry], teller: Teller, now: datetime, *, explain: bool = False
) -> RenderableType:
    """A ticket's life: who has the ball, what happened, how it ended, and why by when."""
    ticket, beats = _lived(entries)
    life = entries[-1].event.at - entries[0].event.at
    parts: list[RenderableType] = [_header(ticket, teller, now)]
    for (stage, reworks), group in groupby(beats, key=lambda beat: (beat.stage, beat.reworks)):
        parts += [Text(), _heading(stage, reworks, teller)]
        parts.append(_stage(list(group), teller, seconds=life < SHORT_LIFE))
    if ticket.ending is not None:
        parts += [Text(), _summary(ticket, entries, teller)]
    if explain:
        parts += [Text(), why(entries, ticket, teller)]
    return Group(*parts)


def _lived(entries: Sequence[Entry]) -> tuple[Ticket, list[Beat]]:
    received = entries[0].event
    if received.kind != "received":
        raise ValueError("a life begins with the clue's receipt")
    ticket, _ = machine.begin(received.clue, received.at, received.by)
    beats: list[Beat] = []
    before = received.at
    for entry in entries:
        event = entry.event
        beats.append(Beat(event, ticket.stage, ticket.reworks, event.at - before))
        ticket, before = machine.evolve(ticket, event), event.at
    return ticket, beats


def _header(ticket: Ticket, teller: Teller, now: datetime) -> Panel:
    lang, names = teller.lang, teller.names
    title = ticket.number or say("timeline.unfiled", lang)
    about = [names.item(ticket.item), names.place(ticket.place), names.unit(ticket.lead)]
    state = Text(named("stage", ticket.stage, lang), style="bold")
    if ticket.phase is not Phase.ENDED:
        state.append(f" · {named('phase', ticket.phase, lang)}", style="not bold")
    if ticket.urgency is Urgency.URGENT:
        state.append(f" · {named('urgency', ticket.urgency, lang)}", style="bold red")
    lines = [Text(safe(" · ".join(part for part in about if part))), state]
    if ticket.stuck:
        problem = named("stuck", ticket.stuck, lang)
        lines.append(Text(safe(say("timeline.stuck", lang, problem=problem)), style="yellow"))
    lines += _ball(ticket, teller, now)
    if ticket.voices:
        lines.append(Text(say("timeline.voices", lang, n=len(ticket.voices))))
    return Panel(
        Group(*(line for line in lines if line.plain)),
        title=Text(safe(title), style="bold"),
        subtitle=Text(safe(ticket.id), style="dim"),
        title_align="left",
        subtitle_align="right",
        padding=(0, 1),
    )


def _ball(ticket: Ticket, teller: Teller, now: datetime) -> list[Text]:
    owed = tasks(ticket)
    if owed:
        return [_task(task, teller, now) for task in owed]
    done = ticket.phase in (Phase.CLOSED, Phase.ENDED)
    return [Text(say(f"timeline.{'nobody_owes' if done else 'engine_has_it'}", teller.lang))]


def _task(task: Task, teller: Teller, now: datetime) -> Text:
    lang = teller.lang
    holder = teller.names.holder(task.holder)
    line = Text("→ ")
    line.append(
        safe(say("timeline.ball", lang, holder=holder, task=named("task", task.kind, lang)))
    )
    if task.due is not None:
        left = countdown(task.due, now, lang)
        by = say("timeline.by", lang, due=teller.short(task.due), left=left)
        line.append(f" {by}", style="red" if task.due < now else "green")
    return line


def _heading(stage: Stage, reworks: int, teller: Teller) -> Rule:
    title = named("stage", stage, teller.lang)
    if reworks:
        title = say("timeline.rework", teller.lang, stage=title, n=reworks)
    return Rule(Text(title, style="bold cyan"), align="left", style="cyan")


def _stage(beats: Sequence[Beat], teller: Teller, *, seconds: bool) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    shown = ""
    shortest = timedelta(seconds=1 if seconds else 60)
    for beat in beats:
        if beat.waited >= shortest:
            after = say("timeline.after", teller.lang, span=span(beat.waited, teller.lang))
            table.add_row("", "", Text("┆", style="dim"), Text(after, style="dim italic"))
        day, _, clock = teller.moment(beat.event.at, seconds=seconds).partition(" ")
        mark, style = _look(beat.event)
        told = _told(beat.event, teller, style)
        table.add_row("" if day == shown else day, clock, Text(mark, style=style), told)
        shown = day
        if details := _details(beat.event, teller):
            table.add_row("", "", "", details)
    return table


def _told(event: Event, teller: Teller, style: str) -> Text:
    line = Text(safe(teller.sentence(event)), style=style)
    if who := teller.who(event.by):
        line.append(f"  {safe(who)}", style="not bold dim")
    return line


def _details(event: Event, teller: Teller) -> RenderableType | None:
    details = teller.details(event)
    if not details:
        return None
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(ratio=1, overflow="fold")
    for label, text in details:
        table.add_row(label, Text(safe(text)))
    return Padding(table, (0, 0, 0, 1))


def _look(event: Event) -> tuple[str, str]:
    """The mark and the style of an event."""
    match event:
        case Rang():
            return "▲", RUNG_STYLE[event.rung]
        case Pressed():
            return "▲", RUNG_STYLE[RungKind.PRESSED]
        case Replied(on_time=False):
            return "●", "bold red"
        case Closed():
            return "✓", "bold green"
        case Ended() | Archived():
            return "■", "bold"
        case ActionRefused() | NoticeFailed():
            return "✗", "red"
    if isinstance(event, _BACK):
        return "↺", "bold yellow"
    if isinstance(event, _MACHINES) or event.by.role is Role.SYSTEM:
        return "·", "dim" if isinstance(event, _MACHINES) or kind_of(event) == "planned" else ""
    return "●", "bold"


def _summary(ticket: Ticket, entries: Sequence[Entry], teller: Teller) -> Panel:
    lang, ending = teller.lang, ticket.ending
    if ending is None:
        raise ValueError("only a ticket that has ended has a summary")
    closed = ending.kind is EndKind.CLOSED
    lines = _how_closed(ticket, entries, teller) if closed else [_how_ended(ticket, teller)]
    took = span(ending.at - ticket.received_at, lang)
    lines.append(Text(say("timeline.life", lang, span=took), style="dim"))
    return Panel(
        Group(*lines),
        title=Text(say("timeline.summary", lang), style="bold"),
        title_align="left",
        border_style="green" if closed else "none",
        padding=(0, 1),
    )


def _how_ended(ticket: Ticket, teller: Teller) -> Text:
    kind, reason = (ticket.ending.kind, ticket.ending.reason) if ticket.ending else ("", "")
    end = named("end", kind, teller.lang)
    return Text(
        say("timeline.ended", teller.lang, end=end, reason=named("reason", reason, teller.lang))
    )


def _how_closed(ticket: Ticket, entries: Sequence[Entry], teller: Teller) -> list[Text]:
    lang, ending = teller.lang, ticket.ending
    outcome = named("outcome", ending.outcome, lang) if ending and ending.outcome else ""
    lines = [Text(say("timeline.closed", lang, outcome=outcome), style="bold green")]
    if ending and ending.rated and ticket.rating is not None:
        lines.append(Text(say("timeline.rated", lang, overall=ticket.rating.overall)))
    else:
        lines.append(Text(say("timeline.not_rated", lang), style="yellow"))
    lines.append(_on_time(ticket, entries, teller))
    if ticket.reworks:
        lines.append(Text(say("timeline.reworks", lang, n=ticket.reworks), style="yellow"))
    return lines


def _on_time(ticket: Ticket, entries: Sequence[Entry], teller: Teller) -> Text:
    answer = ticket.answer
    if answer is None or answer.on_time:
        return Text(say("timeline.replied_on_time", teller.lang))
    late = span(answer.at - _due_of_reply(entries, answer.at), teller.lang)
    return Text(say("timeline.replied_overdue", teller.lang, span=late), style="red")


def _due_of_reply(entries: Sequence[Entry], at: datetime) -> datetime:
    """The handling due time that ran when the last reply was given."""
    due = at
    for entry in entries:
        event = entry.event
        if event.kind == "planned":
            due = next((d.due for d in event.deadlines if d.clock is ClockName.HANDLE), due)
        if isinstance(event, Replied) and event.at == at:
            break
    return due
