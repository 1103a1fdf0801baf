"""The straight life's messages: the same for the ticket, the bare workflow and the peer."""

from datetime import UTC, datetime
from typing import Any, Final

from juanchi.domain.ticket import Clue, Reporter

CHANNEL: Final = "wall"
"""A channel of the tests' own city whose clues are verified on site."""

_TEXT: Final = "A deep pothole in Mill Parish, please mend it"
_ADVERTISEMENT: Final = "special offer discount now"

Message = dict[str, Any]


def clue(external_id: str) -> Clue:
    """What starts a ticket: screened, located, verified on site, routed without a person."""
    return Clue(
        channel=CHANNEL,
        external_id=external_id,
        text=_TEXT,
        reported_at=datetime.now(UTC),
        reporter=Reporter(id="r-1"),
    )


def noise(external_id: str) -> Clue:
    """An advertisement, which is discarded."""
    return clue(external_id).model_copy(update={"text": _ADVERTISEMENT})


def verified() -> Message:
    """The wardens have seen it; the engine files it and dispatches it to the unit on duty."""
    return {
        **_said("verify", "street_team", "warden-mill"),
        "verdict": "confirmed",
        "evidence": _proof("site_before"),
    }


def signed() -> Message:
    """The unit takes it."""
    return _said("sign", "unit", "roads")


def replied() -> Message:
    """The unit has mended it."""
    return {
        **_said("reply", "unit", "roads"),
        "outcome": "solved",
        "public": "It is mended.",
        "evidence": _proof("site_before", "site_after", "contact"),
    }


def reviewed() -> Message:
    """A checker of another desk accepts the reply."""
    return {**_said("review", "checker", "town-desk"), "accepted": True, "note": ""}


def rated() -> Message:
    """The reporter is content, which closes the ticket."""
    return {**_said("rate", "reporter", None), "rating": {"overall": 5}}


def straight() -> list[Message]:
    """What people send after the clue, in order, as JSON-like data."""
    return [verified(), signed(), replied(), reviewed(), rated()]


def key(message: Message) -> str:
    """The action's idempotency key, which the update carries as its id."""
    return f"{message['kind']}:{message['id']}"


def _said(kind: str, role: str, unit: str | None) -> Message:
    actor = {"role": role, "unit": unit, "staff": ""}
    return {"kind": kind, "id": f"{kind}-1", "actor": actor, "at": _now()}


def _proof(*kinds: str) -> list[dict[str, str]]:
    return [{"kind": kind, "ref": f"file:{kind}", "at": _now()} for kind in kinds]


def _now() -> str:
    return datetime.now(UTC).isoformat()
