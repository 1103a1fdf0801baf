"""Feeds as they come: odd, broken, hostile, repeated; read from a real server."""

import gzip
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from juanchi.intake.channels import plain
from juanchi.intake.channels.adapter import Fetched, SourceTrouble
from tests.intake.channels.feeds import Post, following, json_feed, rss
from tests.intake.channels.site import Site, site
from tests.intake.channels.sources import read, read_all

LAMP = Post("1", "石岩街道的路灯不亮")
STAIR = Post("2", "海谷科技大厦旁的楼梯破损严重")
MORNING = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture
def web() -> Iterator[Site]:
    with site() as served:
        yield served


def texts(fetched: Fetched) -> list[str]:
    return sorted(one.text for one in fetched.arrivals)


def ids(fetched: Fetched) -> list[str]:
    return sorted(one.external_id for one in fetched.arrivals)


# ------------------------------------------------------------ what is read


async def test_an_rss_entry_becomes_an_arrival(web: Site) -> None:
    post = Post(
        " urn:7 ",
        "路灯 < 3 盏 & 不亮",
        link="http://127.0.0.1/7",
        more="<georss:point>22.55 114.05</georss:point>"
        "<georss:featurename>石岩</georss:featurename>",
    )
    fetched = await read("feed", {"url": web.put("/f", rss([post]))})
    [one] = fetched.arrivals
    assert one.external_id == "urn:7"
    assert one.text == "路灯 < 3 盏 & 不亮"
    assert one.url == "http://127.0.0.1/7"
    assert one.reported_at == MORNING
    assert one.place is not None
    assert (one.place.lon, one.place.lat, one.place.address) == (114.05, 22.55, "石岩")
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


# ------------------------------------------------------------ what is broken


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


# ------------------------------------------------------------ manners


async def test_a_feed_that_did_not_change_is_not_sent_again(web: Site) -> None:
    date = format_datetime(MORNING, usegmt=True)
    url = web.put("/f", rss([LAMP]), ETag='"one"', Last_Modified=date)
    first = await read("feed", {"url": url})
    second = await read("feed", {"url": url}, first.cursor)
    assert (second.arrivals, second.cursor, second.more) == ((), first.cursor, False)
    assert web.asked[-1].headers["If-Modified-Since"] == date
    assert web.asked[-1].headers["User-Agent"].startswith("Juanchi")
    web.put("/f", rss([LAMP, STAIR]), ETag='"two"')
    assert len((await read("feed", {"url": url}, second.cursor)).arrivals) == 2


async def test_a_cursor_of_something_else_begins_anew(web: Site) -> None:
    first = await read("feed", {"url": web.put("/f", rss([LAMP]), ETag='"same"')})
    other = web.put("/g", rss([STAIR]), ETag='"same"')
    for cursor in (first.cursor, "{", "null", '{"file": "a.csv"}', "\x00"):
        assert texts(await read("feed", {"url": other}, cursor)) == [STAIR.text]


@pytest.mark.parametrize(
    ("status", "asked", "wait"),
    [
        (429, "120", timedelta(minutes=2)),
        (503, "1", timedelta(seconds=1)),
        (503, "99999999999999999999", timedelta(days=1)),
        (429, "soon", None),
        (404, "120", None),
    ],
)
async def test_a_source_that_asks_for_rest_gets_it(
    web: Site, status: int, asked: str, wait: timedelta | None
) -> None:
    url = web.put("/f", "later", status, Retry_After=asked)
    with pytest.raises(SourceTrouble, match=str(status)) as trouble:
        await read("feed", {"url": url})
    assert trouble.value.retry_after == wait


async def test_rest_until_a_date(web: Site) -> None:
    until = datetime.now(UTC) + timedelta(minutes=10)
    url = web.put("/f", "", 503, Retry_After=format_datetime(until, usegmt=True))
    with pytest.raises(SourceTrouble) as trouble:
        await read("feed", {"url": url})
    assert trouble.value.retry_after is not None
    assert timedelta(minutes=8) < trouble.value.retry_after <= timedelta(minutes=10)


async def test_a_server_that_is_not_there_is_trouble() -> None:
    with site() as gone:
        url = f"{gone.base}/f"
    with pytest.raises(SourceTrouble, match="cannot be reached"):
        await read("feed", {"url": url})


async def test_redirects_are_followed_a_few_times_and_not_everywhere(web: Site) -> None:
    web.put("/f", rss([LAMP]))
    moved = web.put("/old", "", 301, Location="/f")
    assert texts(await read("feed", {"url": moved})) == [LAMP.text]
    circle = web.put("/circle", "", 302, Location="/circle")
    with pytest.raises(SourceTrouble, match="more than 5 times"):
        await read("feed", {"url": circle})
    for target, told in (
        ("file:///etc/passwd", "file"),
        ("http://169.254.169.254/latest/", "inside"),
        ("http://localhost:1/", "inside"),
        ("http://[::1]:1/", "inside"),
    ):
        with pytest.raises(SourceTrouble, match=told):
            await read("feed", {"url": web.put("/away", "", 302, Location=target)})


async def test_a_secret_is_shown_only_to_its_own_server(web: Site) -> None:
    url = web.put("/f", rss([LAMP]))
    await read("feed", {"url": url, "authorization": "bridge"}, bridge="Bearer abc")
    assert web.asked[-1].headers["Authorization"] == "Bearer abc"
    with site() as other:
        other.put("/f", rss([LAMP]))
        away = web.put("/away", "", 302, Location=f"{other.base}/f")
        await read("feed", {"url": away, "authorization": "bridge"}, bridge="Bearer abc")
        assert "Authorization" in web.asked[-1].headers
        assert "Authorization" not in other.asked[-1].headers


async def test_pages_of_a_feed_that_moved_are_read_where_it_is_now(web: Site) -> None:
    with site() as now:
        now.put("/1", rss([LAMP], following("/2")))
        now.put("/2", rss([STAIR]))
        settings = {"url": web.put("/f", "", 301, Location=f"{now.base}/1"), "authorization": "x"}
        first = await read("feed", settings, x="secret")
        second = await read("feed", settings, first.cursor, x="secret")
        assert [texts(first), texts(second)] == [[LAMP.text], [STAIR.text]]
        assert all("Authorization" not in one.headers for one in now.asked)


async def test_no_more_is_read_than_is_borne(web: Site) -> None:
    large = rss([Post(str(number), "路灯不亮" * 400) for number in range(250)])
    assert len(large.encode()) > 1024 * 1024
    plainly = web.put("/f", large)
    packed = web.put("/g", gzip.compress(large.encode()), Content_Encoding="gzip")
    for url in (plainly, packed):
        with pytest.raises(SourceTrouble, match="more than 1,048,576 bytes"):
            await read("feed", {"url": url, "most_mb": 1})
        assert len((await read("feed", {"url": url})).arrivals) == 250


# ------------------------------------------------------------ pages


def paged(web: Site, count: int, newest: int = 0) -> str:
    """A feed of two posts a page, newest first, with a pinned one on top of the first."""
    posts = [Post(str(number), f"第{number}盏路灯不亮") for number in range(newest + count, 0, -1)]
    parts = [posts[at : at + 2] for at in range(0, len(posts), 2)]
    parts[0].insert(0, Post("pinned", "置顶：如何反映问题"))
    for number, part in enumerate(parts):
        onward = following(f"/p{number + 1}") if number + 1 < len(parts) else ""
        web.put(f"/p{number}", rss(part, onward))
    return f"{web.base}/p0"


async def test_older_pages_are_read_until_they_are_known(web: Site) -> None:
    url = paged(web, 10)
    pages = await read_all("feed", {"url": url})
    assert sum(len(page.arrivals) for page in pages) == 11
    assert len(web.asked) == 5
    paged(web, 10, newest=3)
    web.asked.clear()
    pages = await read_all("feed", {"url": url}, pages[-1].cursor)
    new = {one.external_id for page in pages for one in page.arrivals}
    assert {"11", "12", "13"} <= new
    assert len(web.asked) == 3, "two pages with something new, and one that is known"


async def test_how_far_back_a_first_reading_goes_is_bounded(web: Site) -> None:
    pages = await read_all("feed", {"url": paged(web, 10), "pages": 2})
    assert len(pages) == 2
    assert not pages[-1].more


async def test_pages_that_lead_in_a_circle_come_to_an_end(web: Site) -> None:
    url = web.put("/a", rss([LAMP], following("/b")))
    web.put("/b", rss([STAIR], following("/a")))
    pages = await read_all("feed", {"url": url})
    assert {one.text for page in pages for one in page.arrivals} == {LAMP.text, STAIR.text}


async def test_a_broken_older_page_hides_no_newer_one(web: Site) -> None:
    url = paged(web, 6)
    web.put("/p1", "<html>gone</html>")
    pages = await read_all("feed", {"url": url})
    [bad] = pages[-1].unreadable
    assert "older page" in bad.problem
    web.put("/p0", rss([Post("new", "新的一条")], following("/p1")))
    pages = await read_all("feed", {"url": url}, pages[-1].cursor)
    assert pages[0].arrivals[0].external_id == "new"
    # When it is whole again, what lies behind it is read after all.
    paged(web, 6)
    pages = await read_all("feed", {"url": url}, pages[-1].cursor)
    assert sum(len(page.arrivals) for page in pages) == 7


@pytest.mark.parametrize(
    "onward", ["http://127.0.0.1:1/next", "http://[::1", "file:///etc/passwd", "javascript:x"]
)
async def test_a_page_on_another_site_is_told_and_not_read(web: Site, onward: str) -> None:
    url = web.put("/f", rss([LAMP], following(onward)))
    [page] = await read_all("feed", {"url": url})
    assert texts(page) == [LAMP.text]
    assert "another site" in page.unreadable[0].problem


async def test_json_pages(web: Site) -> None:
    url = web.put("/1", json_feed([{"id": "2", "content_text": "井盖"}], next_url="2"))
    web.put("/2", json_feed([{"id": "1", "content_text": "路灯"}]))
    pages = await read_all("feed", {"url": url})
    assert [texts(page) for page in pages] == [["井盖"], ["路灯"]]


async def test_a_document_that_changes_while_it_is_read_is_read_again(web: Site) -> None:
    posts = [Post(str(number), f"第{number}盏路灯不亮") for number in range(6)]
    settings = {"url": web.put("/f", rss(posts), ETag='"1"'), "page": 4}
    first = await read("feed", settings)
    assert first.more
    more = [*posts, *(Post(str(number), f"第{number}盏路灯不亮") for number in range(6, 40))]
    web.put("/f", rss(more), ETag='"2"')
    seen = {*ids(first)}
    cursor = first.cursor
    for _ in range(2):
        pages = await read_all("feed", settings, cursor)
        cursor = pages[-1].cursor
        seen |= {id_ for page in pages for id_ in ids(page)}
    assert seen == {post.id for post in more}
