"""Who is responsible: roles resolved at a place, and the most specific duty in force."""

from datetime import date
from typing import Any

import pytest

from juanchi.domain.duties import Directory
from juanchi.domain.lists import Duty, Handling, Region, RegionLevel, Unit

TODAY = date(2026, 11, 22)


def region(code: str, parent: str | None, level: str) -> Region:
    return Region(code=code, parent=parent, level=RegionLevel(level), name=code)


def unit(code: str, role: str, where: str) -> Unit:
    return Unit(code=code, name=code, role=role, region=where)


def duty(item: str, where: str, lead: str, **more: Any) -> Duty:
    fields = {"item": item, "region": where, "lead": lead, "valid_from": date(2025, 1, 1)}
    return Duty.model_validate(fields | more)


REGIONS = (
    region("town", None, "city"),
    region("east", "town", "district"),
    region("west", "town", "district"),
    region("quay", "east", "street"),
    region("hill", "west", "street"),
)
UNITS = (
    unit("works", "works", "town"),
    unit("east-works", "works", "east"),
    unit("quay-works", "works", "quay"),
    unit("quay-office", "office", "quay"),
    unit("police", "police", "town"),
)


def directory(*duties: Duty, handlings: tuple[Handling, ...] = ()) -> Directory:
    return Directory(REGIONS, UNITS, (), duties, handlings)


@pytest.mark.parametrize(
    ("who", "where", "found"),
    [
        ("@works", "quay", "quay-works"),
        ("@works", "east", "east-works"),
        ("@works", "hill", "works"),
        ("@works", None, "works"),
        ("@works", "atlantis", "works"),
        ("@office", "hill", None),
        ("@nobody", "quay", None),
        ("police", "quay", "police"),
        ("nobody", "quay", None),
    ],
)
def test_resolving(who: str, where: str | None, found: str | None) -> None:
    unit = directory().resolve(who, where)
    assert (unit.code if unit else None) == found


def test_the_most_specific_row_wins() -> None:
    rows = [
        duty("*", "*", "anything"),
        duty("*", "quay", "any-at-quay"),
        duty("hole", "*", "holes"),
        duty("hole", "town", "town-holes"),
        duty("hole", "east", "east-holes"),
        duty("hole", "quay", "quay-holes"),
    ]
    at_quay = []
    while rows:
        found = directory(*rows).responsible("hole", "quay", TODAY)
        assert found is not None
        at_quay.append(found.lead)
        rows.remove(found)
    assert at_quay == [
        "quay-holes",
        "east-holes",
        "town-holes",
        "holes",
        "any-at-quay",
        "anything",
    ]
    assert directory().responsible("hole", "quay", TODAY) is None


def test_rows_hold_from_and_to_their_dates_inclusive() -> None:
    lists = directory(
        duty("hole", "*", "first", valid_to=date(2026, 6, 30)),
        duty("hole", "*", "second", valid_from=date(2026, 7, 1)),
        duty("hole", "*", "third", valid_from=date(2026, 9, 1)),
    )

    def lead(on: date) -> str | None:
        found = lists.responsible("hole", "quay", on)
        return found.lead if found else None

    assert lead(date(2024, 12, 31)) is None
    assert lead(date(2025, 1, 1)) == "first"
    assert lead(date(2026, 6, 30)) == "first"
    assert lead(date(2026, 7, 1)) == "second"
    assert lead(date(2026, 9, 1)) == "third"


def test_an_assignment_names_units() -> None:
    lists = directory(duty("hole", "*", "@works", assisting=("@office", "police", "@works")))
    quay = lists.assign("hole", "quay", TODAY)
    hill = lists.assign("hole", "hill", TODAY)
    assert quay is not None
    assert hill is not None
    assert quay.lead == UNITS[2]
    assert [unit.code for unit in quay.assisting] == ["quay-office", "police"]
    assert hill.lead == UNITS[0]
    assert [unit.code for unit in hill.assisting] == ["police"], "no office on the hill"
    assert lists.assign("lamp", "quay", TODAY) is None


def test_a_units_terms_for_an_item() -> None:
    rows = [
        Handling(unit=who, item=item)
        for item in ("hole", "*")
        for who in ("quay-works", "@works", "*")
    ]
    for first in range(len(rows)):
        lists = directory(handlings=tuple(rows[first:]))
        assert lists.handling(UNITS[2], "hole") == rows[first]
    assert directory().handling(UNITS[2], "hole") is None


def test_the_regions_around_a_street() -> None:
    lists = directory()
    assert lists.chain("quay") == ("quay", "east", "town")
    assert lists.chain(None) == lists.chain("atlantis") == ("town",)
    district = lists.district("quay")
    assert district is not None
    assert district.code == "east"
    assert lists.district("town") is None
    assert [street.code for street in lists.streets("west")] == ["hill"]
    assert [street.code for street in lists.streets()] == ["quay", "hill"]


def test_a_community_is_its_streets() -> None:
    more = (region("pier", "quay", "community"), region("lock", "quay", "community"))
    lists = Directory((*REGIONS, *more), UNITS, (), [duty("hole", "quay", "@works")])
    assert lists.chain("pier") == ("pier", "quay", "east", "town")
    assert [lists.street(code) for code in ("pier", "quay")] == [REGIONS[3]] * 2
    assert [lists.street(code) for code in ("east", "town", None, "atlantis")] == [None] * 4
    assert lists.resolve("@works", "pier") == UNITS[2]
    assert lists.responsible("hole", "pier", TODAY) is not None
    assert [street.code for street in lists.streets()] == ["quay", "hill"]
    assert lists.like("pier") == ("pier", "quay")
    assert lists.like("quay") == ("quay", "pier", "lock")
    assert (lists.like("hill"), lists.like("east")) == (("hill",), ("east",))
    assert lists.ruled("pier") == ("pier", "quay", "east", "town", "lock")
    assert lists.ruled("east") == ("east", "town")


def test_a_circle_of_regions_ends() -> None:
    lists = Directory((region("a", "b", "street"), region("b", "a", "district")), UNITS)
    assert lists.chain("a") == ("a", "b")
