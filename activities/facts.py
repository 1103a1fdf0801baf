"""What the city's lists say of the names that an action mentions: pure."""

from collections.abc import Iterable
from datetime import date

from juanchi.domain.messages import Facts, Listed, MatterAt, Names
from juanchi.domain.place import Place
from juanchi.intake.tools import Tools


def facts(tools: Tools, names: Names, on: date) -> Facts:
    """Which names the lists do not know, or do not allow, on a day; and what they are asked."""
    directory = tools.directory
    regions = {*names.regions, *(place.region for place in names.places if place.region)}
    return Facts(
        unknown_units=_missing(names.units, directory.units),
        unknown_items=_missing(names.items, directory.items),
        unknown_regions=tuple(sorted(regions - set(directory.regions))),
        outside=tuple(
            f"{place.lon},{place.lat}"
            for place in names.places
            if tools.locator.outside(Place(lon=place.lon, lat=place.lat))
        ),
        not_streets=tuple(
            code for code in names.streets if not directory.of_street(directory.units.get(code))
        ),
        pushed_down=tuple(
            dict.fromkeys(
                duty.unit
                for duty in names.duties
                if directory.pushed_down(duty.unit, duty.item, duty.region, on)
            )
        ),
        listed=_listed(tools, names.listed, on) if names.listed else None,
    )


def _listed(tools: Tools, matter: MatterAt, on: date) -> Listed:
    found = tools.directory.assign(matter.item, matter.region, on)
    if found is None or found.lead is None:
        return Listed(lists_version=tools.version)
    return Listed(
        lead=found.lead.code,
        assisting=tuple(unit.code for unit in found.assisting),
        mandatory=found.mandatory,
        reason=found.reason,
        lists_version=tools.version,
    )


def _missing(names: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in known)
