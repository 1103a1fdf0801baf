"""Codes that a spreadsheet has turned into numbers: put right where only one can be meant."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from juanchi.packs.problems import Sentence, quote
from juanchi.sheets.cells import is_number

_LONGEST = 64


class Numerals:
    """The codes of a list that a spreadsheet could take for numbers."""

    def __init__(self, codes: Iterable[str] = ()) -> None:
        self._codes: set[str] = set()
        self._by_number: defaultdict[Decimal, list[str]] = defaultdict(list)
        self._fragile = False
        self.add(codes)

    def add(self, codes: Iterable[str]) -> None:
        """More codes."""
        for code in codes:
            if code in self._codes or len(code) > _LONGEST or not is_number(code):
                continue
            self._codes.add(code)
            self._by_number[Decimal(code)].append(code)
            # A spreadsheet drops these zeros.
            self._fragile |= code != _shortest(code)

    def meant(self, text: str) -> list[str]:
        """The codes that are the same number."""
        return self._by_number.get(Decimal(text), []) if len(text) <= _LONGEST else []

    def repaired(self, text: str, *, number: bool, new: bool) -> tuple[str, Sentence | None]:
        """The code that a number means, and what is to be said about it.

        ``number``: the cell held a number, not text; ``new``: it may be a code not known yet.
        """
        meant = self.meant(text)
        if text in meant and (not number or len(meant) == 1):
            return text, None
        if len(meant) > 1:
            return text, Sentence("code_ambiguous", given=text, codes=", ".join(meant))
        if meant:
            return meant[0], Sentence("code_repaired", given=text, code=meant[0])
        if new and number and (self._fragile or "." in text):
            return text, Sentence("code_number", given=quote(text))
        return text, None


def _shortest(code: str) -> str:
    """A number as a spreadsheet shows it."""
    whole, point, rest = code.partition(".")
    rest = rest.rstrip("0")
    return (whole.lstrip("0") or "0") + (point + rest if rest else "")
