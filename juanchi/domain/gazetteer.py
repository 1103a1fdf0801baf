"""What a city's texts call its places: known names, and the words by which others are seen.

All of it is data of the pack and optional (``places.csv``, ``places.toml``). Without any of it only
the regions are found, by their names.
"""

from enum import StrEnum
from typing import Self

from pydantic import Field, field_validator, model_validator

from juanchi.domain.base import Code, Line, Value


class PlaceKind(StrEnum):
    ROAD = "road"
    CROSSING = "crossing"
    LANDMARK = "landmark"
    COMMUNITY = "community"


class KnownPlace(Value):
    """A name that leads to a region; to one of several where a road runs through them.

    Coordinates (WGS 84) are those of a crossing or a landmark: both or neither.
    """

    name: Line = Field(min_length=1)
    kind: PlaceKind
    regions: tuple[Code, ...] = Field(min_length=1)
    aliases: tuple[Line, ...] = ()
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)

    @model_validator(mode="after")
    def _whole_point(self) -> Self:
        if (self.lon is None) != (self.lat is None):
            raise ValueError("has one coordinate; give both lon and lat, or neither")
        return self


class PlaceWords(Value):
    """How a city's texts name places.

    ``spaced``: names are capitalised words with spaces between, as in English; else they are
    written together, as in Chinese. ``road_ends`` and ``landmark_ends`` are how such names end,
    ``name_breaks`` words that are no part of a name before it. Where names are written together, a
    landmark is seen only right behind another place or one of ``landmark_leads``. A crossing is two
    roads with one of ``crossing_joins`` between, and ``crossing_before`` or ``crossing_after``
    beside them; ``crossing_form`` is how it is written down, its two ``{}`` for the roads.

    ``home``: what comes right after is where the author lives or works. ``other_places`` are not of
    this city. ``common_words`` are names that are words or persons as well: they are asked about,
    never taken. Inside ``not_places`` (longer words that hold a name) nothing is found.
    """

    spaced: bool = False
    road_ends: tuple[Line, ...] = ()
    landmark_ends: tuple[Line, ...] = ()
    name_breaks: tuple[Line, ...] = ()
    landmark_leads: tuple[Line, ...] = ()
    number_ends: tuple[Line, ...] = Field(default=(), description="after a house number, as 号")
    exit_ends: tuple[Line, ...] = Field(default=(), description="after a station's exit, as A口")
    crossing_joins: tuple[Line, ...] = ()
    crossing_before: tuple[Line, ...] = ()
    crossing_after: tuple[Line, ...] = ()
    crossing_form: Line = "{} / {}"
    home: tuple[Line, ...] = ()
    other_places: tuple[Line, ...] = ()
    common_words: tuple[Line, ...] = ()
    not_places: tuple[Line, ...] = ()
    latitude_words: tuple[Line, ...] = ()
    longitude_words: tuple[Line, ...] = ()
    degree_words: tuple[Line, ...] = Field(
        default=(), max_length=3, description="degree, minute, second, where written as words"
    )

    @field_validator("crossing_form")
    @classmethod
    def _two_roads(cls, form: str) -> str:
        if form.count("{}") != 2 or form.count("{") != 2 or form.count("}") != 2:
            raise ValueError("must have {} twice, once for each road, and no other braces")
        return form
