"""Why something is so, in words: the engine notes where it comes from in one fixed form."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from juanchi.words.catalogue import say
from juanchi.words.naming import Names
from juanchi.words.spans import limit_words

_EVERYWHERE: Final = "*"

_FORMS: Final = tuple(
    (key, re.compile(form))
    for key, form in (
        ("policy", r"policy (?P<policy>\S+) (?P<row>\S+)"),
        ("built_in", r"built-in (?P<row>\S+)"),
        ("list", r"implementation list(?:: (?P<row>.+))?"),
        ("rework", r"(?P<share>[\d.]+)% for rework of (?P<limit>.+) by (?P<rule>.+)"),
        ("review_date", r"the day set for review"),
        ("duty", r"duty (?P<item>\S+) at (?P<region>\S+): (?P<basis>.+)"),
        ("channel", r"classified by the channel"),
        ("ruling", r"ruling (?P<ruling>\S+)"),
        ("history", r"history: (?P<led>\d+) of (?P<of>\d+)"),
        ("backstop", r"backstop: (?P<unit>\S+)"),
        ("item", r"item (?P<item>\S+)"),
        ("urgent_voice", r"urgent_voice: (?P<voice>.+)"),
        ("incident", r"incident (?P<incident>\S+): (?P<reason>.+)"),
    )
)


def basis_words(text: str, names: Names) -> str:
    """A basis that the engine noted, in words; whatever people wrote stays as it is."""
    for key, form in _FORMS:
        if found := form.fullmatch(text):
            given = {name: value or "" for name, value in found.groupdict().items()}
            return say(f"basis.{key}", names.lang, **_worded(given, names))
    return text


def _worded(given: Mapping[str, str], names: Names) -> Mapping[str, str]:
    ways: dict[str, Callable[[str], str]] = {
        "item": names.item,
        "unit": names.unit,
        "region": lambda code: _where(code, names),
        "limit": lambda limit: limit_words(limit, names.lang),
        "rule": lambda rule: basis_words(rule, names),
    }
    return {name: ways.get(name, str)(value) for name, value in given.items()}


def _where(region: str, names: Names) -> str:
    if region == _EVERYWHERE:
        return say("basis.everywhere", names.lang)
    return names.region(region)
