"""What a change does to the lists, row by row; and the lists after it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from juanchi.domain.base import Code, Line, Value
from juanchi.domain.lists import Duty, Handling, Item, Pack

MOST_ROWS = 500

Wild = Annotated[str, StringConstraints(pattern=r"^(\*|[A-Za-z0-9][A-Za-z0-9_.:\-]{0,63})$")]
"""A code, or ``*`` for all."""

Who = Annotated[str, StringConstraints(pattern=r"^@?[A-Za-z0-9][A-Za-z0-9_.:\-]{0,63}$")]
"""A unit by its code, or by its role: ``@works``."""

AnyWho = Annotated[str, StringConstraints(pattern=r"^(\*|@?[A-Za-z0-9][A-Za-z0-9_.:\-]{0,63})$")]
"""A unit, a role, or ``*`` for all units."""

RowKey = tuple[str, ...]
"""The list that a row is in, and what names it there."""


class _Responsible(Value):
    """Who is responsible for an item somewhere, from the day on which the change is in force."""

    item: Wild
    region: Wild = "*"
    lead: Who
    assisting: tuple[Who, ...] = Field(default=(), max_length=20)
    mandatory: tuple[Who, ...] = Field(default=(), max_length=20)
    basis: Line = ""
    valid_to: date | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.lead in self.assisting:
            raise ValueError(f"{self.lead} leads; it cannot assist itself")
        if stray := set(self.mandatory) - set(self.assisting):
            raise ValueError(f"{min(stray)} is mandatory but does not assist")
        return self

    @property
    def key(self) -> RowKey:
        return ("duty", self.item, self.region)

    def duty(self, on: date) -> Duty:
        """The row of the list when the change is in force from a day on."""
        return Duty(valid_from=on, **self.model_dump(exclude={"kind"}))


class AddDuty(_Responsible):
    """A row where there is none in force."""

    kind: Literal["add_duty"] = "add_duty"


class ReplaceDuty(_Responsible):
    """A row in place of the one in force, which ends the day before."""

    kind: Literal["replace_duty"] = "replace_duty"


class EndDuty(Value):
    """The row in force ends the day before."""

    kind: Literal["end_duty"] = "end_duty"
    item: Wild
    region: Wild = "*"

    @property
    def key(self) -> RowKey:
        return ("duty", self.item, self.region)


class SetItem(Value):
    """An item of the catalogue, new or in place of the one with its code."""

    kind: Literal["set_item"] = "set_item"
    item: Item

    @property
    def key(self) -> RowKey:
        return ("item", self.item.code)


class EndItem(Value):
    """An item leaves the catalogue, with all rows that name it; tickets keep what they have."""

    kind: Literal["end_item"] = "end_item"
    item: Code

    @property
    def key(self) -> RowKey:
        return ("item", self.item)


class SetHandling(Value):
    """A row of an implementation list, new or in place of the one for its unit and item."""

    kind: Literal["set_handling"] = "set_handling"
    handling: Handling

    @property
    def key(self) -> RowKey:
        return ("handling", self.handling.unit, self.handling.item)


class EndHandling(Value):
    """A unit (or role) has no terms of its own for an item any more."""

    kind: Literal["end_handling"] = "end_handling"
    unit: AnyWho
    item: Wild

    @property
    def key(self) -> RowKey:
        return ("handling", self.unit, self.item)


AnyRow = Annotated[
    AddDuty | ReplaceDuty | EndDuty | SetItem | EndItem | SetHandling | EndHandling,
    Field(discriminator="kind"),
]

Rows = Annotated[tuple[AnyRow, ...], Field(max_length=MOST_ROWS)]


def in_order(rows: Iterable[AnyRow]) -> Sequence[AnyRow]:
    """Items come before the rows that name them, and go after them; else as they were written."""
    rank: dict[type[Value], int] = {SetItem: 0, EndItem: 2}
    return sorted(rows, key=lambda row: rank.get(type(row), 1))


def in_force(duties: Iterable[Duty], key: RowKey, on: date) -> Duty | None:
    """The row of exactly this item and region that is in force on a day."""
    return next(
        (one for one in duties if ("duty", one.item, one.region) == key and _holds(one, on)), None
    )


def _holds(duty: Duty, on: date) -> bool:
    return duty.valid_from <= on and (duty.valid_to is None or on <= duty.valid_to)


def applied(pack: Pack, rows: Iterable[AnyRow], on: date) -> Pack:
    """The lists after a change that is in force from a day on. It must fit."""
    for row in in_order(rows):
        pack = pack.model_copy(update=_after(pack, row, on))
    return pack


def _after(pack: Pack, row: AnyRow, on: date) -> dict[str, Any]:
    match row:
        case AddDuty() | ReplaceDuty():
            return {"duties": (*_ended(pack.duties, row.key, on), row.duty(on))}
        case EndDuty():
            return {"duties": _ended(pack.duties, row.key, on)}
        case SetItem():
            return {"items": _put(pack.items, row.item, lambda one: (one.code,))}
        case EndItem():
            return {
                "items": tuple(one for one in pack.items if one.code != row.item),
                "duties": tuple(one for one in pack.duties if one.item != row.item),
                "handlings": tuple(one for one in pack.handlings if one.item != row.item),
            }
        case SetHandling():
            key = lambda one: (one.unit, one.item)  # noqa: E731 - said in one place
            return {"handlings": _put(pack.handlings, row.handling, key)}
        case EndHandling():
            kept = (one for one in pack.handlings if (one.unit, one.item) != (row.unit, row.item))
            return {"handlings": tuple(kept)}


def _ended(duties: Iterable[Duty], key: RowKey, on: date) -> tuple[Duty, ...]:
    """The duties, that of a key ended the day before; one that begins on the day never was."""
    kept: list[Duty] = []
    for duty in duties:
        if ("duty", duty.item, duty.region) != key or not _holds(duty, on):
            kept.append(duty)
        elif duty.valid_from < on:
            kept.append(duty.model_copy(update={"valid_to": on - timedelta(days=1)}))
    return tuple(kept)


def _put(rows: Sequence[Any], new: Any, key: Any) -> tuple[Any, ...]:
    """The rows with a new one in the place of that with its key, else at the end."""
    places = {key(row): place for place, row in enumerate(rows)}
    if key(new) not in places:
        return (*rows, new)
    place = places[key(new)]
    return (*rows[:place], new, *rows[place + 1 :])
