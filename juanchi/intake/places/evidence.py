"""What the places named in a text say together: one region, or the choice that a person has.

- What is named must fit: a district and a street in it are that street; two streets are a choice.
- A road through several regions narrows, it does not decide: what they have in common is certain.
- Where the author lives counts only when no other place is named.
- Weak evidence (a road called after a region, a name that is a common word or in another case, a
  name behind that of another city) never decides; it is what a person is asked about.
"""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Final, NamedTuple

from juanchi.domain.duties import Directory
from juanchi.domain.lists import RegionLevel

MOST: Final = 5
"""How many regions a person is asked to choose from."""


class Mention(NamedTuple):
    """A place named in a text: in one of these regions."""

    regions: tuple[str, ...]
    weak: bool = False
    home: bool = False


class Verdict(NamedTuple):
    """The region that is certain, those that may be meant, and why none or no more is certain."""

    region: str | None = None
    possible: tuple[str, ...] = ()
    problem: str = ""


def weigh(mentions: Iterable[Mention], elsewhere: bool, directory: Directory) -> Verdict:
    """The verdict on all mentions; ``elsewhere``: a place of another city is named too."""
    different = list(dict.fromkeys(mentions))
    inner = [one for one in different if not _of_city(one, directory)]
    weak = [one for one in inner if one.weak]
    sure = [one for one in inner if not one.weak and not one.home]
    lived = [one for one in inner if not one.weak and one.home]
    if sure:
        return _together(sure, weak, directory)
    if lived and _fit([*lived, *weak], directory):
        return _together(lived, weak, directory)
    if lived or weak:
        return _choice([*weak, *lived], directory)
    whole = next((one.regions[0] for one in different if not one.weak), None)
    if whole is None:
        return Verdict(problem="outside" if elsewhere else "no_place")
    return Verdict(None, (whole,), "ambiguous") if elsewhere else Verdict(whole)


def _of_city(mention: Mention, directory: Directory) -> bool:
    levels = {directory.regions[code].level for code in mention.regions}
    return levels == {RegionLevel.CITY}


def _together(sure: Sequence[Mention], weak: Sequence[Mention], directory: Directory) -> Verdict:
    left = _fit(sure, directory)
    if not left:
        return _choice(sure, directory)
    certain = _common(left, directory)
    if certain is None:
        return _choice([Mention(left)], directory)
    hints = {code: None for one in weak for code in one.regions}
    inside = [code for code in (*left, *hints) if certain in directory.chain(code)[1:]]
    return Verdict(certain, _innermost(inside, directory))


def _fit(mentions: Sequence[Mention], directory: Directory) -> tuple[str, ...]:
    """The regions that agree with every mention; none when two of them do not fit."""
    left: dict[str, None] = dict.fromkeys(mentions[0].regions)
    for mention in mentions[1:]:
        left = {
            deeper: None
            for pair in product(left, mention.regions)
            if (deeper := _deeper(*pair, directory)) is not None
        }
    return tuple(left)


def _deeper(one: str, other: str, directory: Directory) -> str | None:
    if other in directory.chain(one):
        return one
    return other if one in directory.chain(other) else None


def _common(regions: Sequence[str], directory: Directory) -> str | None:
    """The most exact region that all of these lie in; None if that is but the city."""
    for code in directory.chain(regions[0]):
        if directory.regions[code].level is RegionLevel.CITY:
            return None
        if all(code in directory.chain(other) for other in regions):
            return code
    return None


def _choice(mentions: Iterable[Mention], directory: Directory) -> Verdict:
    named = dict.fromkeys(code for one in mentions for code in one.regions)
    return Verdict(None, _innermost(named, directory), "ambiguous")


def _innermost(regions: Iterable[str], directory: Directory) -> tuple[str, ...]:
    """Without those that only hold another of them."""
    named = list(dict.fromkeys(regions))
    above = {code for one in named for code in directory.chain(one)[1:]}
    return tuple(code for code in named if code not in above)[:MOST]
