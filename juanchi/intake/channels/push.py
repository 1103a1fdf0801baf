"""Channels that are not read but written to: who may, and how what they send is read.

A message is a JSON object, one arrival, or a list of some. Its fields are those of ``Arrival``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from pydantic import Field, ValidationError
from pydantic_core import from_json

from juanchi.domain.base import Line, Value
from juanchi.intake.channels.adapter import Arrival, Unreadable
from juanchi.intake.channels.plain import LONGEST_ID, cut, digest, line, raw, tidy
from juanchi.intake.channels.settings import read_settings
from juanchi.intake.channels.signature import WINDOW

MOST_BYTES: Final = 1024 * 1024
MOST_ITEMS: Final = 500


class PushSettings(Value):
    """The settings of a channel that is only pushed to.

    ``secret`` names the secret that its messages are signed with (several in it, while it is
    changed). ``window``: how old a message may be.
    """

    secret: Line = Field(min_length=1)
    window: timedelta = Field(default=WINDOW, ge=timedelta(seconds=10), le=timedelta(hours=1))


def check_push(settings: Mapping[str, Any]) -> PushSettings:
    """The settings, checked. Raises ``BadSettings`` for those that can never work."""
    return read_settings(PushSettings, settings)


class BadMessage(Exception):
    """A message of which nothing can be kept. ``code`` is stable; ``facts`` fill its sentence."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True)
class BadItem:
    """One thing in a message that is no arrival: where, what, and what is kept of it."""

    where: str
    unreadable: Unreadable


@dataclass(frozen=True, slots=True)
class Posted:
    """What a message holds, in its order."""

    items: tuple[Arrival | BadItem, ...]

    @property
    def arrivals(self) -> tuple[Arrival, ...]:
        """Those that can be read."""
        return tuple(one for one in self.items if isinstance(one, Arrival))

    @property
    def bad(self) -> tuple[BadItem, ...]:
        """Those that cannot."""
        return tuple(one for one in self.items if isinstance(one, BadItem))


def read_message(body: bytes) -> Posted:
    """What a message says. Raises ``BadMessage``: not_json, not_arrivals, empty, too_many."""
    try:
        # Not json.loads: this one has a bound on how deep it goes, and takes no NaN.
        given = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise BadMessage("not_json", problem=line(str(error))) from None
    if isinstance(given, dict):
        return Posted((_item(given, ""),))
    if not isinstance(given, list):
        raise BadMessage("not_arrivals")
    if not given:
        raise BadMessage("empty")
    if len(given) > MOST_ITEMS:
        raise BadMessage("too_many", count=len(given), most=MOST_ITEMS)
    return _apart([_item(one, f"[{at}]") for at, one in enumerate(given)])


def _apart(items: list[Arrival | BadItem]) -> Posted:
    """The items, each that cannot be read under an id that no other has: none hides another."""
    taken = {one.external_id for one in items if isinstance(one, Arrival)}
    told: list[Arrival | BadItem] = []
    for one in items:
        if isinstance(one, BadItem):
            bad = one.unreadable
            if bad.external_id in taken:
                bad = bad.model_copy(update={"external_id": digest(bad.raw)})
            taken.add(bad.external_id)
            told.append(BadItem(one.where, bad))
        else:
            told.append(one)
    return Posted(tuple(told))


def _item(given: object, where: str) -> Arrival | BadItem:
    if not isinstance(given, dict):
        return _bad(given, where, "not an object")
    fields = dict(given)
    if isinstance(fields.get("text"), str):
        # People's words are taken as they come: only what no one can print is left out.
        fields["text"] = cut(tidy(fields["text"]))
    try:
        return Arrival.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        return _bad(given, f"{where}.{path}" if where else path, first["msg"])


def _bad(given: object, where: str, problem: str) -> BadItem:
    said = dict(given) if isinstance(given, dict) else {"": given}
    external_id = said.get("external_id")
    # A contact lies nowhere in the clear, also not in what cannot be read.
    said.pop("contact", None)
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    known = isinstance(external_id, str) and 0 < len(external_id) <= LONGEST_ID
    name = external_id if known and external_id == line(str(external_id)) else digest(text)
    unreadable = Unreadable(
        external_id=str(name), problem=line(f"{where}: {problem}"), raw=raw(text)
    )
    return BadItem(line(where), unreadable)
