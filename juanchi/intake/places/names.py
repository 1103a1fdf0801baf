"""Roads and landmarks that no list knows, seen by how their names end.

Where a name begins is the hard part: after a break, or the end of another name. A name whose
beginning is not certain is left out; nothing is made up.
"""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from juanchi.domain.gazetteer import KnownPlace, PlaceKind, PlaceWords
from juanchi.intake.places.gazetteer import Hit, Sense

_LONGEST: Final = 6
"""Characters before the end of a name that is written together."""
_SHORTEST: Final = 2
_MOST_WORDS: Final = 3
_LAST_WORD = re.compile(r"(?<![\w'’\-])([^\W\d_][\w'’\-]*) {1,2}\Z")
_NEAR: Final = 40

_NEVER: Final = re.compile(r"(?!)")


class Named(NamedTuple):
    """A place named in a text; ``known`` is what the city's data has of it."""

    kind: PlaceKind
    name: str
    start: int
    end: int
    known: KnownPlace | None = None


class Names:
    """Finds roads and landmarks, known ones and others. Build once per version of the lists."""

    def __init__(self, words: PlaceWords) -> None:
        self._spaced = words.spaced
        self._kinds = {
            **dict.fromkeys(map(str.casefold, words.landmark_ends), PlaceKind.LANDMARK),
            **dict.fromkeys(map(str.casefold, words.road_ends), PlaceKind.ROAD),
        }
        edge = r"\b" if words.spaced else ""
        self._ends = any_of(self._kinds, edge)
        self._breaks = any_of(words.name_breaks, edge)
        self._joins = any_of(words.crossing_joins, edge)
        self._leads = any_of(words.landmark_leads, edge)

    def find(self, text: str, hits: Sequence[Hit]) -> list[Named]:
        """The named roads, crossings and landmarks of a text, in order, none within another."""
        known = [_known(hit) for hit in hits if hit.name.known and hit.exact]
        return sorted((*known, *self._others(text, hits)), key=lambda named: named.start)

    def _others(self, text: str, hits: Sequence[Hit]) -> Iterator[Named]:
        wall, soft, passed = 0, 0, 0
        behind = {hit.end for hit in hits if hit.name.sense is Sense.PLACE}
        for found in self._ends.finditer(text):
            at, end = found.span()
            while passed < len(hits) and hits[passed].end <= at:
                hit = hits[passed]
                passed += 1
                soft = hit.end
                if hit.name.full or hit.name.known or hit.name.sense is not Sense.PLACE:
                    wall = max(wall, hit.end)
            if passed < len(hits) and hits[passed].start < end:
                continue  # the end of a name that is known, or of a word that is none
            begins = self._spaced_start if self._spaced else self._joined_start
            start = begins(text, at, wall, soft)
            kind = self._kinds[found[0].casefold()]
            if start is None or (kind is PlaceKind.LANDMARK and not self._led(text, start, behind)):
                continue
            behind.add(end)
            wall = end
            yield Named(kind, text[start:end], start, end)

    def _joined_start(self, text: str, at: int, wall: int, soft: int) -> int | None:
        """Where a name written together begins: after the last break before it.

        What joins two roads, or is a place's short name, may also be a name's own first part.
        """
        start = at
        while start > wall and at - start < _LONGEST and text[start - 1].isalnum():
            start -= 1
        certain = start == wall or not text[start - 1].isalnum()
        for found in self._breaks.finditer(text, start, at):
            start, certain = found.end(), True
        joins = (found.end() for found in self._joins.finditer(text, start, at))
        starts = [one for one in (*joins, soft) if start < one <= at - _SHORTEST]
        if starts:
            return max(starts)
        return start if certain and at - start >= _SHORTEST else None

    def _spaced_start(self, text: str, at: int, wall: int, soft: int) -> int | None:
        """Where a name of several words begins: with the first of the capitalised ones."""
        start = at
        for _ in range(_MOST_WORDS):
            found = _LAST_WORD.search(text, max(wall, start - _NEAR), start)
            if found is None or not found[1][0].isupper() or self._parts(found[1]):
                break
            if start < at and found.start() < soft <= start:
                break
            start = found.start()
        return start if start < at else None

    def _led(self, text: str, start: int, behind: Container[int]) -> bool:
        """Whether something says that a landmark's name begins here: "our school" is none."""
        if self._spaced or start in behind:
            return True
        before = text[max(0, start - _LONGEST) : start]
        return any(found.end() == len(before) for found in self._leads.finditer(before))

    def _parts(self, word: str) -> bool:
        return bool(self._breaks.fullmatch(word) or self._joins.fullmatch(word))


def any_of(words: Iterable[str], edge: str = "") -> re.Pattern[str]:
    """A pattern for any of some words, the longest first; for none of none."""
    ranked = sorted(filter(None, words), key=len, reverse=True)
    if not ranked:
        return _NEVER
    return re.compile(f"{edge}(?:{'|'.join(map(re.escape, ranked))}){edge}", re.IGNORECASE)


def _known(hit: Hit) -> Named:
    place = hit.name.known[0]
    alone = place if len(hit.name.known) == 1 else None
    return Named(place.kind, place.name, hit.start, hit.end, alone)
