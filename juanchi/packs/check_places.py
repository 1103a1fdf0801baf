"""Cross-checks of what a city calls its places: ``places.csv``."""

from juanchi.domain.gazetteer import KnownPlace, PlaceKind
from juanchi.domain.lists import Region
from juanchi.packs.draft import Draft
from juanchi.packs.problems import Findings, quote, some
from juanchi.packs.tables import Placed

_SHORTEST = 2


def check_places(draft: Draft, findings: Findings) -> None:
    """Note known places that lead nowhere, or that no text could name surely."""
    first: dict[tuple[str, tuple[str, ...]], int] = {}
    for row in draft.places.rows:
        place = row.value
        if missing := [code for code in place.regions if draft.regions.lacks(code)]:
            message = f"there is no region {some(missing)} in regions.csv"
            findings.error(row.file, row.line, "regions", message)
        if short := [name for name in (place.name, *place.aliases) if len(name) < _SHORTEST]:
            message = f"{quote(short[0])} would be found in every other text; write the whole name"
            findings.error(row.file, row.line, "name", message)
        line = first.setdefault((place.name, place.regions), row.line)
        if line != row.line:
            message = f"{quote(place.name)} leads there on line {line} already; remove one row"
            findings.warn(row.file, row.line, "name", message)
        _point(row, draft, findings)
    _common_words(draft, findings)


def _common_words(draft: Draft, findings: Findings) -> None:
    """Note words to be asked about that are no name here: a slip of the pen, or no longer one."""
    if draft.place_words is None or draft.places_file is None:
        return
    rows: tuple[Region | KnownPlace, ...] = (*draft.regions.values, *draft.places.values)
    names = {name for row in rows for name in (row.name, *row.aliases)}
    idle = [word for word in draft.place_words.common_words if word not in names]
    if idle and draft.regions.whole and draft.places.whole:
        file, line = draft.places_file.file, draft.places_file.line("common_words")
        message = f"no region or known place is called {some(idle)}; nothing is asked about it"
        findings.warn(file, line, "common_words", message)


def _point(row: Placed[KnownPlace], draft: Draft, findings: Findings) -> None:
    place = row.value
    if place.lon is None or place.lat is None:
        return
    if place.kind is PlaceKind.ROAD:
        message = "a road is no point; leave its coordinates empty"
        findings.error(row.file, row.line, "lon", message)
    bounds = draft.head.bounds if draft.head else None
    if bounds is None:
        return
    west, south, east, north = bounds
    if not (west <= place.lon <= east and south <= place.lat <= north):
        message = f"{place.lon}, {place.lat} lies outside the bounds in pack.toml"
        findings.error(row.file, row.line, "lon", message)
