"""The one base of every domain value: frozen, strict about unknown fields, safe text."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class Value(BaseModel):
    """An immutable value; an unknown field is an error, not silently lost."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_timedelta="iso8601")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """This value with some fields changed, unchecked.

        By hand, since every event copies a ticket and some of what is in it: pydantic's own copy
        takes nearly twice as long, for what a frozen value does not have. It tells the fields that
        were set as they were before, which nothing asks for, and shares what it holds, also when
        a ``deep`` copy is asked for: nothing in a value is ever changed.
        """
        copy = self.__new__(type(self))
        object.__setattr__(copy, "__dict__", {**self.__dict__, **(update or {})})
        object.__setattr__(copy, "__pydantic_fields_set__", self.__pydantic_fields_set__)
        object.__setattr__(copy, "__pydantic_extra__", None)
        object.__setattr__(copy, "__pydantic_private__", None)
        return copy


class State(Value):
    """A whole state that only its events change."""

    def having(self, **changes: Any) -> Self:
        """This state with some fields changed (unvalidated: only for facts out of events)."""
        copy = self.model_copy(update=changes)
        if len(copy.__dict__) != len(self.__dict__):
            unknown = ", ".join(sorted(changes.keys() - self.__dict__.keys()))
            raise AttributeError(f"a {type(self).__name__} has no {unknown}")
        return copy


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
