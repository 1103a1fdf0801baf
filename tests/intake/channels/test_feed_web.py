"""How a feed is asked for: politely, boundedly, page by page."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from juanchi.intake.channels.adapter import SourceTrouble
from tests.intake.channels.feeds import LAMP, STAIR, Post, following, ids, json_feed, rss, texts
from tests.intake.channels.site import Site, site
from tests.intake.channels.sources import read, read_all

MORNING = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture
def web() -> Iterator[Site]:
    """A site on this machine, empty at first."""
    with site() as served:
        yield served


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
    item = {"id": "1", "content_text": LAMP.text}
    url = web.put("/f", json_feed([item], next_url=onward))
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
