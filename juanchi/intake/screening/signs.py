"""What a text shows in any language: contacts, links, prices, pictures, repetition."""

import re
import unicodedata
from collections import Counter
from functools import cached_property
from typing import Final

_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
"""What is not seen: joiners, marks of direction, variation selectors."""

_STACKED: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{2,}"
)
"""Marks stacked on one letter; a single one is how people write."""

_CONTACT: Final = re.compile(
    r"(?<!\d)(?:\d[ -]?){7,12}(?!\d)|\d{3}[x*]{3}"
    r"|(?<![a-z0-9_.-])[a-z](?=[a-z_-]*\d)[a-z0-9_-]{5,19}(?![a-z0-9_])"
)
_LINK: Final = re.compile(r"https?:|www\.|[a-z0-9]\.(?:com|cn|net|top|xyz|cc|vip|shop)\b")
_PRICE: Final = re.compile(r"[¥￥$€]\s?\d|\d\s?(?:元|块|折|%\s?off|off)")

REPEATS: Final = 0.6
"""The share of a text that is one and the same character, from which on it says nothing."""


class Signs:
    """The signs of one text that is ``plain``; each is looked for when it is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def letters(self) -> int:
        """How many letters and digits it has."""
        return letters(self._text)

    @cached_property
    def contacts(self) -> bool:
        """Whether there is a telephone number or a messenger's id."""
        return _CONTACT.search(self._text) is not None

    @cached_property
    def links(self) -> bool:
        return _LINK.search(self._text) is not None

    @cached_property
    def prices(self) -> bool:
        return _PRICE.search(self._text) is not None

    @cached_property
    def pictures(self) -> float:
        """The share of its characters that are symbols such as emoji."""
        symbols = sum(unicodedata.category(char) == "So" for char in self._text)
        return symbols / max(1, len(self._text))

    @cached_property
    def repeated(self) -> float:
        """The share of its letters that the commonest one is."""
        counted = Counter(filter(str.isalnum, self._text))
        return max(counted.values(), default=0) / max(1, self.letters)


def plain(text: str) -> str:
    """A text as it is compared: one width and case, without what hides or is stacked in it."""
    seen = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    return _STACKED.sub("", seen)


def letters(text: str) -> int:
    """How many letters and digits a text has."""
    return sum(map(str.isalnum, text))
