"""A street team's round: what it must look at on site, what is near, and in which order to walk.

Overdue comes first, then each day's due tasks; among those that are equally pressing the nearest is
next. Pure: places are points (WGS 84), distances are metres as the crow flies.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from math import cos, radians
from typing import Final, TypeVar

from juanchi.domain.base import Moment, Value
from juanchi.domain.gazetteer import KnownPlace
from juanchi.domain.lists import Unit
from juanchi.domain.on_site import Nearby, OnSite, Point, cell, metres, nearby

S = TypeVar("S")

_LAST: Final = float("inf")


class SiteTask(OnSite):
    """One task of a street team: to verify a clue, or to look again at what should be mended."""

    kind: str
    due: Moment | None
    urgency: str
    pictures: tuple[str, ...]
    url: str


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
        self._nearby = nearby(self._tasks, around)

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
    return cell(task.point) if task.point else task.region


def _middle(tasks: Sequence[SiteTask]) -> Point | None:
    points = [task.point for task in tasks if task.point]
    if not points:
        return None
    lon, lat = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    return Point(lon, lat)
