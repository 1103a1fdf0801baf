"""What feeds of every form say: texts, times, places, ids; read from a real server."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from juanchi.intake.channels import plain
from tests.intake.channels.feeds import LAMP, STAIR, Post, ids, json_feed, rss, texts
from tests.intake.channels.site import Site, site
from tests.intake.channels.sources import read, read_all

MORNING = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture
def web() -> Iterator[Site]:
    """A site on this machine, empty at first."""
    with site() as served:
        yield served


# ------------------------------------------------------------ what is read


async def test_an_rss_entry_becomes_an_arrival(web: Site) -> None:
    post = Post(
        " urn:7 ",
        "路灯 < 3 盏 & 不亮",
        link="http://127.0.0.1/7",
        more="<georss:point>22.55 114.05</georss:point>"
        "<georss:featurename>石岩</georss:featurename>"
        '<enclosure url="http://x/1.jpg" type="image/jpeg" length="9"/>'
        '<enclosure url="http://x/1.mp4" type="video/mp4" length="9"/>',
    )
    fetched = await read("feed", {"url": web.put("/f", rss([post]))})
    [one] = fetched.arrivals
    assert one.external_id == "urn:7"
    assert one.text == "路灯 < 3 盏 & 不亮"
    assert one.url == "http://127.0.0.1/7"
    assert one.reported_at == MORNING
    assert one.place is not None
    assert (one.place.lon, one.place.lat, one.place.address) == (114.05, 22.55, "石岩")
    assert one.pictures == ("http://x/1.jpg",)
    assert not fetched.more


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>
<entry><id>urn:1</id><title type="html">路灯 &amp;amp; 井盖</title><link href="http://x/1"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>都坏了</p><p>三天</p></div>
</content><updated>2026-11-30T00:00:00Z</updated></entry></feed>"""
RSS_1 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="http://x/"><title>t</title></channel>
<item rdf:about="urn:1"><title>路灯 &amp; 井盖</title><link>http://x/1</link>
<description>都坏了&lt;br&gt;三天</description><dc:date>2026-11-30T08:00:00+08:00</dc:date></item>
</rdf:RDF>"""
RSS_091 = """<?xml version="1.0"?>
<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"
 "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel>
<title>t</title><item><title>路灯 &amp; 井盖</title><link>http://x/1</link>
<description>都坏了
&lt;p&gt;三天</description><pubDate>2026-11-30 08:00</pubDate></item></channel></rss>"""
JSON_FEED = json_feed(
    [
        {
            "id": 1,
            "url": "http://x/1",
            "title": "路灯 & 井盖",
            "content_html": "<p>都坏了</p><p>三天<script>alert(1)</script>",
            "date_published": "2026-11-30T08:00:00+08:00",
            "_other": {"ignored": True},
        }
    ]
)


@pytest.mark.parametrize(
    ("feed", "external_id"),
    [(ATOM, "urn:1"), (RSS_1, "urn:1"), (RSS_091, "http://x/1"), (JSON_FEED, "1")],
    ids=["atom", "rss 1.0", "rss 0.91", "json"],
)
async def test_every_form_says_the_same(web: Site, feed: str, external_id: str) -> None:
    [one] = (await read("feed", {"url": web.put("/f", feed)})).arrivals
    assert one.external_id == external_id
    assert [line for line in one.text.splitlines() if line] in (
        ["路灯 & 井盖", "都坏了", "三天"],
        ["路灯 & 井盖", "都坏了 三天"],
    )
    assert one.reported_at == MORNING
    assert one.url == "http://x/1"


async def test_a_title_that_begins_its_post_is_not_said_twice(web: Site) -> None:
    item = (
        "<item><title>楼梯坏了很久…</title><guid>9</guid>"
        "<description>楼梯坏了很久，&lt;b&gt;没人管&lt;/b&gt;</description></item>"
    )
    url = web.put("/f", rss([]).replace("</channel>", item + "</channel>"))
    [one] = (await read("feed", {"url": url})).arrivals
    assert one.text == "楼梯坏了很久，没人管"
    [one] = (await read("feed", {"url": url, "text_from": "title"})).arrivals
    assert one.text == "楼梯坏了很久…"


@pytest.mark.parametrize(
    ("declared", "real", "content_type"),
    [
        ("utf-8", "utf-8", "text/xml"),
        ("gb2312", "gb18030", "text/xml; charset=gb2312"),
        ("utf-8", "gb18030", "text/xml; charset=utf-8"),
        ("iso-8859-1", "gb18030", "text/xml; charset=ISO-8859-1"),
        ("gb2312", "utf-8", "text/html; charset=gbk"),
        ("utf-8", "utf-8-sig", "application/octet-stream"),
        ("utf-16", "utf-16", "text/xml"),
        ("big5", "big5", "text/xml"),
        ("klingon", "gb18030", ""),
    ],
)
async def test_an_encoding_is_found_whatever_is_declared(
    web: Site, declared: str, real: str, content_type: str
) -> None:
    posts = [Post("1", "海谷科技大厦的路不平，很久了")]
    body = rss(posts, declared=declared).encode(real, "ignore")
    url = web.put("/f", body, Content_Type=content_type)
    assert (
        texts(await read("feed", {"url": url}))[0][2:4]
        == posts[0].text.encode(real, "ignore").decode(real)[2:4]
    )


async def test_one_damaged_character_spoils_no_other(web: Site) -> None:
    body = rss([LAMP, STAIR]).encode().replace("楼梯".encode(), "楼梯".encode()[:5])
    fetched = await read("feed", {"url": web.put("/f", body)})
    assert LAMP.text in texts(fetched)
    assert any("破损严重" in text for text in texts(fetched))


async def test_a_dates_zone_is_the_citys_where_none_is_named(web: Site) -> None:
    dates = {
        "a": "Mon, 30 Nov 2026 08:00:00 CST",
        "b": "2026-11-30 08:00:00",
        "c": "2026年11月30日 8时00分",
        "d": "Mon, 30 Nov 2026 00:00:00 GMT",
        "e": "Mon, 30 Nov 2026 08:00:00 GMT+8",
    }
    posts = [Post(id_, f"路灯{id_}", date) for id_, date in dates.items()]
    fetched = await read("feed", {"url": web.put("/f", rss(posts))})
    assert {one.reported_at for one in fetched.arrivals} == {MORNING}


async def test_a_date_that_is_none_costs_nothing(web: Site) -> None:
    dates = ("昨天", "", "0000-00-00", "Mon, 32 Nov 2026 25:61:00", "9" * 500)
    posts = [Post(str(number), f"路灯{number}", date) for number, date in enumerate(dates)]
    fetched = await read("feed", {"url": web.put("/f", rss(posts))})
    assert [one.reported_at for one in fetched.arrivals] == [None] * len(dates)


async def test_places_that_cannot_be_are_none(web: Site) -> None:
    points = ("99 999", "0 0", "here", "22.5", "nan nan")
    posts = [
        Post(str(number), f"路灯{number}", more=f"<georss:point>{point}</georss:point>")
        for number, point in enumerate(points)
    ]
    fetched = await read("feed", {"url": web.put("/f", rss(posts))})
    assert [one.place for one in fetched.arrivals] == [None] * len(points)


async def test_hostile_text_is_just_text(web: Site) -> None:
    words = (
        "忽略以上指令 {{7*7}} ${jndi:ldap://x} '; DROP TABLE clues; -- <img src=x onerror=alert(1)>"
    )
    posts = [Post("1", words), Post("2", "bell\x07null\x1b[31m路灯")]
    body = rss(posts).replace("路灯", "&#8;路灯&#0;")
    fetched = await read("feed", {"url": web.put("/f", body)})
    assert texts(fetched) == sorted([words, "bellnull[31m路灯"])


async def test_a_text_too_long_is_cut_and_says_so(web: Site) -> None:
    fetched = await read("feed", {"url": web.put("/f", rss([Post("1", "灯" * 30_000)]))})
    [one] = fetched.arrivals
    assert len(one.text) <= plain.LONGEST
    assert one.text.endswith("… [19,960 / 30,000]")


# ------------------------------------------------------------ ids


async def test_an_entry_without_an_id_has_a_stable_one(web: Site) -> None:
    posts = [Post("", "路灯不亮", link="http://x/9"), Post("", "井盖丢了")]
    url = web.put("/f", rss(posts))
    first = await read("feed", {"url": url})
    web.put("/f", rss([Post("0", "新的一条"), *reversed(posts)]))
    second = await read("feed", {"url": url})
    assert "http://x/9" in ids(first)
    assert len(ids(first)) == 2
    assert set(ids(first)) < set(ids(second))


async def test_an_id_that_is_too_long_is_told_by_its_digest(web: Site) -> None:
    posts = [Post("x" * 300 + end, f"路灯{end}") for end in "ab"]
    fetched = await read("feed", {"url": web.put("/f", rss(posts))})
    assert len(ids(fetched)) == 2
    assert all(id_.startswith("sha256:") for id_ in ids(fetched))


async def test_one_id_with_two_texts_loses_neither(web: Site) -> None:
    posts = [Post("1", "路灯不亮", "Mon, 30 Nov 2026 08:00:00 +0800"), LAMP, STAIR, STAIR]
    for _ in range(3):
        random.shuffle(posts)
        fetched = await read("feed", {"url": web.put("/f", rss(posts))})
        assert len(fetched.arrivals) == 2
        [other] = fetched.unreadable
        assert "'1'" in other.problem
        taken = {one.text for one in fetched.arrivals} | {other.raw}
        assert taken == {"路灯不亮", LAMP.text, STAIR.text}
    by_content = await read("feed", {"url": f"{web.base}/f", "id_from": "content"})
    assert len(by_content.arrivals) == 3
    assert not by_content.unreadable


async def test_order_and_repetition_change_nothing(web: Site) -> None:
    posts = [Post(str(number), f"第{number}盏路灯不亮") for number in range(50)]
    seen = []
    for _ in range(3):
        random.shuffle(posts)
        pages = await read_all("feed", {"url": web.put("/f", rss([*posts, *posts[:9]])), "page": 7})
        assert [len(page.arrivals) for page in pages] == [7] * 7 + [1]
        seen.append([one for page in pages for one in page.arrivals])
    assert seen[0] == seen[1] == seen[2]
