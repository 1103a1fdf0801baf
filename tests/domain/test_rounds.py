"""A street team's round: distances, neighbourhoods, the order of the walk, what is near."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juanchi.domain.gazetteer import KnownPlace, PlaceKind
from juanchi.domain.lists import Unit
from juanchi.domain.on_site import NEAR_M, OnSite, Point, metres
from juanchi.domain.rounds import Round, SiteTask, seat_of, walk

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
HERE = Point(114.06, 22.54)
STAIR = "the stair beside the technology building is badly broken"
IDS = count(1)


def north(metres_: float, east: float = 0) -> Point:
    """So far from here."""
    return Point(HERE.lon + east / 102_700, HERE.lat + metres_ / 111_195)


def ticket(at: Point | None = None, **more: Any) -> dict[str, Any]:
    number = next(IDS)
    name = f"ticket/video/{number:03}"
    found = {
        "ticket_id": name,
        "number": None,
        "text": "".join(chr(0x4E00 + 20 * number + letter) for letter in range(20)),
        "item": None,
        "phase": "handling",
        "region": "mill",
        "address": "",
        "spot": "",
        "lon": at and at.lon,
        "lat": at and at.lat,
        "received_at": NOW - timedelta(hours=3),
    }
    return {**found, **more}


def task(at: Point | None = None, due: float | None = 5, **more: Any) -> SiteTask:
    """A task that is due in so many hours."""
    given_ = {
        "kind": "verify",
        "due": None if due is None else NOW + timedelta(hours=due),
        "urgency": "general",
        "pictures": (),
        "url": "",
        "phase": "verifying",
        **more,
    }
    return SiteTask(**ticket(at, **given_))


def other(at: Point | None = None, **more: Any) -> OnSite:
    return OnSite(**ticket(at, **more))


def order(*tasks: SiteTask, start: Point | None = HERE) -> list[list[int]]:
    """Which task comes when, by its place among those given, neighbourhood by neighbourhood."""
    walked = Round(tasks, (), NOW, ZONE, start).neighbourhoods({})
    ids = [one.ticket_id for one in tasks]
    return [[ids.index(visit.task.ticket_id) for visit in one.visits] for one in walked]


def near(one: SiteTask, *around: OnSite) -> list[str]:
    (visit,) = Round([one], around, NOW, ZONE).visits()
    return [found.ticket_id for found in visit.nearby]


@pytest.mark.parametrize(
    ("one", "other_", "wanted"),
    [
        (HERE, HERE, 0),
        # A degree of a great circle.
        (Point(0, 0), Point(0, 1), 111_195),
        (Point(0, 0), Point(180, 0), 20_015_087),
        # The city's two ends, by another formula (the law of cosines).
        (Point(113.75, 22.45), Point(114.62, 22.86), 100_330),
    ],
)
def test_metres(one: Point, other_: Point, wanted: float) -> None:
    assert metres(one, other_) == pytest.approx(wanted, rel=0.002)
    assert metres(one, other_) == pytest.approx(metres(other_, one))


def test_what_is_due_first_comes_first_with_its_distance() -> None:
    late, soon, never = task(north(500), -1), task(north(100), 2), task(None, None)
    walked = Round([never, soon, late], (), NOW, ZONE, HERE).visits()
    assert [one.task for one in walked] == [late, soon, never]
    assert [one.overdue for one in walked] == [True, False, False]
    assert [one.metres for one in walked] == [500, 100, None]


def test_without_a_start_it_begins_at_the_most_pressing_point() -> None:
    walked = Round([task(north(900), 4), task(north(0), 1), task(None, -5)], (), NOW, ZONE)
    assert walked.start == north(0)
    assert [one.metres for one in walked.visits()] == [None, 0, 900]


def test_overdue_first_then_day_by_day_and_the_nearest_next() -> None:
    today = [task(north(5000), 2), task(north(1000), 6), task(north(9000), 1)]
    tomorrow, overdue = task(north(50), 24), task(north(20_000), -2)
    # All of today's are alike: the walk goes on from where the overdue one was.
    assert order(tomorrow, *today, overdue) == [[4], [3], [1], [2], [0]]


def test_a_neighbourhood_is_walked_at_once_the_overdue_there_first() -> None:
    far, near_, late = task(north(30, 40), 3), task(north(10, 40), 3), task(north(25, 40), -1)
    elsewhere = task(north(3000), 1)
    assert order(elsewhere, far, near_, late) == [[3, 1, 2], [0]], "5 m on, then back"


def test_a_community_is_a_neighbourhood_whatever_the_map_says() -> None:
    one, two = task(north(0), region="bridge"), task(north(2000), region="bridge")
    other_ = task(north(10), region="mill")
    walked = Round([one, two, other_], (), NOW, ZONE, HERE).neighbourhoods({"bridge": "bridge"})
    assert [(group.region, len(group.visits)) for group in walked] == [("mill", 1), ("bridge", 2)]


def test_what_has_no_point_lies_with_its_region_and_comes_last_among_its_like() -> None:
    lost = [task(None, 3), task(None, 4)]
    assert order(*lost, task(north(800), 5)) == [[2], [0, 1]]


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.tuples(st.integers(-9000, 9000), st.integers(-9000, 9000))),
            st.one_of(st.none(), st.integers(-50, 50)),
            st.sampled_from(["mill", "bridge", None]),
        ),
        max_size=25,
    )
)
def test_every_task_is_visited_once_and_nothing_less_pressing_before_the_overdue(
    drawn: list[tuple[tuple[int, int] | None, int | None, str | None]],
) -> None:
    tasks = [
        task(north(*at) if at else None, None if due is None else due + 0.5, region=region)
        for at, due, region in drawn
    ]
    groups = Round(tasks, (), NOW, ZONE, HERE).neighbourhoods({"bridge": "bridge"})
    visits = [visit for group in groups for visit in group.visits]
    assert sorted(v.task.ticket_id for v in visits) == sorted(one.ticket_id for one in tasks)
    assert all(group.visits for group in groups)
    with_late = [any(visit.overdue for visit in group.visits) for group in groups]
    assert with_late == sorted(with_late, reverse=True), "what has something overdue comes first"
    for group in groups:
        late = [visit.overdue for visit in group.visits]
        assert late == sorted(late, reverse=True)


def test_a_walk_takes_the_nearest_next() -> None:
    points = [north(n) for n in (700, 100, 400, 200)]
    assert walk(points, lambda _: 0, lambda p: p, HERE) == [north(n) for n in (100, 200, 400, 700)]


# ---------------------------------------------------------------- what may handle it already


def test_the_same_words_nearby_are_shown() -> None:
    mine = task(HERE, text=STAIR)
    same = other(north(50), text=f"{STAIR}, please mend it")
    far = other(north(NEAR_M + 10), text=STAIR)
    words = other(north(10), text="rubbish lies on the road")
    assert near(mine, same, far, words) == [same.ticket_id]
    (visit,) = Round([mine], [same], NOW, ZONE).visits()
    (found,) = visit.nearby
    assert (found.metres, found.same_item, found.phase) == (50, False, "handling")


def test_the_same_item_nearby_is_shown_whatever_the_words() -> None:
    mine = task(HERE, item="stairs")
    same, another = other(north(20), item="stairs"), other(north(20), item="lamp")
    assert near(mine, same, another) == [same.ticket_id]


def test_two_tasks_of_the_same_matter_show_each_other_and_never_themselves() -> None:
    one, two = task(HERE, text=STAIR), task(north(30), text=STAIR)
    visits = Round(
        [one, two], [OnSite(**one.model_dump(include=set(OnSite.model_fields)))], NOW, ZONE
    )
    assert [[near_.ticket_id for near_ in visit.nearby] for visit in visits.visits()] == [
        [two.ticket_id],
        [one.ticket_id],
    ]


@pytest.mark.parametrize(
    ("spots", "regions", "same"),
    [
        (("weirlane4", "weirlane4"), ("mill", "bridge"), True),
        (("weirlane4", "weirlane5"), ("mill", "mill"), False),
        (("", ""), ("mill", "mill"), True),
        (("", ""), ("mill", "bridge"), False),
        (("", ""), (None, None), False),
    ],
)
def test_without_points_the_address_says_whether_it_is_the_same_place(
    spots: tuple[str, str], regions: tuple[str | None, str | None], same: bool
) -> None:
    mine = task(None, text=STAIR, spot=spots[0], region=regions[0])
    there = other(None, text=STAIR, spot=spots[1], region=regions[1])
    assert (near(mine, there) == [there.ticket_id]) is same


def test_the_likest_are_shown_and_not_too_many() -> None:
    mine = task(HERE, text=STAIR)
    many = [other(north(n), text=f"{STAIR} {'really ' * n}") for n in range(6)]
    assert near(mine, *reversed(many)) == [one.ticket_id for one in many[:3]]


def test_a_team_sits_at_the_place_that_bears_its_name() -> None:
    team = Unit(code="w", name="Mill Wardens", role="wardens", region="mill", aliases=("the Mill",))
    lodge = KnownPlace(
        name="the Mill", kind=PlaceKind.LANDMARK, regions=("mill",), lon=HERE.lon, lat=HERE.lat
    )
    unknown = KnownPlace(name="Mill Wardens", kind=PlaceKind.LANDMARK, regions=("mill",))
    assert seat_of(team, [unknown, lodge]) == HERE
    assert seat_of(team, [unknown]) is None


def test_east_is_narrower_than_it_looks() -> None:
    """A degree east is shorter than one north: the nearer one is next all the same."""
    east, up = Point(HERE.lon + 0.0105, HERE.lat), Point(HERE.lon, HERE.lat + 0.01)
    assert metres(HERE, east) < metres(HERE, up)
    assert walk([up, east], lambda _: 0, lambda p: p, HERE) == [east, up]
