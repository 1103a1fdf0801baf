"""Which catalogue items a text speaks of: by the catalogue's own words, and by what was learned."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from juanchi.domain.lists import Item, Pack
from juanchi.intake.vocabulary import NearIndex, WordIndex

if TYPE_CHECKING:
    from juanchi.intake.learning.texts import TextModel

MARGIN = 1.5
"""How much better than the next the best match must be to count as sure."""

_NEAREST: Final = 5
"""Items proposed when no word stands in the text: more would be no help to a dispatcher."""

_LEARNED: Final = 5
"""Items that are taken from a model's answer."""

_ASKED: Final = 20
"""Items that a model is asked for: some of them may not be in the catalogue any more."""


class Match(NamedTuple):
    """An item, how strongly the text speaks of it, and the words that say so.

    Without ``words`` no word of the item stands in the text: it only comes near one, and then the
    score is at most 1, or a model alone has named it. ``probability`` is how likely the item is
    right by the model, calibrated; None where there is no model, or where it has not learned
    this item.
    """

    item: Item
    score: float
    words: tuple[str, ...]
    probability: float | None = None


class Recogniser:
    """Finds items by name, alias and keyword. Build once per version of the lists."""

    def __init__(self, pack: Pack, item_model: "TextModel | None" = None) -> None:
        self._items = {item.code: item for item in pack.items}
        self._model = item_model
        meant: dict[str, dict[str, Item]] = defaultdict(dict)
        for item in pack.items:
            for word in (item.name, *item.aliases, *item.keywords):
                if word:
                    meant[word.casefold()][item.code] = item
        self._meant: Mapping[str, Mapping[str, Item]] = meant
        self._index = WordIndex(meant)
        self._near = NearIndex(sorted(meant))

    def matches(self, text: str) -> list[Match]:
        """The items found, strongest first; a word inside a longer found word does not count.

        When no word stands in the text, the items that it comes near to: a proposal, never sure.
        With a model, what it names is added, and the order is by the sum of its probability and
        the item's share of what the words say. So where the words clearly name another item than
        the model, that one comes first with a low probability, and a person looks at it.
        """
        folded = text.casefold()
        found = self._by_words(folded) or self._by_nearness(folded)
        return found if self._model is None else self._with_model(self._model, text, found)

    def names_an_item(self, text: str) -> bool:
        """Whether a word of any item stands in the text."""
        return self._index.any(text.casefold())

    def _by_words(self, folded: str) -> list[Match]:
        words: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self._index.found(folded)):
            for code in self._meant[word]:
                words[code].append(word)
        return _strongest_first(
            Match(self._items[code], float(sum(len(word) ** 2 for word in said)), tuple(said))
            for code, said in words.items()
        )

    def _by_nearness(self, folded: str) -> list[Match]:
        nearest: dict[str, float] = {}
        for near in self._near.near(folded):
            for code in self._meant[near.word]:
                nearest.setdefault(code, near.share)
        near_items = (Match(self._items[code], share, ()) for code, share in nearest.items())
        return _strongest_first(near_items)[:_NEAREST]

    def _with_model(self, model: "TextModel", text: str, found: list[Match]) -> list[Match]:
        learned = dict(model.ranked(text, _ASKED, beside=[match.item.code for match in found]))
        best = [code for code in learned if code in self._items][:_LEARNED]
        by_code = {match.item.code: match for match in found}
        for code in best:
            by_code.setdefault(code, Match(self._items[code], 0.0, ()))
        said = sum(match.score for match in found if match.words) or 1.0
        matches = [match._replace(probability=learned.get(code)) for code, match in by_code.items()]

        def rank(match: Match) -> tuple[float, str]:
            share = match.score / said if match.words else 0.0
            return -share - (match.probability or 0.0), match.item.code

        return sorted(matches, key=rank)


def _strongest_first(matches: Iterable[Match]) -> list[Match]:
    return sorted(matches, key=lambda match: (-match.score, match.item.code))


def clear_winner(matches: list[Match]) -> bool:
    """Whether the best match stands out so far that no person need look: by words alone."""
    if not matches or not matches[0].words:
        return False
    # With a model the second is not always the one of which the words say most.
    return matches[0].score >= MARGIN * max((match.score for match in matches[1:]), default=0.0)
