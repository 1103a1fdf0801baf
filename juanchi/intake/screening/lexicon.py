"""The city's own words in a text: one pass finds them all."""

from collections.abc import Iterator, Mapping
from operator import add
from typing import Final, NamedTuple

from juanchi.domain.lists import Pack, RegionLevel, ScreeningWords
from juanchi.intake.screening.signs import plain

PLACE: Final = "place"
CITY: Final = "city"
UNIT: Final = "unit"
REFERRAL: Final = "referral:"

ASKS: Final = ("asks", "request", "report", "suggestion")
"""The lists whose words say that somebody wants something."""

_LISTS: Final = (
    "advertisement",
    "noise",
    "suggestion",
    "enquiry",
    "report",
    "request",
    "thanks",
    "urgent",
    "asks",
    "now",
    "past",
    "speech",
    "off_topic",
    "settled",
)
_SHORTEST_NAME: Final = 2


class Spoken:
    """The words found in one text, by the list they are of, in the order of the text.

    A word inside a longer one of its list does not count.
    """

    __slots__ = ("_words",)

    def __init__(self, words: Mapping[str, Mapping[str, str]]) -> None:
        self._words = words

    def words(self, of: str) -> tuple[str, ...]:
        """The words of a list, each once."""
        return tuple(self._words.get(of, ()))

    def means(self, of: str) -> tuple[str, ...]:
        """What the words of a list stand for, each once: units by their code."""
        return tuple(dict.fromkeys(self._words.get(of, {}).values()))

    def count(self, *of: str) -> int:
        """How many words of some lists."""
        return sum(len(self._words.get(one, ())) for one in of)

    def __contains__(self, of: object) -> bool:
        return of in self._words


class _Term(NamedTuple):
    text: str
    of: str
    means: str


class Lexicon:
    """Built once per version of the lists. Most texts cost no more than their pairs of letters."""

    def __init__(self, pack: Pack) -> None:
        self._by_head: dict[str, list[_Term]] = {}
        for of, word, means in _terms(pack):
            if text := plain(word).strip():
                self._by_head.setdefault(text[:2], []).append(_Term(text, of, means))

    def read(self, text: str) -> Spoken:
        """The words in a text that is ``plain``."""
        pairs = {*map(add, text, text[1:]), *text}
        found = [
            (text.find(term.text), term)
            for head in pairs & self._by_head.keys()
            for term in self._by_head[head]
            if term.text in text
        ]
        texts: dict[str, set[str]] = {}
        for _, term in found:
            texts.setdefault(term.of, set()).add(term.text)
        by_list: dict[str, dict[str, str]] = {}
        for _, term in sorted(found):
            others = texts[term.of]
            if len(others) == 1 or not any(term.text in o for o in others if o != term.text):
                by_list.setdefault(term.of, {}).setdefault(term.text, term.means)
        return Spoken(by_list)


def _terms(pack: Pack) -> Iterator[tuple[str, str, str]]:
    words: ScreeningWords = pack.screening
    for name in _LISTS:
        yield from ((name, word, word) for word in getattr(words, name))
    for referral in words.referrals:
        yield from ((f"{REFERRAL}{referral.code}", word, word) for word in referral.words)
    for region in pack.regions:
        of = CITY if region.level is RegionLevel.CITY else PLACE
        names = (region.name, *region.aliases)
        yield from ((of, name, region.code) for name in names if len(name) >= _SHORTEST_NAME)
    for place in pack.places:
        yield from ((PLACE, name, name) for name in (place.name, *place.aliases))
    for unit in pack.units:
        yield from ((UNIT, name, unit.code) for name in (unit.name, *unit.aliases))
