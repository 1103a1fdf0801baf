"""Gaps: items that no row covers somewhere, and rows that ask for a unit which is not there."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from juanchi.domain.doctor.chart import Chart, Places
from juanchi.domain.doctor.findings import Finding, Kind, Severity


def gaps(chart: Chart) -> Iterator[Finding]:
    """Each item with the places where nobody is responsible for it on the day.

    Where a backstop unit takes what nobody takes, that is a warning.
    """
    nobody_behind = chart.nobody(chart.pack.backstop) if chart.pack.backstop else chart.places
    for standing in chart.standings:
        if standing.bare:
            caught = standing.bare.isdisjoint(nobody_behind)
            last = chart.ended.get(standing.item)
            yield Finding(
                kind=Kind.GAP,
                severity=Severity.WARNING if caught else Severity.ERROR,
                told="gap_backstop" if caught else "gap",
                items=(standing.item,),
                regions=chart.compressed(standing.bare),
                units=(chart.pack.backstop,) if caught else (),
                facts={"ended": str(last)} if last else {},
            )


def unstaffed(chart: Chart) -> Iterator[Finding]:
    """Roles and units that a row asks for where they are not, in the places where it decides.

    Without a lead the item is nobody's there; without an assisting unit the lead is alone.
    """
    leads: dict[tuple[str, Places], list[str]] = defaultdict(list)
    helpers: dict[tuple[str, Places], list[str]] = defaultdict(list)
    for standing in chart.standings:
        for duty, places in standing.rows:
            if missing := chart.nobody(duty.lead) & places:
                leads[duty.lead, missing].append(standing.item)
            for who in dict.fromkeys(duty.assisting):
                if missing := chart.nobody(who) & places:
                    helpers[who, missing].append(standing.item)
    yield from _missing(chart, leads.items(), Severity.ERROR, "no_lead")
    yield from _missing(chart, helpers.items(), Severity.WARNING, "no_assistant")


def _missing(
    chart: Chart,
    asked: Iterable[tuple[tuple[str, Places], list[str]]],
    severity: Severity,
    told: str,
) -> Iterator[Finding]:
    for (who, places), items in asked:
        yield Finding(
            kind=Kind.UNSTAFFED,
            severity=severity,
            told=told,
            items=tuple(items),
            regions=chart.compressed(places),
            units=(who,),
        )
