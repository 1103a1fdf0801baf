"""Where a clue is: what a person or its channel says, then the places that its words name."""

from juanchi.domain.clue import LocateResult
from juanchi.domain.duties import Directory
from juanchi.domain.lists import Pack
from juanchi.domain.place import Place
from juanchi.domain.ticket import Clue
from juanchi.intake.places import PlaceReader, Reading


class Locator:
    """Settles a clue's region. Build once per version of the lists."""

    def __init__(self, pack: Pack, directory: Directory) -> None:
        self._pack = pack
        self._directory = directory
        self._reader = PlaceReader(pack, directory)

    def locate(self, clue: Clue, given: Place | None) -> LocateResult:
        """The place, its district and its street team; or the problem, said and not guessed.

        ``given`` is a place that a person has named; it wins over the clue's own, which wins over
        the words of the text. What the place does not tell (address, coordinates) comes from them.
        """
        place = given or clue.place or Place()
        if self.outside(place):
            return LocateResult(place=place, problem="outside")
        if given is not None and given.region is not None:
            return self._settled(given, given.region)
        reading = self._read(place.address, clue.text)
        place = _filled(place, reading)
        region = place.region or reading.region
        if region is None:
            return LocateResult(
                place=place, problem=reading.problem, possible_regions=reading.possible
            )
        possible = () if place.region else reading.possible
        settled = self._settled(place.model_copy(update={"region": region}), region)
        return settled.model_copy(update={"possible_regions": possible})

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

    def _read(self, address: str, text: str) -> Reading:
        """Both together; where they contradict each other, the address."""
        both = self._reader.read(f"{address}\n{text}" if address else text)
        if both.region is None and address:
            alone = self._reader.read(address)
            return alone if alone.region is not None else both
        return both


def _filled(place: Place, reading: Reading) -> Place:
    """The place with what the text adds to it; what it tells already stays."""
    told: dict[str, str | float] = {}
    if not place.address and reading.address:
        told["address"] = reading.address
    if reading.point and place.lon is None and place.lat is None:
        told["lon"], told["lat"] = reading.point
    return place.model_copy(update=told) if told else place
