"""A street team's round: what it must look at on site, what is near, and in which order to walk.

Overdue comes first, then each day's due tasks; among those that are equally pressing the nearest is
next. Pure: places are points (WGS 84), distances are metres as the crow flies.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from math import asin, cos, radians, sin, sqrt
from typing import Final, NamedTuple, TypeVar

from juanchi.domain.base import Moment, Value
from juanchi.domain.doctor.likeness import pairs_alike
from juanchi.domain.gazetteer import KnownPlace
from juanchi.domain.lists import Unit
from juanchi.domain.suggestions import same_words

S = TypeVar("S")

CELL_M: Final = 300
"""How large a neighbourhood is where no community is known, in metres."""

NEAR_M: Final = 200
"""How far apart the same matter may have been reported, in metres."""

ALIKE: Final = 0.3
"""From which share of common pairs of letters on two reports may be of the same matter."""

MOST_NEAR: Final = 3
"""So many tickets that may handle it already are shown with a task."""

_EARTH_M: Final = 6_371_000
_M_A_DEGREE: Final = 111_195
_LAST: Final = float("inf")


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


class SiteTask(OnSite):
    """One task of a street team: to verify a clue, or to look again at what should be mended."""

    kind: str
    due: Moment | None
    urgency: str
    pictures: tuple[str, ...]
    url: str


class Nearby(Value):
    """An open ticket that may handle the same matter already. ``metres``: None where unknown."""

    ticket_id: str
    number: str | None
    text: str
    phase: str
    same_item: bool
    metres: int | None


class Visit(Value):
    """One stop of a round; ``metres`` from where it begins, None where a point is unknown."""

    task: SiteTask
    overdue: bool
    metres: int | None
    nearby: tuple[Nearby, ...] = ()


class Neighbourhood(Value):
    """The stops of a round that lie together: in one community, or in one place on the map."""

    region: str | None
    metres: int | None
    visits: tuple[Visit, ...]


def metres(one: Point, other: Point) -> float:
    """The way from one point to another as the crow flies."""
    up, across = radians(other.lat - one.lat), radians(other.lon - one.lon)
    slope = cos(radians(one.lat)) * cos(radians(other.lat))
    return 2 * _EARTH_M * asin(sqrt(sin(up / 2) ** 2 + slope * sin(across / 2) ** 2))


def seat_of(team: Unit, places: Iterable[KnownPlace]) -> Point | None:
    """Where a team sits: at the known place that bears its name, if one does."""
    names = {team.name, *team.aliases}
    for place in places:
        if place.lon is not None and place.lat is not None and names & {place.name, *place.aliases}:
            return Point(place.lon, place.lat)
    return None


class Round:
    """A team's tasks as one round, walked at a time, from a point."""

    def __init__(
        self,
        tasks: Sequence[SiteTask],
        around: Sequence[OnSite],
        now: datetime,
        zone: tzinfo,
        start: Point | None = None,
    ) -> None:
        self._now, self._zone = now, zone
        self._tasks = sorted(tasks, key=lambda task: (self._due(task), task.ticket_id))
        points = (task.point for task in self._tasks if task.point)
        self.start = start or next(points, None)
        """Where it begins: as given, else at the most pressing task whose point is known."""
        self._nearby = _nearby(self._tasks, around)

    def visits(self) -> list[Visit]:
        """The tasks in the order of their due times."""
        return [self._visit(task) for task in self._tasks]

    def neighbourhoods(self, communities: Mapping[str, str]) -> list[Neighbourhood]:
        """The tasks by neighbourhood, in the order of the walk.

        ``communities`` names the community of a region that is one, or lies in one.
        """
        together: dict[Hashable, list[SiteTask]] = defaultdict(list)
        for task in self._tasks:
            together[_where(task, communities)].append(task)
        groups = list(together.values())
        found = []
        here = self.start
        for group in walk(groups, lambda one: self._pressing(one[0]), _middle, here):
            stops = walk(group, self._pressing, lambda task: task.point, here)
            here = next((stop.point for stop in reversed(stops) if stop.point), here)
            region = communities.get(stops[0].region or "", stops[0].region)
            found.append(
                Neighbourhood(
                    region=region,
                    metres=self._metres(_middle(group)),
                    visits=tuple(map(self._visit, stops)),
                )
            )
        return found

    def _visit(self, task: SiteTask) -> Visit:
        return Visit(
            task=task,
            overdue=self._overdue(task),
            metres=self._metres(task.point),
            nearby=self._nearby.get(task.ticket_id, ()),
        )

    def _metres(self, point: Point | None) -> int | None:
        return round(metres(self.start, point)) if self.start and point else None

    def _due(self, task: SiteTask) -> float:
        return task.due.timestamp() if task.due else _LAST

    def _overdue(self, task: SiteTask) -> bool:
        return task.due is not None and task.due < self._now

    def _pressing(self, task: SiteTask) -> float:
        """What comes before what: all that is overdue alike, then day by day."""
        if self._overdue(task):
            return 0
        return task.due.astimezone(self._zone).toordinal() if task.due else _LAST


def walk(
    stops: Sequence[S],
    pressing: Callable[[S], float],
    point: Callable[[S], Point | None],
    start: Point | None,
) -> list[S]:
    """All stops: the more pressing before the less, and of those alike always the nearest next.

    Those whose point is not known come last among their like, as they were given.
    """
    alike: dict[float, list[S]] = defaultdict(list)
    for stop in stops:
        alike[pressing(stop)].append(stop)
    way, here = [], start
    for rank in sorted(alike):
        known = [(stop, at) for stop in alike[rank] if (at := point(stop))]
        while known:
            near = _nearest([at for _, at in known], here or known[0][1])
            stop, here = known.pop(near)
            way.append(stop)
        way += [stop for stop in alike[rank] if point(stop) is None]
    return way


def _nearest(points: Sequence[Point], here: Point) -> int:
    # The squares of short distances on a plain map are enough to tell which is nearer.
    narrow = cos(radians(here.lat))
    away = [(p.lat - here.lat) ** 2 + ((p.lon - here.lon) * narrow) ** 2 for p in points]
    return away.index(min(away))


def _where(task: SiteTask, communities: Mapping[str, str]) -> Hashable:
    """What the tasks of one neighbourhood have in common."""
    if community := communities.get(task.region or ""):
        return community
    return _cell(task.point) if task.point else task.region


def _cell(point: Point) -> tuple[int, int]:
    """The square of the map in which a point lies."""
    row = int(point.lat * _M_A_DEGREE // CELL_M)
    # All of one row of squares are equally wide, so that they meet.
    width = max(cos(radians(row * CELL_M / _M_A_DEGREE)), 0.01) * _M_A_DEGREE
    return row, int(point.lon * width // CELL_M)


def _middle(tasks: Sequence[SiteTask]) -> Point | None:
    points = [task.point for task in tasks if task.point]
    if not points:
        return None
    lon, lat = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    return Point(lon, lat)


def _nearby(tasks: Sequence[SiteTask], around: Sequence[OnSite]) -> dict[str, tuple[Nearby, ...]]:
    """For each task the open tickets of the same item, or in like words, at the same place."""
    everything = {one.ticket_id: one for one in (*around, *tasks)}
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for task, other, alike in _like(tasks, around, everything):
        if _same_place(task, other):
            found[task.ticket_id][other.ticket_id] = alike
    return {
        id_: tuple(
            _shown(everything[id_], everything[other])
            for other in sorted(near, key=lambda one: (-near[one], one))[:MOST_NEAR]
        )
        for id_, near in found.items()
    }


def _like(
    tasks: Sequence[SiteTask], around: Sequence[OnSite], everything: Mapping[str, OnSite]
) -> Iterator[tuple[OnSite, OnSite, float]]:
    """Each task with each ticket that may be of the same matter, and how alike they are."""
    mine = {task.ticket_id for task in tasks}
    for one, other, share in pairs_alike({i: _pairs(t.text) for i, t in everything.items()}, ALIKE):
        for id_, like in ((one, other), (other, one)):
            if id_ in mine:
                yield everything[id_], everything[like], share
    by_item: dict[str, list[OnSite]] = defaultdict(list)
    for ticket in around:
        if ticket.item:
            by_item[ticket.item].append(ticket)
    for task in tasks:
        for ticket in by_item.get(task.item or "", ()):
            if ticket.ticket_id != task.ticket_id:
                yield task, ticket, 1.0


def _pairs(text: str) -> frozenset[str]:
    """A text's pairs of letters: languages that write no spaces have no other words."""
    letters = same_words(text)
    return frozenset(letters[n : n + 2] for n in range(len(letters) - 1))


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
        same_item=other.item is not None and other.item == task.item,
        metres=None if apart is None else round(apart),
    )
