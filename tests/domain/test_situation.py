"""Precedents and incidents: which of them speak of a matter, and until when."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from juanchi.domain.lists import Duty, Item
from juanchi.domain.situation import CALM, Incident, Precedent, Situation

NOW = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MILL = ("mill", "north", "TT")
LAMP = Item(code="lamp", category="Streets", name="Lamp")


def local_day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo("Asia/Shanghai")).date()


def ruling(number: str = "R1", **changes: Any) -> Precedent:
    facts = {"item": "lamp", "region": "mill", "lead": "roads", "since": NOW - 10 * DAY}
    return Precedent.model_validate({"ruling": number, **facts, **changes})


def duty(since: date) -> Duty:
    return Duty(item="lamp", lead="bins", valid_from=since)


def found(*rulings: Precedent, now: datetime = NOW, by_list: Duty | None = None) -> str | None:
    one = Situation(precedents=rulings).precedent("lamp", MILL, now, local_day, by_list)
    return one.ruling if one else None


def test_calm_is_calm() -> None:
    assert CALM.precedent("lamp", MILL, NOW, local_day, None) is None
    assert CALM.incident(LAMP, MILL, NOW) is None


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"region": "north"}, True),
        ({"region": "TT"}, True),
        ({"region": None}, True),
        ({"region": "harbour"}, False),
        ({"item": "sign-down"}, False),
        ({"since": NOW}, True),
        ({"since": NOW + timedelta(seconds=1)}, False),
    ],
)
def test_where_and_for_what_a_ruling_holds(change: dict[str, Any], holds: bool) -> None:
    assert found(ruling(**change)) == ("R1" if holds else None)


def test_an_interim_ruling_holds_through_its_last_day_in_the_city() -> None:
    interim = ruling(until=date(2026, 11, 16))
    assert found(interim, now=datetime(2026, 11, 16, 15, 59, tzinfo=UTC)) == "R1"
    assert found(interim, now=datetime(2026, 11, 16, 16, 0, tzinfo=UTC)) is None


def test_the_newest_ruling_wins_wherever_it_was_given_for() -> None:
    old, new = ruling("old"), ruling("new", region=None, since=NOW - DAY)
    assert found(old, new) == found(new, old) == "new"
    gone = new.model_copy(update={"until": date(2026, 11, 15)})
    assert found(old, gone) == "old"


def test_until_the_list_says_otherwise() -> None:
    given = ruling(since=datetime(2026, 11, 6, 17, 0, tzinfo=UTC))  # the 7th in the city
    assert found(given, by_list=duty(date(2026, 11, 7))) == "R1"
    assert found(given, by_list=duty(date(2026, 11, 8))) is None
    assert found(given, by_list=None) == "R1"


def incident(**changes: Any) -> Incident:
    facts = {"code": "storm", "items": ("Streets",), "reason": "typhoon", "begins": NOW}
    return Incident.model_validate({**facts, **changes})


@pytest.mark.parametrize(
    ("change", "at", "lasts"),
    [
        ({}, NOW, True),
        ({}, NOW - timedelta(seconds=1), False),
        ({}, NOW + 400 * DAY, True),
        ({"ends": NOW + DAY}, NOW + DAY - timedelta(seconds=1), True),
        ({"ends": NOW + DAY}, NOW + DAY, False),
        ({"items": ("lamp",)}, NOW, True),
        ({"items": ("Lamp", "streets", "sign-down")}, NOW, False),
        ({"region": "north"}, NOW, True),
        ({"region": "south"}, NOW, False),
    ],
)
def test_what_an_incident_raises(change: dict[str, Any], at: datetime, lasts: bool) -> None:
    found = Situation(incidents=(incident(**change),)).incident(LAMP, MILL, at)
    assert (found is not None) is lasts


def test_of_several_incidents_the_first_that_began() -> None:
    late, early = incident(), incident(code="flood", begins=NOW - DAY)
    chosen = Situation(incidents=(late, early)).incident(LAMP, MILL, NOW)
    assert chosen == early
