"""The head of a ticket's timeline: where it stands, who must do what by when. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from juanchi.cli.display import RUNG_STYLE, safe
from juanchi.cli.prose import Prose, tied
from juanchi.domain.ball import Task, TaskKind, tasks
from juanchi.domain.orders import open_order
from juanchi.domain.overlays import Order
from juanchi.domain.phases import WITH_UNIT
from juanchi.domain.terms import ClockName, Urgency
from juanchi.domain.ticket import Phase, Ticket
from juanchi.words import named, say
from juanchi.words.basis import basis_words
from juanchi.words.catalogue import comma
from juanchi.words.spans import countdown, limit_words
from juanchi.words.telling import Teller
from juanchi.words.telling.merging import alike_words

_WHERE = ("ambiguous", "no_place", "no_street_team")
"""The problems that a choice of regions helps with."""


class Fact(NamedTuple):
    """One thing that lies over the ticket's stage: its label's key, in words, and a style."""

    label: str
    told: str
    style: str = ""


def standing(ticket: Ticket, teller: Teller, now: datetime) -> Panel:
    """Where a ticket stands."""
    lang = teller.lang
    title = ticket.number or say("timeline.unfiled", lang)
    parts: list[RenderableType] = [line for line in _where(ticket, teller) if line.plain]
    parts += _ball(ticket, teller, now)
    if facts := list(_facts(ticket, teller)):
        parts.append(_grid(facts, teller))
    return Panel(
        Group(*parts),
        title=Text(safe(title), style="bold"),
        subtitle=Text(safe(ticket.id), style="dim"),
        title_align="left",
        subtitle_align="right",
        padding=(0, 1),
    )


def _where(ticket: Ticket, teller: Teller) -> Iterator[Text]:
    lang, names = teller.lang, teller.names
    about = [names.item(ticket.item), names.place(ticket.place), names.unit(ticket.lead)]
    yield Prose(safe(" · ".join(part for part in about if part)))
    state = Text(named("stage", ticket.stage, lang), style="bold")
    if ticket.phase is not Phase.ENDED:
        state.append(f" · {named('phase', ticket.phase, lang)}", style="not bold")
    if ticket.urgency is Urgency.URGENT:
        state.append(f" · {named('urgency', ticket.urgency, lang)}", style="bold red")
    yield state
    if ticket.stuck:
        problem = named("stuck", ticket.stuck, lang)
        possible = names.one_of(ticket.possible_regions) if ticket.stuck in _WHERE else ""
        told = say("timeline.stuck", lang, problem=problem, possible=possible)
        yield Prose(safe(told), style="yellow")


def _ball(ticket: Ticket, teller: Teller, now: datetime) -> list[RenderableType]:
    owed = tasks(ticket)
    if not owed:
        done = ticket.phase in (Phase.CLOSED, Phase.ENDED)
        return [Text(say(f"timeline.{'nobody_owes' if done else 'engine_has_it'}", teller.lang))]
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for task in owed:
        table.add_row("→", _task(task, ticket, teller, now))
    return [table]


def _task(task: Task, ticket: Ticket, teller: Teller, now: datetime) -> Text:
    lang, due = teller.lang, task.due
    first = _original(ticket) if task.kind is TaskKind.REPLY else None
    by = tied(teller.short(due)) if due else ""
    left = tied(countdown(due, now, lang)) if due else ""
    told = say(
        "timeline.ball",
        lang,
        holder=teller.names.holder(task.holder),
        task=named("task", task.kind, lang),
        due=by,
        left=left,
        first=tied(teller.short(first)) if first else "",
    )
    line = Prose(safe(told))
    if due is not None:
        line.highlight_words([by, left], "red" if due < now else "green")
    return line


def _original(ticket: Ticket) -> datetime | None:
    """The handling due time as first given, if it has been moved since."""
    handle = ticket.deadline(ClockName.HANDLE)
    return handle.original_due if handle and handle.original_due != handle.due else None


def _facts(ticket: Ticket, teller: Teller) -> Iterator[Fact]:
    lang = teller.lang
    if ticket.hold:
        until = teller.day(ticket.hold.review_on)
        since = teller.moment(ticket.hold.since)
        told = say("timeline.hold_since", lang, until=until, since=since)
        yield Fact("on_hold", told, "yellow")
    yield from _asked(ticket, teller)
    yield from _dispute(ticket, teller)
    if ticket.phase is not Phase.ENDED and ticket.supervised:
        yield Fact("supervised", teller.words("trigger", ticket.supervised), "magenta")
    if order := open_order(ticket):
        yield Fact("order", _order(order, teller), RUNG_STYLE[order.level])
    if ticket.urgency is Urgency.URGENT and ticket.urgency_why:
        yield Fact("urgent_why", basis_words(ticket.urgency_why, teller.names))
    handle = ticket.deadline(ClockName.HANDLE)
    if handle and ticket.first_due and ticket.first_due != handle.original_due:
        yield Fact("first_due", teller.short(ticket.first_due))
    if ticket.recurs:
        yield Fact("seen_before", comma(lang).join(seen.ticket_id for seen in ticket.recurs))
    yield from _voices(ticket, lang)


def _voices(ticket: Ticket, lang: str) -> Iterator[Fact]:
    if ticket.heard:
        yield Fact("voices_label", say("timeline.voices", lang, n=ticket.heard))
    if ticket.answering and ticket.answering.told:
        told = say("timeline.voices_answered", lang, n=ticket.answering.told)
        yield Fact("voices_label", told)
    if (given := ticket.voice_ratings).rated:
        mean = f"{given.total / given.rated:.1f}"
        told = say("timeline.voices_rated", lang, rated=given.rated, bad=given.bad, mean=mean)
        yield Fact("voices_label", told, "yellow" if given.bad else "")


def _asked(ticket: Ticket, teller: Teller) -> Iterator[Fact]:
    """What waits for an answer."""
    lang = teller.lang
    if same := ticket.proposed:
        yield Fact("proposed", alike_words(same.candidates, teller), "yellow")
    if asked := ticket.returning:
        to = teller.names.unit(asked.to)
        yield Fact("asked", say("timeline.asked_return", lang, to=to, reason=asked.reason))
    if more := ticket.extending:
        days = limit_words(f"{more.days}wd", lang)
        yield Fact("asked", say("timeline.asked_extension", lang, days=days, reason=more.reason))
    if hold := ticket.holding:
        until = teller.day(hold.review_on)
        yield Fact("asked", say("timeline.asked_hold", lang, until=until, reason=hold.reason))


def _dispute(ticket: Ticket, teller: Teller) -> Iterator[Fact]:
    lang = teller.lang
    if dispute := ticket.dispute:
        told = say(
            "timeline.in_dispute",
            lang,
            number=dispute.number,
            since=teller.moment(dispute.opened_at),
            dispute=teller.word("dispute", dispute.cause),
            joint=say("timeline.joint", lang) if dispute.joint else "",
        )
        yield Fact("dispute", told, "yellow")
    if ticket.rulings and ticket.phase in WITH_UNIT:
        ruling = ticket.rulings[-1]
        told = say(
            "timeline.ruled_for",
            lang,
            number=ruling.number,
            lead=teller.names.unit(ruling.lead),
            final=say("timeline.final", lang) if ruling.final else "",
            until=teller.day(ruling.interim_until),
        )
        yield Fact("ruled", told)


def _order(order: Order, teller: Teller) -> str:
    """Who must answer it, and by when, is a task of its own."""
    return say(
        "timeline.order_open",
        teller.lang,
        number=order.number,
        level=teller.word("rung", order.level),
        since=teller.moment(order.issued_at),
        answered=teller.moment(order.fed_back_at) if order.fed_back_at else "",
    )


def _grid(facts: Sequence[Fact], teller: Teller) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(ratio=1, overflow="fold")
    shown = ""
    for fact in facts:
        label = say(f"timeline.{fact.label}", teller.lang)
        table.add_row("" if label == shown else label, Prose(safe(fact.told), style=fact.style))
        shown = label
    return table
