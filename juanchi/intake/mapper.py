"""One row of a file becomes one clue, or a problem that names the column."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import NamedTuple, NoReturn, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from juanchi.domain.base import in_future
from juanchi.domain.duties import Directory
from juanchi.domain.lists import Pack
from juanchi.domain.place import Place
from juanchi.domain.terms import Nature, Urgency
from juanchi.domain.ticket import Classified, Clue, Reporter
from juanchi.intake.encodings import shown
from juanchi.intake.files import Problem, Row
from juanchi.intake.mapping import EPOCH, HOLE, ISO, ByValue, ClueMapping
from juanchi.intake.matching import Items, Named, Regions, Units

V = TypeVar("V", bound=str)


class Unmappable(Exception):
    """A row that makes no clue."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(f"line {problem.line}: {problem.column}: {problem.code}")


class Mapped(NamedTuple):
    """A row's clue. ``late`` is what the file says of the answer, if it does; ``contact`` is
    contact data that only the client may see.
    """

    line: int
    clue: Clue
    contact: str | None = None
    late: bool | None = None


class Naming(NamedTuple):
    """What a row names, before it is looked up: enough to find duplicates and missing entries."""

    channel: str
    external_id: str
    item: Named | None
    lead: str | None


class Mapper:
    """Maps rows under one mapping and one version of a city's lists.

    Every method raises ``Unmappable`` for a row that it cannot take.
    """

    def __init__(self, mapping: ClueMapping, pack: Pack) -> None:
        self.mapping = mapping
        directory = Directory.of(pack)
        region, item, lead = mapping.place and mapping.place.region, mapping.item, mapping.lead
        self._regions = Regions(pack, directory, region.within if region else None)
        self.items = Items(pack, item) if item else None
        self.units = Units(pack, directory, lead) if lead else None
        self._channels = {channel.code for channel in pack.channels}
        self._bounds = pack.bounds
        self._zone: tzinfo = ZoneInfo(mapping.reported_at.timezone or pack.timezone)
        self._missing = frozenset(mapping.file.missing)

    def naming(self, row: Row) -> Naming:
        """What a row names."""
        if row.problem:
            raise Unmappable(row.problem)
        reader = _Reader(row, self._missing)
        item, lead = self.mapping.item, self.mapping.lead
        name = reader.cell(item.column) if item else ""
        return Naming(
            channel=self._channel(reader),
            external_id=self._external_id(reader),
            item=(
                Named(reader.filled(item.category), reader.filled(item.subcategory), name)
                if item and name
                else None
            ),
            lead=(reader.cell(lead.column) or None) if lead else None,
        )

    def clue(self, row: Row, now: datetime | None = None) -> Mapped:
        """The clue that a row makes."""
        naming = self.naming(row)
        reader = _Reader(row, self._missing)
        told, by = self.mapping, self.mapping.reporter
        nature = reader.by_value(told.nature, Nature) if told.nature else None
        urgency = reader.by_value(told.urgency, Urgency) if told.urgency else None
        try:
            clue = Clue(
                channel=naming.channel,
                external_id=naming.external_id,
                text=reader.filled(told.text),
                reported_at=self._reported_at(reader, now or datetime.now(UTC)),
                place=self._place(reader),
                url=reader.filled(told.url),
                nature=nature,
                urgency=urgency,
                reporter=Reporter(id=reader.filled(by.id)) if by and by.id else None,
                classified=self._classified(reader, naming),
            )
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            shown_row = row.raw[0] if row.raw else ""
            reader.fail("", "not_a_clue", shown_row, where=where, problem=first["msg"])
        contact = reader.cell(by.contact) if by and by.contact else ""
        return Mapped(row.line, clue, contact or None, self._late(reader))

    def _channel(self, reader: "_Reader") -> str:
        by = self.mapping.channel
        code = reader.by_value(by, str)
        if code is None or code not in self._channels:
            column = by.column or ""
            reader.fail(column, "unknown_channel", reader.cell(column), given=code or "")
        return code

    def _external_id(self, reader: "_Reader") -> str:
        template = self.mapping.external_id
        for column in HOLE.findall(template):
            if not reader.cell(column):
                reader.fail(column, "no_id", "")
        return reader.filled(template)

    def _reported_at(self, reader: "_Reader", now: datetime) -> datetime:
        by = self.mapping.reported_at
        cell = reader.cell(by.column)
        if not cell:
            reader.fail(by.column, "no_time", "")
        try:
            at = self._moment(cell)
        except (ValueError, OverflowError, OSError):
            reader.fail(by.column, "bad_time", cell, format=by.format)
        if in_future(at, now):
            reader.fail(by.column, "time_in_future", cell)
        return at

    def _moment(self, cell: str) -> datetime:
        by = self.mapping.reported_at
        if by.format == EPOCH:
            return datetime.fromtimestamp(float(cell), UTC)
        iso = by.format == ISO
        if iso and len(cell) == len("2026-01-31"):
            day_only = True
            at = datetime.combine(date.fromisoformat(cell), by.time_of_day)
        elif iso:
            day_only, at = False, datetime.fromisoformat(cell)
        else:
            # The zone is set below: most formats have none.
            at = datetime.strptime(cell, by.format)  # noqa: DTZ007
            day_only = not any(f"%{mark}" in by.format for mark in "HIcXs")
        if day_only:
            at = datetime.combine(at.date(), by.time_of_day)
        return at if at.tzinfo else at.replace(tzinfo=self._zone)

    def _place(self, reader: "_Reader") -> Place | None:
        by = self.mapping.place
        if by is None:
            return None
        region = by.region.within if by.region else None
        if by.region and by.region.column and (name := reader.cell(by.region.column)):
            region = self._regions.find(name)
            if region is None:
                reader.fail(by.region.column, "unknown_region", name)
        address = reader.filled(by.address)[:200]
        lon, lat = self._coordinates(reader, by.lon, by.lat, by.zero_is_missing)
        return Place(region=region, address=address, lon=lon, lat=lat)

    def _coordinates(
        self, reader: "_Reader", lon_column: str | None, lat_column: str | None, zero: bool
    ) -> tuple[float | None, float | None]:
        if lon_column is None or lat_column is None:
            return None, None
        lon, lat = reader.number(lon_column), reader.number(lat_column)
        if (lon is None and lat is None) or (zero and not lon and not lat):
            return None, None
        if lon is None or lat is None:
            reader.fail(lat_column if lat is None else lon_column, "half_coordinates", "")
        west, south, east, north = self._bounds or (-180.0, -90.0, 180.0, 90.0)
        for column, value, low, high in (
            (lon_column, lon, west, east),
            (lat_column, lat, south, north),
        ):
            if not low <= value <= high:
                reader.fail(column, "outside", reader.cell(column), low=low, high=high)
        return lon, lat

    def _classified(self, reader: "_Reader", naming: Naming) -> Classified | None:
        item = lead = None
        if self.items and self.mapping.item and naming.item:
            item = self.items.find(naming.item)
            if item is None:
                reader.fail(self.mapping.item.column, "unknown_item", naming.item.name)
        if self.units and self.mapping.lead and naming.lead:
            lead = self.units.find(naming.lead)
            if lead is None:
                reader.fail(self.mapping.lead.column, "unknown_unit", naming.lead)
        return Classified(item=item, lead=lead) if item or lead else None

    def _late(self, reader: "_Reader") -> bool | None:
        by = self.mapping.outcome
        if by is None:
            return None
        cell = reader.cell(by.column)
        if cell in by.overdue:
            return True
        if cell not in by.on_time:
            reader.fail(by.column, "unknown_outcome", cell)
        return False


class _Reader:
    """One row's cells."""

    def __init__(self, row: Row, missing: frozenset[str]) -> None:
        self._line = row.line
        self._cells: Mapping[str, str] = row.cells
        self._missing = missing

    def cell(self, column: str) -> str:
        """A cell without the space around it; empty when it is missing."""
        text = self._cells.get(column, "").strip()
        return "" if text in self._missing else text

    def filled(self, template: str) -> str:
        """A template with this row's cells put in."""
        return HOLE.sub(lambda hole: self.cell(hole[1]), template)

    def number(self, column: str) -> float | None:
        """A number, or None when there is none."""
        cell = self.cell(column)
        if not cell:
            return None
        try:
            return float(cell)
        except ValueError:
            self.fail(column, "bad_number", cell)

    def by_value(self, by: ByValue[V], kind: Callable[[str], V]) -> V | None:
        """The value that the mapping gives this row; None where it says that there is none."""
        if by.column is None:
            return by.value
        cell = self.cell(by.column)
        given = by.values.get(cell, by.default) if by.values else (cell or by.default)
        if given is None:
            self.fail(by.column, "unknown_value", cell)
        try:
            return kind(given) if given else None
        except ValueError:
            self.fail(by.column, "unknown_value", cell)

    def fail(self, column: str, code: str, value: str, **facts: object) -> NoReturn:
        """Give the row up."""
        raise Unmappable(Problem(self._line, column, shown(value), code, facts))
