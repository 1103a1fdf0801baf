"""What codes are called, and whom people mean."""

import pytest

from juanchi.domain.lists import Pack
from juanchi.domain.place import Place
from juanchi.packs import read_pack, shipped
from juanchi.words.naming import Names, find_holder
from tests.cli.saga import stern_town
from tests.pure import TINYTOWN


@pytest.fixture(scope="module")
def town() -> Pack:
    return read_pack(TINYTOWN)


@pytest.fixture(scope="module")
def city() -> Pack:
    return read_pack(shipped("shenzhen"))


def test_names_follow_the_language(city: Pack) -> None:
    assert Names(city, "zh-CN").unit("SZ-works") == "深圳市建筑工务署"
    assert Names(city, "en").unit("SZ-works") == "Public Works Bureau"


def test_a_code_without_a_name_is_its_own_name(town: Pack) -> None:
    names = Names(town, "en")
    assert names.unit("nobody") == "nobody"
    assert names.unit(None) == ""
    assert names.item("lamp") == "Street lamp out"
    assert Names(None, "en").region("mill") == "mill"


def test_a_desk_is_told_as_a_desk(town: Pack) -> None:
    assert Names(town, "en").holder("checker") == "checker's desk"
    assert Names(town, "zh-CN").holder("dispatcher") == "分拨员席"


def test_places(town: Pack) -> None:
    names = Names(town, "en")
    assert names.place(None) == ""
    assert names.place(Place(region="mill", address="Weir Lane 3")) == "Mill Parish Weir Lane 3"
    assert names.place(Place(region="mill", address="Mill Parish, by the weir")) == (
        "Mill Parish, by the weir"
    )
    assert names.place(Place(lon=114.05, lat=22.54)) == "114.05000, 22.54000"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("roads", ("roads",)),
        ("Roads and Lights", ("roads",)),
        (" ROADS ", ("roads",)),
        ("dispatcher", ("dispatcher",)),
        ("wardens of m", ("warden-mill", "warden-market")),
        ("nobody", ()),
        ("", ()),
    ],
)
def test_whom_people_mean(town: Pack, text: str, expected: tuple[str, ...]) -> None:
    assert find_holder(text, town.units) == expected


def test_posts_and_those_who_hold_them() -> None:
    names = Names(stern_town(), "en")
    assert names.holder("bins/head") == "Bins and Parks · head (Ada Byron)"
    assert names.holder("roads/deputy_head") == "Roads and Lights · deputy head"
    assert names.holder("lead/head") == "the lead unit · head"
    assert Names(stern_town(), "zh-CN").holder("bins/head") == (
        "Bins and Parks主要负责人（Ada Byron）"
    )
    assert Names(None, "en").holder("bins/mayor") == "bins · mayor"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("roads/head", ("roads/head",)),
        (" Roads and Lights / Deputy Head ", ("roads/deputy_head",)),
        ("ROADS/主要负责人", ("roads/head",)),
        ("wardens of m/head", ("warden-mill/head", "warden-market/head")),
        ("roads/beadle", ("roads/beadle",)),
        ("nobody/head", ()),
        ("supervisor/head", ()),
        ("roads/", ()),
        ("/head", ()),
        ("arbiter", ("arbiter",)),
    ],
)
def test_posts_that_people_mean(town: Pack, text: str, expected: tuple[str, ...]) -> None:
    assert find_holder(text, town.units) == expected


def test_a_post_of_a_unit_by_its_chinese_name(city: Pack) -> None:
    assert find_holder("深圳市建筑工务署/head", city.units) == ("SZ-works/head",)
    assert find_holder("市工务署/分管负责人", city.units) == ("SZ-works/deputy_head",)
