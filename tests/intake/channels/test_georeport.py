"""What servers make of GeoReport, read as far as it can be."""

import json
from datetime import UTC, datetime

import pytest

from juanchi.intake.channels.adapter import SourceTrouble
from tests.intake.channels.city311 import City311
from tests.intake.channels.reading311 import HOUR, NOW, read

ROADS = {"service_request_id": 5, "service_name": "Roads"}
ODD: dict[str, object] = {
    "wrapped": {"page": 1, "errors": [], "data": {"requests": [ROADS]}},
    "single": {"request": ROADS},
    "bare": [{**ROADS, "lat": "", "long": None, "requested_datetime": "", "description": None}],
    "signed": [{**ROADS, "lat": "0", "long": 0, "address": ""}],
    "half": [{**ROADS, "service_request_id": " 5 ", "lat": 22.5, "extra": {"a": [1]}}],
    "outside": [{**ROADS, "lat": 2250, "long": 114, "media_url": "none"}],
}


@pytest.mark.parametrize("shape", ODD)
async def test_odd_answers_are_read_as_far_as_they_can_be(city: City311, shape: str) -> None:
    city.raw = json.dumps(ODD[shape]).encode()
    (one,) = (await read(city)).arrivals
    assert (one.external_id, one.text) == ("5", "Roads")
    assert (one.place, one.url, one.reported_at) == (None, "", None)


@pytest.mark.parametrize(
    ("time", "read_as"),
    [
        ("2026-11-22T07:00:00", datetime(2026, 11, 21, 23, tzinfo=UTC)),
        ("2026-11-22 07:00:00", datetime(2026, 11, 21, 23, tzinfo=UTC)),
        ("2026-11-22T07:00:00.123+0800", datetime(2026, 11, 21, 23, 0, 0, 123000, tzinfo=UTC)),
        ("2026-11-22T07:00:00-05:00", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 21, 16, tzinfo=UTC)),
        ("0001-01-01T00:00:00", None),
        ("yesterday", None),
        (1790000000, None),
    ],
)
async def test_times_are_local_where_they_name_no_zone(
    city: City311, time: object, read_as: datetime | None
) -> None:
    city.raw = json.dumps(
        [{"service_request_id": 1, "description": "x", "requested_datetime": time}]
    ).encode()
    (one,) = (await read(city)).arrivals
    assert one.reported_at == read_as


async def test_one_bad_report_costs_no_other(city: City311) -> None:
    city.most = 1000
    good = {"service_request_id": "good", "description": "坑洼"}
    city.raw = json.dumps(
        [
            "no object",
            None,
            {"description": "no id"},
            {"service_request_id": "mute"},
            {"service_request_id": "i" * 201, "description": "long id"},
            {"service_request_id": ["list"], "description": "id of a list"},
            {"service_request_id": True, "description": "id of a truth"},
            good,
            {**good, "description": "the same again"},
            {"service_request_id": "ctl\x00\x1b[31m", "description": "a\x00b\x07", "lat": "NaN"},
            {"service_request_id": "long", "description": "长" * 30_000},
        ]
    ).encode()
    first, second = await read(city), await read(city)
    assert first == second, "what cannot be read has the same id each time"
    texts = {one.external_id: one.text for one in first.arrivals}
    assert texts["good"] == "坑洼"
    assert texts["ctl[31m"] == "ab"
    assert texts["long"].endswith("… [19,960 / 30,000]")
    assert len(texts) == 3
    problems = [one.problem for one in first.unreadable]
    assert problems == [
        "not an object with fields",
        "not an object with fields",
        "no service_request_id",
        "neither a description nor a service_name",
        "an id of 201 characters",
        "no service_request_id",
        "no service_request_id",
    ]
    assert len({one.external_id for one in first.unreadable}) == len(problems)


async def test_a_long_link_goes_into_the_text(city: City311) -> None:
    link = "https://pictures.example/" + "s" * 300
    city.publish("1", NOW - HOUR, "坑洼", media_url=link)
    (one,) = (await read(city)).arrivals
    assert (one.url, one.text) == ("", f"坑洼\n{link}")


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>
<service_requests><request><description>&b;</description></request></service_requests>"""
FILE = b"""<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<service_requests><request><description>&f;</description></request></service_requests>"""


@pytest.mark.parametrize(
    ("form", "body", "problem"),
    [
        ("json", b"<html>Maintenance</html>", "not JSON"),
        ("json", b"", "not JSON"),
        ("json", b"\xff\xfe", "not JSON"),
        ("json", b"[" * 200_000, "not JSON"),
        ("json", b'{"status": "ok"}', "JSON without a list"),
        ("json", b"null", "JSON without a list"),
        ("xml", b"<html><body>Maintenance</body></html>", "XML of 'html'"),
        ("xml", b"<service_requests><request>", "not XML"),
        ("xml", b"", "not XML"),
        ("xml", BOMB, "not XML: DTDForbidden"),
        ("xml", FILE, "not XML: DTDForbidden"),
    ],
)
async def test_an_answer_that_is_none_is_trouble_of_the_source(
    city: City311, form: str, body: bytes, problem: str
) -> None:
    city.raw = body
    with pytest.raises(SourceTrouble) as caught:
        await read(city, format=form)
    assert caught.value.problem.startswith(problem)
