"""Whom the lists name: names that mean nothing, and units that nobody ever names."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from juanchi.domain.doctor.chart import Chart
from juanchi.domain.doctor.findings import Finding, Kind, Severity
from juanchi.domain.duties import ANY, ROLE
from juanchi.domain.lists import Duty, Handling
from juanchi.domain.policy_holders import named_in


class Asked(NamedTuple):
    """Somebody asked for: a unit's code or an ``@role``; where, and for which item if for one."""

    who: str
    region: str = ANY
    item: str = ""


def unknown(chart: Chart) -> Iterator[Finding]:
    """Units, roles, items and regions that a list names and that are not there; each told once."""
    missing: dict[tuple[str, str], list[str]] = defaultdict(list)
    handlings = [Asked(row.unit, item=row.item) for row in chart.pack.handlings if row.unit != ANY]
    for one in (*_asked(chart), *handlings):
        if not chart.is_known(one.who):
            missing["role" if one.who.startswith(ROLE) else "unit", one.who].append(one.item)
    rows: tuple[Duty | Handling, ...] = (*chart.rows, *chart.pack.handlings)
    for row in rows:
        if row.item != ANY and row.item not in chart.directory.items:
            missing["item", row.item].append(row.item)
    places = [(unit.region, "") for unit in chart.pack.units]
    for region, item in (*places, *((duty.region, duty.item) for duty in chart.rows)):
        if region != ANY and region not in chart.directory.regions:
            missing["region", region].append(item)
    for (sort, name), items in missing.items():
        yield Finding(
            kind=Kind.UNKNOWN,
            severity=Severity.ERROR,
            told=f"unknown_{sort}",
            items=tuple(item for item in dict.fromkeys(items) if item),
            units=(name,) if sort in ("unit", "role") else (),
            facts={"name": name},
        )


def dead_units(chart: Chart) -> Iterator[Finding]:
    """Units that no duty, policy or screening rule ever leads to, now or later.

    A ticket can still reach them by a person's hand, or by a ruling.
    """
    reached = {chart.pack.centre}
    for who, region in {(one.who, one.region) for one in _asked(chart)}:
        if not who.startswith(ROLE):
            reached.add(who)
            continue
        for place in (*chart.inside(region), *([None] if region == ANY else [])):
            if unit := chart.directory.resolve(who, place):
                reached.add(unit.code)
    for unit in chart.directory.units.values():
        if unit.code not in reached:
            yield Finding(
                kind=Kind.DEAD_UNIT,
                severity=Severity.NOTE,
                told="dead_unit",
                regions=(unit.region,),
                units=(unit.code,),
                facts={"role": ROLE + unit.role},
            )


def _asked(chart: Chart) -> Iterator[Asked]:
    """Everybody whom duties, policies and the pack itself ask for."""
    pack = chart.pack
    for duty in chart.rows:
        for who in (duty.lead, *duty.assisting):
            yield Asked(who, duty.region, duty.item)
    yield Asked(pack.centre)
    yield Asked(ROLE + pack.street_team_role)
    if pack.backstop:
        yield Asked(pack.backstop)
    for referral in pack.screening.referrals:
        if referral.unit:
            yield Asked(referral.unit)
    for policy in (pack.policy, *pack.policies):
        for _, named in named_in(policy):
            if named.unit or named.role:
                yield Asked(named.who)
