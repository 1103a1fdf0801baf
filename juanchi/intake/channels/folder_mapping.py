"""One row of a dropped file becomes one arrival, or is told as unreadable with file and row."""

import json
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError

from juanchi.domain.base import Value
from juanchi.domain.place import Place
from juanchi.domain.terms import Nature, Urgency
from juanchi.intake.channels import plain
from juanchi.intake.channels.adapter import Arrival, BadSettings, Unreadable
from juanchi.intake.channels.folder_words import row_line
from juanchi.intake.files import Problem, Row
from juanchi.intake.mapping import (
    HOLE,
    ByValue,
    FileShape,
    PlaceBy,
    ReportedAt,
    Template,
    mapped_columns,
)
from juanchi.intake.row_reader import RowReader, Unmappable


class RowMapping(Value):
    """Which columns make which part of an arrival; the parts are those of an import's mapping.

    Without ``external_id`` a row is told from others by its words: the same row twice is one.
    """

    file: FileShape = FileShape()
    external_id: Template = ""
    text: Template = Field(min_length=1)
    url: Template = ""
    reported_at: ReportedAt | None = None
    nature: ByValue[Nature] | None = None
    urgency: ByValue[Urgency] | None = None
    place: PlaceBy | None = None
    contact: str | None = None

    def unknown_column(self, columns: Sequence[str]) -> str:
        """A column that is wanted and not among these; empty when all are there."""
        wanted = mapped_columns(self) if columns else ()
        return next((column for _, column in wanted if column not in columns), "")

    def check(self) -> None:
        """Raise ``BadSettings`` for what only an import can do."""
        if self.place and self.place.region:
            raise BadSettings(
                "mapping.place.region", "is not for folders: the channel has its region itself"
            )


def read_row(mapping: RowMapping, row: Row, file: str, zone: ZoneInfo) -> Arrival | Unreadable:
    """What a row says."""
    try:
        return _arrival(mapping, row, zone)
    except Unmappable as error:
        return unreadable(row, file, error.problem)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        problem = Problem(row.line, where, "", "not_a_clue", {"problem": first["msg"]})
        return unreadable(row, file, problem)


def unreadable(row: Row, file: str, problem: Problem) -> Unreadable:
    """A row that cannot be read."""
    words = json.dumps(row.raw, ensure_ascii=False)
    return Unreadable(
        external_id=plain.digest(file, str(row.line), words),
        problem=row_line(file, problem),
        raw=plain.raw(" | ".join(row.raw)),
    )


def _arrival(mapping: RowMapping, row: Row, zone: ZoneInfo) -> Arrival:
    if row.problem:
        raise Unmappable(row.problem)
    reader = RowReader(row, frozenset(mapping.file.missing))
    text = plain.cut(plain.tidy(reader.filled(mapping.text)))
    if not text:
        reader.fail(next(iter(HOLE.findall(mapping.text)), ""), "no_text", "")
    by = mapping.reported_at
    own_zone = ZoneInfo(by.timezone) if by and by.timezone else zone
    return Arrival(
        external_id=_id(mapping, reader, row),
        text=text,
        reported_at=reader.moment(by, own_zone) if by else None,
        url=plain.link(reader.filled(mapping.url)),
        place=_place(mapping.place, reader),
        nature=reader.by_value(mapping.nature, Nature) if mapping.nature else None,
        urgency=reader.by_value(mapping.urgency, Urgency) if mapping.urgency else None,
        contact=plain.line(reader.cell(mapping.contact)) if mapping.contact else "",
    )


def _id(mapping: RowMapping, reader: RowReader, row: Row) -> str:
    if not mapping.external_id:
        return plain.digest(json.dumps(row.cells, ensure_ascii=False, sort_keys=True))
    for column in HOLE.findall(mapping.external_id):
        if not reader.cell(column):
            reader.fail(column, "no_id", "")
    return plain.key(reader.filled(mapping.external_id))


def _place(by: PlaceBy | None, reader: RowReader) -> Place | None:
    if by is None:
        return None
    address = plain.line(reader.filled(by.address))
    lon, lat = reader.coordinates(by)
    return Place(address=address, lon=lon, lat=lat) if address or lon is not None else None
