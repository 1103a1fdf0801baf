"""The lists of one version as they stand on a day: which row decides for which item where."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple

from juanchi.domain.duties import ANY, ROLE, Directory
from juanchi.domain.lists import Duty, Pack

Places = frozenset[str]
"""Codes of places: regions with none below them, which are streets as a rule."""


class Standing(NamedTuple):
    """Who decides for an item: each row with the places where it does; ``bare`` are the others."""

    item: str
    rows: tuple[tuple[Duty, Places], ...]
    bare: Places


class Chart:
    """Lists made ready to be examined. ``soon``: how many days ahead of ``on`` counts as soon.

    ``rows`` are the duties that hold on the day or on one after it.
    """

    def __init__(self, pack: Pack, on: date, soon: int) -> None:
        self.pack = pack
        self.on = on
        self.soon = soon
        self.directory = Directory.of(pack)
        self.rows = tuple(
            duty for duty in pack.duties if not duty.over(on) and not duty.over(duty.valid_from)
        )
        self._places_of: dict[str, Places] = {}
        self._nobody: dict[str, Places] = {}
        self._compressed: dict[Places, tuple[str, ...]] = {}

    @cached_property
    def places(self) -> Places:
        """All places of the city."""
        return self.within(ANY)

    def within(self, region: str) -> Places:
        """The places of a region, or of everywhere."""
        if region not in self._places_of:
            self._places_of[region] = frozenset(
                code for code in self._leaves if region in (ANY, *self.directory.chain(code))
            )
        return self._places_of[region]

    def inside(self, region: str) -> Sequence[str]:
        """A region and all below it, or all regions."""
        chain = self.directory.chain
        return [code for code in self.directory.regions if region in (ANY, *chain(code))]

    @cached_property
    def _leaves(self) -> Sequence[str]:
        above = {at for code in self.directory.regions for at in self.directory.chain(code)[1:]}
        return [code for code in self.directory.regions if code not in above]

    def nobody(self, who: str) -> Places:
        """The places where a code or an ``@role`` means no unit."""
        if who not in self._nobody:
            resolve = self.directory.resolve
            self._nobody[who] = frozenset(
                place for place in self.places if resolve(who, place) is None
            )
        return self._nobody[who]

    def is_known(self, who: str) -> bool:
        """Whether there is a unit of this code, or with this role anywhere."""
        if who.startswith(ROLE):
            return who[len(ROLE) :] in self._roles
        return who in self.directory.units

    @cached_property
    def _roles(self) -> frozenset[str]:
        return frozenset(unit.role for unit in self.directory.units.values())

    def compressed(self, places: Places) -> tuple[str, ...]:
        """The same places in as few regions as can be, in the order of the list.

        A region with only one place below it is told as that place.
        """
        if places not in self._compressed:
            self._compressed[places] = tuple(self._fewest(places))
        return self._compressed[places]

    def _fewest(self, places: Places) -> Iterator[str]:
        chosen: set[str] = set()
        depth = {code: len(self.directory.chain(code)) for code in self.directory.regions}
        told: Places = frozenset()
        for code in sorted(depth, key=lambda code: depth[code]):
            inside = self.within(code)
            whole = bool(inside) and inside <= places and not inside <= told
            if whole and (len(inside) > 1 or code in places):
                chosen.add(code)
                told |= inside
        return (code for code in self.directory.regions if code in chosen)

    @cached_property
    def ended(self) -> Mapping[str, date]:
        """The last day of each item that had rows of its own, all of which are over."""
        going_on = {duty.item for duty in self.rows}
        last: dict[str, date] = {}
        for duty in self.pack.duties:
            if duty.valid_to is not None and duty.over(self.on) and duty.item not in going_on:
                last[duty.item] = max(duty.valid_to, last.get(duty.item, date.min))
        return last

    @cached_property
    def standings(self) -> Sequence[Standing]:
        """Each item of the catalogue with the rows that decide for it on the day."""
        in_force = self._in_force
        whatever = in_force.get(ANY, {})
        fallback = {place: self._decides(whatever, place) for place in self.places}
        return [
            self._standing(item, in_force.get(item, {}), fallback) for item in self.directory.items
        ]

    def _standing(
        self, item: str, rows: Mapping[str, Duty], fallback: Mapping[str, Duty | None]
    ) -> Standing:
        if rows.keys() == {ANY}:  # the usual case, and much the quickest
            return Standing(item, ((rows[ANY], self.places),), frozenset())
        won: dict[tuple[str, str], tuple[Duty, list[str]]] = {}
        bare: list[str] = []
        for place in self.places:
            duty = self._decides(rows, place) or fallback[place]
            if duty is None:
                bare.append(place)
            else:
                won.setdefault((duty.item, duty.region), (duty, []))[1].append(place)
        decided = tuple((duty, frozenset(places)) for duty, places in won.values())
        return Standing(item, decided, frozenset(bare))

    def _decides(self, rows: Mapping[str, Duty], place: str) -> Duty | None:
        found = (rows.get(at) for at in (*self.directory.chain(place), ANY))
        return next(filter(None, found), None) if rows else None

    @cached_property
    def _in_force(self) -> Mapping[str, Mapping[str, Duty]]:
        """The row that decides on the day, by item and region."""
        found: dict[str, dict[str, Duty]] = {}
        for duty in self.rows:
            rows = found.setdefault(duty.item, {})
            if duty.region not in rows and (
                row := self.directory.row(duty.item, duty.region, self.on)
            ):
                rows[duty.region] = row
        return found
