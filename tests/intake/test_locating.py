"""Where a clue is: a region, or the choice that a person has; never a guess."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juanchi.domain.clue import LocateResult
from juanchi.domain.gazetteer import KnownPlace, PlaceKind
from juanchi.domain.lists import Pack
from juanchi.domain.place import Place
from juanchi.domain.ticket import Clue
from juanchi.intake.tools import Tools
from juanchi.packs import read_pack, shipped
from tests.pure import MONDAY, tinytown

TOWN = tinytown()
PACK = read_pack(shipped("shenzhen"))
CITY = Tools(PACK, "shenzhen@test")


def located(text: str, city: Tools = CITY, given: Place | None = None, **more: Any) -> LocateResult:
    fields = {"channel": "app", "external_id": "1", "text": text, "reported_at": MONDAY}
    return city.locator.locate(Clue.model_validate(fields | more), given)


def settled(text: str, city: Tools = CITY) -> tuple[str | None, tuple[str, ...], str]:
    """The region, those that are possible, and the problem."""
    found = located(text, city)
    assert found.place is not None
    return found.place.region, found.possible_regions, found.problem


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("宝安区石岩街道海谷科技大厦旁边的楼梯破损严重", "440306026"),
        ("海谷科技大厦旁边的楼梯破损严重", "440306026"),
        ("龙华区大浪街道浪口社区房东乱收电费", "440309004-langkou"),
        ("浪口社区房东乱收电费", "440309004-langkou"),
        ("石岩街道浪心社区和石岩街道都说不归他们管", "440306026-langxin"),
        ("我住在福田，宝安区西乡街道的井盖丢了", "440306018"),
        ("我住在福田区梅林街道，楼下烧烤摊吵到半夜", "440304007"),
        ("我家住石岩街道，昨天路过石岩街道看到的", "440306026"),
        ("罗湖区翠竹街道布吉路路灯不亮", "440303004"),
        ("南山区桃源街道龙珠大道旁工地凌晨施工", "440305008"),
        ("钟南山院士说过要通风，西丽街道的菜场却闷得很", "440305009"),
        ("东莞长安镇的工厂往宝安区松岗街道的河里排污", "440306024"),
        ("ＸＸ小区在石岩街道１２号", "440306026"),
        ("光明区光明街道的路", "440311001"),
        ("龙岗区龙岗街道的路", "440307016"),
        ("深圳市宝安区石岩街道", "440306026"),
    ],
)
def test_one_region_is_meant(text: str, region: str) -> None:
    assert settled(text) == (region, (), "")


@pytest.mark.parametrize(
    ("text", "region", "possible"),
    [
        ("盐田区深盐路与东海路交叉口路面坑洼", "440308", ()),
        ("深盐路与东海路交叉口路面坑洼", "440308", ()),
        ("宝安大道坑太多了", "440306", ()),
        ("南山区深南大道坑太多了", "440305", ()),
        ("宝安区西乡大道坑太多了", "440306", ("440306018",)),
        ("宝安区的楼梯坏了", "440306", ()),
    ],
)
def test_a_district_with_what_is_known(text: str, region: str, possible: tuple[str, ...]) -> None:
    assert settled(text) == (region, possible, "no_street_team")
    assert located(text).district == region


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("西乡街道和新安街道交界的井盖丢了", ("440306018", "440306017")),
        ("宝安区西乡街道、新安街道交界", ("440306018", "440306017")),
        ("南山区石岩街道的楼梯坏了", ("440305", "440306026")),
        ("浪口社区和浪心社区都停水", ("440309004-langkou", "440306026-langxin")),
        ("深南大道坑太多了", ("440303", "440304", "440305")),
        ("宝安区深南大道", ("440306", "440303", "440304", "440305")),
        ("布吉路路灯不亮", ("440307014",)),
        ("光明的未来在哪里", ("440311",)),
        ("我住在福田，宝安机场路的路灯坏了", ("440306400", "440304")),
        ("东莞凤凰城那边", ("440311004",)),
        ("从东莞到深圳的路", ("SZ",)),
    ],
)
def test_a_choice_is_said_and_not_made(text: str, possible: tuple[str, ...]) -> None:
    assert settled(text) == (None, possible, "ambiguous")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no_place"),
        ("到处都是垃圾", "no_place"),
        ("the lamp is out", "no_place"),
        ("光明磊落，办招商银行的卡", "no_place"),
        ("东莞长安镇的工厂太吵", "outside"),
        ("位置 116.4074, 39.9042 有个坑", "outside"),
        ("N39°54' E116°24'", "outside"),
    ],
)
def test_nothing_of_this_city(text: str, problem: str) -> None:
    assert settled(text) == (None, (), problem)


@pytest.mark.parametrize(
    ("text", "region", "possible", "problem"),
    [
        ("a pothole in Mill Parish", "mill", (), ""),
        ("a pothole in Millbrook", "millbrook", (), ""),
        ("North Side, Mill Parish, Millbrook", "millbrook", (), ""),
        ("the Ropewalk is dark", "harbour", (), ""),
        ("at the corner of Mill Road and Weir Lane", "mill", (), ""),
        ("at the corner of Weir Lane and Mill Road", "mill", (), ""),
        ("a hole in High Street", "market", (), ""),
        ("Long Lane floods", None, ("mill", "harbour"), "ambiguous"),
        ("Long Lane in South Side floods", "harbour", (), ""),
        ("I live in Mill Parish, the lamp in Market Parish is out", "market", (), ""),
        ("I live in a flat in Mill Parish and it is dark", "mill", (), ""),
        ("a pothole in mill parish", None, ("mill",), "ambiguous"),
        ("on the north side of the street", None, ("north",), "ambiguous"),
        ("a tiny hole", None, (), "no_place"),
        ("in Tinytown", "TT", (), "no_street_team"),
        ("Northside Radio plays too loud", None, (), "no_place"),
        ("in Bigtown", None, (), "outside"),
        ("Millions of Harbour Parishes", None, (), "no_place"),
    ],
)
def test_another_language(
    text: str, region: str | None, possible: tuple[str, ...], problem: str
) -> None:
    assert settled(text, TOWN) == (region, possible, problem)


def test_a_community_is_its_streets() -> None:
    found = located("浪口社区")
    assert (found.district, found.street_team) == ("440309", "440309004-office")
    by_hand = located("", given=Place(region="440309004-langkou"))
    assert (by_hand.district, by_hand.street_team) == ("440309", "440309004-office")
    street, community = "440309004", "440309004-langkou"
    directory = CITY.directory
    assert directory.like(community) == (community, street)
    assert directory.like(street) == (street, community)
    assert directory.like("440309") == ("440309",)
    on = MONDAY.date()
    for item in PACK.items:
        there, whole = (directory.assign(item.code, code, on) for code in (community, street))
        assert there == whole


@pytest.mark.parametrize(
    "text",
    ["深盐路与东海路交叉口", "深盐路东海路口！", "东海路和深盐路路口", "东海路/深盐路交汇处"],
)
def test_one_crossing_has_one_address(text: str) -> None:
    place = located(f"盐田区{text}坑洼").place
    assert place == Place(region="440308", address="东海路与深盐路交叉口")


def test_what_the_channel_says_stays_and_the_text_adds() -> None:
    told = located("石岩街道", place=Place(region="440304008", address="莲花路1号"))
    assert told.place == Place(region="440304008", address="莲花路1号")
    added = located("石岩街道宝石东路12号", place=Place(region="440304008"))
    assert added.place == Place(region="440304008", address="宝石东路12号")
    by_hand = located("石岩街道宝石东路12号", given=Place(region="440304008"))
    assert by_hand.place == Place(region="440304008")


def test_an_address_that_is_contradicted_by_the_text_wins() -> None:
    found = located("昨天在南山区看到的", place=Place(address="石岩街道宝石东路12号"))
    assert found.place == Place(region="440306026", address="石岩街道宝石东路12号")


def test_the_coordinates_of_a_text() -> None:
    place = located("石岩街道 113.93,22.67 有坑").place
    assert place == Place(region="440306026", lon=113.93, lat=22.67)
    given = located("石岩街道 113.93,22.67", place=Place(lon=114.0, lat=22.5)).place
    assert given == Place(region="440306026", lon=114.0, lat=22.5)
    against = located("石岩街道 116.4074,39.9042 有坑")
    assert (against.problem, against.possible_regions) == ("ambiguous", ("440306026",))


def test_a_known_landmark_has_its_point() -> None:
    place = located("the Corn Exchange clock", TOWN).place
    assert place == Place(region="market", address="Corn Hall", lon=-8.61, lat=41.15)


def test_a_road_alone_is_an_address_only_in_its_street() -> None:
    assert located("石岩街道宝石东路路灯不亮").place == Place(
        region="440306026", address="宝石东路"
    )
    assert located("宝安区宝石东路路灯不亮").place == Place(region="440306")


@given(
    region=st.sampled_from([region for region in PACK.regions if region.level != "city"]),
    before=st.text("天地玄黄 ,。!xyz", max_size=30),
    after=st.text("天地玄黄 ,。!xyz", max_size=30),
)
def test_a_region_named_in_any_text_is_found(region: Any, before: str, after: str) -> None:
    found = located(f"{before}{region.name}{after}")
    assert found.place is not None
    assert found.place.region == region.code


@given(text=st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=200))
def test_nothing_is_invented(text: str) -> None:
    names = {name for one in PACK.regions for name in (one.name, *one.aliases)}
    names |= {name for one in PACK.places for name in (one.name, *one.aliases)}
    if not any(name in text for name in (*names, *PACK.place_words.other_places)):
        found = located(text)
        assert found.problem in ("no_place", "outside", "ambiguous")
        assert found.possible_regions == ()
        assert found.place is not None
        assert found.place.region is None


def test_thousands_of_names_do_not_slow_a_text_down_or_mislead_it() -> None:
    many = tuple(
        KnownPlace(name=f"第{number}号院", kind=PlaceKind.LANDMARK, regions=("440304007",))
        for number in range(5000)
    )
    whole: Pack = PACK.model_copy(update={"places": (*PACK.places, *many)})
    city = Tools(whole, "many")
    assert settled("第4321号院的路灯", city)[0] == "440304007"
    assert settled("石岩街道的路灯", city)[0] == "440306026"


@pytest.mark.parametrize(
    "piece", ["深盐路与", "石岩街道", "113.93,22.54 ", "1", "路", "𠮷ﷺ", "I live in "]
)
def test_a_text_of_100_kb(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    assert located(text).problem in ("no_place", "no_street_team", "ambiguous", "")
