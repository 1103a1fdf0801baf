"""A ticket's trace by the city's lists: its regions, and the item that its words clearly name."""

from __future__ import annotations

import pytest

from juanchi.domain.place import Place
from juanchi.intake.tools import Tools
from juanchi.intake.tracing import traced
from juanchi.packs import read_pack, shipped
from tests.walk import walk


@pytest.fixture(scope="module")
def tools() -> Tools:
    return Tools(read_pack(shipped("shenzhen")), "shenzhen@1")


def test_regions_and_a_clear_item(tools: Tools) -> None:
    text = "海谷科技大厦楼下餐饮油烟扰民，油烟直排"
    ticket = walk("verifying", text=text).ticket.having(item=None)
    region = next(r.code for r in tools.pack.regions if r.name == "石岩街道")
    seen = traced(tools, ticket.having(place=Place(region=region, address="海谷科技大厦")))
    assert seen.path == tools.directory.chain(region)
    assert len(seen.path) == 3
    assert seen.spot == "海谷科技大厦"
    assert seen.item is not None
    assert "油烟" in tools.directory.items[seen.item].name


def test_an_item_of_its_own_stands_and_a_doubtful_one_is_left_open(tools: Tools) -> None:
    ticket = walk("handling", text="餐饮油烟扰民").ticket
    assert traced(tools, ticket).item == ticket.item
    vague = walk("verifying", text="你好，请问有人吗").ticket.having(item=None, place=None)
    seen = traced(tools, vague)
    assert (seen.item, seen.path) == (None, ())
