"""A pack as rows of the lists' tables: pure."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from juanchi.domain.base import Value
from juanchi.domain.lists import Pack
from juanchi.ledger.city_tables import (
    CalendarRow,
    ChannelRow,
    DutyRow,
    HandlingRow,
    ItemRow,
    Listed,
    PolicyRow,
    RegionRow,
    UnitRow,
)

Listing = dict[str, dict[str, Any]]
"""A list's rows by key: ``body`` and the columns beside it."""

LISTS: Final[tuple[type[Listed], ...]] = (
    RegionRow,
    UnitRow,
    ItemRow,
    DutyRow,
    HandlingRow,
    ChannelRow,
    CalendarRow,
    PolicyRow,
)

_VALUES: Final[dict[type[Listed], Callable[[Pack], Iterable[Value]]]] = {
    RegionRow: lambda pack: pack.regions,
    UnitRow: lambda pack: pack.units,
    ItemRow: lambda pack: pack.items,
    DutyRow: lambda pack: pack.duties,
    HandlingRow: lambda pack: pack.handlings,
    ChannelRow: lambda pack: pack.channels,
    CalendarRow: lambda pack: pack.calendars,
    PolicyRow: lambda pack: (pack.policy,),
}
_KEY: Final[dict[type[Listed], tuple[str, ...]]] = {
    RegionRow: ("code",),
    UnitRow: ("code",),
    ItemRow: ("code",),
    DutyRow: ("item", "region", "valid_from"),
    HandlingRow: ("unit", "item"),
    ChannelRow: ("code",),
    CalendarRow: ("year",),
    PolicyRow: ("code",),
}
_SHARED: Final = {"key", "batch_from", "batch_to", "body"}


def listing(table: type[Listed], pack: Pack) -> Listing:
    """The rows that a list must have in force under a pack."""
    columns = [name for name in table.__table__.columns.keys() if name not in _SHARED]  # type: ignore[attr-defined] # noqa: SIM118
    rows: Listing = {}
    for value in _VALUES[table](pack):
        key = "|".join(str(getattr(value, part)) for part in _KEY[table])
        # Two rows of one key (a duty written twice) are the pack's fault, not lost here.
        unique, again = key, 1
        while unique in rows:
            again += 1
            unique = f"{key}|{again}"
        rows[unique] = {
            "body": value.model_dump(mode="json"),
            **{name: getattr(value, name) for name in columns},
        }
    return rows
