"""Messages of any shape: read, or refused with a code; nothing in one hides anything else."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juanchi.intake.channels.adapter import Arrival, BadSettings
from juanchi.intake.channels.push import MOST_ITEMS, BadMessage, check_push, read_message

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(sorted(Arrival.model_fields))
ITEMS = st.dictionaries(FIELDS | st.text(), JSON, max_size=6)


def refused(body: bytes) -> str:
    """The code with which a message is refused whole; empty for one that is read."""
    try:
        read_message(body)
    except BadMessage as bad:
        return bad.code
    return ""


@given(ITEMS | st.lists(ITEMS | JSON, min_size=1, max_size=6))
def test_any_json_is_read_or_told_thing_by_thing(what: Any) -> None:
    posted = read_message(json.dumps(what).encode())
    again = read_message(json.dumps(what).encode())
    assert posted == again, "ids of what cannot be read are the same each time"
    assert len(posted.items) == (len(what) if isinstance(what, list) else 1)
    taken = {one.external_id for one in posted.arrivals}
    assert taken.isdisjoint(bad.unreadable.external_id for bad in posted.bad)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    assert refused(body) in ("", "not_json", "not_arrivals", "empty", "too_many")


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 5000, "1e999", "1e-999"])
@pytest.mark.parametrize("field", ["external_id", "reported_at", "strange"])
def test_numbers_beyond_all_bounds_harm_nobody(number: str, field: str) -> None:
    fields = {"external_id": '"1"', "text": '"x"', field: number}
    body = "{" + ", ".join(f'"{name}": {value}' for name, value in fields.items()) + "}"
    assert refused(body.encode()) in ("", "not_json")


def test_a_contact_is_in_nothing_that_cannot_be_read() -> None:
    body = json.dumps({"external_id": "1", "text": 1, "contact": "13800000000"}).encode()
    (bad,) = read_message(body).bad
    assert "1380" not in repr(bad)


def test_as_many_as_may_be_and_one_more() -> None:
    things = [{"external_id": str(number), "text": "x"} for number in range(MOST_ITEMS + 1)]
    assert len(read_message(json.dumps(things[:-1]).encode()).arrivals) == MOST_ITEMS
    with pytest.raises(BadMessage) as caught:
        read_message(json.dumps(things).encode())
    assert caught.value.facts == {"count": MOST_ITEMS + 1, "most": MOST_ITEMS}


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({}, "secret"),
        ({"secret": ""}, "secret"),
        ({"secret": "x", "window": "PT1S"}, "window"),
        ({"secret": "x", "window": "P1D"}, "window"),
        ({"secret": "x", "tolerance": 3}, "tolerance"),
    ],
)
def test_settings_that_can_never_work_are_told_by_name(
    settings: dict[str, Any], where: str
) -> None:
    with pytest.raises(BadSettings) as caught:
        check_push(settings)
    assert caught.value.where == where
    assert check_push({"secret": "x", "window": "PT10M"}).window == timedelta(minutes=10)
