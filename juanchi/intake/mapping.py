"""A mapping: which columns of a file make which part of a clue. A TOML file that people write."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from juanchi.domain.base import Code, Value
from juanchi.domain.lists import Pack
from juanchi.domain.terms import Nature, Urgency
from juanchi.intake.files import Format

T = TypeVar("T", bound=str)

HOLE = re.compile(r"\{([^{}]+)\}")
ISO, EPOCH = "iso", "epoch"
NOTHING: Literal[""] = ""


def _template(text: str) -> str:
    rest = HOLE.sub("", text)
    if "{" in rest or "}" in rest:
        raise PydanticCustomError("template", "bad template", {"given": text})
    return text


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise PydanticCustomError("regex", "bad expression", {"problem": str(error)}) from None
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise PydanticCustomError("timezone", "no such zone", {"given": name}) from None
    return name


Template = Annotated[str, AfterValidator(_template)]
"""Text with columns in braces: ``{street}{community}``. Braces cannot be written otherwise."""


class FileShape(Value):
    """How to read the file. ``missing`` are cells that mean nothing is known."""

    format: Format | None = None
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    missing: tuple[str, ...] = ("",)


class ByValue(Value, Generic[T]):
    """One value for all rows (``value``), or by a column: as it stands there, or by a table.

    The value ``""`` means: none given. ``default`` stands for cells that are missing or not in
    the table; without it such a row is rejected.
    """

    value: T | None = None
    column: str | None = None
    values: dict[str, T | Literal[""]] = Field(default_factory=dict)
    default: T | Literal[""] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.value is None) == (self.column is None):
            raise PydanticCustomError("value_or_column", "give a value or a column")
        return self


class ReportedAt(Value):
    """When it was reported. ``format`` is ``iso``, ``epoch`` (seconds) or as strptime takes it.

    ``timezone`` is for times without an offset (None: the city's); ``time_of_day`` for days
    without a time.
    """

    column: str
    format: str = ISO
    timezone: Annotated[str, AfterValidator(_zone)] | None = None
    time_of_day: time = time(12)


class RegionBy(Value):
    """The region by name or code. ``within`` holds the names, and is the region where none is
    given.
    """

    column: str | None = None
    within: Code | None = None


class PlaceBy(Value):
    """Where it is. Coordinates are WGS 84; with ``zero_is_missing`` two zeros mean none."""

    region: RegionBy | None = None
    address: Template = ""
    lon: str | None = None
    lat: str | None = None
    zero_is_missing: bool = True

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.lon is None) != (self.lat is None):
            raise PydanticCustomError("lon_and_lat", "give both")
        return self


class ItemBy(Value):
    """The catalogue item by code, name or alias; ``create`` adds those that are missing."""

    column: str
    create: bool = False
    category: Template = ""
    subcategory: Template = ""
    code_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,30}$")] = "import"

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.create and not self.category:
            raise PydanticCustomError("category_wanted", "category is needed")
        return self


class LeadBy(Value):
    """The lead unit by code, name or alias; ``create`` adds those that are missing.

    A name is also tried behind each of ``prefixes``. ``fold`` is an expression for the end of a
    name that may be left off, where the shorter name is known and no second longer one is.
    """

    column: str
    create: bool = False
    prefixes: tuple[str, ...] = ()
    fold: Annotated[str, AfterValidator(_regex)] | None = None
    role: Code = "imported"
    region: Code | None = None
    code_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,30}$")] = "import"


class ReporterBy(Value):
    """Who reported: an opaque id, or contact data, which the client seals."""

    id: Template = ""
    contact: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.id) == (self.contact is not None):
            raise PydanticCustomError("id_or_contact", "give an id or a contact")
        return self


class OutcomeBy(Value):
    """What became of it, for replays: which cells mean answered on time, which overdue."""

    column: str
    on_time: tuple[str, ...] = Field(min_length=1)
    overdue: tuple[str, ...] = Field(min_length=1)


class ClueMapping(Value):
    """A whole mapping. ``city`` is the code of the pack that it is for (None: any)."""

    city: Code | None = None
    file: FileShape = FileShape()
    external_id: Template = Field(min_length=1)
    text: Template = Field(min_length=1)
    url: Template = ""
    channel: ByValue[Code]
    reported_at: ReportedAt
    nature: ByValue[Nature] | None = None
    urgency: ByValue[Urgency] | None = None
    place: PlaceBy | None = None
    item: ItemBy | None = None
    lead: LeadBy | None = None
    reporter: ReporterBy | None = None
    outcome: OutcomeBy | None = None


class Fault(NamedTuple):
    """One thing wrong with a mapping: the key, and a stable code with its facts."""

    key: str
    code: str
    facts: dict[str, object]


class MappingFaults(Exception):
    """A mapping that cannot be used, with all that is wrong with it."""

    def __init__(self, path: Path, faults: Sequence[Fault]) -> None:
        self.path = path
        self.faults = tuple(faults)
        super().__init__(f"{path}: " + "; ".join(f"{one.key}: {one.code}" for one in faults))


def read_mapping(path: Path) -> ClueMapping:
    """The mapping in a file. Raises ``MappingFaults``."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise MappingFaults(path, [Fault("", "unreadable", {"problem": error.strerror})]) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingFaults(path, [Fault("", "not_toml", {"problem": str(error)})]) from None
    try:
        return ClueMapping.model_validate(data)
    except ValidationError as error:
        faults = [_fault(found) for found in error.errors(include_url=False)]
        raise MappingFaults(path, faults) from None


def _fault(found: ErrorDetails) -> Fault:
    key = ".".join(str(part) for part in found["loc"] if not str(part).startswith("literal["))
    match found["type"]:
        case "missing":
            return Fault(key, "missing", {})
        case "extra_forbidden":
            return Fault(key, "unknown_key", {})
        case "template" | "regex" | "timezone" as code:
            return Fault(key, code, dict(found["ctx"]))
        case "value_or_column" | "lon_and_lat" | "category_wanted" | "id_or_contact" as code:
            return Fault(key, code, {})
    given = str(found["input"])[:60]
    return Fault(key, "bad_value", {"given": given, "problem": found["msg"]})


def check_mapping(
    path: Path, mapping: ClueMapping, pack: Pack, columns: Sequence[str] = ()
) -> None:
    """Whether a mapping fits a file's columns (none: not known) and a city's lists.

    Raises ``MappingFaults``.
    """
    faults = [*_unknown_columns(mapping, columns), *_unknown_codes(mapping, pack)]
    if faults:
        raise MappingFaults(path, faults)


def _unknown_columns(mapping: ClueMapping, columns: Sequence[str]) -> Iterator[Fault]:
    if not columns:
        return
    known = ", ".join(columns)
    for key, column in mapped_columns(mapping):
        if column not in columns:
            yield Fault(key, "unknown_column", {"column": column, "known": known})


def mapped_columns(mapping: Value) -> Iterator[tuple[str, str]]:
    """The keys of a mapping, or of a part of one, with the columns that they name."""
    return _columns(mapping.model_dump())


_COLUMN_KEYS = frozenset({"column", "lon", "lat", "contact"})
_TEMPLATE_KEYS = frozenset({"external_id", "text", "url", "address", "category", "subcategory"})


def _columns(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """The columns that a mapping names, with the keys under which it does."""
    for key, value in table.items():
        at = f"{above}{key}"
        if isinstance(value, dict) and key != "values":
            yield from _columns(value, f"{at}.")
        elif key in _COLUMN_KEYS and isinstance(value, str):
            yield at, value
        elif key in _TEMPLATE_KEYS or at == "reporter.id":
            yield from ((at, column) for column in HOLE.findall(value))


def _unknown_codes(mapping: ClueMapping, pack: Pack) -> Iterator[Fault]:
    if mapping.city not in (None, pack.code):
        yield Fault("city", "other_city", {"given": mapping.city, "loaded": pack.code})
        return
    channels = {channel.code for channel in pack.channels}
    regions = {region.code for region in pack.regions}
    channel = mapping.channel
    yield from _among(
        "channel", [channel.value, channel.default, *channel.values.values()], channels
    )
    if mapping.place and mapping.place.region:
        yield from _among("place.region.within", [mapping.place.region.within], regions)
    if mapping.lead:
        yield from _among("lead.region", [mapping.lead.region], regions)


def _among(key: str, given: Iterable[str | None], known: set[str]) -> Iterator[Fault]:
    for code in sorted({code for code in given if code} - known):
        told = ", ".join(sorted(known)) if len(known) <= 20 else ""
        yield Fault(key, "unknown_code", {"given": code, "known": told})
