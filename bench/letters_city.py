"""A city for real letters whose places have been made anonymous: A市 with its A1区, A7县 and so on.

Its items are a public catalogue's, out of the folder that `JUANCHI_DATA` names; each is led by the
office of its class in the district. Nothing of the data is kept here.
"""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from juanchi.domain.lists import (
    Channel,
    ChannelKind,
    Duty,
    Item,
    Pack,
    Region,
    RegionLevel,
    Unit,
)
from juanchi.packs import read_pack, shipped

CATALOGUE: Final = Path("messages") / "catalogue_517.csv"
CHANNEL: Final = "letters"

_DISTRICTS: Final = (*(f"A{n}区" for n in range(1, 7)), "A7县", "A8县", "A9市")


def letters_city(data: Path) -> Pack:
    """The city: the shipped pack's words, calendars and policy, with lists of its own."""
    base = read_pack(shipped("shenzhen"))
    regions = tuple(_regions())
    items = _items(data / CATALOGUE)
    classes = list(dict.fromkeys(item.category for item in items))
    return base.model_copy(
        update={
            "code": "letters",
            "name": "A市",
            "bounds": None,
            "centre": "centre",
            "street_team_role": "district_office",
            "backstop": "@district_office",
            "regions": regions,
            "units": tuple(_units(regions, classes)),
            "items": items,
            "duties": tuple(_duties(items, classes)),
            "handlings": (),
            "places": (),
            "channels": (
                Channel(code=CHANNEL, name="来信", kind=ChannelKind.MAILBOX, verify=False),
            ),
        }
    )


def _regions() -> Iterator[Region]:
    yield Region(code="A", level=RegionLevel.CITY, name="A市")
    for name in _DISTRICTS:
        yield Region(code=name[:2], parent="A", level=RegionLevel.DISTRICT, name=name)


def _items(catalogue: Path) -> tuple[Item, ...]:
    with catalogue.open(encoding="utf-8-sig", newline="") as rows:
        named = list(dict.fromkeys(tuple(row.values()) for row in csv.DictReader(rows)))
    return tuple(
        Item(code=f"C{n:03d}", category=above, subcategory=between, name=name, keywords=(name,))
        for n, (above, between, name) in enumerate(named)
    )


def _units(regions: Sequence[Region], classes: Sequence[str]) -> Iterator[Unit]:
    yield Unit(code="centre", name="服务中心", role="centre", region="A")
    for region in regions:
        office, name = f"{region.code}-o", f"{region.name}政府"
        yield Unit(code=office, name=name, role="district_office", region=region.code)
        for n, name in enumerate(classes):
            named = f"{region.name}{name}部门"
            yield Unit(code=f"{region.code}-{n}", name=named, role=f"class{n}", region=region.code)


def _duties(items: Sequence[Item], classes: Sequence[str]) -> Iterator[Duty]:
    since = date(2018, 1, 1)
    for item in items:
        lead = f"@class{classes.index(item.category)}"
        yield Duty(item=item.code, lead=lead, basis="条例", valid_from=since)
