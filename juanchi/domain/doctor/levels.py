"""Level conflicts: work pushed down to a street, and units that lead where they are not competent.

Work of the departments may not be pushed down to a street that has no such duty. In a list that is
a row that makes a street's own unit the lead, states no legal basis for it, and takes the item from
a unit of a district or of the city that a more general row names. With nobody above it such a row
is only suspicious. And whoever leads must be competent for the place: a unit that is named by its
code, and is not of the whole city, leads within its own region alone.
"""

from collections.abc import Iterator

from juanchi.domain.doctor.chart import Chart
from juanchi.domain.doctor.findings import Finding, Kind, Severity
from juanchi.domain.duties import ANY
from juanchi.domain.lists import Duty, Unit


def levels(chart: Chart) -> Iterator[Finding]:
    """Rows with a level conflict, now or from the day on which they begin."""
    for duty in chart.rows:
        if not duty.basis.strip() and _street_leads(chart, duty):
            yield _without_basis(chart, duty)
        unit = chart.directory.units.get(duty.lead)
        if unit is not None:
            yield from _outside(chart, duty, unit)


def _street_leads(chart: Chart, duty: Duty) -> bool:
    leads = (chart.directory.resolve(duty.lead, at) for at in chart.within(duty.region))
    return any(map(chart.directory.of_street, leads))


def _without_basis(chart: Chart, duty: Duty) -> Finding:
    above = _above(chart, duty)
    return Finding(
        kind=Kind.LEVEL,
        severity=Severity.ERROR if above else Severity.WARNING,
        told="pushed_down" if above else "no_basis",
        items=(duty.item,),
        regions=(duty.region,),
        units=(duty.lead, above) if above else (duty.lead,),
    )


def _above(chart: Chart, duty: Duty) -> str:
    """Whom the next more general row in force names, if that is not a street's unit itself."""
    if duty.region == ANY:
        return ""
    on = max(chart.on, duty.valid_from)
    for region in (*chart.directory.chain(duty.region)[1:], ANY):
        if row := chart.directory.row(duty.item, region, on):
            return "" if _street_leads(chart, row) else row.lead
    return ""


def _outside(chart: Chart, duty: Duty, unit: Unit) -> Iterator[Finding]:
    if unit.region not in chart.directory.regions:
        return  # told as an unknown name
    if beyond := chart.within(duty.region) - chart.within(unit.region):
        yield Finding(
            kind=Kind.LEVEL,
            severity=Severity.ERROR,
            told="outside",
            items=(duty.item,),
            regions=chart.compressed(beyond),
            units=(duty.lead,),
        )
