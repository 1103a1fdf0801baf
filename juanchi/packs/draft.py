"""A pack as read from its files, before it is checked: every value still knows its line."""

from dataclasses import dataclass

from juanchi.domain.base import Code, Line, Value
from juanchi.domain.gazetteer import KnownPlace, PlaceWords
from juanchi.domain.lists import (
    CalendarDay,
    Channel,
    Duty,
    Handling,
    Item,
    Region,
    ScreeningWords,
    Unit,
)
from juanchi.domain.policy import Policy
from juanchi.packs.documents import Document
from juanchi.packs.tables import Rows


class Head(Value):
    """``pack.toml``: the fields of a pack that are not lists."""

    code: Code
    version: Code
    name: Line
    name_en: Line = ""
    timezone: str
    number_pattern: str
    centre: Code
    street_team_role: Code
    bounds: tuple[float, float, float, float] | None = None
    backstop: Line = ""


@dataclass(frozen=True)
class Draft:
    """What could be read; None and missing rows have been noted as problems already.

    ``policies`` are all that could be read: the policy itself, then its further versions.
    """

    head_file: Document | None
    head: Head | None
    policies: tuple[tuple[Document, Policy], ...]
    screening_file: Document | None
    screening: ScreeningWords | None
    regions: Rows[Region]
    units: Rows[Unit]
    items: Rows[Item]
    duties: Rows[Duty]
    handlings: Rows[Handling]
    channels: Rows[Channel]
    places: Rows[KnownPlace]
    places_file: Document | None
    place_words: PlaceWords | None
    calendars: dict[int, Rows[CalendarDay]]
    sources: dict[int, str]
