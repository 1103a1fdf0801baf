"""Lists, inboxes and reports as tables. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from juanchi.cli.display import RUNG_STYLE, safe
from juanchi.domain.lines import InboxLine, NoticeLine, OrderLine, RulingLine, TicketLine
from juanchi.domain.terms import RungKind, Urgency
from juanchi.words import named, say
from juanchi.words.catalogue import knows
from juanchi.words.spans import countdown
from juanchi.words.telling import Teller

_WHOLE = frozenset({"due", "at", "feedback", "until", "added", "changed", "removed"})
"""Columns that are never broken."""

_NUMBERS = {"number": 18, "order": 22, "ruling": 22}
"""Room that numbers of the usual pattern fill; an id of a clue may be much longer and is folded."""


class Changed(Protocol):
    """What a load changed in one list."""

    @property
    def added(self) -> int: ...
    @property
    def changed(self) -> int: ...
    @property
    def removed(self) -> int: ...
    @property
    def keys(self) -> Sequence[str]: ...


def ticket_table(
    lines: Sequence[TicketLine], teller: Teller, now: datetime, *, wide: bool = False
) -> Table:
    """Tickets, one line each; the clue's words too where there is room for them."""
    columns = ("number", "due", "state", "matter", "unit", *(["words"] * wide))
    table = _table(teller, *columns, numbers=(one.number or one.id for one in lines))
    for one in lines:
        table.add_row(
            _number(one),
            _due(one.due, now, teller),
            _state(one, teller),
            _matter(one, teller),
            safe(teller.names.unit(one.lead)),
            *([_cut(one.text_start)] * wide),
        )
    return table


def inbox_table(
    lines: Sequence[InboxLine], teller: Teller, now: datetime, *, wide: bool = False
) -> Table:
    """The tasks of one holder, the most urgent first."""
    columns = ("due", "task", "number", "matter", *(["words"] * wide))
    numbers = (one.ticket.number or one.ticket.id for one in lines)
    table = _table(teller, *columns, numbers=numbers)
    for one in lines:
        table.add_row(
            _due(one.due, now, teller),
            _task(one, teller),
            _number(one.ticket),
            _matter(one.ticket, teller),
            *([_cut(one.ticket.text_start)] * wide),
        )
    return table


def notice_table(lines: Sequence[NoticeLine], teller: Teller) -> Table:
    """What a holder was told, the newest first."""
    table = _table(teller, "at", "notice", "ticket")
    for one in lines:
        table.add_row(
            teller.moment(one.at), named("notice", one.kind, teller.lang), safe(one.ticket_id)
        )
    return table


def order_table(
    lines: Sequence[OrderLine], teller: Teller, now: datetime, *, wide: bool = False
) -> Table:
    """Supervision orders, the newest first."""
    columns = ("order", "feedback", "level", "leader", "because", *(["requirement"] * wide))
    table = _table(teller, *columns, numbers=(one.number for one in lines))
    for one in lines:
        table.add_row(
            Text(safe(one.number), style="bold"),
            _feedback(one, now, teller),
            Text(_chip(one.level, teller), style=RUNG_STYLE[RungKind(one.level)]),
            safe(teller.names.holder(one.leader)),
            named("trigger", one.trigger, teller.lang),
            *([_cut(one.requirement)] * wide),
        )
    return table


def ruling_table(lines: Sequence[RulingLine], teller: Teller, *, wide: bool = False) -> Table:
    """Rulings, the newest first: who leads an item where, and how long that holds."""
    columns = ("ruling", "matter", "region", "lead", "until", "state", *(["basis"] * wide))
    table = _table(teller, *columns, numbers=(one.number for one in lines))
    everywhere = say("basis.everywhere", teller.lang)
    for one in lines:
        marks = [name for name, so in (("final", one.final), ("gap", one.gap)) if so]
        table.add_row(
            Text(safe(one.number), style="bold"),
            safe(teller.names.item(one.item)),
            safe(teller.names.region(one.region) or everywhere),
            safe(teller.names.unit(one.lead)),
            teller.day(one.interim_until) or Text("–", style="dim"),
            " ".join(_chip(mark, teller) for mark in marks),
            *([_cut(one.basis)] * wide),
        )
    return table


def change_table(changes: Mapping[str, Changed], teller: Teller) -> Table:
    """What loading a pack changes, list by list."""
    table = _table(teller, "list", "added", "changed", "removed", "keys")
    for name, one in changes.items():
        if one.added or one.changed or one.removed:
            counts = (str(one.added), str(one.changed), str(one.removed))
            shown = ", ".join(one.keys[:5]) + (" …" if len(one.keys) > 5 else "")
            table.add_row(say(f"cli.list.{name}", teller.lang), *counts, _cut(shown))
    return table


def facts_table(facts: Mapping[str, object]) -> Table:
    """Names and figures."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    for name, value in facts.items():
        table.add_row(name, Text(safe(value)))
    return table


def _table(teller: Teller, *columns: str, numbers: Iterable[str] = ()) -> Table:
    """An empty table. The column of ``numbers`` keeps its room, whatever the others need."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for name in columns:
        heading = say(f"cli.column.{name}", teller.lang)
        width = None
        if most := _NUMBERS.get(name):
            width = min(most, max(map(cell_len, (heading, *numbers))))
        table.add_column(heading, no_wrap=name in _WHOLE, overflow="fold", width=width)
    return table


def _cut(text: str) -> Text:
    """One line, however narrow its column. The column itself may shrink: a column that may not
    wrap would push the others off the screen.
    """
    return Text(safe(" ".join(text.split())), style="dim", no_wrap=True, overflow="ellipsis")


def _matter(ticket: TicketLine, teller: Teller) -> Text:
    """The item, else the beginning of the clue's words."""
    if ticket.item is not None:
        return Text(safe(teller.names.item(ticket.item)))
    return _cut(ticket.text_start)


def _number(ticket: TicketLine) -> Text:
    return Text(safe(ticket.number or ticket.id), style="bold" if ticket.number else "dim")


def _state(ticket: TicketLine, teller: Teller) -> Text:
    if ticket.end_kind is not None:
        outcome = ticket.outcome and named("outcome", ticket.outcome, teller.lang)
        return Text(
            outcome or named("end", ticket.end_kind, teller.lang),
            style="green" if outcome else "dim",
        )
    state = Text(named("phase", ticket.phase, teller.lang))
    if ticket.urgency == Urgency.URGENT:
        state.append(f" · {named('urgency', ticket.urgency, teller.lang)}", style="bold red")
    if ticket.escalated:
        state.append(f" · {named('rung', 'escalated', teller.lang)}", style="bold red")
    for chip, style in _chips(ticket):
        state.append(f" · {_chip(chip, teller)}", style=style)
    return state


def _chips(ticket: TicketLine) -> Iterator[tuple[str, str]]:
    """What lies over a ticket's phase, each with a style. An open order says: supervised."""
    if ticket.level is not None:
        yield ticket.level, RUNG_STYLE[RungKind(ticket.level)]
    elif ticket.supervised:
        yield "supervised", "magenta"
    if ticket.on_hold:
        yield "on_hold", "yellow"
    if ticket.disputed:
        yield "disputed", "yellow"
    yield from ((request, "yellow") for request in ticket.pending)


def _chip(value: str, teller: Teller) -> str:
    """As few words as a table has room for; of a level, those of its rung where that is short."""
    key = f"chip.{value}"
    return say(key, teller.lang) if knows(key) else named("rung", value, teller.lang)


def _feedback(order: OrderLine, now: datetime, teller: Teller) -> Text:
    """When an order must be answered; or that it was, or is released."""
    if order.released_at is not None:
        return Text(_chip("released", teller), style="green")
    if order.fed_back_at is not None:
        return Text(_chip("answered", teller), style="yellow")
    return _due(order.feedback_due, now, teller)


def _task(one: InboxLine, teller: Teller) -> Text:
    told = Text(named("task", one.kind, teller.lang))
    if one.ticket.urgency == Urgency.URGENT:
        told.append(f" {named('urgency', one.ticket.urgency, teller.lang)}", style="bold red")
    return told


def _due(due: datetime | None, now: datetime, teller: Teller) -> Text:
    if due is None:
        return Text("–", style="dim")
    return Text(countdown(due, now, teller.lang), style="red" if due < now else "")
