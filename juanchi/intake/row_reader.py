"""The cells of one row as values: templates, numbers, times, tables."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Final, NoReturn, TypeVar

from juanchi.intake.encodings import shown
from juanchi.intake.files import Problem, Row
from juanchi.intake.mapping import EPOCH, HOLE, ISO, ByValue, PlaceBy, ReportedAt

V = TypeVar("V", bound=str)

_EVERYWHERE: Final = (-180.0, -90.0, 180.0, 90.0)


class Unmappable(Exception):
    """A row that makes no clue."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(f"line {problem.line}: {problem.column}: {problem.code}")


class RowReader:
    """One row's cells, as a mapping asks for them. Raises ``Unmappable`` where they do not fit."""

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

    def moment(self, by: ReportedAt, zone: tzinfo) -> datetime | None:
        """A time, local in a zone where it names none; None when the cell is missing."""
        cell = self.cell(by.column)
        if not cell:
            return None
        try:
            return _moment(cell, by, zone)
        except (ValueError, OverflowError, OSError):
            self.fail(by.column, "bad_time", cell, format=by.format)

    def coordinates(
        self, by: PlaceBy, bounds: tuple[float, float, float, float] | None = None
    ) -> tuple[float | None, float | None]:
        """Longitude and latitude, within bounds (west, south, east, north); None for neither."""
        if by.lon is None or by.lat is None:
            return None, None
        lon, lat = self.number(by.lon), self.number(by.lat)
        if (lon is None and lat is None) or (by.zero_is_missing and not lon and not lat):
            return None, None
        if lon is None or lat is None:
            self.fail(by.lat if lat is None else by.lon, "half_coordinates", "")
        west, south, east, north = bounds or _EVERYWHERE
        for column, value, low, high in ((by.lon, lon, west, east), (by.lat, lat, south, north)):
            if not low <= value <= high:
                self.fail(column, "outside", self.cell(column), low=low, high=high)
        return lon, lat

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


def _moment(cell: str, by: ReportedAt, zone: tzinfo) -> datetime:
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
    return at if at.tzinfo else at.replace(tzinfo=zone)
