"""Signed messages, by the Standard Webhooks scheme: who sent it, unchanged, and just now.

``webhook-signature`` is ``v1,`` and the base64 of HMAC-SHA256 over ``<id>.<timestamp>.<body>``,
with ``webhook-id`` and ``webhook-timestamp`` (seconds since 1970) as they stand in the headers.
There may be several, with spaces between; one that fits is enough, so a secret is changed without
a gap.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from juanchi.intake.channels.adapter import BadSettings

WINDOW = timedelta(minutes=5)
"""How far a message's time may lie from ours, either way."""

SHORTEST, LONGEST = 24, 64
"""Bytes of a secret, by the scheme."""

_PREFIX = "whsec_"
_SCHEME = "v1"
_MOST_SIGNATURES = 10
_MOST_SECRETS = 5
# No dots: they part what is signed, and an id with one could be read in two ways.
_ID = re.compile(r"[A-Za-z0-9_:/+=-]{1,200}")
_SECONDS = re.compile(r"[0-9]{1,12}")


class Flaw(StrEnum):
    """What is wrong with a message's signature; stable."""

    UNSIGNED = "unsigned"
    BAD_MESSAGE_ID = "bad_message_id"
    BAD_TIMESTAMP = "bad_timestamp"
    OUTSIDE_WINDOW = "outside_window"
    WRONG_SIGNATURE = "wrong_signature"


class NotSigned(Exception):
    """A message that nobody who has the secret sent like this, or not now."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(str(flaw))
        self.flaw = flaw


def secrets_of(text: str, where: str = "secret") -> tuple[bytes, ...]:
    """The secrets in a text, the newest first: ``whsec_<base64>``, several with commas between.

    Raises ``BadSettings`` for none, for too many, and for one that is not base64 or has not 24 to
    64 bytes; the secret itself is never in the error.
    """
    given = [one for one in re.split(r"[,\s]+", text) if one]
    if not 1 <= len(given) <= _MOST_SECRETS:
        raise BadSettings(where, f"{len(given)} secrets; give 1 to {_MOST_SECRETS}")
    return tuple(_secret(one, f"{where}[{place}]") for place, one in enumerate(given))


def _secret(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise BadSettings(where, f"not base64; make one: {_PREFIX} and 32 random bytes") from None
    if not SHORTEST <= len(key) <= LONGEST:
        raise BadSettings(where, f"{len(key)} bytes long; {SHORTEST} to {LONGEST} are wanted")
    return key


def sign(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature`` for a message."""
    code = _code(secret, message_id, str(timestamp), body)
    return f"{_SCHEME},{base64.b64encode(code).decode()}"


def verify(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[bytes],
    now: datetime,
    window: timedelta = WINDOW,
) -> str:
    """The id of a message that was signed with one of the secrets, within the window around now.

    ``headers`` by names in small letters. Raises ``NotSigned``. A message sent again within the
    window is good again: what it says is known by then.
    """
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    message_id, timestamp, signatures = (headers.get(name, "") for name in names)
    if not (message_id and timestamp and signatures):
        raise NotSigned(Flaw.UNSIGNED)
    if not _ID.fullmatch(message_id):
        raise NotSigned(Flaw.BAD_MESSAGE_ID)
    if not _SECONDS.fullmatch(timestamp):
        raise NotSigned(Flaw.BAD_TIMESTAMP)
    # The text as it was sent is what was signed: 007 and 7 are not the same message.
    wanted = [_code(secret, message_id, timestamp, body) for secret in secrets]
    # Every pair is compared, and in constant time: how long it took says nothing about a secret.
    fits = False
    for given in _codes(signatures):
        for code in wanted:
            fits |= hmac.compare_digest(given, code)
    if not fits:
        raise NotSigned(Flaw.WRONG_SIGNATURE)
    # Only after the signature: a stranger does not learn our clock.
    if abs(now.timestamp() - int(timestamp)) > window.total_seconds():
        raise NotSigned(Flaw.OUTSIDE_WINDOW)
    return message_id


def _code(secret: bytes, message_id: str, timestamp: str, body: bytes) -> bytes:
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return hmac.new(secret, signed, hashlib.sha256).digest()


def _codes(signatures: str) -> list[bytes]:
    """What is given under our scheme; other schemes, and what is no base64, are passed over."""
    codes = []
    for one in signatures.split(" ", _MOST_SIGNATURES)[:_MOST_SIGNATURES]:
        scheme, comma, code = one.partition(",")
        if scheme != _SCHEME or not comma:
            continue
        try:
            codes.append(base64.b64decode(code, validate=True))
        except (binascii.Error, ValueError):
            continue
    return codes
