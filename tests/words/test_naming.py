"""What codes are called, and whom people mean."""

import pytest

from juanchi.domain.lists import Pack
from juanchi.domain.place import Place
from juanchi.packs import read_pack, shipped
from juanchi.words.naming import Names, find_holder
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
