"""The names of a city's codes: units, items, regions and channels as people call them."""

from collections.abc import Iterable
from typing import Protocol

from juanchi.domain.lists import Pack, Unit
from juanchi.domain.place import Place
from juanchi.domain.terms import Role
from juanchi.words.catalogue import CHINESE, named, say


class _Named(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str: ...


class Names:
    """What codes are called, in one language. Without a pack every code is its own name."""

    def __init__(self, pack: Pack | None, lang: str) -> None:
        self.lang = lang
        self._units = _by_code(pack.units if pack else (), lang)
        self._items = _by_code(pack.items if pack else (), lang)
        self._regions = _by_code(pack.regions if pack else (), lang)
        self._channels = _by_code(pack.channels if pack else (), lang)

    def unit(self, code: str | None) -> str:
        """A unit by its code."""
        return self._units.get(code or "", code or "")

    def item(self, code: str | None) -> str:
        """An item of the catalogue by its code."""
        return self._items.get(code or "", code or "")

    def region(self, code: str | None) -> str:
        """A region by its code."""
        return self._regions.get(code or "", code or "")

    def channel(self, code: str) -> str:
        """A channel by its code."""
        return self._channels.get(code, code)

    def holder(self, holder: str) -> str:
        """Who has the ball: a unit, or a desk of the centre."""
        if holder in list(Role):
            return say("timeline.desk", self.lang, role=named("role", holder, self.lang))
        return self.unit(holder)

    def place(self, place: Place | None) -> str:
        """A place in one line: region, address, coordinates only when there is nothing else."""
        if place is None:
            return ""
        region = self.region(place.region)
        # Addresses often begin with the region's own name.
        if region and place.address.startswith(region):
            region = ""
        told = say("mark.space", self.lang).join(part for part in (region, place.address) if part)
        if told or place.lon is None or place.lat is None:
            return told
        return f"{place.lon:.5f}, {place.lat:.5f}"


def find_holder(text: str, units: Iterable[Unit]) -> tuple[str, ...]:
    """The holders that a person may mean, by desk, or by a unit's code, name or alias.

    Those that fit exactly are the only answer; else all whose names hold the text.
    """
    wanted = text.strip().casefold()
    if wanted in list(Role):
        return (wanted,)
    known = list(units)
    exact = [unit.code for unit in known if wanted in _names(unit)]
    if exact or not wanted:
        return tuple(exact)
    return tuple(unit.code for unit in known if any(wanted in name for name in _names(unit)))


def _names(unit: Unit) -> list[str]:
    given = (unit.code, unit.name, unit.name_en, *unit.aliases)
    return [name.casefold() for name in given if name]


def _by_code(rows: Iterable[_Named], lang: str) -> dict[str, str]:
    if lang == CHINESE:
        return {row.code: row.name for row in rows}
    return {row.code: row.name_en or row.name for row in rows}
