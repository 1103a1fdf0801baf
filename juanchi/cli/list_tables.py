"""Batches of lists and what they change, as tables. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from rich.table import Table
from rich.text import Text

from juanchi.cli.display import safe
from juanchi.domain.list_changes import ChangeKind, RowChange
from juanchi.ledger.batches import Batch
from juanchi.words import say
from juanchi.words.telling import Teller

LONGEST = 60
"""Characters of a cell's old or new text that are shown."""

_STYLE = {ChangeKind.ADDED: "green", ChangeKind.CHANGED: "yellow", ChangeKind.REMOVED: "red"}
_MARK = {ChangeKind.ADDED: "+", ChangeKind.CHANGED: "~", ChangeKind.REMOVED: "-"}


def changes_table(changes: Sequence[RowChange], teller: Teller) -> Table:
    """Rows added, changed and removed; of the changed each cell's old and new text."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column("", no_wrap=True)
    for name in ("list", "row", "cells"):
        table.add_column(say(f"lists.column.{name}", teller.lang), overflow="fold")
    for one in changes:
        table.add_row(
            Text(_MARK[one.kind], style=_STYLE[one.kind]),
            say(f"cli.list.{one.listing}", teller.lang),
            Text(safe(one.key)),
            Text("\n").join(Text(safe(cell)) for cell in _cells(one, teller)),
        )
    return table


def count_changes(changes: Iterable[RowChange], teller: Teller) -> str:
    """How many rows were added, changed and removed."""
    kinds = [one.kind for one in changes]
    counts = {kind.value: kinds.count(kind) for kind in ChangeKind}
    return say("lists.counts", teller.lang, **counts)


def batch_table(batches: Sequence[Batch], teller: Teller) -> Table:
    """Batches, the newest first: when, what, who, how many rows, why."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for name in ("batch", "at", "kind", "by", "rows", "note"):
        heading = say(f"lists.column.{name}", teller.lang)
        table.add_column(heading, no_wrap=name in ("batch", "at"), overflow="fold")
    for one in batches:
        table.add_row(
            str(one.id),
            teller.moment(one.at),
            say(f"lists.kind.{one.kind}", teller.lang),
            Text(safe(one.by)),
            Text("\n").join(Text(safe(line)) for line in _counted(one, teller)),
            Text(safe(one.note)),
        )
    return table


def _counted(batch: Batch, teller: Teller) -> Iterator[str]:
    for name, one in batch.changed.items():
        if one.added or one.changed or one.removed:
            listing = say(f"cli.list.{name}", teller.lang)
            yield f"{listing} +{one.added} ~{one.changed} -{one.removed}"


def _cells(one: RowChange, teller: Teller) -> Iterator[str]:
    if one.kind is not ChangeKind.CHANGED:
        yield say(f"lists.kind.{one.kind}", teller.lang)
    for cell in one.cells:
        yield f"{cell.column}: {_short(cell.old)} → {_short(cell.new)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return (line[:LONGEST] + "…" if len(line) > LONGEST else line) or "–"
