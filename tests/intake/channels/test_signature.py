"""The signature of the Standard Webhooks scheme, and all that is not one."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juanchi.intake.channels.adapter import BadSettings
from juanchi.intake.channels.signature import (
    WINDOW,
    Flaw,
    NotSigned,
    secrets_of,
    sign,
    verify,
)

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
OLD, NEW = b"o" * 24, b"n" * 32
BODY = b'{"external_id": "1"}'


def headers(
    secret: bytes = NEW, *, name: str = "msg_1", at: int = AT, body: bytes = BODY
) -> dict[str, str]:
    return {
        "webhook-id": name,
        "webhook-timestamp": str(at),
        "webhook-signature": sign(secret, name, at, body),
    }


def flaw(said: dict[str, str], body: bytes = BODY, now: datetime = NOW) -> Flaw:
    with pytest.raises(NotSigned) as caught:
        verify(said, body, [NEW], now)
    return caught.value.flaw


def test_the_example_of_the_scheme_itself() -> None:
    # From the text of the Standard Webhooks specification and its reference libraries' tests.
    secret = secrets_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    said = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    now = datetime.fromtimestamp(1614265330, UTC)
    assert verify(said, body, secret, now) == "msg_p5jXN8AQM9LWM0D4loKWxJek"


def test_a_secret_is_changed_without_a_gap() -> None:
    # The receiver knows both, then the sender changes; or the sender signs with both.
    assert verify(headers(OLD), BODY, [NEW, OLD], NOW) == "msg_1"
    assert verify(headers(NEW), BODY, [NEW, OLD], NOW) == "msg_1"
    both = headers()
    both["webhook-signature"] = f"{sign(OLD, 'msg_1', AT, BODY)} {both['webhook-signature']}"
    assert verify(both, BODY, [NEW], NOW) == "msg_1"
    assert flaw(headers(OLD)) is Flaw.WRONG_SIGNATURE


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_without_one_of_the_three_headers_it_is_unsigned(name: str) -> None:
    said = headers()
    del said[name]
    assert flaw(said) is Flaw.UNSIGNED
    assert flaw({**said, name: ""}) is Flaw.UNSIGNED


def test_the_window_is_open_on_both_sides_and_no_wider() -> None:
    for edge in (NOW - WINDOW, NOW + WINDOW):
        assert verify(headers(), BODY, [NEW], edge)
    for outside in (NOW - WINDOW - timedelta(seconds=1), NOW + WINDOW + timedelta(seconds=1)):
        assert flaw(headers(), now=outside) is Flaw.OUTSIDE_WINDOW
    # A stranger's guess is told the same whatever its time is.
    assert flaw(headers(OLD, at=0)) is Flaw.WRONG_SIGNATURE


@pytest.mark.parametrize("time", ["-1", "1.5", "1e9", "٣", " 1", "1" * 13, "now"])
def test_a_timestamp_is_whole_seconds(time: str) -> None:
    assert flaw({**headers(), "webhook-timestamp": time}) is Flaw.BAD_TIMESTAMP


@pytest.mark.parametrize("name", ["msg.1", "x" * 201, "ä", "a b"])
def test_an_id_can_be_read_in_one_way_only(name: str) -> None:
    assert flaw(headers(name=name)) is Flaw.BAD_MESSAGE_ID


def test_what_was_signed_is_the_text_of_the_headers() -> None:
    for name, value in (("webhook-id", "msg_2"), ("webhook-timestamp", f"0{AT}")):
        assert flaw({**headers(), name: value}) is Flaw.WRONG_SIGNATURE


@pytest.mark.parametrize(
    "signature",
    ["v1", "v1,", "v1,!!!", "v1a,{}", "{}", "V1,{}", "v1;{}", "v1,{}x", " ".join(["v1,AAAA"] * 10)],
)
def test_no_signature_that_only_looks_like_one(signature: str) -> None:
    good = headers()["webhook-signature"].removeprefix("v1,")
    said = {**headers(), "webhook-signature": signature.format(good)}
    assert flaw(said) is Flaw.WRONG_SIGNATURE


def test_only_the_first_ten_signatures_are_looked_at() -> None:
    good = headers()["webhook-signature"]
    said = {**headers(), "webhook-signature": " ".join(["v1,AAAA"] * 9 + [good])}
    assert verify(said, BODY, [NEW], NOW)
    said = {**headers(), "webhook-signature": " ".join(["v1,AAAA"] * 10 + [good])}
    assert flaw(said) is Flaw.WRONG_SIGNATURE


@given(st.binary(max_size=60), st.integers(0, 59), st.integers(1, 255))
def test_a_body_with_one_byte_changed_is_not_what_was_signed(
    body: bytes, place: int, change: int
) -> None:
    said = headers(body=body)
    assert verify(said, body, [NEW], NOW)
    other = bytearray(body or b"x")
    other[place % len(other)] ^= change
    assert flaw(said, bytes(other) if body else b"x") is Flaw.WRONG_SIGNATURE


def test_secrets_are_read_the_newest_first() -> None:
    new, old = (f"whsec_{base64.b64encode(key).decode()}" for key in (NEW, OLD))
    assert secrets_of(f"{new}, {old}") == (NEW, OLD)
    assert secrets_of(f"{new}\n") == (NEW,)
    assert secrets_of(new.removeprefix("whsec_")) == (NEW,)


@pytest.mark.parametrize(
    ("text", "where", "problem"),
    [
        ("", "secret", "0 secrets"),
        (",".join(["whsec_" + "A" * 32] * 6), "secret", "6 secrets"),
        ("whsec_hunter2!", "secret[0]", "not base64"),
        ("whsec_密码", "secret[0]", "not base64"),
        (f"whsec_{'A' * 32},whsec_AAAA", "secret[1]", "3 bytes long"),
        (f"whsec_{'A' * 88}", "secret[0]", "66 bytes long"),
    ],
)
def test_a_weak_secret_is_refused_without_telling_it(text: str, where: str, problem: str) -> None:
    with pytest.raises(BadSettings) as caught:
        secrets_of(text)
    assert caught.value.where == where
    assert problem in caught.value.problem
    assert "hunter2" not in str(caught.value)
