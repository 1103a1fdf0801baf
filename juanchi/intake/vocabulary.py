"""Which of a catalogue's own words stand in a text, and which come near when none does.

Both are built once per version of the lists, and their work on a text grows with its length, not
with the number of items.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from juanchi.intake.terms import TermIndex

_RUNS: Final = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+")
"""Chinese has no spaces between words, so its runs are cut otherwise than a written word."""

_NEAR: Final = 0.55
"""The least share of a word's grams that a text must have to come near it."""

_READ: Final = 2_000
"""Characters of a text that are looked at for what comes near: longer ones come near anything."""


class WordIndex:
    """Finds which of many words stand in a text. Words and text are case-folded."""

    def __init__(self, words: Iterable[str]) -> None:
        known = frozenset(filter(None, words))
        self._index = TermIndex((word, word) for word in known)
        self._inside = {word: inside for word in known if (inside := self._all(word) - {word})}

    def found(self, folded: str) -> set[str]:
        """The words in a text; those inside a longer one that was found are left out."""
        everything = self._all(folded)
        covered = {word for longer in everything for word in self._inside.get(longer, ())}
        return everything - covered

    def any(self, folded: str) -> bool:
        """Whether any of the words stands in a text."""
        return next(self._index.find(folded), None) is not None

    def _all(self, folded: str) -> set[str]:
        return {word for _, _, word in self._index.find(folded)}


class Near(NamedTuple):
    """A word that a text comes near, and the share of it that the text has, 0 to 1."""

    word: str
    share: float


class NearIndex:
    """Finds words that a text comes near without having them: character grams, rare ones first.

    A word counts by the share of its grams that the text has, each weighted by how rare it is
    among the words. That a text is long is no merit: only its beginning is looked at.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        grams = [frozenset(_grams(word)) for word in words]
        seen = Counter(gram for found in grams for gram in found)
        self._rarity: Mapping[str, float] = {
            gram: math.log(1 + len(words) / count) for gram, count in seen.items()
        }
        self._where: dict[str, list[int]] = defaultdict(list)
        for number, found in enumerate(grams):
            for gram in sorted(found):
                self._where[gram].append(number)
        self._whole = [sum(self._rarity[gram] for gram in found) or 1.0 for found in grams]

    def near(self, folded: str) -> list[Near]:
        """The words that a text comes near, nearest first."""
        shared: dict[int, float] = defaultdict(float)
        for gram in sorted(set(_grams(folded[:_READ]))):
            rarity = self._rarity.get(gram, 0.0)
            for number in self._where.get(gram, ()):
                shared[number] += rarity
        found = [
            Near(self._words[number], share)
            for number, weight in shared.items()
            if (share := weight / self._whole[number]) >= _NEAR
        ]
        return sorted(found, key=lambda one: (-one.share, one.word))


def _grams(folded: str) -> Iterator[str]:
    """The grams of a text: a Chinese run's pairs, another word's threes with its edges."""
    for run in _RUNS.findall(folded):
        if run[0] >= "\u3400" and run[0] <= "\u9fff":
            yield from (run[at : at + 2] for at in range(max(1, len(run) - 1)))
        else:
            edged = f" {run} "
            yield from (edged[at : at + 3] for at in range(len(edged) - 2))
