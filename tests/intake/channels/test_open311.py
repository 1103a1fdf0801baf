"""Reading a GeoReport v2 server: windows, late reports, and what others make of the rules."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.responses import Response

from juanchi.intake.channels import open311
from juanchi.intake.channels.adapter import BadSettings, SourceTrouble
from juanchi.intake.channels.open311 import DATES_IGNORED, KIND
from tests.intake.channels.city311 import City311
from tests.intake.channels.reading311 import HOUR, NOW, all_of, names, read


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_a_report_is_read_with_its_time_place_and_picture(city: City311, form: str) -> None:
    at = NOW - HOUR
    city.publish(
        "638344",
        at,
        "<路面> & 坑洼",
        service_name="道路",
        lat=22.5431,
        long=114.0579,
        address="深南大道 & 香蜜湖路",
        media_url="http://pictures.example/1.jpg",
    )
    page = await read(city, format=form)
    (one,) = page.arrivals
    assert one.external_id == "638344"
    assert one.text == "道路\n<路面> & 坑洼"
    assert one.reported_at == at
    assert one.place is not None
    assert (one.place.lat, one.place.lon) == (22.5431, 114.0579)
    assert one.place.address == "深南大道 & 香蜜湖路"
    assert one.url == "http://pictures.example/1.jpg"
    assert one.pictures == ("http://pictures.example/1.jpg",)
    assert page.cursor == "2026-11-22T08:00:00Z"
    assert (page.more, page.unreadable) == (False, ())


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_a_full_window_is_halved_until_nothing_is_left_out(city: City311, form: str) -> None:
    # Crowded in one minute, and thin over eighty days: no one width would do.
    for number in range(40):
        city.publish(f"crowd-{number}", NOW - 5 * HOUR + timedelta(seconds=number * 1.5))
    for number in range(80):
        city.publish(f"thin-{number}", NOW - timedelta(days=number))
    found, cursor, _ = await all_of(city, format=form)
    assert len(found) == 120
    assert cursor == "2026-11-22T08:00:00Z"


async def test_a_reading_may_be_lost_and_goes_on_from_its_cursor(city: City311) -> None:
    for number in range(60):
        city.publish(f"{number}", NOW - timedelta(hours=number))
    first = await read(city)
    assert first.more
    again = await read(city, now=NOW + timedelta(seconds=30))
    assert names(first.arrivals) <= names(again.arrivals)
    found, _, _ = await all_of(city, first.cursor, NOW + 2 * HOUR)
    assert names(found) | names(first.arrivals) == {str(number) for number in range(60)}


async def test_what_is_published_late_is_read_within_the_overlap(city: City311) -> None:
    _, cursor, _ = await all_of(city, overlap_hours=24)
    city.publish("late", NOW - 23 * HOUR)
    city.publish("too-late", NOW - 25 * HOUR)
    city.publish("new", NOW + HOUR / 2)
    found, _, _ = await all_of(city, cursor, NOW + HOUR, overlap_hours=24)
    assert names(found) == {"late", "new"}


async def test_the_ends_of_windows_belong_to_one_of_them(city: City311) -> None:
    # A report in every second: whatever the server thinks of the ends, none falls between.
    city.most = 7
    for second in range(40):
        city.publish(f"{second}", NOW - timedelta(seconds=second))
    found, _, _ = await all_of(city, since=(NOW - timedelta(seconds=39)).isoformat())
    assert len(found) == 40


async def test_a_second_that_is_too_full_is_told_and_passed(city: City311) -> None:
    for number in range(12):
        city.publish(f"{number}", NOW - HOUR)
    city.publish("after", NOW - HOUR / 2)
    gaps, found, cursor, more = [], set(), "", True
    while more:
        page = await read(city, cursor)
        gaps += [one.problem for one in page.unreadable]
        found |= names(page.arrivals)
        cursor, more = page.cursor, page.more
    assert "after" in found
    assert len(found) == 11
    assert gaps
    assert set(gaps) == {"10 reports and more in one second"}


async def test_a_server_that_ignores_dates_is_read_as_it_is_and_told_of(city: City311) -> None:
    city.ignores_dates = True
    for number in range(30):
        city.publish(f"{number}", NOW - timedelta(days=number))
    _, cursor, _ = await all_of(city)
    city.publish("new", NOW + timedelta(minutes=1))
    page = await read(city, cursor, NOW + HOUR)
    assert "new" in names(page.arrivals)
    assert [one.problem for one in page.unreadable] == [DATES_IGNORED]
    assert not page.more


async def test_years_are_read_in_windows_that_the_server_takes(city: City311) -> None:
    for year in (2019, 2022, 2025):
        city.publish(f"{year}", datetime(year, 6, 1, tzinfo=UTC))
    found, _, readings = await all_of(city, since="2018-01-01T00:00:00+08:00")
    assert names(found) == {"2019", "2022", "2025"}
    assert readings <= 4, "empty quarters are passed within one reading"


async def test_only_what_was_asked_for_is_taken_even_if_more_is_given(city: City311) -> None:
    city.publish("open", NOW - HOUR)
    city.publish("closed", NOW - HOUR, status="closed")
    city.publish("other", NOW - HOUR, service_code="lamp")
    city.publish("silent", NOW - HOUR, status="", service_code="")
    city.publish("capital", NOW - HOUR, status="OPEN")
    city.raw = json.dumps(city.reports).encode()
    page = await read(city, services=["hole"])
    assert names(page.arrivals) == {"open", "silent", "capital"}
    assert city.asked[-1]["status"] == "open"
    assert city.asked[-1]["service_code"] == "hole"
    assert names((await read(city, statuses=[])).arrivals) == names_of(city)


def names_of(city: City311) -> set[str]:
    return {str(one["service_request_id"]) for one in city.reports}


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_a_token_is_exchanged_for_the_id_or_waits_for_it(city: City311, form: str) -> None:
    city.publish(None, NOW - HOUR, token="t-1")
    city.publish(None, NOW - HOUR, token="../../secret?x=")
    city.publish(None, NOW - HOUR, token="broken")
    page = await read(city, format=form)
    assert not page.arrivals
    tokens = {f"token:{token}" for token in ("t-1", "../../secret?x=", "broken")}
    assert {one.external_id for one in page.unreadable} == tokens
    city.tokens["t-1"] = "777"
    page = await read(city, page.cursor, format=form)
    assert names(page.arrivals) == {"777"}


async def test_the_key_comes_from_the_secrets_and_a_wrong_one_is_told(city: City311) -> None:
    city.key, city.jurisdiction = "sesame", "city.example"
    city.publish("1", NOW - HOUR)
    page = await read(city, api_key="key-of-311", jurisdiction_id="city.example")
    assert names(page.arrivals) == {"1"}
    with pytest.raises(BadSettings, match=r"api_key: HTTP 403: this api_key is not known"):
        await read(city, jurisdiction_id="city.example")
    with pytest.raises(SourceTrouble, match=r"HTTP 404: jurisdiction_id provided was not found"):
        await read(city, api_key="key-of-311", format="xml")


@pytest.mark.parametrize(
    ("status", "headers", "problem", "wait"),
    [
        (500, {}, "answers 500", None),
        (503, {"retry-after": "120"}, "answers 503", timedelta(minutes=2)),
        (429, {"retry-after": "9" * 50}, "answers 429", timedelta(days=1)),
        (302, {"location": "ftp://elsewhere.example/"}, "leads to ftp", None),
        (418, {}, "answers 418", None),
    ],
)
async def test_a_source_in_trouble_says_how_long_to_stay_away(
    city: City311, status: int, headers: dict[str, str], problem: str, wait: timedelta | None
) -> None:
    city.broken = Response(b"x", status, headers)
    with pytest.raises(SourceTrouble) as caught:
        await read(city)
    assert caught.value.problem.startswith(problem)
    assert caught.value.retry_after == wait


async def test_a_small_answer_that_unpacks_to_a_huge_one_is_stopped(
    city: City311, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open311, "LARGEST", 1_000_000)
    packed = gzip.compress(b" " * 50_000_000)
    assert len(packed) < 100_000
    city.broken = Response(packed, 200, {"content-encoding": "gzip"})
    with pytest.raises(SourceTrouble, match="more than 1,000,000 bytes"):
        await read(city)
    city.broken = Response(b"no gzip", 200, {"content-encoding": "gzip"})
    with pytest.raises(SourceTrouble, match="cannot be reached"):
        await read(city)


async def test_a_server_that_is_away_is_trouble() -> None:
    city = City311()
    city.url = "http://127.0.0.1:1/v2"
    with pytest.raises(SourceTrouble, match="cannot be reached"):
        await read(city)


@pytest.mark.parametrize(
    "cursor",
    ["rubbish", "2026-11-22T08:00:00Z/x/5", "9999-01-01T00:00:00Z", "2030-01-01T00:00:00Z", "//"],
)
async def test_a_cursor_out_of_a_strange_hand_loses_nothing(city: City311, cursor: str) -> None:
    city.publish("1", NOW - HOUR)
    found, _, _ = await all_of(city, cursor, overlap_hours=2)
    if not cursor.startswith("2026"):
        assert names(found) == {"1"}


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({}, "url"),
        ({"url": "ftp://x"}, "url"),
        ({"url": "http://x?y=1"}, "url"),
        ({"url": "http://x", "format": "csv"}, "format"),
        ({"url": "http://x", "most": 1}, "most"),
        ({"url": "http://x", "services": ["a,b"]}, "services"),
        ({"url": "http://x", "since": "2026-01-01T00:00:00"}, "since"),
        ({"url": "http://x", "overlap_hours": -1}, "overlap_hours"),
        ({"url": "http://x", "page": 3}, "page"),
    ],
)
def test_settings_that_can_never_work_are_told_by_name(
    settings: dict[str, Any], where: str
) -> None:
    with pytest.raises(BadSettings) as caught:
        KIND.check(settings)
    assert caught.value.where == where
