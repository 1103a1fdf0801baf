"""A city's lists row by row: what differs between two versions, and edits of one put on another.

A row is known by its key: the code, of a duty its item, region and first day, of an
implementation row its unit and item.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from juanchi.domain.base import Value
from juanchi.domain.lists import Pack


class ListName(StrEnum):
    """A city's lists, as tables, sheets and files are called."""

    REGIONS = "regions"
    UNITS = "units"
    ITEMS = "items"
    DUTIES = "duties"
    HANDLINGS = "handlings"
    CHANNELS = "channels"
    CALENDARS = "calendars"
    POLICIES = "policies"


EDITED: Final = (ListName.UNITS, ListName.ITEMS, ListName.DUTIES, ListName.HANDLINGS)
"""The lists that batches of their own change: the three lists, and the units they name."""

KEYS: Final[Mapping[ListName, tuple[str, ...]]] = {
    ListName.REGIONS: ("code",),
    ListName.UNITS: ("code",),
    ListName.ITEMS: ("code",),
    ListName.DUTIES: ("item", "region", "valid_from"),
    ListName.HANDLINGS: ("unit", "item"),
    ListName.CHANNELS: ("code",),
    ListName.CALENDARS: ("year",),
    ListName.POLICIES: ("code", "version"),
}

Keyed = dict[str, Any]
"""A list's rows by key, in the list's order."""


class ChangeKind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class CellChange(NamedTuple):
    """What was written in a column and what is now."""

    column: str
    old: str
    new: str


class RowChange(NamedTuple):
    """What happened to one row; of a changed one the cells that differ."""

    listing: ListName
    key: str
    kind: ChangeKind
    cells: tuple[CellChange, ...] = ()


class Merged(NamedTuple):
    """Rows with edits put on them, and the keys of those that were edited here and there."""

    rows: Keyed
    clashes: tuple[str, ...]


def values(pack: Pack, name: ListName) -> tuple[Value, ...]:
    """The rows of a list of a pack."""
    if name is ListName.POLICIES:
        return (pack.policy, *pack.policies)
    found: tuple[Value, ...] = getattr(pack, name.value)
    return found


def keyed(rows: Iterable[Value], name: ListName) -> Keyed:
    """Rows by their keys."""
    found: Keyed = {}
    for row in rows:
        key = "|".join(str(getattr(row, part)) for part in KEYS[name])
        # Two rows of one key (a duty written twice) are the pack's fault, not lost here.
        unique, again = key, 1
        while unique in found:
            again += 1
            unique = f"{key}|{again}"
        found[unique] = row
    return found


def with_rows(pack: Pack, lists: Mapping[ListName, Iterable[Any]]) -> Pack:
    """The pack with these lists in place of its own. Of policies the first is the policy itself."""
    update: dict[str, Any] = {}
    for name, rows in lists.items():
        if name is ListName.POLICIES:
            update["policy"], *further = rows
            update["policies"] = tuple(further)
        else:
            update[name.value] = tuple(rows)
    return pack.model_copy(update=update)


def with_lists_of(pack: Pack, other: Pack) -> Pack:
    """The pack with the lists that batches change taken from another version of it."""
    return with_rows(pack, {name: values(other, name) for name in EDITED})


def merged(base: Keyed, edited: Keyed, now: Keyed) -> Merged:
    """The edits that lead from ``base`` to ``edited``, put on the rows that there are now.

    A row that was edited on both sides, and differently, is a clash; there the edit is put on.
    """
    rows = dict(now)
    clashes = []
    for key in {**base, **edited}:
        was, wanted, has = base.get(key), edited.get(key), now.get(key)
        if wanted in (was, has):
            continue
        if has != was:
            clashes.append(key)
        if wanted is None:
            rows.pop(key, None)
        else:
            rows[key] = wanted
    return Merged(rows, tuple(clashes))


def carried(base: Pack, now: Pack, incoming: Pack) -> Pack:
    """A new version of a pack with what has been changed since its last one (``base``) kept."""
    lists: dict[ListName, list[Any]] = {}
    for name in ListName:
        was, has, comes = (keyed(values(pack, name), name) for pack in (base, now, incoming))
        rows = merged(was, has, comes).rows
        if name is ListName.CALENDARS:
            lists[name] = sorted(rows.values(), key=lambda table: table.year)
        else:
            lists[name] = list(rows.values())
    return with_rows(incoming, lists)


def compare(old: Pack, new: Pack, lists: Iterable[ListName] = ListName) -> list[RowChange]:
    """What differs between two versions, row by row."""
    return [change for name in lists for change in _compared(name, old, new)]


def _compared(name: ListName, old: Pack, new: Pack) -> Iterator[RowChange]:
    before, after = values(old, name), values(new, name)
    if before is after:
        return
    had, has = keyed(before, name), keyed(after, name)
    for key, row in has.items():
        if key not in had:
            yield RowChange(name, key, ChangeKind.ADDED)
        elif row is not had[key] and row != had[key]:
            yield RowChange(name, key, ChangeKind.CHANGED, tuple(_cells(had[key], row)))
    yield from (RowChange(name, key, ChangeKind.REMOVED) for key in had if key not in has)


def _cells(old: Value, new: Value) -> Iterator[CellChange]:
    for column in type(new).model_fields:
        was, now = getattr(old, column), getattr(new, column)
        if was != now:
            yield CellChange(column, written(was), written(now))


def written(value: object) -> str:
    """A cell's value as a person writes it; the parts of a list with ``|`` between them."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "|".join(map(written, value))
    return str(value)
