"""What the lists say of the names in an action: unknown, outside, no street, pushed down."""

from datetime import date
from typing import Any

import pytest

from activities.facts import facts
from juanchi.domain.lists import Duty
from juanchi.domain.messages import DutyOf, Facts, Names
from juanchi.domain.place import Place
from juanchi.intake.tools import Tools
from juanchi.packs import read_pack
from tests.pure import MONDAY, TINYTOWN

PACK = read_pack(TINYTOWN).model_copy(update={"bounds": (-9.2, 38.7, -9.1, 38.8)})
TODAY = MONDAY.date()


def said(rows: tuple[Duty, ...] = PACK.duties, **names: Any) -> Facts:
    """What is said of names where these are the duties."""
    tools = Tools(PACK.model_copy(update={"duties": rows}), "t@1")
    return facts(tools, Names.model_validate(names), TODAY)


def test_names_that_the_lists_do_not_know() -> None:
    assert said(units=("roads", "abolished"), items=("lamp", "x"), regions=("mill", "y")) == Facts(
        unknown_units=("abolished",), unknown_items=("x",), unknown_regions=("y",)
    )
    places = (Place(region="z", lon=0, lat=0), Place(region="mill", lon=-9.15, lat=38.75))
    assert said(places=places) == Facts(unknown_regions=("z",), outside=("0.0,0.0",))
    assert said() == Facts()


def test_who_is_not_of_a_street() -> None:
    streets = ("warden-mill", "roads", "south-roads", "abolished")
    assert said(streets=streets).not_streets == ("roads", "south-roads", "abolished")


@pytest.mark.parametrize(
    ("unit", "item", "region", "down"),
    [
        ("warden-harbour", "fly-tip", "harbour", False),
        ("warden-harbour", "fly-tip", "south", False),
        ("warden-harbour", "fly-tip", None, False),
        ("warden-harbour", "fly-tip", "quayside", False),
        ("warden-harbour", "fly-tip", "millbrook", True),
        ("warden-harbour", "fly-tip", "mill", True),
        ("warden-harbour", "road-hole", "harbour", True),
        ("warden-mill", "fly-tip", "mill", True),
        ("warden-mill", "opening-hours", "mill", True),
        ("roads", "fly-tip", "mill", False),
        ("south-roads", "fly-tip", "mill", False),
        ("abolished", "fly-tip", "mill", False),
    ],
)
def test_work_is_not_pushed_down_to_a_street(
    unit: str, item: str, region: str | None, down: bool
) -> None:
    wanted = DutyOf(unit=unit, item=item, region=region)
    assert said(duties=(wanted, wanted)).pushed_down == ((unit,) if down else ())


@pytest.mark.parametrize(
    ("duty", "down"),
    [
        ({"item": "lamp", "lead": "@warden"}, False),
        ({"item": "lamp", "lead": "@warden", "region": "north"}, False),
        ({"item": "*", "lead": "@warden"}, False),
        ({"item": "lamp", "lead": "@warden", "region": "south"}, True),
        ({"item": "lamp", "lead": "@warden", "valid_to": date(2026, 11, 15)}, True),
        ({"item": "lamp", "lead": "@roads", "assisting": ("@warden",)}, True),
    ],
)
def test_a_street_leads_what_a_duty_gives_it(duty: dict[str, Any], down: bool) -> None:
    row = Duty.model_validate({"valid_from": date(2026, 1, 1), **duty})
    found = said((row,), duties=(DutyOf(unit="warden-mill", item="lamp", region="mill"),))
    assert bool(found.pushed_down) is down


def test_in_a_gap_a_street_is_refused_and_a_department_is_not() -> None:
    wanted = [DutyOf(unit=unit, item="lamp", region="mill") for unit in ("warden-mill", "bins")]
    assert said((), duties=wanted).pushed_down == ("warden-mill",)
