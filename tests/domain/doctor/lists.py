"""Small lists made by hand, for the doctor to examine.

The town has two districts: east with the streets quay and pier, west with hill alone.
"""

from datetime import date
from typing import Any

from juanchi.domain.doctor import Diagnosis, Finding, Kind, examine
from juanchi.domain.lists import Duty, Item, Pack, Region, RegionLevel, ScreeningWords, Unit
from juanchi.domain.rungs import RungSpec
from juanchi.domain.terms import RungKind
from juanchi.words import LANGUAGES
from juanchi.words.catalogue import knows
from juanchi.words.findings import todo, told
from juanchi.words.naming import Names
from tests.handmade import shared_tools

TODAY = date(2026, 11, 25)


def region(code: str, parent: str | None, level: str) -> Region:
    return Region(code=code, parent=parent, level=RegionLevel(level), name=code)


def unit(code: str, role: str, where: str) -> Unit:
    return Unit(code=code, name=code, role=role, region=where)


def item(code: str, *words: str, name: str = "") -> Item:
    return Item(code=code, category="c", name=name or f"{code} matter", keywords=words)


def duty(item: str, where: str = "*", lead: str = "works", **more: Any) -> Duty:
    fields = {"item": item, "region": where, "lead": lead, "valid_from": date(2025, 1, 1)}
    return Duty.model_validate({**fields, "basis": "Act 1", **more})


REGIONS = (
    region("town", None, "city"),
    region("east", "town", "district"),
    region("west", "town", "district"),
    region("quay", "east", "street"),
    region("pier", "east", "street"),
    region("hill", "west", "street"),
)
UNITS = (
    unit("works", "works", "town"),
    unit("east-works", "works", "east"),
    unit("quay-office", "office", "quay"),
    unit("pier-office", "office", "pier"),
    unit("hill-office", "office", "hill"),
    unit("quay-guard", "guard", "quay"),
)
ROAD, LAMP = item("road", "pothole"), item("lamp", "lantern")


def lists(*duties: Duty, **changes: Any) -> Pack:
    """Sound lists with these duties for road and lamp; anything of the pack may be changed."""
    base = shared_tools().pack
    # Nobody but duties, the centre and the offices of streets is asked for.
    quiet = base.policy.model_copy(
        update={"rungs": {"default": (RungSpec(kind=RungKind.OVERDUE, at="due"),)}}
    )
    terms = quiet.terms.model_copy(update={"triggers": {}})
    sound = {
        "centre": "works",
        "street_team_role": "office",
        "backstop": "",
        "regions": REGIONS,
        "units": UNITS,
        "items": (ROAD, LAMP),
        "duties": duties,
        "handlings": (),
        "screening": ScreeningWords(),
        "policy": quiet.model_copy(update={"terms": terms}),
    }
    return base.model_copy(update={**sound, **changes})


def examined(pack: Pack, on: date = TODAY) -> Diagnosis:
    """The diagnosis; each finding can be said in every language."""
    diagnosis = examine(pack, on)
    for finding in diagnosis.findings:
        for lang in LANGUAGES:
            names = Names(pack, lang)
            assert knows(f"doctor.told.{finding.told}", lang)
            assert "?" not in told(finding, names)
            assert "?" not in todo(finding, names)
            assert knows(f"doctor.todo.{finding.told}", lang)
    return diagnosis


def found(pack: Pack, kind: Kind, on: date = TODAY) -> list[Finding]:
    """What the doctor finds of one kind."""
    return list(examined(pack, on).of(kind))


def brief(findings: list[Finding]) -> list[tuple[Any, ...]]:
    """The findings in short: sentence, severity, items, regions, units."""
    return [(f.told, f.severity.value, f.items, f.regions, f.units) for f in findings]
