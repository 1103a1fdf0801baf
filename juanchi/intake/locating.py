"""Where a clue is: the city's districts and sub-districts by name in the text."""

from typing import NamedTuple

from juanchi.domain.clue import LocateResult
from juanchi.domain.duties import Directory
from juanchi.domain.lists import Pack, Region, RegionLevel
from juanchi.domain.place import Place
from juanchi.domain.ticket import Clue

_DEPTH = {RegionLevel.CITY: 0, RegionLevel.DISTRICT: 1, RegionLevel.STREET: 2}


class _Name(NamedTuple):
    word: str
    region: Region


class Locator:
    """Finds regions by name. Build once per version of the lists."""

    def __init__(self, pack: Pack, directory: Directory) -> None:
        self._pack = pack
        self._directory = directory
        names = [
            _Name(word, region)
            for region in pack.regions
            for word in (region.name, *region.aliases)
            if word
        ]
        # Longer names first, so that a street is not mistaken for the district inside its name.
        self._names = sorted(names, key=lambda name: -len(name.word))

    def locate(self, clue: Clue, given: Place | None) -> LocateResult:
        """The place, its district and its street team; or the problem, said and not guessed.

        ``given`` is a place that a person has named; it wins over the clue's own, which wins over
        the words of the text.
        """
        place = given or clue.place or Place()
        if self.outside(place):
            return LocateResult(place=place, problem="outside")
        if place.region is not None:
            return self._settled(place, place.region)
        found = self._in_text(f"{place.address} {clue.text}")
        if len(found) != 1:
            problem = "ambiguous" if found else "no_place"
            return LocateResult(place=place, problem=problem)
        return self._settled(place.model_copy(update={"region": found[0].code}), found[0].code)

    def outside(self, place: Place) -> bool:
        """Whether a place's coordinates or region are not of this city."""
        if place.region is not None and place.region not in self._directory.regions:
            return True
        bounds = self._pack.bounds
        if bounds is None or place.lon is None or place.lat is None:
            return False
        west, south, east, north = bounds
        return not (west <= place.lon <= east and south <= place.lat <= north)

    def _settled(self, place: Place, region: str) -> LocateResult:
        district = self._directory.district(region)
        team = self._directory.resolve(f"@{self._pack.street_team_role}", region)
        return LocateResult(
            place=place,
            district=district.code if district else None,
            street_team=team.code if team else None,
            problem="" if team else "no_street_team",
        )

    def _in_text(self, text: str) -> list[Region]:
        """The most exact regions named; a district named beside its own street is no conflict."""
        found: dict[str, Region] = {}
        for name in self._names:
            if name.word in text:
                found[name.region.code] = name.region
                text = text.replace(name.word, "\0")
        covered = {
            above for code in found for above in self._directory.chain(code) if above != code
        }
        exact = [region for code, region in found.items() if code not in covered]
        return self._within_named_district(exact)

    def _within_named_district(self, exact: list[Region]) -> list[Region]:
        """With several regions named, keep the deepest level only if it is one region."""
        if len(exact) < 2:
            return exact
        deepest = max(_DEPTH[region.level] for region in exact)
        return [region for region in exact if _DEPTH[region.level] == deepest]
