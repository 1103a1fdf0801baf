"""The address that a text gives, in one form: a crossing, a house number, a landmark or a road.

Two texts about one place shall give one address, whatever order they name its roads in.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from juanchi.domain.gazetteer import PlaceKind, PlaceWords
from juanchi.intake.places.names import Named, any_of

_LONGEST = 200
_NEAR = 24
"""Characters around a road in which what makes it a crossing must stand."""
_GAP = 4
"""Between "corner of" and the first road: "the", spaces."""
_NUMBER = r"(\d{1,5}(?:-\d{1,4})?[A-Za-z]?)"


class Addresses:
    """Finds crossings and numbers around the names of a text, and says the most exact address."""

    def __init__(self, words: PlaceWords) -> None:
        self._words = words
        edge = r"\b" if words.spaced else ""
        self._joins = {join.casefold() for join in words.crossing_joins}
        self._before = any_of(words.crossing_before, edge)
        self._after = any_of(words.crossing_after, edge)
        self._number_after = re.compile(rf"\s?{_NUMBER}\s?{any_of(words.number_ends).pattern}")
        self._number_before = re.compile(rf"(?<!\w){_NUMBER} {{1,2}}\Z")
        self._exit = re.compile(rf"\s?([A-Za-z]\d?|\d)\s?{any_of(words.exit_ends).pattern}")

    def crossings(self, text: str, named: Sequence[Named]) -> list[Named]:
        """The crossings of two roads that stand side by side; and those that are known."""
        roads = [one for one in named if one.kind is PlaceKind.ROAD]
        found = [
            Named(PlaceKind.CROSSING, self.crossing(one.name, other.name), one.start, other.end)
            for one, other in pairwise(roads)
            if one.name != other.name and self._cross(text, one, other)
        ]
        return [*found, *(one for one in named if one.kind is PlaceKind.CROSSING)]

    def crossing(self, one: str, other: str) -> str:
        """A crossing's one name: its roads in the order of their characters."""
        return self._words.crossing_form.format(*sorted((one, other)))[:_LONGEST]

    def _cross(self, text: str, one: Named, other: Named) -> bool:
        between = text[one.end : min(other.start, one.end + _NEAR)].strip().casefold()
        if between not in self._joins and (between or self._words.spaced):
            return False
        if self._after.match(text[other.end : other.end + _NEAR].lstrip()):
            return True
        before = text[max(0, one.start - _NEAR) : one.start]
        return any(len(before) - found.end() <= _GAP for found in self._before.finditer(before))

    def best(self, text: str, named: Sequence[Named], crossings: Sequence[Named]) -> str:
        """The most exact address, if there is one of its kind; else nothing.

        Of two crossings neither is the place. A road alone is the least that there can be.
        """
        roads = [one for one in named if one.kind is PlaceKind.ROAD]
        for kind in (
            (one.name for one in crossings),
            self._numbered(text, roads),
            self._landmarks(text, named),
            (one.name for one in roads),
        ):
            different = list(dict.fromkeys(kind))
            if different:
                return different[0][:_LONGEST] if len(different) == 1 else ""
        return ""

    def bare(self, address: str, named: Iterable[Named]) -> bool:
        """Whether an address is but a road, which may be long."""
        return any(one.name == address for one in named if one.kind is PlaceKind.ROAD)

    def _numbered(self, text: str, roads: Iterable[Named]) -> Iterator[str]:
        for road in roads:
            if self._words.spaced:
                before = self._number_before.search(text, max(0, road.start - 12), road.start)
                if before:
                    yield f"{before[1]} {road.name}"
            elif found := self._number_after.match(text, road.end):
                yield road.name + found[0].replace(" ", "")

    def _landmarks(self, text: str, named: Iterable[Named]) -> Iterator[str]:
        for one in named:
            if one.kind is PlaceKind.LANDMARK:
                found = self._exit.match(text, one.end)
                yield one.name + (found[0].replace(" ", "") if found else "")
