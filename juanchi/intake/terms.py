"""Finds many terms in a text at once: by the two characters a term begins with.

Plain Python: most positions of a text cost one look-up, however many terms there are.
"""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class TermIndex(Generic[T]):
    """Terms and what each stands for. Build once; a term may stand for several things.

    Characters are compared as they are: whoever wants case or width not to count folds both the
    terms and the text. ``whole_words``: in scripts that have cases, and in numbers, a term does not
    begin or end within a word (``Mill`` is not in ``Millions``, ``Route 1`` not in ``Route 12``).
    """

    def __init__(self, terms: Iterable[tuple[str, T]], *, whole_words: bool = False) -> None:
        self._whole_words = whole_words
        self._payloads: dict[str, list[T]] = {}
        for term, payload in terms:
            if term:
                self._payloads.setdefault(term, []).append(payload)
        lengths: dict[str, set[int]] = {}
        for term in self._payloads:
            lengths.setdefault(term[:2], set()).add(len(term))
        # The longest first: whoever wants only that one is done with the first that fits.
        self._lengths = {head: sorted(found, reverse=True) for head, found in lengths.items()}

    def __len__(self) -> int:
        return len(self._payloads)

    def find(self, text: str, *, longest: bool = False) -> Iterator[tuple[int, int, T]]:
        """Each term in a text: where it begins and ends, and what it stands for.

        In the order of their beginnings, the longer before the shorter. ``longest``: of terms that
        overlap only the one that begins first, and of those the longest.
        """
        free = 0
        begins = self._lengths
        for start in range(len(text)):
            # Nearly every position ends here: it is what the whole search costs.
            if start < free or (
                text[start : start + 2] not in begins and text[start] not in begins
            ):
                continue
            for end in self._ends(text, start):
                for payload in self._payloads[text[start:end]]:
                    yield start, end, payload
                if longest:
                    free = end
                    break

    def _ends(self, text: str, start: int) -> Iterator[int]:
        """Where terms that begin here end; the longest first."""
        # A term of one character is a head by itself.
        for head in dict.fromkeys((text[start : start + 2], text[start])):
            for length in self._lengths.get(head, ()):
                end = start + length
                if end > len(text) or text[start:end] not in self._payloads:
                    continue
                if not self._whole_words or not (_within(text, start) or _within(text, end)):
                    yield end


def _within(text: str, at: int) -> bool:
    """Whether a position lies inside a word of a script that has cases, or inside a number."""
    if at == 0 or at == len(text):
        return False
    before, after = text[at - 1], text[at]
    return (_cased(before) and _cased(after)) or (before.isdecimal() and after.isdecimal())


def _cased(char: str) -> bool:
    return char.lower() != char.upper()
