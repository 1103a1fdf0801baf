"""Which kinds of source there are: the house's own, and what installed packages add."""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from juanchi.intake.channels.adapter import AdapterKind, BadSettings

GROUP: Final = "juanchi.channels"
"""The group of entry points in which a package names its kinds."""

# A table, not entry points of our own: Juanchi runs from its folder without being installed.
# Named by module, so that a kind's libraries are loaded when a channel of it is.
_OWN: Final[Mapping[str, str]] = {
    "feed": "juanchi.intake.channels.feed",
    "folder": "juanchi.intake.channels.folder",
    "mailbox": "juanchi.intake.channels.mailbox",
    "open311": "juanchi.intake.channels.open311",
}


def kinds() -> tuple[str, ...]:
    """The names of all kinds, whether or not they can be loaded (see ``faults``)."""
    return tuple(sorted({*_OWN, *_added()}))


def kind(name: str) -> AdapterKind:
    """The kind of this name. Raises ``BadSettings`` for none, or one that cannot be loaded."""
    if name in _OWN:
        return _whole(name, import_module(_OWN[name]).KIND)
    found = _added().get(name)
    if found is None:
        raise BadSettings("adapter", f"there is no kind {name!r}; there are {', '.join(kinds())}")
    if len(found) > 1:
        given = ", ".join(one.value for one in found)
        raise BadSettings("adapter", f"several packages give a kind {name!r}: {given}")
    try:
        loaded = found[0].load()
    except Exception as error:
        # A package of others may fail in any way while it is imported.
        told = f"the kind {name!r} ({found[0].value}) cannot be loaded: {_named(error)}"
        raise BadSettings("adapter", told) from error
    return _whole(name, loaded)


def faults() -> dict[str, str]:
    """What is wrong with added kinds, by name. Loads all of them; one that fails harms no other."""
    found = dict.fromkeys(_OWN.keys() & _added().keys(), "the name is one of Juanchi's own")
    for name in _added().keys() - found.keys():
        try:
            kind(name)
        except BadSettings as error:
            found[name] = error.problem
    return found


def _added() -> dict[str, list[EntryPoint]]:
    found: dict[str, list[EntryPoint]] = {}
    for one in entry_points(group=GROUP):
        # The same folder twice on the path gives the same entry point twice.
        if one.value not in [known.value for known in found.setdefault(one.name, [])]:
            found[one.name].append(one)
    return found


def _whole(name: str, found: Any) -> AdapterKind:
    if isinstance(found, type) or not all(
        callable(getattr(found, part, None)) for part in ("check", "open")
    ):
        told = f"the kind {name!r} must name an object with check and open, not {found!r:.80}"
        raise BadSettings("adapter", told)
    kind: AdapterKind = found
    return kind


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
