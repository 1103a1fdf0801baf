"""What of a matter may say who leads: named traits with weights, and circumstances by exactness."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from juanchi.domain.duties import Directory
from juanchi.intake.learning.example import Example

READ: Final = 2000
"""Characters of a text that are read; more say nothing new."""

_GRAM: Final = 2
_RARE: Final = 3
_GRAMS: Final = 3000
_DIGITS: Final = re.compile(r"\d+")
_BLANK: Final = re.compile(r"[\W_]+")


class Surroundings(NamedTuple):
    """What the lists say around a code: an item's classes, a region and those above it."""

    classes: Mapping[str, Sequence[str]] = {}
    regions: Mapping[str, Sequence[str]] = {}

    @classmethod
    def of(cls, directory: Directory | None) -> "Surroundings":
        """Of a whole directory."""
        if directory is None:
            return cls()
        classes = {
            item.code: [item.category, f"{item.category}/{item.subcategory}"]
            for item in directory.items.values()
        }
        return cls(classes, {code: list(directory.chain(code)) for code in directory.regions})

    def around(self, matters: Iterable[Example]) -> "Surroundings":
        """Only what is around these matters."""
        known = list(matters)
        items = {one.item for one in known if one.item}
        regions = {one.region for one in known if one.region}
        return Surroundings(
            {code: self.classes[code] for code in sorted(items & self.classes.keys())},
            {code: self.regions[code] for code in sorted(regions & self.regions.keys())},
        )


class Traits:
    """Reads matters as weighted traits. ``grams`` are the pairs of characters that count."""

    def __init__(self, around: Surroundings, grams: Iterable[str] = ()) -> None:
        self.around = around
        self.grams = frozenset(grams)

    @classmethod
    def learn(cls, matters: Sequence[Example], around: Surroundings) -> "Traits":
        """With the commonest pairs of characters of the texts; rare ones are left out."""
        seen = Counter(gram for one in matters for gram in set(_grams(one.text)))
        common = [(gram, count) for gram, count in seen.items() if count >= _RARE]
        common.sort(key=lambda pair: (-pair[1], pair[0]))
        return cls(around, [gram for gram, _ in common[:_GRAMS]])

    def of(self, matter: Example) -> Iterator[tuple[str, float]]:
        """The traits of a matter, each name once."""
        yield f"channel={matter.channel}", 1.0
        yield f"nature={matter.nature or ''}", 1.0
        yield f"item={matter.item or ''}", 1.0
        for depth, name in enumerate(self.around.classes.get(matter.item or "", ())):
            yield f"class{depth}={name}", 1.0
        for code in self._regions(matter):
            yield f"region={code}", 1.0
        if spot := spot_of(matter.address):
            yield f"spot={spot}", 1.0
        told = sorted(set(_grams(matter.text)) & self.grams)
        for gram in told:
            yield f"gram={gram}", 1 / math.sqrt(len(told))

    def circumstances(self, matter: Example) -> list[str]:
        """Where habits are looked up, from the roughest to the most exact.

        The last four are always: the item, in its region, at its spot, from its channel.
        """
        classes = (f"class:{name}" for name in self.around.classes.get(matter.item or "", ()))
        spot = spot_of(matter.address) or matter.region or ""
        return [
            "",
            *classes,
            item_key(matter),
            region_key(matter),
            f"{matter.item}@{spot}!",
            f"{matter.item}@{spot}!{matter.channel}",
        ]

    def _regions(self, matter: Example) -> Sequence[str]:
        if matter.region is None:
            return ()
        return self.around.regions.get(matter.region, (matter.region,))


def item_key(matter: Example) -> str:
    """The circumstances in which only the item counts."""
    return f"item:{matter.item}"


def region_key(matter: Example) -> str:
    """The circumstances in which only the item and the region count."""
    return f"{matter.item}@{matter.region or ''}"


def spot_of(address: str) -> str:
    """An address as it comes back: without width, case, signs and the numbers of houses."""
    plain = unicodedata.normalize("NFKC", address[:READ]).casefold()
    return _BLANK.sub("", _DIGITS.sub("", plain))[:100]


def _grams(text: str) -> Iterator[str]:
    plain = _BLANK.sub(" ", unicodedata.normalize("NFKC", text[:READ]).casefold())
    return (gram for at in range(len(plain) - 1) if " " not in (gram := plain[at : at + _GRAM]))
