"""Reads the places of a text: which region it speaks of, at which address and point."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from juanchi.domain.duties import Directory
from juanchi.domain.gazetteer import KnownPlace, PlaceKind
from juanchi.domain.lists import Pack
from juanchi.intake.places.address import Addresses
from juanchi.intake.places.coordinates import Coordinates, Point
from juanchi.intake.places.evidence import Mention, Verdict, weigh
from juanchi.intake.places.gazetteer import Gazetteer, Hit, Sense
from juanchi.intake.places.names import Named, Names

_CLAUSE_ENDS = re.compile(r"[,.;!?。\n]")
_NEAR_HOME: Final = 8
"""Characters between "I live in" and the name: "the", "a flat in"."""
_CLAUSE: Final = 24
"""Characters behind "I live in" in which an address is still that of the home."""


class Reading(NamedTuple):
    """What a text says of where it is. ``region`` is certain; ``possible`` is for a person."""

    region: str | None
    possible: tuple[str, ...]
    problem: str
    address: str
    point: Point | None


class PlaceReader:
    """Reads by a city's regions, known places and words. Build once per version of the lists."""

    def __init__(self, pack: Pack, directory: Directory) -> None:
        self._directory = directory
        self._gazetteer = Gazetteer(pack)
        self._coordinates = Coordinates(pack.place_words, pack.bounds)
        self._names = Names(pack.place_words)
        self._addresses = Addresses(pack.place_words)
        known = [place for place in pack.places if place.kind is PlaceKind.CROSSING]
        self._forms = {place.name: self._form(place.name) for place in known}
        self._crossings = {self._forms[place.name]: place for place in known}

    def read(self, text: str) -> Reading:
        """What a text says; full-width letters and digits are read like others."""
        text = unicodedata.normalize("NFKC", text)
        hits = self._gazetteer.find(text)
        named = self._names.find(text, hits)
        crossings = [
            one._replace(name=self._forms.get(one.name, one.name))
            for one in self._addresses.crossings(text, named)
        ]
        known = [place for one in crossings if (place := self._crossings.get(one.name))]
        mentions = [*_mentions(text, hits, named), *(Mention(place.regions) for place in known)]
        elsewhere = any(hit.name.sense is Sense.ELSEWHERE for hit in hits)
        verdict = weigh(mentions, elsewhere, self._directory)
        written = self._coordinates.read(text)
        if verdict.problem == "no_place" and (written.outside or written.unsure):
            verdict = verdict._replace(problem="outside" if written.outside else "ambiguous")
        elif written.outside and verdict.region is not None:
            verdict = Verdict(None, (verdict.region,), "ambiguous")
        if any(not one.home and not one.weak for one in mentions):
            away = _away(text, hits)
            named, crossings = list(filter(away, named)), list(filter(away, crossings))
        landmarks = [one.known for one in named if one.known and one.known.lon is not None]
        return Reading(
            *verdict,
            address=self._address(text, named, crossings, verdict),
            point=written.point or self._point([*known, *landmarks], verdict),
        )

    def _form(self, name: str) -> str:
        """A known crossing's name in the one form that crossings of texts have."""
        text = unicodedata.normalize("NFKC", name)
        found = self._addresses.crossings(text, self._names.find(text, ()))
        return found[0].name if found else text

    def _address(
        self, text: str, named: Sequence[Named], crossings: Sequence[Named], verdict: Verdict
    ) -> str:
        address = self._addresses.best(text, named, crossings)
        # A road alone, in no known street, is too long to be one and the same place.
        if self._addresses.bare(address, named) and not self._directory.street(verdict.region):
            return ""
        return address

    def _point(self, places: Sequence[KnownPlace], verdict: Verdict) -> Point | None:
        """Where the one known crossing or landmark is, if it fits the region found."""
        points = {
            Point(place.lon, place.lat)
            for place in places
            if place.lon is not None and place.lat is not None
            if any(verdict.region in self._directory.chain(code) for code in place.regions)
        }
        return points.pop() if len(points) == 1 and verdict.region else None


def _mentions(text: str, hits: Sequence[Hit], named: Sequence[Named]) -> Iterator[Mention]:
    """What each name found stands for, by what stands around it."""
    roads = iter(one for one in named if one.kind is PlaceKind.ROAD and one.known is None)
    road = next(roads, None)
    home = elsewhere = -1
    for hit in hits:
        while road is not None and road.end <= hit.start:
            road = next(roads, None)
        if hit.name.sense is Sense.HOME:
            home = hit.end
        elif hit.name.sense is Sense.ELSEWHERE:
            elsewhere = hit.end
        elif hit.name.sense is Sense.PLACE:
            at_home = _at_home(text, home, hit.start)
            home = hit.end if at_home else home
            in_road = road is not None and road.start <= hit.start and not hit.name.known
            short = not hit.name.full and (in_road or hit.start == elsewhere)
            weak = hit.name.common or not hit.exact or short
            yield Mention(tuple(hit.name.regions), weak, at_home)


def _away(text: str, hits: Sequence[Hit]) -> Callable[[Named], bool]:
    """Tells the places that are not in a clause on where the author lives."""
    homes = [hit.end for hit in hits if hit.name.sense is Sense.HOME]

    def away(named: Named) -> bool:
        last = bisect_right(homes, named.start) - 1
        if last < 0:
            return True
        since = max(homes[last], named.start - _CLAUSE)
        return since > homes[last] or bool(_CLAUSE_ENDS.search(text, since, named.start))

    return away


def _at_home(text: str, home: int, start: int) -> bool:
    """Whether a name follows closely, in the same clause, on "I live in" or on a name there."""
    if home < 0 or not 0 <= start - home <= _NEAR_HOME:
        return False
    return _CLAUSE_ENDS.search(text, home, start) is None
