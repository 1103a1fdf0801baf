"""A channel's settings as a checked value."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from juanchi.domain.base import Value
from juanchi.intake.channels.adapter import BadSettings

S = TypeVar("S", bound=Value)


def read_settings(shape: type[S], given: Mapping[str, Any]) -> S:
    """The settings in their shape. Raises ``BadSettings`` for the first thing that is wrong."""
    try:
        return shape.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "settings"
    if first["type"] == "missing":
        raise BadSettings(where, "is required")
    if first["type"] == "extra_forbidden":
        known = ", ".join(sorted(shape.model_fields))
        raise BadSettings(where, f"is not known here; there are {known}")
    raise BadSettings(where, f"{str(first['input'])[:60]!r} does not fit: {first['msg']}")
