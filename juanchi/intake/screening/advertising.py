"""What is sold: how surely a text is an advertisement, and where one was glued to a real report.

Spam for search engines is put before, behind and between the sentences of real news. What is an
advertisement by itself is cut out, so that the report is not sunk by it and no department reads it.
"""

import math
import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from juanchi.intake.screening.lexicon import ASKS, PLACE, Lexicon, Spoken
from juanchi.intake.screening.signs import Signs, letters, plain

SURE: Final = 0.9

_SENTENCE: Final = re.compile(r"[^。！？!?；;\n]*(?:[。！？!?；;\n]+[”」』\"')）]*\s*|$)")
# A space divides clauses only in a script that puts none between words.
_CLAUSE: Final = re.compile(
    r".+?(?:[，,、]\s*|(?<=[\u3400-\u9fff])\s+|\s(?=[\u3400-\u9fff])|$)", re.DOTALL
)
_FEW: Final = 12
"""Letters without which nothing is left of a report."""

_STUFFED: Final = 3
"""Advertising words in one breath that need no contact beside them."""

_THIN: Final = 60
"""Letters for each advertising word beyond which it is a word among others, not what is said."""


class Cut(NamedTuple):
    """A text without the advertising glued to it, and how many characters were cut out."""

    matter: str
    cut: int


class _Segment(NamedTuple):
    text: str
    spoken: Spoken
    signs: Signs
    item: bool

    @property
    def asks(self) -> bool:
        return self.spoken.count(*ASKS) > 0

    @property
    def ours(self) -> bool:
        """Whether it tells of a matter."""
        return self.item or self.asks or PLACE in self.spoken

    @property
    def sells(self) -> bool:
        """Whether it is an advertisement by itself, and not somebody's words about one."""
        told = "speech" in self.spoken or self.asks
        return not told and advertised(self.spoken, self.signs, self.item) >= SURE


def advertised(spoken: Spoken, seen: Signs, item: bool) -> float:
    """How likely a text is an advertisement, 0 to 1. Without a word that sells it is none."""
    words = min(spoken.count("advertisement"), 4)
    if not words:
        return 0.0
    weight = 0.3 + 2.0 * words
    weight += 1.2 * seen.contacts + 0.8 * seen.links + 0.5 * seen.prices
    weight += 0.5 * (seen.pictures > 0.1)
    weight -= 2.5 * item + 2.0 * min(spoken.count(*ASKS), 2) + 0.1 * (PLACE in spoken)
    weight -= 1.5 * (seen.letters > _THIN * words) + 1.0 * ("speech" in spoken)
    return 1 / (1 + math.exp(-weight))


class Adverts:
    """Cuts advertising out of reports, by a city's words; ``names_an_item`` knows its matters."""

    def __init__(self, lexicon: Lexicon, names_an_item: Callable[[str], bool]) -> None:
        self._lexicon = lexicon
        self._names_an_item = names_an_item

    def cut(self, text: str) -> Cut:
        """The report in a text; all of the text where there is no advertising, or nothing else."""
        sentences = [self._segment(part) for part in _SENTENCE.findall(text) if part]
        kept: list[str] = []
        for segment, sells in zip(sentences, _glued(sentences), strict=True):
            kept.append("" if sells else self._without_clauses(segment))
        matter = "".join(kept).strip()
        left = self._segment(matter)
        if left.signs.letters < _FEW or not left.ours:
            return Cut(text, 0)
        return Cut(matter, len(text.strip()) - len(matter))

    def _segment(self, text: str) -> _Segment:
        compared = plain(text)
        spoken = self._lexicon.read(compared)
        return _Segment(text, spoken, Signs(compared), self._names_an_item(compared))

    def _without_clauses(self, sentence: _Segment) -> str:
        """A sentence without clauses that sell, where they say whom to call or sell and sell."""
        if "advertisement" not in sentence.spoken or "speech" in sentence.spoken:
            return sentence.text
        clauses = [self._segment(part) for part in _CLAUSE.findall(sentence.text)]
        sells = _glued(clauses)
        sold = [one for one, sold in zip(clauses, sells, strict=True) if sold]
        words = sum(one.spoken.count("advertisement") for one in sold)
        if not any(map(_calls, sold)) and words < _STUFFED:
            return sentence.text
        return "".join(one.text for one, sold in zip(clauses, sells, strict=True) if not sold)


def _calls(segment: _Segment) -> bool:
    return segment.signs.contacts or segment.signs.links


def _glued(segments: Sequence[_Segment]) -> list[bool]:
    """Which sentences are advertising: those that sell, and those that stand with them."""
    sells = [one.sells for one in segments]
    if not any(sells):
        return sells
    first, last = sells.index(True), len(sells) - 1 - sells[::-1].index(True)
    between = zip(segments[first:last], sells[first:last], strict=True)
    filled = not any(_own(one) for one, sold in between if not sold)
    for at, one in enumerate(segments):
        if sells[at] or _own(one):
            continue
        # A telephone number or a link beside what sells is part of it; so is what fills the
        # space between.
        beside = any(sells[max(at - 1, 0) : at + 2]) and (_calls(one) or not letters(one.text))
        sells[at] = beside or (filled and first < at < last)
    return sells


def _own(segment: _Segment) -> bool:
    return segment.ours or "speech" in segment.spoken
