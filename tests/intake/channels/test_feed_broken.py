"""Feeds that are broken, hostile, or none at all."""

from collections.abc import Iterator

import pytest

from juanchi.intake.channels.adapter import SourceTrouble
from tests.intake.channels.feeds import LAMP, STAIR, Post, ids, json_feed, rss, texts
from tests.intake.channels.site import Site, site
from tests.intake.channels.sources import read


@pytest.fixture
def web() -> Iterator[Site]:
    """A site on this machine, empty at first."""
    with site() as served:
        yield served


async def test_an_entry_without_words_is_unreadable_and_costs_no_other(web: Site) -> None:
    silent = Post("3", "", more='<enclosure url="http://x/1.jpg" type="image/jpeg" length="1"/>')
    fetched = await read("feed", {"url": web.put("/f", rss([LAMP, silent, STAIR]))})
    assert len(fetched.arrivals) == 2
    [bad] = fetched.unreadable
    assert bad.external_id == "3"
    assert "no text" in bad.problem
    assert "1.jpg" in bad.raw


async def test_json_items_that_are_none_are_unreadable(web: Site) -> None:
    items = [
        {"id": "1", "content_text": "路灯不亮"},
        {"id": "2", "content_text": ["no", "text"]},
        {"id": "3"},
        17,
        None,
        {"id": int("9" * 4000), "content_text": "井盖"},
    ]
    fetched = await read("feed", {"url": web.put("/f", json_feed(items))})
    assert texts(fetched) == ["井盖", "路灯不亮"]
    assert len(fetched.unreadable) == 4
    assert {"2", "3"} < {one.external_id for one in fetched.unreadable}


async def test_common_mistakes_in_xml_cost_nothing(web: Site) -> None:
    body = rss([LAMP, STAIR]).replace("路灯不亮", "路灯&nbsp;A & B&copy;&#8;不亮&bogus;")
    fetched = await read("feed", {"url": web.put("/f", "\n\n" + body)})
    assert texts(fetched) == sorted(["石岩街道的路灯 A & B©不亮&bogus;", STAIR.text])


@pytest.mark.parametrize(
    "breaks",
    [
        ("</description>", "</descripton>"),
        ("</description>", ""),
        ("</item>", ""),
        ("<item>", "<item"),
        ("<description>", "<description><![CDATA["),
        ("</guid>", "</guid><undefined:tag>"),
        ("</item>", "</item></item>"),
        ("<item>", "<item><item>"),
        ("&lt;p", "<p"),
        ("&lt;p", "<"),
    ],
    ids=str,
)
async def test_of_broken_xml_what_can_be_read_is_read(web: Site, breaks: tuple[str, str]) -> None:
    posts = [Post(str(number), f"第{number}盏路灯不亮") for number in range(9)]
    before, broken, behind = rss(posts).partition(posts[4].rss)
    assert breaks[0] in broken
    body = before + broken.replace(*breaks) + behind
    fetched = await read("feed", {"url": web.put("/f", body)})
    others = {post.text for post in posts if post is not posts[4]}
    assert others <= {one.text for one in fetched.arrivals}
    told = {*ids(fetched), *(one.external_id for one in fetched.unreadable)}
    assert len(told) == 9, "the broken one is read, or told as unreadable"


async def test_half_an_entry_does_not_become_a_ticket(web: Site) -> None:
    whole = rss([LAMP, STAIR])
    at = whole.index("破损严重")
    torn = await read("feed", {"url": web.put("/f", whole[:at], ETag='"x"')})
    assert texts(torn) == [LAMP.text]
    [cut] = torn.unreadable
    assert (cut.external_id, "breaks off" in cut.problem) == ("2", True)
    # The same state of the server is asked for again: it may come whole.
    web.put("/f", whole, ETag='"x"')
    assert texts(await read("feed", {"url": f"{web.base}/f"}, torn.cursor)) == sorted(
        [LAMP.text, STAIR.text]
    )


def laughs() -> str:
    """A few lines that unpack to gigabytes."""
    more = [f'<!ENTITY a{one + 1} "{f"&a{one};" * 10}">' for one in range(9)]
    return (
        f'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a0 "haha">{"".join(more)}]>'
        '<rss version="2.0"><channel><item><title>&a9;</title></item></channel></rss>'
    )


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        ("<html><head><title>502</title></head><body><p>系统维护</p></body></html>", "no feed"),
        ("系统维护中", "no feed"),
        (laughs(), "entities"),
        (laughs().encode("utf-16"), "entities"),
        ('{"version": "https://jsonfeed.org/version/1", "items": [', "JSON cannot be read"),
        ('{"errcode": 40001}', "no JSON feed"),
        ('{"items": []}', "no JSON feed"),
        ('{"items": ' + "[" * 100_000, "JSON cannot be read"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "no feed"),
    ],
    ids=lambda value: str(value)[:12],
)
async def test_what_is_no_feed_is_trouble_and_says_why(
    web: Site, body: str | bytes, told: str
) -> None:
    with pytest.raises(SourceTrouble, match=told):
        await read("feed", {"url": web.put("/f", body)})


async def test_an_empty_feed_is_none(web: Site) -> None:
    assert not (await read("feed", {"url": web.put("/f", rss([]))})).arrivals
    assert not (await read("feed", {"url": web.put("/f", json_feed([]))})).arrivals
