"""Who is responsible: the directory of regions, units, duties and implementation rows.

A duty names a unit by its code or by a role (``@works``). A role is resolved at a place: the unit
of that role whose region is the place's street, else its district, else the city.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import TypeVar

from juanchi.domain.base import Value
from juanchi.domain.lists import Duty, Handling, Item, Pack, Region, RegionLevel, Unit

ANY = "*"
ROLE = "@"

T = TypeVar("T", Region, Unit, Item)


class Assignment(Value):
    """The units that a duty means at one place; ``lead`` is None where its role is not staffed.

    ``mandatory`` are the codes of those of ``assisting`` whose task must be done.
    """

    duty: Duty
    lead: Unit | None
    assisting: tuple[Unit, ...] = ()
    mandatory: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """The row, as a candidate's or a dispatch's reason has it."""
        duty = self.duty
        return f"duty {duty.item} at {duty.region}: {duty.basis or duty.lead}"[:200]


class Directory:
    """An index over the lists of one version. Immutable; every look-up takes constant time.

    Of rows with the same key the first wins, as the pack's check says beforehand; a region cycle
    ends the chain instead of looping.
    """

    def __init__(
        self,
        regions: Iterable[Region],
        units: Iterable[Unit],
        items: Iterable[Item] = (),
        duties: Iterable[Duty] = (),
        handlings: Iterable[Handling] = (),
    ) -> None:
        self.regions = _by_code(regions)
        self.units = _by_code(units)
        self.items = _by_code(items)
        self._role_at: dict[tuple[str, str], Unit] = {}
        for unit in self.units.values():
            self._role_at.setdefault((unit.role, unit.region), unit)
        self._duties: dict[tuple[str, str], list[Duty]] = {}
        for duty in duties:
            self._duties.setdefault((duty.item, duty.region), []).append(duty)
        for rows in self._duties.values():  # the latest first; sorting keeps the order of equals
            rows.sort(key=lambda duty: duty.valid_from, reverse=True)
        self._handlings: dict[tuple[str, str], Handling] = {}
        for row in handlings:
            self._handlings.setdefault((row.unit, row.item), row)
        self._roots = tuple(
            region.code for region in self.regions.values() if region.level is RegionLevel.CITY
        )
        self._chains = {code: self._climb(code) for code in self.regions}
        self._communities: dict[str, tuple[str, ...]] = {}
        for code, region in self.regions.items():
            if region.level is RegionLevel.COMMUNITY and region.parent:
                others = self._communities.get(region.parent, ())
                self._communities[region.parent] = (*others, code)

    @classmethod
    def of(cls, pack: Pack) -> "Directory":
        """The directory of a whole pack."""
        return cls(pack.regions, pack.units, pack.items, pack.duties, pack.handlings)

    def _climb(self, code: str) -> tuple[str, ...]:
        chain: list[str] = []
        at: str | None = code
        while at is not None and at in self.regions and at not in chain:
            chain.append(at)
            at = self.regions[at].parent
        return tuple(chain)

    def chain(self, region: str | None) -> tuple[str, ...]:
        """The region and those above it, itself first; of None or an unknown one, the city."""
        return self._chains.get(region or "", self._roots)

    def district(self, region: str | None) -> Region | None:
        """The district that a region lies in (or is), if any."""
        for code in self.chain(region):
            if self.regions[code].level is RegionLevel.DISTRICT:
                return self.regions[code]
        return None

    def streets(self, within: str = ANY) -> tuple[Region, ...]:
        """The streets of a region, or of everywhere."""
        return tuple(
            region
            for region in self.regions.values()
            if region.level is RegionLevel.STREET
            and (within == ANY or within in self._chains[region.code])
        )

    def of_street(self, unit: Unit | None) -> bool:
        """Whether a unit is a street's own: its office, its enforcement team."""
        return unit is not None and self.street(unit.region) is not None

    def street(self, region: str | None) -> Region | None:
        """The street that a region lies in (or is), if any."""
        for code in self.chain(region):
            if self.regions[code].level is RegionLevel.STREET:
                return self.regions[code]
        return None

    def like(self, region: str) -> tuple[str, ...]:
        """The regions that may be told of for the same place: a community also as its street."""
        street = self.street(region)
        if street is None:
            return (region,)
        inside = self._communities.get(street.code, ())
        return (region, *(inside if street.code == region else (street.code,)))

    def ruled(self, region: str | None) -> tuple[str, ...]:
        """The regions whose rulings hold here: the chain, and all communities of its street.

        Duties go down to the street, so a ruling on a matter in one community holds in the next.
        """
        street = self.street(region)
        inside = self._communities.get(street.code, ()) if street else ()
        return tuple(dict.fromkeys((*self.chain(region), *inside)))

    def staffed(self, role: str, region: str) -> Unit | None:
        """The unit of a role whose region is exactly this one."""
        return self._role_at.get((role, region))

    def resolve(self, who: str, region: str | None) -> Unit | None:
        """The unit that a code or an ``@role`` means at a region, or None."""
        if not who.startswith(ROLE):
            return self.units.get(who)
        for code in self.chain(region):
            if unit := self._role_at.get((who[len(ROLE) :], code)):
                return unit
        return None

    def responsible(self, item: str, region: str | None, on: date) -> Duty | None:
        """The duty for an item at a region on a date: the most specific row in force.

        Exact item before ``*``; street before district before city before ``*``; of several rows
        for the same, the one in force since the latest date. ``valid_to`` is still in force.
        """
        for wanted in (item, ANY):
            for place in (*self.chain(region), ANY):
                if duty := self.row(wanted, place, on):
                    return duty
        return None

    def row(self, item: str, region: str, on: date) -> Duty | None:
        """The row of exactly this item and region that decides on a date, if one is in force."""
        for duty in self._duties.get((item, region), ()):
            if duty.in_force(on):
                return duty
        return None

    def assign(self, item: str, region: str | None, on: date) -> Assignment | None:
        """The duty for an item at a region with its units found; None where there is no duty.

        Assisting roles that are not staffed there are left out, and so is the lead itself.
        """
        duty = self.responsible(item, region, on)
        if duty is None:
            return None
        lead = self.resolve(duty.lead, region)
        assisting: dict[str, Unit] = {}
        for who in duty.assisting:
            unit = self.resolve(who, region)
            if unit is not None and (lead is None or unit.code != lead.code):
                assisting.setdefault(unit.code, unit)
        required = {unit.code for who in duty.mandatory if (unit := self.resolve(who, region))}
        return Assignment(
            duty=duty,
            lead=lead,
            assisting=tuple(assisting.values()),
            mandatory=tuple(code for code in assisting if code in required),
        )

    def pushed_down(self, unit: str, item: str, region: str | None, on: date) -> bool:
        """Whether a street's unit would lead what no duty gives it: not where it is, nor where
        there is a gap.

        A matter whose place is not known more exactly than the street itself counts as the
        street's.
        """
        known = self.units.get(unit)
        if known is None or not self.of_street(known):
            return False
        own = known.region
        inside = region is None or region in self.chain(own)
        found = self.assign(item, own if inside else region, on)
        return found is None or found.lead is None or found.lead.code != unit

    def handling(self, unit: Unit, item: str) -> Handling | None:
        """A unit's terms for an item: exact item before ``*``, its code before its role."""
        for wanted in (item, ANY):
            for who in (unit.code, ROLE + unit.role, ANY):
                if row := self._handlings.get((who, wanted)):
                    return row
        return None


def _by_code(rows: Iterable[T]) -> Mapping[str, T]:
    found: dict[str, T] = {}
    for row in rows:
        found.setdefault(row.code, row)
    return MappingProxyType(found)
