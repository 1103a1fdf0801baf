"""The sheets and their columns: a list's columns are the fields of its rows."""

from datetime import date
from enum import StrEnum
from types import UnionType
from typing import Any, Final, NamedTuple, get_args, get_origin

from juanchi.domain.base import Value
from juanchi.domain.limits import Limit
from juanchi.domain.list_changes import EDITED, KEYS, ListName
from juanchi.domain.lists import Duty, Handling, Item, Region, Unit

SHEETS: Final = (*EDITED, ListName.REGIONS)
"""The lists that have a sheet. Regions are there for reference."""

MODELS: Final[dict[ListName, type[Value]]] = {
    ListName.UNITS: Unit,
    ListName.ITEMS: Item,
    ListName.DUTIES: Duty,
    ListName.HANDLINGS: Handling,
    ListName.REGIONS: Region,
}

ABOUT: Final = "about"
EXPLANATIONS: Final = "explanations"

_NAMES: Final[dict[ListName, dict[str, ListName | None]]] = {
    ListName.UNITS: {"role": None, "region": ListName.REGIONS},
    ListName.ITEMS: {},
    ListName.DUTIES: {
        "item": ListName.ITEMS,
        "region": ListName.REGIONS,
        "lead": ListName.UNITS,
        "assisting": ListName.UNITS,
        "mandatory": ListName.UNITS,
    },
    ListName.HANDLINGS: {"unit": ListName.UNITS, "item": ListName.ITEMS},
    ListName.REGIONS: {"parent": ListName.REGIONS},
}
"""The columns that name something: the list in which it stands, None for a role."""


_SECTIONS: Final = {"natures": "nature", "urgency": "urgency", "evidence": "evidence"}


class Kind(StrEnum):
    """What a cell holds, and so what may be put right in it."""

    CODE = "code"
    NAMED = "named"
    WORD = "word"
    DATE = "date"
    LIMIT = "limit"
    TEXT = "text"


class Column(NamedTuple):
    """A column. ``names`` is the list whose codes stand in it, ``words`` those it may hold.

    ``many``: its parts stand with ``|`` between them. ``needed``: it cannot be left out.
    ``section``: where the catalogues have words for its values.
    """

    name: str
    kind: Kind
    many: bool
    needed: bool
    names: ListName | None = None
    words: type[StrEnum] | None = None
    section: str = ""


def _column(listing: ListName, name: str) -> Column:
    info = MODELS[listing].model_fields[name]
    kinds = _kinds(info.annotation)
    many = any(get_origin(kind) is tuple for kind in kinds)
    if many:
        kinds = _kinds(get_args(info.annotation)[0])
    words = next((kind for kind in kinds if _is_enum(kind)), None)
    needed = info.is_required() or name in KEYS[listing]
    if name == "code":
        kind = Kind.CODE
    elif name in _NAMES[listing]:
        kind = Kind.NAMED
    elif words is not None:
        kind = Kind.WORD
    elif date in kinds:
        kind = Kind.DATE
    else:
        kind = Kind.LIMIT if Limit in kinds else Kind.TEXT
    section = _SECTIONS.get(name, "")
    return Column(name, kind, many, needed, _NAMES[listing].get(name), words, section)


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)


def _kinds(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)


COLUMNS: Final[dict[ListName, tuple[Column, ...]]] = {
    listing: tuple(_column(listing, name) for name in model.model_fields)
    for listing, model in MODELS.items()
}
