"""Evaluation cards as people read them: figures side by side, and the reliability curve. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from juanchi.cli.display import lang, safe
from juanchi.cli.figures import percent
from juanchi.cli.tables import facts_table
from juanchi.domain.models import Bin, Card, ModelKind
from juanchi.words import named, say
from juanchi.words.catalogue import knows

WIDTH: Final = 30
_FIRST: Final = ("top1", "top3", "macro_f1", "coverage", "precision")
"""The figures that are shown first; others follow by name."""


def mo(key: str, **facts: object) -> str:
    """Words of the models."""
    return say(f"models.{key}", lang(), **facts)


def kind_named(kind: ModelKind) -> str:
    """What a kind of model answers."""
    return named("models.kind", kind, lang())


def why_told(why: str) -> str:
    """Why something was decided: the sentence of a code, or a person's own words."""
    key = f"models.why.{why}"
    return say(key, lang()) if knows(key) else why


class Judged(NamedTuple):
    """A model's card as it was trained, and beside the rival's, on the newest tickets."""

    card: Card
    newest: Card | None = None
    rival_card: Card | None = None
    rival: int | None = None


def judged_view(judged: Judged) -> Group:
    """A card whole: on what it was trained, its figures, how far it can be believed."""
    card = judged.card
    parts: list[RenderableType] = [facts_table(dict(_facts(card))), "", _figures(judged)]
    curve = judged.newest.reliability if judged.newest else ()
    if bins := curve or card.reliability:
        parts += ["", reliability_chart(bins)]
    return Group(*parts)


def _facts(card: Card) -> Iterator[tuple[str, object]]:
    yield mo("fact.kind"), kind_named(card.kind)
    yield mo("fact.trained_at"), f"{card.trained_at:%Y-%m-%d %H:%M %Z}"
    yield mo("fact.trained_on"), card.trained_on
    yield mo("fact.examples"), f"{card.examples:,}"
    yield mo("fact.classes"), f"{card.classes:,}"
    if card.kind is ModelKind.DISPATCH or card.threshold is not None:
        never = mo("fact.never")
        yield mo("fact.threshold"), never if card.threshold is None else f"{card.threshold:.3f}"
    if card.lists_version:
        yield mo("fact.lists"), card.lists_version
    if card.libraries:
        yield mo("fact.libraries"), ", ".join(f"{k} {v}" for k, v in card.libraries.items())
    yield mo("fact.format"), card.format
    if card.note:
        yield mo("fact.note"), card.note


def _figures(judged: Judged) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column(mo("column.figure"))
    rival = mo("column.rival", id=judged.rival) if judged.rival else mo("column.lists")
    shown = (
        (mo("column.training"), judged.card),
        (mo("column.newest"), judged.newest),
        (rival, judged.rival_card),
    )
    columns = [(heading, card) for heading, card in shown if card is not None]
    for heading, _ in columns:
        table.add_column(heading, justify="right")
    cards = [card for _, card in columns]
    table.add_row(mo("fact.held_out"), *(f"{card.held_out:,}" for card in cards))
    for name in _names(cards):
        label = named("models.figure", name, lang())
        table.add_row(safe(label), *(_figure(card, name) for card in cards))
    return table


def _names(cards: Sequence[Card]) -> list[str]:
    found = {name for card in cards for name in card.figures}
    first = [name for name in _FIRST if name in found]
    return first + sorted(found - set(first))


def _figure(card: Card, name: str) -> str:
    value = card.figures.get(name)
    if value is None:
        return "–"
    return percent(value) if 0 <= value <= 1 else f"{value:,.3g}"


def reliability_chart(bins: Sequence[Bin]) -> Table:
    """What was promised against how often it was right: a bar, and a mark where it should end."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for column in ("promised", "right"):
        table.add_column(mo(f"column.{column}"), justify="right", no_wrap=True)
    table.add_column("")
    table.add_column(mo("column.tickets"), justify="right", no_wrap=True)
    for one in bins:
        table.add_row(percent(one.promised), percent(one.right), _bar(one), f"{one.count:,}")
    return table


def _bar(one: Bin) -> Text:
    filled, mark = round(one.right * WIDTH), min(int(one.promised * WIDTH), WIDTH - 1)
    drawn = ["█" if at < filled else "·" for at in range(WIDTH)]
    drawn[mark] = "▌" if mark < filled else "│"
    return Text("".join(drawn))
