"""Coordinates written in a text: ``113.93,22.54`` or ``N22°32' E113°56'``.

Which of two bare numbers is the longitude is settled by the city's bounds. Where both orders, or
several points, would do, none is taken.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from juanchi.domain.gazetteer import PlaceWords

Bounds = tuple[float, float, float, float]

_NORTH = ("N", "lat", "latitude")
_EAST = ("E", "lon", "lng", "long", "longitude")
_SURE_DECIMALS = 4
"""Two bare numbers that fit nowhere in the city are called a place elsewhere only with so many."""

_BARE = re.compile(
    r"(?<![\d.])(-?\d{1,3}\.\d{2,9})\s{0,3}[,;/、\s]\s{0,3}(-?\d{1,3}\.\d{2,9})(?![\d.])"
)
_BETWEEN = re.compile(r"[\s,;/、]{0,6}\Z")


class Point(NamedTuple):
    """WGS 84, in degrees."""

    lon: float
    lat: float


class Found(NamedTuple):
    """``point`` is the one that is meant. ``unsure``: there are numbers, but not one meaning."""

    point: Point | None = None
    unsure: bool = False
    outside: bool = False


class _Half(NamedTuple):
    start: int
    end: int
    north: bool
    value: float


class Coordinates:
    """Reads coordinates by a city's bounds (west, south, east, north) and words."""

    def __init__(self, words: PlaceWords, bounds: Bounds | None) -> None:
        self._bounds = bounds
        self._marked = _marked(words)
        # Most texts hold no number with a fraction or a degree, and need no closer look.
        self._worth_it = _degrees(words)
        self._norths = {word.casefold() for word in (*_NORTH, "S", *words.latitude_words)}

    def read(self, text: str) -> Found:
        """What a text (folded in width) says."""
        if not self._worth_it.search(text):
            return Found()
        points: list[Point] = []
        unsure = outside = False
        for choices, sure in self._written(text):
            inside = [point for point in choices if self._holds(point)]
            if len(inside) == 1:
                points.append(inside[0])
            elif inside:
                unsure = True
            else:
                outside |= sure and bool(choices)
        different = list(dict.fromkeys(points))
        if len(different) == 1 and not unsure:
            return Found(different[0], outside=outside)
        return Found(unsure=unsure or len(different) > 1, outside=outside and not different)

    def _holds(self, point: Point) -> bool:
        if self._bounds is None:
            return True
        west, south, east, north = self._bounds
        return west <= point.lon <= east and south <= point.lat <= north

    def _written(self, text: str) -> Iterator[tuple[list[Point], bool]]:
        """Each pair of numbers with the points it may mean, and whether it is surely a place."""
        halves = list(self._halves(text))
        for one, other in pairwise(halves):
            between = _BETWEEN.match(text[one.end : other.start])
            if between and one.north is not other.north:
                lat, lon = (one, other) if one.north else (other, one)
                yield list(_valid([Point(lon.value, lat.value)])), True
        for found in _BARE.finditer(text):
            if any(half.start < found.end() and found.start() < half.end for half in halves):
                continue
            one_value, other_value = float(found[1]), float(found[2])
            decimals = min(len(part.partition(".")[2]) for part in found.groups())
            choices = dict.fromkeys(
                _valid([Point(one_value, other_value), Point(other_value, one_value)])
            )
            yield list(choices), decimals >= _SURE_DECIMALS

    def _halves(self, text: str) -> Iterator[_Half]:
        for found in self._marked.finditer(text):
            mark = (found["before"] or found["after"]).casefold()
            side = "1" if found["before"] else "2"
            value = (
                float(found[f"degrees{side}"])
                + float(found[f"minutes{side}"] or 0) / 60
                + float(found[f"seconds{side}"] or 0) / 3600
            )
            signed = -value if mark in ("s", "w") else value
            yield _Half(found.start(), found.end(), mark in self._norths, signed)


def _valid(points: Iterable[Point]) -> Iterator[Point]:
    return (point for point in points if abs(point.lon) <= 180 and abs(point.lat) <= 90)


def _degrees(words: PlaceWords) -> re.Pattern[str]:
    """A number that goes on with a fraction or a degree sign, or the word for it."""
    signs = (r"\.", "°", *map(re.escape, words.degree_words[:1]))
    return re.compile(rf"\d\s?(?:{'|'.join(signs)})")


def _marked(words: PlaceWords) -> re.Pattern[str]:
    """One number with its mark before it or after it."""
    plain = "|".join(map(re.escape, (*words.latitude_words, *words.longitude_words)))
    latin = "|".join(sorted((*_NORTH, *_EAST, "S", "W"), key=len, reverse=True))
    mark = rf"(?<![A-Za-z])(?:{latin})(?![A-Za-z])" + (f"|{plain}" if plain else "")
    degree, minute, second = (*map(re.escape, words.degree_words), *[r"(?!)"] * 3)[:3]

    def value(side: str) -> str:
        return (
            rf"(?<![\d.])(?P<degrees{side}>-?\d{{1,3}}(?:\.\d{{1,9}})?)\s?(?:(?:°|{degree})\s?"
            rf"(?:(?P<minutes{side}>\d{{1,2}}(?:\.\d{{1,9}})?)\s?(?:[′'’](?![′'’])|{minute})\s?"
            rf"(?:(?P<seconds{side}>\d{{1,2}}(?:\.\d{{1,9}})?)\s?(?:[′'’]{{2}}|[\"”]|{second}))?"
            r")?)?"
        )

    before = rf"(?P<before>{mark})\s?[:=]?\s?{value('1')}"
    after = rf"{value('2')}\s?(?P<after>{mark})"
    return re.compile(f"{before}|{after}", re.IGNORECASE)
