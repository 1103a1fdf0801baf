"""The one base of every domain value: frozen, strict about unknown fields, safe text."""

import re
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class Value(BaseModel):
    """An immutable value; an unknown field is an error, not silently lost."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_timedelta="iso8601")


def _printable(text: str) -> str:
    # PostgreSQL text cannot hold NUL, and terminals act on the other control characters.
    found = _CONTROL.search(text)
    if found:
        raise ValueError(f"control character U+{ord(found[0]):04X} at position {found.start()}")
    return text


Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:\-]{0,63}$")]
"""A stable short name: unit, item, region, channel."""

Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(_printable)]
"""One short line of text a person wrote."""

Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_printable)]
"""Free text a person wrote; emoji welcome, control characters refused."""

Key = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)]
"""An id given by somebody else (a channel's post id, an action's idempotency id)."""

TicketId = Annotated[
    str, StringConstraints(min_length=1, max_length=300), AfterValidator(_printable)
]
"""The id of a ticket and of its workflow: ``ticket/<channel>/<external id>``."""

Moment = AwareDatetime
"""A moment in time; always with its offset."""

TOLERATED_SKEW = timedelta(minutes=5)


def in_future(at: datetime, now: datetime) -> bool:
    """Whether a claimed time lies beyond the clock skew that honest machines show."""
    return at > now + TOLERATED_SKEW
