"""Tickets routed again: added up, as tables and as lines for programs."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from rich.table import Table
from rich.text import Text

from juanchi.cli.display import lang as language
from juanchi.cli.display import line, out, safe
from juanchi.cli.figures import percent
from juanchi.domain.metrics.period import Period
from juanchi.intake.rerouting import Answer, Change, Rerouted, Side, Sum
from juanchi.words import named, say
from juanchi.words.telling import Teller


def r(key: str, **facts: object) -> str:
    """Words of routing again."""
    return say(f"rerouting.{key}", language(), **facts)


class By(StrEnum):
    """What routed tickets are grouped by: their item, or the unit that was right in the end."""

    ITEM = "item"
    UNIT = "unit"


class Found:
    """All tickets added up, by group too, and the first of those that differ."""

    def __init__(self, by: By | None, most: int) -> None:
        self.by = by
        self.all = Sum()
        self.groups: dict[str, Sum] = {}
        self.unsettled = 0
        self.differing = 0
        self.shown: list[Rerouted] = []
        self._most = most

    def add(self, one: Rerouted | None) -> None:
        """One more ticket; None for one that is not settled yet."""
        if one is None:
            self.unsettled += 1
            return
        self.all.add(one)
        if self.by is not None:
            group = one.right if self.by is By.UNIT else one.item or ""
            self.groups.setdefault(group, Sum()).add(one)
        if one.differs:
            self.differing += 1
            if len(self.shown) < self._most:
                self.shown.append(one)


def show(found: Found, period: Period, what: str, tells: Teller, *, tickets: bool) -> None:
    """Before and after, what has changed, by group where asked for, and which tickets."""
    line(r("title", first=period.first, last=period.last, what=what), "dim")
    if found.all.tickets:
        out().print(_sides(found.all))
        out().print()
        out().print(_changes(found.all))
        if found.by is not None:
            out().print()
            out().print(_grouped(found, found.by, tells))
        if tickets:
            _show_tickets(found, tells)
    else:
        line(r("nothing"), "dim")
    if found.unsettled:
        line(r("unsettled", n=f"{found.unsettled:,}"), "dim")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for name in columns:
        number = name not in _WORDS
        table.add_column(
            r(f"column.{name}"), justify="right" if number else "left", overflow="fold"
        )
    return table


_WORDS: Final = ("what", "number", "item", "unit", "right", "named_before", "named_after", "change")
"""Columns that hold words, not numbers."""


def _sides(total: Sum) -> Table:
    table = _table("what", "before", "after")
    before, after = total.before, total.after
    rows = (
        ("named", before.named, after.named, total.tickets, total.tickets),
        ("coverage", before.alone, after.alone, total.tickets, total.tickets),
        ("precision", before.alone_right, after.alone_right, before.alone, after.alone),
    )
    for name, was, now, of_before, of_after in rows:
        table.add_row(r(f"row.{name}"), _share(was, of_before), _share(now, of_after))
    return table


def _share(n: int, of: int) -> str:
    return f"{percent(n / of) if of else '–'}  {n:,}/{of:,}"


def _changes(total: Sum) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    table.add_row(r("row.passed_on"), f"{total.passed_on:,}")
    table.add_row(r("row.changed"), f"{total.changes.total():,}")
    for change in Change:
        label = f"  {named('rerouting.change', change, language())}"
        table.add_row(label, f"{total.changes[change]:,}")
    return table


def _grouped(found: Found, by: By, tells: Teller) -> Table:
    """A line for each group, those with the most changes first."""
    table = _table(by.value, "tickets", "changed", "saved", "wrong", "alone", "precision")
    name = tells.names.unit if by is By.UNIT else tells.names.item
    groups = sorted(
        found.groups.items(), key=lambda one: (-one[1].changes.total(), -one[1].tickets, one[0])
    )
    for code, total in groups:
        table.add_row(
            safe(name(code)),
            f"{total.tickets:,}",
            f"{total.changes.total():,}",
            f"{total.changes[Change.SAVED]:,}",
            f"{total.changes[Change.WRONG]:,}",
            f"{total.before.alone:,} → {total.after.alone:,}",
            f"{_precision(total.before)} → {_precision(total.after)}",
        )
    return table


def _precision(side: Side) -> str:
    return percent(side.alone_right / side.alone) if side.alone else "–"


def _show_tickets(found: Found, tells: Teller) -> None:
    out().print()
    if not found.shown:
        line(r("no_change"), "dim")
        return
    table = _table("number", "item", "right", "named_before", "named_after", "change")
    for one in found.shown:
        table.add_row(
            Text(safe(one.number or one.ticket_id), style="bold" if one.number else "dim"),
            safe(tells.names.item(one.item)),
            safe(tells.names.unit(one.right)),
            _answer(one.before, tells),
            _answer(one.after, tells),
            named("rerouting.change", one.change, language()) if one.change else "–",
        )
    out().print(table)
    if found.differing > len(found.shown):
        more = f"{found.differing - len(found.shown):,}"
        line(say("metrics.more", language(), n=more), "dim")


def _answer(answer: Answer, tells: Teller) -> str:
    if answer.unit is None:
        return r("nobody")
    by_hand = "" if answer.alone else r("by_hand")
    return safe(tells.names.unit(answer.unit)) + by_hand


def plain_ticket(one: Rerouted) -> dict[str, object]:
    """A ticket for programs."""
    change = one.change.value if one.change else None
    return {
        **one._asdict(),
        "before": one.before._asdict(),
        "after": one.after._asdict(),
        "change": change,
    }


def plain_sums(found: Found) -> Iterator[dict[str, object]]:
    """The sums for programs: those of the groups, then that of all."""
    for code, total in sorted(found.groups.items()):
        yield {"by": found.by, "group": code, **_plain(total)}
    yield {**_plain(found.all), "unsettled": found.unsettled}


def _plain(total: Sum) -> dict[str, object]:
    return {
        "tickets": total.tickets,
        "passed_on": total.passed_on,
        "before": vars(total.before),
        "after": vars(total.after),
        "changes": {change.value: total.changes[change] for change in Change},
    }
