"""A matter as it is looked at on site, and which other tickets may be of the same matter there.

Pure: places are points (WGS 84), distances are metres as the crow flies.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import product
from math import asin, cos, radians, sin, sqrt
from typing import Final, NamedTuple

from juanchi.domain.base import Moment, Value
from juanchi.domain.wording import letters

CELL_M: Final = 300
"""How large a neighbourhood is where no community is known, in metres."""

NEAR_M: Final = 200
"""How far apart the same matter may have been reported, in metres."""

ALIKE: Final = 0.3
"""From which share of common pairs of letters on two reports may be of the same matter."""

MOST_VAGUE: Final = 50
"""So many tickets of a region are compared where nobody knows more of the place, the newest."""

MOST_NEAR: Final = 3
"""So many tickets that may handle it already are shown with a task."""

_EARTH_M: Final = 6_371_000
_M_A_DEGREE: Final = 111_195


class Point(NamedTuple):
    """A point on the ground, in degrees."""

    lon: float
    lat: float


class OnSite(Value):
    """A ticket as it is looked at on site. ``spot`` is the address as it is compared."""

    ticket_id: str
    number: str | None
    text: str
    item: str | None
    phase: str
    region: str | None
    address: str
    spot: str
    lon: float | None
    lat: float | None
    received_at: Moment

    @property
    def point(self) -> Point | None:
        """Where it is, if that is known so exactly."""
        if self.lon is None or self.lat is None:
            return None
        return Point(self.lon, self.lat)


class Nearby(Value):
    """An open ticket that may handle the same matter already. ``metres``: None where unknown."""

    ticket_id: str
    number: str | None
    text: str
    phase: str
    same_item: bool
    metres: int | None


def metres(one: Point, other: Point) -> float:
    """The way from one point to another as the crow flies."""
    up, across = radians(other.lat - one.lat), radians(other.lon - one.lon)
    slope = cos(radians(one.lat)) * cos(radians(other.lat))
    return 2 * _EARTH_M * asin(sqrt(sin(up / 2) ** 2 + slope * sin(across / 2) ** 2))


def cell(point: Point) -> tuple[int, int]:
    """The square of the map in which a point lies."""
    row = int(point.lat * _M_A_DEGREE // CELL_M)
    # All of one row of squares are equally wide, so that they meet.
    width = max(cos(radians(row * CELL_M / _M_A_DEGREE)), 0.01) * _M_A_DEGREE
    return row, int(point.lon * width // CELL_M)


class _Map:
    """Tickets by where they are, so that each is compared with its neighbours alone."""

    def __init__(self, tickets: Sequence[OnSite]) -> None:
        self._at: dict[Hashable, list[OnSite]] = defaultdict(list)
        self._vague: dict[str, list[OnSite]] = defaultdict(list)
        for one in tickets:
            if one.point:
                self._at[cell(one.point)].append(one)
            if one.spot:
                self._at[one.spot].append(one)
            if one.region and not (one.point and one.spot):
                self._vague[one.region].append(one)

    def around(self, task: OnSite) -> Iterator[OnSite]:
        """Those that may be at a task's place, some of them perhaps twice."""
        if task.point:
            for near in _cells_near(task.point):
                yield from self._at.get(near, ())
        if task.spot:
            yield from self._at.get(task.spot, ())
        yield from self._vague.get(task.region or "", ())[:MOST_VAGUE]


def _cells_near(point: Point) -> set[tuple[int, int]]:
    # Steps shorter than a square pass none by.
    up = NEAR_M / _M_A_DEGREE
    across = up / max(cos(radians(point.lat)), 0.01)
    steps = product((-1, 0, 1), repeat=2)
    return {cell(Point(point.lon + x * across, point.lat + y * up)) for x, y in steps}


def nearby(tasks: Sequence[OnSite], around: Sequence[OnSite]) -> dict[str, tuple[Nearby, ...]]:
    """For each task the open tickets of the same item, or in like words, at the same place.

    ``around`` are the tickets that are open there, the newest first; the tasks may be among them.
    """
    everything = list({one.ticket_id: one for one in (*around, *tasks)}.values())
    there = _Map(everything)
    pairs = {one.ticket_id: _pairs(one.text) for one in everything}
    found = {}
    for task in tasks:
        alike = {}
        for other in {one.ticket_id: one for one in there.around(task)}.values():
            if other.ticket_id == task.ticket_id or not _same_place(task, other):
                continue
            share = _share(pairs[task.ticket_id], pairs[other.ticket_id])
            share = 1.0 if _same_item(task, other) else share
            if share >= ALIKE:
                alike[other.ticket_id] = share, other
        if alike:
            best = sorted(alike, key=lambda id_: (-alike[id_][0], id_))[:MOST_NEAR]
            found[task.ticket_id] = tuple(_shown(task, alike[id_][1]) for id_ in best)
    return found


def _same_item(task: OnSite, other: OnSite) -> bool:
    return task.item is not None and task.item == other.item


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    """How much of what either has both have."""
    both = len(one & other)
    return both / (len(one) + len(other) - both) if both else 0.0


def _pairs(text: str) -> frozenset[str]:
    """A text's pairs of letters: languages that write no spaces have no other words."""
    told = letters(text)
    return frozenset(told[n : n + 2] for n in range(len(told) - 1))


def _same_place(one: OnSite, other: OnSite) -> bool:
    if one.point and other.point:
        return metres(one.point, other.point) <= NEAR_M
    if one.spot and other.spot:
        return one.spot == other.spot
    return one.region is not None and one.region == other.region


def _shown(task: OnSite, other: OnSite) -> Nearby:
    apart = metres(task.point, other.point) if task.point and other.point else None
    return Nearby(
        ticket_id=other.ticket_id,
        number=other.number,
        text=other.text,
        phase=other.phase,
        same_item=_same_item(task, other),
        metres=None if apart is None else round(apart),
    )
