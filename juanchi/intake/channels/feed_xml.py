"""RSS and Atom in all their versions, as broken as they come."""

import io
import json
import re
from collections.abc import Mapping
from typing import Any, Final
from xml.sax import SAXException

import feedparser

from juanchi.intake.channels import plain
from juanchi.intake.channels.adapter import SourceTrouble
from juanchi.intake.channels.feed_entries import Document, Entry, Point

_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ENTITY: Final = re.compile(r"<!ENTITY", re.IGNORECASE)
_OPENS: Final = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]")
_CLOSES: Final = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>")
_END: Final = re.compile(r"</(?:\w+:)?(?:rss|feed|RDF|channel)\s*>\s*\Z", re.IGNORECASE)
_ONWARD: Final = ("next", "prev-archive")


def read_xml(text: str, url: str) -> Document:
    """The entries of a feed. Raises ``SourceTrouble`` for what is none, or not safe to read."""
    # A small document with entities that name one another unpacks to an enormous one.
    if _ENTITY.search(text):
        raise SourceTrouble("the feed declares entities of its own, which is not safe to read")
    clean = _NOT_XML.sub("", text).lstrip("\ufeff \t\r\n")
    found = feedparser.parse(
        # Bytes in a stream: a text might be taken for the name of a file.
        io.BytesIO(clean.encode()),
        response_headers={
            "content-type": "application/xml; charset=utf-8",
            "content-location": url,
        },
        sanitize_html=False,  # all markup goes anyway
        resolve_relative_uris=False,
    )
    if not found.get("version") and not found.entries:
        raise SourceTrouble(f"this is no feed; it begins: {plain.line(clean[:80])}")
    entries = [_entry(one) for one in found.entries]
    torn = isinstance(found.get("bozo_exception"), SAXException) and _breaks_off(clean)
    if torn and entries and _in_an_entry(clean):
        entries[-1] = _cut_off(entries[-1])
    onward = {one.get("rel"): one.get("href", "") for one in found.feed.get("links", ())}
    return Document(
        entries,
        onward=next((onward[rel] for rel in _ONWARD if onward.get(rel)), ""),
        torn=torn,
    )


def _entry(found: Mapping[str, Any]) -> Entry:
    bodies = found.get("content") or [found.get("summary_detail") or {}]
    return Entry(
        id=found.get("id", ""),
        link=found.get("link", ""),
        title=_words(found.get("title_detail") or {}),
        body=max((_words(body) for body in bodies), key=len),
        written=found.get("published") or found.get("updated") or found.get("created") or "",
        point=_point(found),
        address=found.get("georss_featurename", ""),
        raw=json.dumps(found, ensure_ascii=False, default=str)[:4000],
    )


def _words(detail: Mapping[str, Any]) -> str:
    value = detail.get("value") or ""
    # RSS does not say whether a title is markup; `&lt;` is only ever written in markup.
    if detail.get("type") == "text/plain" and "&" not in value:
        return plain.tidy(value)
    return plain.from_html(value)


def _point(found: Mapping[str, Any]) -> Point | None:
    where = found.get("where") or {}
    try:
        if where.get("type") == "Point":
            lon, lat = where["coordinates"][:2]
            return Point(float(lon), float(lat))
        return Point(float(found["geo_long"]), float(found["geo_lat"]))
    except (KeyError, ValueError, TypeError):
        return None


def _breaks_off(text: str) -> bool:
    """Whether a document ends before its root does."""
    return not re.search(
        r"</(?:\w+:)?(?:rss|feed|RDF|channel)\s*>\s*\Z", text[-200:], re.IGNORECASE
    )


def _in_an_entry(text: str) -> bool:
    opened = max((one.start() for one in _OPENS.finditer(text)), default=-1)
    closed = max((one.start() for one in _CLOSES.finditer(text)), default=-1)
    return opened > closed


def _cut_off(entry: Entry) -> Entry:
    """The last entry of a torn document: half a text must not become a ticket."""
    return Entry(
        id=entry.id,
        link=entry.link,
        written=entry.written,
        raw=entry.raw,
        problem="the feed breaks off within this entry",
    )
