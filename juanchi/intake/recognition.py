"""Which catalogue items a text speaks of, by the catalogue's own words."""

from typing import NamedTuple

from juanchi.domain.lists import Item, Pack

MARGIN = 1.5
"""How much better than the next the best match must be to count as sure."""


class Match(NamedTuple):
    """An item, how strongly the text speaks of it, and the words that say so."""

    item: Item
    score: float
    words: tuple[str, ...]


class Recogniser:
    """Finds items by name, alias and keyword. Build once per version of the lists."""

    def __init__(self, pack: Pack) -> None:
        self._terms: list[tuple[str, Item]] = [
            (term.casefold(), item)
            for item in pack.items
            for term in {item.name, *item.aliases, *item.keywords}
            if term
        ]

    def matches(self, text: str) -> list[Match]:
        """The items found, strongest first; a word inside a longer found word does not count."""
        folded = text.casefold()
        found = [(term, item) for term, item in self._terms if term in folded]
        words: dict[str, list[str]] = {}
        items: dict[str, Item] = {}
        longest = {term for term, _ in found}
        for term, item in found:
            if any(term != other and term in other for other in longest):
                continue
            words.setdefault(item.code, []).append(term)
            items[item.code] = item
        scored = [
            Match(items[code], float(sum(len(term) ** 2 for term in terms)), tuple(terms))
            for code, terms in words.items()
        ]
        return sorted(scored, key=lambda match: (-match.score, match.item.code))


def clear_winner(matches: list[Match]) -> bool:
    """Whether the best match stands out so far that no person need look."""
    return bool(matches) and (len(matches) == 1 or matches[0].score >= MARGIN * matches[1].score)
