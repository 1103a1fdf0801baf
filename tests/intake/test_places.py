"""The parts of reading a place: coordinates, names, crossings, addresses, and what they weigh."""

import pytest

from juanchi.domain.duties import Directory
from juanchi.domain.gazetteer import KnownPlace, PlaceKind, PlaceWords
from juanchi.intake.places import PlaceReader
from juanchi.intake.places.coordinates import Coordinates, Found, Point
from juanchi.intake.places.evidence import Mention, Verdict, weigh
from juanchi.packs import read_pack, shipped
from tests.pure import TINYTOWN

CITY = read_pack(shipped("shenzhen"))
TOWN = read_pack(TINYTOWN)
LISTS = Directory.of(TOWN)
READER = PlaceReader(CITY, Directory.of(CITY))
TOWN_READER = PlaceReader(TOWN, LISTS)
POINT = Point(113.93, 22.54)


@pytest.mark.parametrize(
    "text",
    [
        "113.93,22.54",
        "22.54，113.93",
        "坐标(113.93, 22.54)有坑",
        "113.93 22.54",
        "北纬22.54，东经113.93",
        "lat: 22.54, lon: 113.93",
        "22.54N 113.93E",
        "E113.93 N22.54",
        "113.93,22.54 就是 113.93,22.54",
    ],
)
def test_a_point_in_either_order(text: str) -> None:
    assert READER.read(text).point == POINT


@pytest.mark.parametrize(
    "text",
    [
        "N22°32' E113°56'",
        "N22°32′ E113°56′",
        "22°32'N, 113°56'E",
        "22°32′0″N 113°56′0″E",
        "北纬22度32分 东经113度56分",
        "Ｎ２２°３２′ Ｅ１１３°５６′",
    ],
)
def test_degrees_minutes_and_seconds(text: str) -> None:
    point = READER.read(text).point
    assert point is not None
    assert (round(point.lon, 4), round(point.lat, 4)) == (113.9333, 22.5333)


@pytest.mark.parametrize(
    ("text", "bounds", "found"),
    [
        ("20.51, 20.52", (20.0, 20.0, 21.0, 21.0), Found(unsure=True)),
        ("20.51, 20.52", None, Found(unsure=True)),
        ("113.93, 22.54", None, Found(Point(113.93, 22.54))),
        ("113.93, 22.54 or 113.94, 22.55", CITY.bounds, Found(unsure=True)),
        ("116.4074, 39.9042", CITY.bounds, Found(outside=True)),
        ("S22°32' E113°56'", CITY.bounds, Found(outside=True)),
        ("12.50, 13.80 yuan", CITY.bounds, Found()),
        ("version 113.93.22.54", CITY.bounds, Found()),
        ("113.93", CITY.bounds, Found()),
        ("N22°32' N22°33'", CITY.bounds, Found()),
        ("E 5 N 7", CITY.bounds, Found()),
        ("999.9999,999.9999", CITY.bounds, Found()),
    ],
)
def test_numbers_with_no_one_meaning(
    text: str, bounds: tuple[float, float, float, float] | None, found: Found
) -> None:
    assert Coordinates(PlaceWords(), bounds).read(text) == found


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("石岩街道宝石东路12号门口", "宝石东路12号"),
        ("石岩街道宝石东路１２号", "宝石东路12号"),
        ("我家门口的石岩街道宝石东路", "宝石东路"),
        ("石岩街道位于宝石东路的垃圾站", "宝石东路"),
        ("石岩街道，和平路与石龙路交叉口", "和平路与石龙路交叉口"),
        ("石岩街道石龙路和和平路十字路口", "和平路与石龙路交叉口"),
        ("石岩街道在深大地铁站A口", "深大地铁站A口"),
        ("石岩街道人民广场", "人民广场"),
        ("石岩街道宝石东路的路灯，还有石龙路的路灯", ""),
        ("石岩街道甲子路与乙丑路路口和丙寅路与丁卯路路口", ""),
        ("我住在福田花园，石岩街道宝石东路12号的灯不亮", "宝石东路12号"),
        ("我住在宝石东路12号，石岩街道的灯不亮", ""),
        ("我住在石岩街道宝石东路12号，灯不亮", "宝石东路12号"),
        ("石岩街道的学校", ""),
        ("石岩街道我们小区", ""),
        ("石岩街道走了好多路", ""),
        ("石岩街道没有路灯的马路", ""),
        ("石岩街道门前一条铺满了落叶又坑坑洼洼积水严重路", ""),
    ],
)
def test_the_address_of_a_text(text: str, address: str) -> None:
    found = READER.read(text)
    assert (found.region, found.address) == ("440306026", address)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("at the corner of Old Road and Bridge Street", "Bridge Street / Old Road"),
        ("Bridge Street & Old Road junction", "Bridge Street / Old Road"),
        ("12 Old Road", "12 Old Road"),
        ("At Old Mill Lane", "Old Mill Lane"),
        ("the Town Hall clock", "Town Hall"),
        ("the road is bad, any street is", ""),
        ("Old Road and Bridge Street are bad", ""),
    ],
)
def test_the_address_of_a_text_with_spaces(text: str, address: str) -> None:
    assert TOWN_READER.read(f"Market Parish. {text}").address == address


def test_without_words_of_the_city_only_regions_are_found() -> None:
    bare = CITY.model_copy(update={"places": (), "place_words": PlaceWords()})
    found = PlaceReader(bare, Directory.of(bare)).read("石岩街道深盐路与东海路交叉口12号")
    assert (found.region, found.address, found.problem) == ("440306026", "", "")


def test_lists_in_full_width_are_read_like_texts() -> None:
    places = (known("Ａ１大厦", "440306026", kind=PlaceKind.LANDMARK),)
    reader = PlaceReader(CITY.model_copy(update={"places": places}), Directory.of(CITY))
    assert {reader.read(text).region for text in ("A1大厦", "Ａ１大厦")} == {"440306026"}


def known(name: str, *regions: str, kind: PlaceKind = PlaceKind.ROAD) -> KnownPlace:
    return KnownPlace(name=name, kind=kind, regions=regions)


def test_one_name_in_two_streets_is_asked_about_and_settled_by_the_district() -> None:
    places = (
        known("和平社区", "440306020", kind=PlaceKind.COMMUNITY),
        known("和平社区", "440309003", kind=PlaceKind.COMMUNITY),
    )
    reader = PlaceReader(CITY.model_copy(update={"places": places}), Directory.of(CITY))
    asked = reader.read("和平社区停水")
    assert (asked.region, asked.problem) == (None, "ambiguous")
    assert asked.possible == ("440306020", "440309003")
    assert reader.read("龙华区和平社区停水").region == "440309003"


def test_two_roads_narrow_to_where_they_cross() -> None:
    places = (known("甲子路", "440306020", "440306021"), known("乙丑路", "440306021", "440306022"))
    reader = PlaceReader(CITY.model_copy(update={"places": places}), Directory.of(CITY))
    assert reader.read("甲子路与乙丑路交叉口").region == "440306021"
    one = reader.read("甲子路路灯不亮")
    assert (one.region, one.possible) == ("440306", ("440306020", "440306021"))


M = Mention


@pytest.mark.parametrize(
    ("mentions", "verdict"),
    [
        ([], Verdict(problem="no_place")),
        ([M(("TT",))], Verdict("TT")),
        ([M(("TT",), weak=True)], Verdict(problem="no_place")),
        ([M(("TT",)), M(("mill",))], Verdict("mill")),
        ([M(("north",)), M(("mill",)), M(("millbrook",))], Verdict("millbrook")),
        ([M(("harbour", "market"))], Verdict("south", ("harbour", "market"))),
        ([M(("mill", "market"))], Verdict(None, ("mill", "market"), "ambiguous")),
        ([M(("mill", "market")), M(("south",))], Verdict("market")),
        ([M(("mill",)), M(("market",))], Verdict(None, ("mill", "market"), "ambiguous")),
        (
            [M(("north",)), M(("mill",)), M(("south",))],
            Verdict(None, ("mill", "south"), "ambiguous"),
        ),
        ([M(("mill",)), M(("market",), weak=True)], Verdict("mill")),
        ([M(("south",)), M(("market",), weak=True)], Verdict("south", ("market",))),
        ([M(("market",), weak=True)], Verdict(None, ("market",), "ambiguous")),
        ([M(("mill",), home=True)], Verdict("mill")),
        ([M(("mill",), home=True), M(("south",))], Verdict("south")),
        ([M(("south",), home=True), M(("market",), weak=True)], Verdict("south", ("market",))),
        (
            [M(("mill",), home=True), M(("market",), weak=True)],
            Verdict(None, ("market", "mill"), "ambiguous"),
        ),
    ],
)
def test_what_mentions_say_together(mentions: list[Mention], verdict: Verdict) -> None:
    assert weigh(mentions, elsewhere=False, directory=LISTS) == verdict


def test_another_city_named_beside() -> None:
    assert weigh([], True, LISTS) == Verdict(problem="outside")
    assert weigh([M(("mill",))], True, LISTS) == Verdict("mill")
    assert weigh([M(("TT",))], True, LISTS) == Verdict(None, ("TT",), "ambiguous")


def test_only_so_many_are_asked_about() -> None:
    streets = tuple(street.code for street in Directory.of(CITY).streets())
    assert len(weigh([M(streets)], False, Directory.of(CITY)).possible) == 5
