"""Items that the catalogue's own words cannot find, or cannot tell apart."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from juanchi.domain.doctor.chart import Chart
from juanchi.domain.doctor.findings import Finding, Kind, Severity
from juanchi.domain.doctor.likeness import pairs_alike
from juanchi.domain.lists import Item

NAMES_ALIKE = 0.75
"""The share of pairs of letters that two names must have in common."""

WORDS_ALIKE = 0.6
"""The share of aliases and keywords that two items must have in common."""

FEWEST = 2
"""So many of them at least."""


def unreachable(chart: Chart) -> Iterator[Finding]:
    """Items that no text leads to for sure, and items whose duties are all over.

    A text that is one of an item's words finds it; so it is out of reach only without words. It is
    never told for sure when each of its words is a word of another item, which then is found as
    strongly wherever this one is.
    """
    words = {item.code: _words(item) for item in chart.directory.items.values()}
    owners: dict[str, set[str]] = defaultdict(set)
    for code, of_it in words.items():
        for word in of_it:
            owners[word].add(code)
    for code, of_it in words.items():
        if not of_it:
            yield _unreachable("no_words", (code,), Severity.ERROR)
            continue
        others = set.intersection(*(owners[word] for word in of_it)) - {code}
        # Of two with the same words, the one that comes first is told, with the other.
        hiding = sorted(other for other in others if words[other] != of_it or code < other)
        if hiding:
            yield _unreachable("hidden", (code, *hiding), Severity.WARNING)
    for code in chart.ended:
        if code in words:
            yield _unreachable("ended", (code,), Severity.WARNING)


def _words(item: Item) -> frozenset[str]:
    """The words that recognition looks for."""
    given = (item.name, *item.aliases, *item.keywords)
    return frozenset(word.casefold() for word in given if any(map(str.isalnum, word)))


def _unreachable(told: str, items: tuple[str, ...], severity: Severity) -> Finding:
    return Finding(kind=Kind.UNREACHABLE, severity=severity, told=told, items=items)


def alike(chart: Chart) -> Iterator[Finding]:
    """Pairs of items with nearly the same name, or nearly the same aliases and keywords."""
    items = chart.directory.items.values()
    names = {item.code: _pairs_of_letters(item.name) for item in items}
    words = {item.code: _words(item) - {item.name.casefold()} for item in items}
    told: set[frozenset[str]] = set()
    for one, other, share in pairs_alike(names, NAMES_ALIKE):
        told.add(frozenset((one, other)))
        yield _alike("same_name" if share == 1 else "names_alike", one, other, share)
    for one, other, share in pairs_alike(words, WORDS_ALIKE):
        enough = len(words[one] & words[other]) >= FEWEST
        if enough and frozenset((one, other)) not in told:
            yield _alike("words_alike", one, other, share)


def _pairs_of_letters(name: str) -> frozenset[str]:
    letters = "".join(filter(str.isalnum, name.casefold()))
    return frozenset(map("".join, pairwise(letters))) or frozenset(letters)


def _alike(told: str, one: str, other: str, share: float) -> Finding:
    return Finding(
        kind=Kind.ALIKE,
        severity=Severity.WARNING if told == "same_name" else Severity.NOTE,
        told=told,
        items=(one, other),
        facts={"share": f"{share:.0%}"},
    )
