"""Figures as tables and lines: shares with what they are of, and the tickets behind them. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import floor
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from juanchi.cli.display import safe
from juanchi.domain.measures import Measure, Metric
from juanchi.domain.metrics.summary import By, Share
from juanchi.words import named, say
from juanchi.words.telling import Teller

FAMILIES: Final[Mapping[str, tuple[Metric, ...]]] = {
    "dispatch": (
        Metric.CONVERSION,
        Metric.RIGHT_FIRST_TIME,
        Metric.IN_TIME_DISPATCH,
        Metric.IN_TIME_SIGNING,
    ),
    "time": (
        Metric.ON_TIME,
        Metric.ON_TIME_ORIGINAL,
        Metric.RESPONSE,
        Metric.RESPONSE_IN_TIME,
        Metric.OVERDUE,
    ),
    "result": (
        Metric.SOLVED,
        Metric.ADOPTED,
        Metric.SATISFIED,
        Metric.RATED,
        Metric.NOT_RATED,
        Metric.REWORK,
    ),
    "requests": (Metric.RETURN, Metric.WRONGFUL_RETURN, Metric.EXTENSION, Metric.HOLD),
    "trust": (Metric.SUGGESTED, Metric.REPEAT, Metric.FALSE_CLOSURE, Metric.FALSE_CLOSURE_WEAK),
}
"""Which metrics stand side by side, so that a table fits a screen."""


def percent(share: float) -> str:
    """A share with one decimal; never all when something is missing, never nothing when not."""
    if 0 < share < 0.001:
        return "<0.1%"
    return f"{floor(share * 1000 + 1e-9) / 10:.1f}%"


def figure_table(shares: Iterable[Share], wanted: Sequence[Metric], teller: Teller) -> Table:
    """One line for each metric, with what it is of and what counts."""
    table = _table(teller, "metric", "share", "of", "means")
    for one in shares:
        if one.metric in wanted:
            means = say(
                "metrics.defined",
                teller.lang,
                of=named("metric.of", one.metric, teller.lang),
                counted=named("metric.counted", one.metric, teller.lang),
            )
            table.add_row(
                named("metric.name", one.metric, teller.lang),
                "–" if one.share is None else percent(one.share),
                f"{one.numerator:,}/{one.denominator:,}",
                Text(means, style="dim"),
            )
    return table


def group_tables(
    shares: Sequence[Share], by: By, wanted: Sequence[Metric], teller: Teller
) -> Group:
    """A table for each family of metrics, with one line for each group that has any."""
    parts: list[RenderableType] = []
    for family, metrics in FAMILIES.items():
        columns = [metric for metric in metrics if metric in wanted]
        table = _family(shares, by, columns, teller)
        if table.row_count:
            parts += [Text(say(f"metrics.family.{family}", teller.lang), style="cyan"), table, ""]
    return Group(*parts[:-1])


def _family(shares: Sequence[Share], by: By, metrics: Sequence[Metric], teller: Teller) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    table.add_column(say(f"metrics.column.{by}", teller.lang), overflow="fold", min_width=16)
    for metric in metrics:
        heading = named("metric.name", metric, teller.lang)
        table.add_column(heading, justify="right", overflow="fold")
    groups: dict[str | None, dict[Metric, Share]] = {}
    for one in shares:
        groups.setdefault(one.group, {})[one.metric] = one
    for group, row in groups.items():
        if any(row[metric].denominator for metric in metrics):
            cells = (_cell(row[metric], teller) for metric in metrics)
            table.add_row(safe(group_name(group, by, teller)), *cells)
    return table


def _cell(one: Share, teller: Teller) -> Text:
    if one.share is None:
        return Text("–", style="dim")
    return Text(
        say(
            "metrics.share_of",
            teller.lang,
            share=percent(one.share),
            n=f"{one.numerator:,}",
            d=f"{one.denominator:,}",
        )
    )


def group_name(group: str | None, by: By, teller: Teller) -> str:
    """What a group is called."""
    if group is None:
        keys = {By.NONE: "all", By.UNIT: "no_unit"}
        return say(f"metrics.{keys.get(by, 'no_group')}", teller.lang)
    match by:
        case By.UNIT:
            return teller.names.unit(group)
        case By.DISTRICT:
            return teller.names.region(group)
        case By.ITEM:
            return teller.names.item(group)
        case By.CHANNEL | By.NONE:
            return teller.names.channel(group)


def measure_table(measures: Iterable[Measure], teller: Teller) -> Table:
    """The tickets behind figures, and which way each counted."""
    table = _table(teller, "number", "metric", "counted", "at", "unit", "item")
    for one in measures:
        word = say(f"metrics.{'counted' if one.counted else 'not_counted'}", teller.lang)
        table.add_row(
            Text(safe(one.number or one.ticket_id), style="bold" if one.number else "dim"),
            named("metric.name", one.metric, teller.lang),
            Text(word, style="" if one.counted else "bold"),
            teller.moment(one.at),
            safe(teller.names.unit(one.unit)),
            safe(teller.names.item(one.item)),
        )
    return table


def _table(teller: Teller, *columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    for name in columns:
        table.add_column(
            say(f"metrics.column.{name}", teller.lang),
            justify="right" if name in ("share", "of") else "left",
            no_wrap=name in ("share", "of", "counted", "at"),
            overflow="fold",
        )
    return table


def share_rows(shares: Iterable[Share], by: By, teller: Teller) -> Iterator[dict[str, object]]:
    """Shares for programs: CSV and JSON lines."""
    for one in shares:
        yield {
            "by": by.value,
            "group": one.group,
            "name": group_name(one.group, by, teller),
            "metric": one.metric.value,
            "numerator": one.numerator,
            "denominator": one.denominator,
            "share": one.share,
        }


def measure_rows(measures: Iterable[Measure]) -> Iterator[dict[str, object]]:
    """Measures for programs: CSV and JSON lines."""
    for one in measures:
        yield one.model_dump(mode="json")


def json_line(row: Mapping[str, object]) -> str:
    """One row as JSON; escaped, so that nothing in a text can act on a terminal."""
    return json.dumps(row, ensure_ascii=True)
