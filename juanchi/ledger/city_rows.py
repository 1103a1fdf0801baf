"""A pack as rows of the lists' tables: pure."""

from typing import Any, Final

from juanchi.domain.list_changes import ListName, keyed, values
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

_SHARED: Final = {"key", "batch_from", "batch_to", "body"}


def listing(table: type[Listed], pack: Pack) -> Listing:
    """The rows that a list must have in force under a pack."""
    columns = [name for name in table.__table__.columns.keys() if name not in _SHARED]  # type: ignore[attr-defined] # noqa: SIM118
    name = ListName(table.__tablename__)
    return {
        key: {
            "body": value.model_dump(mode="json"),
            **{column: getattr(value, column) for column in columns},
        }
        for key, value in keyed(values(pack, name), name).items()
    }
