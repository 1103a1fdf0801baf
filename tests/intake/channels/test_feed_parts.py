"""Feeds damaged at random: something is read, or the trouble is told; nothing else is raised."""

from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from juanchi.intake.channels.adapter import Arrival, SourceTrouble
from juanchi.intake.channels.decoding import decoded
from juanchi.intake.channels.feed_entries import EntryReader, IdFrom, Item, TextFrom
from juanchi.intake.channels.feed_json import read_json
from juanchi.intake.channels.feed_xml import read_xml
from tests.intake.channels.feeds import Post, following, json_feed, rss

READER = EntryReader(IdFrom.ENTRY, TextFrom.BOTH, ZoneInfo("Asia/Shanghai"))
POSTS = [
    Post(str(number), f"第{number}盏路灯不亮", link=f"http://x/{number}") for number in range(6)
]
XML = rss(POSTS, following("/2"))
JSON = json_feed([{"id": post.id, "content_html": post.text, "url": post.link} for post in POSTS])
RUBBISH = [
    "",
    "<",
    ">",
    "&",
    "]]>",
    "<![CDATA[",
    "</item>",
    "<item>",
    "\x00",
    "\ud800",
    '"',
    "{",
    "[",
]


@st.composite
def damaged(draw: st.DrawFn, whole: str) -> str:
    """A document in which some pieces are lost, or rubbish stands in their place."""
    text = whole
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        lost = draw(st.integers(0, 30))
        text = text[:at] + draw(st.sampled_from(RUBBISH)) + text[at + lost :]
    return text


def items_of(text: str) -> list[Item]:
    data = text.encode("utf-8", "surrogatepass")
    given_ = decoded(data)
    read = read_json(given_) if given_.startswith("{") else read_xml(given_, "http://x/")
    return READER.items(read.entries)


@settings(max_examples=100, deadline=None)
@given(damaged(XML) | damaged(JSON))
def test_a_damaged_feed_is_read_or_told(text: str) -> None:
    try:
        items = items_of(text)
    except SourceTrouble:
        return
    assert items == sorted(items, key=lambda item: item.order)
    assert len({item.read.external_id for item in items}) == len(items)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 5), damaged(POSTS[0].rss))
def test_a_damaged_entry_costs_no_other(place: int, entry: str) -> None:
    others = [post for number, post in enumerate(POSTS) if number != place]
    before, behind = "".join(p.rss for p in others[:place]), "".join(p.rss for p in others[place:])
    text = rss([]).replace("</channel>", f"{before}{entry}{behind}</channel>")
    read = {item.read.text for item in items_of(text) if isinstance(item.read, Arrival)}
    # Only what it opens and never closes may reach into the entry behind it.
    assert len({post.text for post in others} - read) <= 1
