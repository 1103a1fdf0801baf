"""Whether a change fits the lists as they are, and whom it concerns."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from pydantic import Field

from juanchi.domain.base import Value
from juanchi.domain.duties import ANY, ROLE, Directory
from juanchi.domain.duty_change.rows import (
    AddDuty,
    AnyRow,
    EndDuty,
    EndHandling,
    EndItem,
    ReplaceDuty,
    RowKey,
    SetHandling,
    SetItem,
    applied,
    in_force,
    in_order,
)
from juanchi.domain.lists import Duty, Pack, RegionLevel
from juanchi.domain.refusal import Code, Refused

MOST_UNITS = 200
"""Units that one change may concern; a larger one is better proposed in parts."""


class Misfit(Value):
    """Why a change does not fit: a refusal's code and facts, as a value that can be kept."""

    code: Code
    facts: dict[str, str] = Field(default_factory=dict)

    def refused(self) -> Refused:
        """As it is said to a person."""
        return Refused(Code(self.code), **self.facts)


class DoesNotFit(Exception):
    """The lists have moved on: the change cannot go into force as it is."""

    def __init__(self, misfits: Sequence[Misfit]) -> None:
        self.misfits = tuple(misfits)
        super().__init__("; ".join(str(one.refused()) for one in misfits))


def misfits(pack: Pack, rows: Sequence[AnyRow], on: date) -> tuple[Misfit, ...]:
    """Everything for which a change could not be in force from a day on; empty: it fits."""
    if not rows:
        return (Misfit(code=Code.EMPTY_CHANGE),)
    found = [*_twice(rows), *_Check(pack, rows, on).problems()]
    if not found and len(units := concerned(pack, rows, on)) > MOST_UNITS:
        found.append(_misfit(Code.TOO_MANY_UNITS, units=len(units), most=MOST_UNITS))
    return tuple(found)


def unknown(pack: Pack, units: Iterable[str]) -> tuple[Misfit, ...]:
    """Those of the units that the lists do not know."""
    known = {unit.code for unit in pack.units}
    return tuple(_misfit(Code.UNKNOWN_UNIT, names=unit) for unit in units if unit not in known)


def _misfit(code: Code, **facts: object) -> Misfit:
    return Misfit(code=code, facts={name: str(value) for name, value in facts.items()})


def _twice(rows: Iterable[AnyRow]) -> Iterator[Misfit]:
    seen: set[RowKey] = set()
    for row in rows:
        if row.key in seen:
            yield _misfit(Code.ROW_TWICE, row=_named(row.key))
        seen.add(row.key)


def _named(key: RowKey) -> str:
    return " / ".join(key[1:])


class _Check:
    """One change against one version of the lists."""

    def __init__(self, pack: Pack, rows: Sequence[AnyRow], on: date) -> None:
        self._pack = pack
        self._rows = in_order(rows)
        self._on = on
        self._directory = Directory(pack.regions, pack.units)
        self._roles = {unit.role for unit in pack.units}
        self._items = {one.code for one in pack.items}
        self._items |= {row.item.code for row in rows if isinstance(row, SetItem)}

    def problems(self) -> Iterator[Misfit]:
        for row in self._rows:
            match row:
                case AddDuty() | ReplaceDuty():
                    yield from self._duty(row)
                case EndDuty() if in_force(self._pack.duties, row.key, self._on) is None:
                    yield _misfit(Code.NO_SUCH_ROW, row=_named(row.key))
                case SetItem() if row.item in self._pack.items:
                    yield _misfit(Code.ROW_SAME, row=_named(row.key))
                case EndItem() if row.item not in {one.code for one in self._pack.items}:
                    yield _misfit(Code.UNKNOWN_ITEM, names=row.item)
                case SetHandling():
                    yield from self._handling(row)
                case EndHandling() if not any(
                    (one.unit, one.item) == (row.unit, row.item) for one in self._pack.handlings
                ):
                    yield _misfit(Code.NO_SUCH_ROW, row=_named(row.key))

    def _duty(self, row: AddDuty | ReplaceDuty) -> Iterator[Misfit]:
        yield from self._item(row.item)
        known = row.region == ANY or row.region in self._directory.regions
        if not known:
            yield _misfit(Code.UNKNOWN_REGION, names=row.region)
        for who in (row.lead, *row.assisting):
            if not _units_of(self._directory, who, row.region if known else ANY):
                yield _misfit(Code.UNKNOWN_UNIT, names=who)
        if row.valid_to is not None and row.valid_to < self._on:
            yield _misfit(Code.DATE_PAST, date=row.valid_to)
        yield from self._beside(row)
        if known and not row.basis.strip():
            pushed = [
                unit
                for unit in _units_of(self._directory, row.lead, row.region)
                if self._of_street(unit)
            ]
            if pushed:
                yield _misfit(Code.STREET_WITHOUT_BASIS, names=", ".join(pushed[:5]))

    def _beside(self, row: AddDuty | ReplaceDuty) -> Iterator[Misfit]:
        """The rows of the same item and region that there are already."""
        now = in_force(self._pack.duties, row.key, self._on)
        if isinstance(row, ReplaceDuty):
            if now is None:
                yield _misfit(Code.NO_SUCH_ROW, row=_named(row.key))
                return
            if now == row.duty(now.valid_from):
                yield _misfit(Code.ROW_SAME, row=_named(row.key))
        last = row.valid_to or date.max
        for duty in self._pack.duties:
            if ("duty", duty.item, duty.region) != row.key:
                continue
            if isinstance(row, ReplaceDuty) and duty == now:
                continue
            if duty.valid_from <= last and (duty.valid_to or date.max) >= self._on:
                yield _misfit(
                    Code.ROW_OVERLAPS,
                    row=_named(row.key),
                    lead=duty.lead,
                    since=duty.valid_from,
                )

    def _handling(self, row: SetHandling) -> Iterator[Misfit]:
        yield from self._item(row.handling.item)
        unit = row.handling.unit
        known = unit in self._directory.units or unit == ANY
        if not known and unit.removeprefix(ROLE) not in (self._roles if ROLE in unit else ()):
            yield _misfit(Code.UNKNOWN_UNIT, names=unit)
        if row.handling in self._pack.handlings:
            yield _misfit(Code.ROW_SAME, row=_named(row.key))

    def _item(self, item: str) -> Iterator[Misfit]:
        if item != ANY and item not in self._items:
            yield _misfit(Code.UNKNOWN_ITEM, names=item)

    def _of_street(self, unit: str) -> bool:
        region = self._directory.regions.get(self._directory.units[unit].region)
        return region is not None and region.level is RegionLevel.STREET


def _units_of(directory: Directory, who: str, region: str) -> tuple[str, ...]:
    """The units that a code or a role means anywhere in a region."""
    if not who.startswith(ROLE):
        return (who,) if who in directory.units else ()
    streets: list[str | None] = [street.code for street in directory.streets(region)]
    places = streets or [None if region == ANY else region]
    units = (directory.resolve(who, place) for place in places)
    return tuple(dict.fromkeys(unit.code for unit in units if unit))


def concerned(pack: Pack, rows: Sequence[AnyRow], on: date) -> tuple[str, ...]:
    """The units that get something, or lose it, by a change; each once, in the order of its rows.

    Who leads a matter now is concerned too where only a wider row says so, and so is who will lead
    it when a row ends.
    """
    before, after = Directory.of(pack), Directory.of(applied(pack, rows, on))
    found: dict[str, None] = {}
    for row in rows:
        for who, region in _named_by(pack, before, row, on):
            found.update(dict.fromkeys(_units_of(before, who, region)))
        if isinstance(row, EndDuty) and (next_ := _responsible(after, row, on)):
            found.update(dict.fromkeys(_units_of(before, next_.lead, row.region)))
    return tuple(found)


def _responsible(
    directory: Directory, row: AddDuty | ReplaceDuty | EndDuty, on: date
) -> Duty | None:
    """The row that says who leads where a row of a change is about."""
    return directory.responsible(row.item, None if row.region == ANY else row.region, on)


def _named_by(pack: Pack, directory: Directory, row: AnyRow, on: date) -> Iterator[tuple[str, str]]:
    """Whom a row names, and where."""
    match row:
        case AddDuty() | ReplaceDuty():
            yield from ((who, row.region) for who in (row.lead, *row.assisting))
            if now := _responsible(directory, row, on):
                yield now.lead, row.region
        case EndItem():
            for duty in pack.duties:
                if duty.item == row.item:
                    yield duty.lead, duty.region
        case SetHandling() if row.handling.unit != ANY:
            yield row.handling.unit, ANY
        case EndHandling() if row.unit != ANY:
            yield row.unit, ANY
    if isinstance(row, ReplaceDuty | EndDuty) and (now := in_force(pack.duties, row.key, on)):
        yield from ((who, now.region) for who in (now.lead, *now.assisting))
