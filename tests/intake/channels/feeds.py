"""Feeds that tests write: RSS, Atom and JSON with the same entries."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from juanchi.intake.channels.adapter import Fetched


@dataclass(frozen=True)
class Post:
    """An entry; ``text`` is plain."""

    id: str
    text: str
    date: str = "Mon, 30 Nov 2026 08:00:00 +0800"
    link: str = ""
    more: str = ""

    @property
    def rss(self) -> str:
        """As RSS 2.0 writes it: markup in the description, escaped once more."""
        link = f"<link>{escape(self.link)}</link>" if self.link else ""
        guid = f'<guid isPermaLink="false">{escape(self.id)}</guid>' if self.id else ""
        words = escape(escape(f"{self.text}")) if self.text else ""
        body = f"<description>{words and '&lt;p&gt;' + words + '&lt;/p&gt;'}</description>"
        return f"<item>{guid}{link}{body}<pubDate>{self.date}</pubDate>{self.more}</item>\n"


LAMP = Post("1", "石岩街道的路灯不亮")
STAIR = Post("2", "海谷科技大厦旁的楼梯破损严重")


def rss(posts: Sequence[Post], head: str = "", declared: str = "utf-8") -> str:
    """A whole RSS feed."""
    items = "".join(post.rss for post in posts)
    return (
        f'<?xml version="1.0" encoding="{declared}"?>\n'
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
        ' xmlns:georss="http://www.georss.org/georss"'
        ' xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#">'
        f"<channel><title>市民来声</title>{head}\n{items}</channel></rss>"
    )


def following(url: str) -> str:
    """The link to the next page."""
    return f'<atom:link rel="next" href="{escape(url)}"/>'


def json_feed(items: Sequence[object], **more: object) -> str:
    """A whole JSON feed."""
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": items, **more}
    return json.dumps(feed, ensure_ascii=False)


def texts(fetched: Fetched) -> list[str]:
    """What arrived, sorted."""
    return sorted(one.text for one in fetched.arrivals)


def ids(fetched: Fetched) -> list[str]:
    """The ids of what arrived, sorted."""
    return sorted(one.external_id for one in fetched.arrivals)
