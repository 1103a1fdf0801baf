"""What the list doctor has found, in sentences."""

from collections.abc import Sequence
from typing import Final

from juanchi.domain.doctor import Finding
from juanchi.words.catalogue import comma, say
from juanchi.words.naming import Names

_EVERY: Final = "*"
_NAMED: Final = 3
"""So many names stand in a sentence; of the others it says how many."""


def told(finding: Finding, names: Names) -> str:
    """What is wrong, as a sentence."""
    items = [item_name(code, names) for code in finding.items]
    units = [names.unit(code) for code in finding.units]
    # Where a sentence tells two apart, these are the units, else the items.
    first, *others = units or items or [""]
    return say(
        f"doctor.told.{finding.told}",
        names.lang,
        items=_some(items, names.lang),
        regions=_some([region_name(code, names) for code in finding.regions], names.lang),
        units=_some(units, names.lang),
        codes=_some(finding.items, names.lang),
        first=first,
        second=_some(others, names.lang),
        **finding.facts,
    )


def todo(finding: Finding, names: Names) -> str:
    """What to do about it."""
    return say(f"doctor.todo.{finding.told}", names.lang)


def item_name(code: str, names: Names) -> str:
    """An item as a row of a list names it."""
    return say("doctor.everything", names.lang) if code == _EVERY else names.item(code)


def region_name(code: str, names: Names) -> str:
    """A region as a row of a list names it."""
    return say("doctor.everywhere", names.lang) if code == _EVERY else names.region(code)


def _some(names: Sequence[str], lang: str) -> str:
    more = len(names) - _NAMED
    shown = comma(lang).join(names[:_NAMED])
    return shown + say("doctor.more", lang, n=f"{more:,}") if more > 0 else shown
