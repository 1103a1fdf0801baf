"""One row of a file becomes one clue, or a problem that names the column."""

from datetime import UTC, datetime, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from juanchi.domain.base import in_future
from juanchi.domain.duties import Directory
from juanchi.domain.lists import Pack
from juanchi.domain.place import Place
from juanchi.domain.terms import Nature, Urgency
from juanchi.domain.ticket import Classified, Clue, Reporter
from juanchi.intake.files import Row
from juanchi.intake.mapping import HOLE, ClueMapping
from juanchi.intake.matching import Items, Named, Regions, Units
from juanchi.intake.row_reader import RowReader
from juanchi.intake.row_reader import Unmappable as Unmappable


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
        reader = RowReader(row, self._missing)
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
        reader = RowReader(row, self._missing)
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

    def _channel(self, reader: RowReader) -> str:
        by = self.mapping.channel
        code = reader.by_value(by, str)
        if code is None or code not in self._channels:
            column = by.column or ""
            reader.fail(column, "unknown_channel", reader.cell(column), given=code or "")
        return code

    def _external_id(self, reader: RowReader) -> str:
        template = self.mapping.external_id
        for column in HOLE.findall(template):
            if not reader.cell(column):
                reader.fail(column, "no_id", "")
        return reader.filled(template)

    def _reported_at(self, reader: RowReader, now: datetime) -> datetime:
        by = self.mapping.reported_at
        at = reader.moment(by, self._zone)
        if at is None:
            reader.fail(by.column, "no_time", "")
        if in_future(at, now):
            reader.fail(by.column, "time_in_future", reader.cell(by.column))
        return at

    def _place(self, reader: RowReader) -> Place | None:
        by = self.mapping.place
        if by is None:
            return None
        region = by.region.within if by.region else None
        if by.region and by.region.column and (name := reader.cell(by.region.column)):
            region = self._regions.find(name)
            if region is None:
                reader.fail(by.region.column, "unknown_region", name)
        address = reader.filled(by.address)[:200]
        lon, lat = reader.coordinates(by, self._bounds)
        return Place(region=region, address=address, lon=lon, lat=lat)

    def _classified(self, reader: RowReader, naming: Naming) -> Classified | None:
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

    def _late(self, reader: RowReader) -> bool | None:
        by = self.mapping.outcome
        if by is None:
            return None
        cell = reader.cell(by.column)
        if cell in by.overdue:
            return True
        if cell not in by.on_time:
            reader.fail(by.column, "unknown_outcome", cell)
        return False
