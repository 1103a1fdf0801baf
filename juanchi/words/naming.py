"""The names of a city's codes: units, items, regions and channels as people call them."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from juanchi.domain.holders import LEAD, POST, post_of, unit_of
from juanchi.domain.lists import Pack, Unit
from juanchi.domain.place import Place
from juanchi.domain.terms import Role
from juanchi.words.catalogue import CHINESE, LANGUAGES, keys, named, say


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
        self._staff = {unit.code: unit for unit in pack.units} if pack else {}

    def unit(self, code: str | None) -> str:
        """A unit by its code."""
        return self._units.get(code or "", code or "")

    def item(self, code: str | None) -> str:
        """An item of the catalogue by its code."""
        return self._items.get(code or "", code or "")

    def region(self, code: str | None) -> str:
        """A region by its code."""
        return self._regions.get(code or "", code or "")

    def one_of(self, codes: Sequence[str]) -> str:
        """Regions of which one is meant, for a person to choose from; nothing for none."""
        return say("mark.or", self.lang).join(map(self.region, codes))

    def channel(self, code: str) -> str:
        """A channel by its code."""
        return self._channels.get(code, code)

    def holder(self, holder: str) -> str:
        """Who has the ball: a unit, a post in it and who holds that, or a desk of the centre."""
        if holder in list(Role):
            return say("timeline.desk", self.lang, role=named("role", holder, self.lang))
        code, post = unit_of(holder), post_of(holder)
        if not post:
            return self.unit(code)
        unit = self._staff.get(code)
        return say(
            "timeline.post",
            self.lang,
            unit=say("timeline.lead", self.lang) if code == LEAD else self.unit(code),
            post=named("post", post, self.lang),
            name=unit.leader(post) if unit else "",
        )

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
    """The holders that a person may mean: by desk, or by a unit's code, name or alias, with a
    post in it behind a slash (``works/head``, ``市工务署/主要负责人``).

    Those that fit exactly are the only answer; else all whose names hold the text.
    """
    whose, slash, post = (part.strip() for part in text.casefold().partition(POST))
    if not slash and whose in list(Role):
        return (whose,)
    found = _units(whose, list(units))
    if not slash:
        return found
    held = _post(post)
    return tuple(f"{code}{POST}{held}" for code in found if held)


def _units(wanted: str, units: Sequence[Unit]) -> tuple[str, ...]:
    exact = [unit.code for unit in units if wanted in _names(unit)]
    if exact or not wanted:
        return tuple(exact)
    return tuple(unit.code for unit in units if any(wanted in name for name in _names(unit)))


def _post(wanted: str) -> str:
    """A post by its code, or by what it is called in any language."""
    for lang in LANGUAGES:
        for key in keys(lang):
            section, _, code = key.partition(".")
            if section == "post" and say(key, lang).casefold() == wanted:
                return code
    return wanted


def _names(unit: Unit) -> list[str]:
    given = (unit.code, unit.name, unit.name_en, *unit.aliases)
    return [name.casefold() for name in given if name]


def _by_code(rows: Iterable[_Named], lang: str) -> dict[str, str]:
    if lang == CHINESE:
        return {row.code: row.name for row in rows}
    return {row.code: row.name_en or row.name for row in rows}
