"""Sentences by key and language, out of ``en.toml`` and its like, and ``<room>.en.toml`` beside it.

A text may hold ``{facts}``; a part in square brackets is left out when one of its facts is missing
or empty: ``This ticket has ended[ ({how})].`` Facts are put in as they are: they are never read
as a template.
"""

import locale
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final, Protocol

from juanchi.domain.refusal import Refused

ENGLISH: Final = "en"
CHINESE: Final = "zh-CN"
LANGUAGES: Final = (ENGLISH, CHINESE)

_PART = re.compile(r"\[([^\[\]]*)\]")
_FACT = re.compile(r"\{(\w+)\}")
_UNKNOWN = "?"

_WORDED: Final[dict[str, tuple[str, ...]]] = {
    "role": ("role",),
    "wanted": ("role", "evidence", "rung"),
    "phase": ("phase",),
    "nature": ("nature",),
    "outcome": ("outcome",),
    "how": ("end",),
    "action": ("action",),
    "request": ("request",),
    "level": ("rung",),
    "urgency": ("urgency",),
    "state": ("duty_phase",),
    "verdict": ("verdict",),
    "arrival_state": ("arrival_state",),
}
"""The facts of a refusal that are stable values, and the sections that have words for them."""

_MOMENTS: Final = frozenset({"due", "at"})
"""The facts of a refusal that are moments, in ISO form."""


class Spoken(Protocol):
    """Settings, as far as words need them."""

    @property
    def language(self) -> str | None: ...


def language(settings: Spoken) -> str:
    """The language of the settings, else of the locale: Chinese if it is Chinese, else English."""
    chosen = settings.language or locale.getlocale()[0] or ""
    return CHINESE if chosen.lower().startswith(("zh", "chinese")) else ENGLISH


def say(key: str, lang: str, /, **facts: object) -> str:
    """The text of a key with its facts: in this language, else in English, else the key itself."""
    template = _find(key, lang)
    return key if template is None else _filled(template, facts)


def knows(key: str, lang: str = ENGLISH) -> bool:
    """Whether there is a text for this key."""
    return _find(key, lang) is not None


def named(section: str, value: object, lang: str) -> str:
    """The words for a stable value. ``noise: first!`` is looked up as ``noise``, and keeps the
    rest; a value without words is shown as it is.
    """
    text = str(value)
    if not text:
        return ""
    head, colon, rest = text.partition(":")
    for key, tail in ((text, ""), (head, rest.strip())):
        words = _find(f"{section}.{key}", lang)
        if words is not None:
            return f"{words}{_mark(lang)}{tail}" if colon and tail else words
    return text


def listed(section: str, values: object, lang: str) -> str:
    """The words for several stable values, as an enumeration. Takes ``a, b`` or an iterable."""
    given = values.split(", ") if isinstance(values, str) else [str(v) for v in _each(values)]
    return comma(lang).join(named(section, value, lang) for value in given if value)


def comma(lang: str) -> str:
    """What stands between the things of an enumeration."""
    return say("mark.comma", lang)


def tell(refused: Refused, lang: str) -> str:
    """What was wrong and what to do, as a sentence."""
    facts = {name: _worded(name, value, lang) for name, value in refused.facts.items()}
    return say(f"refusal.{refused.code}", lang, **facts)


def keys(lang: str) -> frozenset[str]:
    """Every key of a language's own catalogue."""
    return frozenset(_catalogue(lang))


def _worded(name: str, value: str, lang: str) -> str:
    if name in _MOMENTS:
        return _moment(value)
    for section in _WORDED.get(name, ()):
        known = [one for one in value.split(", ") if _find(f"{section}.{one}", lang) is not None]
        if known and len(known) == len(value.split(", ")):
            return listed(section, value, lang)
    # An absent unit arrives as the word None.
    return "" if value == "None" else value


def _moment(text: str) -> str:
    """A moment as people read it, in the time zone that it carries."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{at:%Y-%m-%d %H:%M}{' UTC' if at.utcoffset() == timedelta() else ''}"


def _filled(template: str, facts: Mapping[str, object]) -> str:
    def part(found: re.Match[str]) -> str:
        wanted = _FACT.findall(found[1])
        return found[1] if all(_given(facts, name) for name in wanted) else ""

    def fact(found: re.Match[str]) -> str:
        return str(facts[found[1]]) if _given(facts, found[1]) else _UNKNOWN

    return _FACT.sub(fact, _PART.sub(part, template))


def _given(facts: Mapping[str, object], name: str) -> bool:
    return facts.get(name) not in (None, "")


def _mark(lang: str) -> str:
    return say("mark.colon", lang)


def _each(values: object) -> Iterator[object]:
    return iter(values) if hasattr(values, "__iter__") else iter((values,))


def _find(key: str, lang: str) -> str | None:
    found = _catalogue(lang).get(key)
    return _catalogue(ENGLISH).get(key) if found is None else found


@cache
def _catalogue(lang: str) -> Mapping[str, str]:
    if lang not in LANGUAGES:
        return {}
    found: dict[str, str] = {}
    for path in sorted(files("juanchi.words").iterdir(), key=lambda path: path.name):
        if path.name == f"{lang}.toml" or path.name.endswith(f".{lang}.toml"):
            found |= _flat(tomllib.loads(path.read_text("utf-8")))
    return found


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", str(value)
