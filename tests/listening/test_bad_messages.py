"""Messages that cannot be read at all, or of which nothing can: refused whole, and told why."""

import json
from typing import Any

import pytest

from tests.listening.behind import arrivals, code
from tests.listening.conftest import House
from tests.listening.sender import Sender, item

DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b'{"external_id": "x", "text": "\xff"}', "not_json"),
        (b'{"external_id": "x", "text": "\\ud800"}', "not_json"),
        (b'{"external_id": "x", "text": "t", "place": {"lat": NaN}}', "not_json"),
        (DEEP, "not_json"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "not_json"),
        (b"null", "not_arrivals"),
        (b'"text"', "not_arrivals"),
        (b"[]", "empty"),
        (json.dumps([item(f"{n}") for n in range(501)]).encode(), "too_many"),
        (b"[1]", "bad_item"),
        (b"{}", "bad_item"),
    ],
)
async def test_what_is_no_message_is_declined_whole(
    house: House, sender: Sender, body: bytes, why: str
) -> None:
    answer = await sender.send(body)
    assert code(answer) == why
    assert not await arrivals(house.ledger)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no id": ({"text": "x"}, "external_id"),
    "number as id": ({"external_id": 7, "text": "x"}, "external_id"),
    "empty id": ({"external_id": "", "text": "x"}, "external_id"),
    "long id": ({"external_id": "i" * 201, "text": "x"}, "external_id"),
    "id with NUL": ({"external_id": "a\x00", "text": "x"}, "external_id"),
    "no text": ({"external_id": "1"}, "text"),
    "text of a list": ({"external_id": "1", "text": ["x"]}, "text"),
    "unknown field": ({"external_id": "1", "text": "x", "txet": "y"}, "txet"),
    "time without a zone": (item("1", reported_at="2026-11-22T08:00:00"), "reported_at"),
    "no time": (item("1", reported_at="yesterday"), "reported_at"),
    "beyond the earth": (item("1", place={"lat": 91}), "place.lat"),
    "strange nature": (item("1", nature="rant"), "nature"),
    "long url": (item("1", url="https://x/" + "u" * 200), "url"),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_thing_that_cannot_be_read_is_told_where_and_what(
    house: House, sender: Sender, name: str
) -> None:
    bad, where = BAD[name]
    answer = await sender.send(bad)
    assert code(answer) == "bad_item"
    (told_of,) = answer.json()["error"]["items"]
    assert told_of["where"] == where
    assert where in answer.json()["error"]["message"]
    assert not await arrivals(house.ledger)
