"""What the demo ends with: its numbers, what went wrong, and what to try next."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from juanchi.cli.display import safe
from juanchi.demo.expect import Wrong
from juanchi.demo.figures import ENDS, SPANS, Figures
from juanchi.words import named, say

EXAMPLE: Final = "440303-urban-management"
"""A unit of the shipped pack, whose inbox the advice speaks of."""

SHOWN: Final = 20
"""So many complaints are told."""

_COUNTS: Final = ("rated", "not_rated", "reworked", "escalated", "replied_late")

_Row = tuple[str, str, bool]


def numbers(rows: Figures, journal: Figures, lang: str) -> RenderableType:
    """Every number, with a mark that the journal says the same."""
    left = Table.grid(padding=(0, 1))
    right = Table.grid(padding=(0, 1))
    for table, told in (
        (left, list(_intake(rows, journal, lang))),
        (right, list(_work(rows, journal, lang))),
    ):
        table.add_column(no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(no_wrap=True)
        for name, number, same in told:
            mark = Text("✓", style="green") if same else Text("✗", style="bold red")
            table.add_row(name, Text(number, style="bold"), mark)
    both = Table.grid(padding=(0, 6))
    both.add_row(left, right)
    return both


def _intake(rows: Figures, journal: Figures, lang: str) -> Iterator[_Row]:
    yield _row("clues", rows, journal, lang)
    for end in ENDS:
        count = rows.ends.get(end, 0)
        if count or journal.ends.get(end, 0):
            yield f"  {named('end', end, lang)}", str(count), journal.ends.get(end, 0) == count
    yield _row("filed", rows, journal, lang)
    yield _row("closed", rows, journal, lang)
    for outcome in sorted({*rows.outcomes, *journal.outcomes}):
        count = rows.outcomes.get(outcome, 0)
        same = journal.outcomes.get(outcome, 0) == count
        yield f"  {named('outcome', outcome, lang)}", str(count), same


def _work(rows: Figures, journal: Figures, lang: str) -> Iterator[_Row]:
    for name in _COUNTS:
        yield _row(name, rows, journal, lang)
    for name in SPANS:
        seconds, count = rows.average_s.get(name), rows.timed[name]
        same = seconds == journal.average_s.get(name) and count == journal.timed[name]
        if seconds is not None:
            told = say("demo.sum.average", lang, seconds=f"{seconds:.1f}", n=count)
            yield say(f"demo.sum.{name}", lang), told, same


def _row(name: str, rows: Figures, journal: Figures, lang: str) -> _Row:
    count = getattr(rows, name)
    return say(f"demo.sum.{name}", lang), str(count), getattr(journal, name) == count


def complaints(wrong: Sequence[Wrong], lang: str) -> list[str]:
    """What is not as it should be, a sentence each; of very many, the first."""
    told = [_complaint(one, lang) for one in wrong[:SHOWN]]
    if len(wrong) > SHOWN:
        told.append(say("demo.wrong.more", lang, found=len(wrong) - SHOWN))
    return told


def _complaint(wrong: Wrong, lang: str) -> str:
    clue = wrong.ticket_id.rpartition("/")[2] or wrong.ticket_id
    return say(
        f"demo.wrong.{wrong.key}",
        lang,
        clue=clue,
        expected=_worded(wrong.expected, lang),
        found=_worded(wrong.found, lang),
    )


def _worded(value: str, lang: str) -> str:
    """A stable value in words, whichever section knows it."""
    for section in ("end", "phase", "outcome", "reason", "role"):
        head, colon, rest = value.partition(": ")
        words = named(section, head, lang)
        if words != head:
            return f"{words}{colon}{named('reason', rest, lang)}" if colon else words
    return value


def advice(console: Console, lang: str) -> None:
    """What to try next."""
    text = say("demo.next.example", lang)
    table = Table.grid(padding=(0, 2))
    for command, key in (
        ("make up", "up"),
        (f'python starter.py report --channel app --text "{text}"', "report"),
        (f"python starter.py inbox {EXAMPLE}", "inbox"),
        ("python starter.py show ticket/app/...", "show"),
    ):
        told = say(f"demo.next.{key}", lang)
        table.add_row(Text(f"  {command}", style="cyan"), Text(safe(told), style="dim"))
    console.print(Text(say("demo.next.title", lang), style="bold"))
    console.print(table)
