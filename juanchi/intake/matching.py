"""Names in a file against the city's lists: regions, items and units; and what is missing there."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from pydantic import ValidationError

from juanchi.domain.duties import Directory
from juanchi.domain.lists import Item, Pack, Region, Unit
from juanchi.intake.mapping import ItemBy, LeadBy

_TRAILING = " 、，。,.;；"


def folded(name: str) -> str:
    """A name as it is compared: width, case and stray punctuation at the end do not count."""
    return unicodedata.normalize("NFKC", name).strip(_TRAILING).casefold()


def by_name(rows: Iterable[Item] | Iterable[Unit] | Iterable[Region]) -> dict[str, list[str]]:
    """The codes that each code, name and alias may mean, folded."""
    found: dict[str, list[str]] = {}
    for row in rows:
        for name in {folded(row.code), folded(row.name), *map(folded, row.aliases)}:
            found.setdefault(name, []).append(row.code)
    return found


def _made_code(prefix: str, *parts: str) -> str:
    """A code out of a name, the same whenever the same name is imported."""
    return f"{prefix}-{hashlib.sha256('/'.join(parts).encode()).hexdigest()[:10]}"


class Regions:
    """Finds regions by code, name or alias within one region."""

    def __init__(self, pack: Pack, directory: Directory, within: str | None) -> None:
        self._names = by_name(
            region
            for region in pack.regions
            if within is None or within in directory.chain(region.code)
        )
        self._depth = {r.code: len(directory.chain(r.code)) for r in pack.regions}

    def find(self, name: str) -> str | None:
        """The region of this name, if exactly one has it."""
        codes = self._names.get(folded(name), [])
        return codes[0] if len(codes) == 1 else None

    def inside(self, names: Iterable[str]) -> str | None:
        """The most exact region that one of these names speaks of."""
        text = " ".join(map(folded, names))
        spoken = {codes[0] for word, codes in self._names.items() if word and word in text}
        return max(sorted(spoken), key=lambda code: self._depth[code], default=None)


class Named(NamedTuple):
    """An item as a row names it."""

    category: str
    subcategory: str
    name: str


class Items:
    """Finds catalogue items by what a row says of them."""

    def __init__(self, pack: Pack, by: ItemBy) -> None:
        self._by = by
        self._items = {item.code: item for item in pack.items}
        self._names = by_name(pack.items)

    def find(self, named: Named) -> str | None:
        """The item, if exactly one is meant: of several with this name, that of the category."""
        made = self._code(named)
        if made in self._items:
            return made
        codes = self._names.get(folded(named.name), [])
        if len(codes) > 1:
            codes = [c for c in codes if self._items[c].category == named.category]
        return codes[0] if len(codes) == 1 else None

    def missing(self, seen: Iterable[Named]) -> list[Item]:
        """The items to be added so that all of these are found; unusable names are left out."""
        made: dict[str, Item] = {}
        for named in seen:
            if not self._by.create or self.find(named):
                continue
            try:
                made[self._code(named)] = Item(
                    code=self._code(named),
                    category=named.category,
                    subcategory=named.subcategory,
                    name=named.name,
                )
            except ValidationError:
                continue  # its rows are rejected, with their lines
        return list(made.values())

    def _code(self, named: Named) -> str:
        return _made_code(self._by.code_prefix, *map(folded, named))


class Units:
    """Finds units by what a row calls them."""

    def __init__(self, pack: Pack, directory: Directory, by: LeadBy) -> None:
        self._by = by
        self._fold = re.compile(f"(?:{by.fold})\\Z") if by.fold else None
        self._units = {unit.code: unit for unit in pack.units}
        self._names = by_name(pack.units)
        self._regions = Regions(pack, directory, by.region)
        self._root = by.region or directory.chain(None)[0]

    def find(self, name: str) -> str | None:
        """The unit; where none may be created, also by the name without its foldable end."""
        found = self._plain(name)
        if found is None and not self._by.create:
            found = self._plain(self._short(name))
        return found

    def _plain(self, name: str) -> str | None:
        for tried in (name, *(prefix + name for prefix in self._by.prefixes)):
            codes = self._names.get(folded(tried), [])
            if len(codes) == 1:
                return codes[0]
        return None

    def _short(self, name: str) -> str:
        return self._fold.sub("", name).strip() if self._fold else name

    def missing(self, seen: Iterable[str]) -> list[Unit]:
        """The units to be added or given an alias so that all of these names are found.

        ``B (street)`` is ``B`` when ``B`` itself is known or named and no other ``B (...)`` is:
        with two of them, two streets may have an office of that name.
        """
        if not self._by.create:
            return []
        names = sorted(set(seen))
        longer: dict[str, list[str]] = {}
        for name in names:
            if self._short(name) != name:
                longer.setdefault(self._short(name), []).append(name)
        changed: dict[str, Unit] = {}
        for name in names:
            if self._plain(name) or self._is_other_name(name, longer, names):
                continue
            self._make(changed, name, ())
        for short, others in longer.items():
            if len(others) == 1 and not self._plain(others[0]) and self._known(short, names):
                self._make(changed, short, (others[0],))
        return list(changed.values())

    def _is_other_name(self, name: str, longer: dict[str, list[str]], names: list[str]) -> bool:
        short = self._short(name)
        return short != name and len(longer[short]) == 1 and self._known(short, names)

    def _known(self, short: str, names: list[str]) -> bool:
        return short in names or self._plain(short) is not None

    def _make(self, changed: dict[str, Unit], name: str, aliases: tuple[str, ...]) -> None:
        code = self._plain(name) or _made_code(self._by.code_prefix, folded(name))
        before = changed.get(code) or self._units.get(code)
        try:
            if before is not None:
                merged = tuple(dict.fromkeys((*before.aliases, *aliases)))
                data = {**before.model_dump(), "aliases": merged}
                if code not in self._units:
                    data["region"] = self._region(name, merged)
                changed[code] = Unit.model_validate(data)
            else:
                changed[code] = Unit(
                    code=code,
                    name=name,
                    role=self._by.role,
                    region=self._region(name, aliases),
                    aliases=aliases,
                )
        except ValidationError:
            return  # its rows are rejected, with their lines

    def _region(self, name: str, aliases: tuple[str, ...]) -> str:
        return self._regions.inside((name, *aliases)) or self._root
