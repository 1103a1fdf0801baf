"""All names a city knows, in one index: its regions, its known places, and words beside them."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from juanchi.domain.gazetteer import KnownPlace
from juanchi.domain.lists import Pack
from juanchi.intake.terms import TermIndex


class Sense(Enum):
    """What a name in a text stands for."""

    PLACE = auto()
    ELSEWHERE = auto()
    HOME = auto()
    NOTHING = auto()


@dataclass
class Name:
    """One name, in whatever case: the regions it may mean, and the known places called so.

    ``full``: it is a region's own name, not a short one that other names are made of.
    """

    sense: Sense
    spellings: set[str] = field(default_factory=set)
    regions: list[str] = field(default_factory=list)
    known: list[KnownPlace] = field(default_factory=list)
    full: bool = False
    common: bool = False


class Hit(NamedTuple):
    """A name where it stands in a text. ``exact``: written in the listed case."""

    start: int
    end: int
    name: Name
    exact: bool


class Gazetteer:
    """The index. Build once per version of the lists; whole words in scripts that have cases."""

    def __init__(self, pack: Pack) -> None:
        names: dict[str, Name] = {}
        for region in pack.regions:
            for word in (region.name, *region.aliases):
                name = _add(names, word, Sense.PLACE, [region.code])
                name.full |= word == region.name
        for place in pack.places:
            for word in (place.name, *place.aliases):
                _add(names, word, Sense.PLACE, place.regions).known.append(place)
        words = pack.place_words
        for sense, others in (
            (Sense.ELSEWHERE, words.other_places),
            (Sense.HOME, words.home),
            (Sense.NOTHING, words.not_places),
        ):
            for word in others:
                _add(names, word, sense, ())
        for word in words.common_words:
            if both := names.get(folded(unicodedata.normalize("NFKC", word))):
                both.common = True
        self._index = TermIndex(names.items(), whole_words=True)

    def find(self, text: str) -> list[Hit]:
        """The names in a text (folded in width), the longest where they overlap; in order."""
        return list(self._hits(text))

    def _hits(self, text: str) -> Iterator[Hit]:
        for start, end, name in self._index.find(folded(text), longest=True):
            yield Hit(start, end, name, text[start:end] in name.spellings)


def folded(text: str) -> str:
    """A text in one case, every character where it was."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def _add(names: dict[str, Name], word: str, sense: Sense, regions: Iterable[str]) -> Name:
    """The name for a word; what is a place as well as another thing is asked about."""
    word = unicodedata.normalize("NFKC", word)
    name = names.setdefault(folded(word), Name(sense))
    if name.sense is not sense:
        name.common = True
        if sense is Sense.PLACE:
            name.sense = sense
    name.spellings.add(word)
    name.regions.extend(code for code in regions if code not in name.regions)
    return name
