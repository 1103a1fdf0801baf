"""RSS and Atom in all their versions, as broken as they come."""

import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import feedparser

from juanchi.intake.channels import plain
from juanchi.intake.channels.adapter import SourceTrouble
from juanchi.intake.channels.feed_broken import Part, bounded, head, is_sound, mended, parts
from juanchi.intake.channels.feed_entries import Document, Entry, Point

_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ENTITY: Final = re.compile(r"<!ENTITY", re.IGNORECASE)
_ENDS: Final = re.compile(r"</(?:\w+:)?(?:rss|feed|RDF|channel)\s*>\s*\Z", re.IGNORECASE)
_BODY: Final = re.compile(r"<(?:\w+:)?(?:description|content|summary|encoded)[\s>]")
_ONWARD: Final = ("next", "prev-archive")
_LONGEST_RAW: Final = 4000
_LONGEST_BROKEN: Final = 100_000


def read_xml(text: str, url: str) -> Document:
    """The entries of a feed. Raises ``SourceTrouble`` for what is none, or not safe to read."""
    # A small document with entities that name one another unpacks to an enormous one.
    if _ENTITY.search(text):
        raise SourceTrouble("the feed declares entities of its own, which is not safe to read")
    bounded(text)
    clean = _NOT_XML.sub("", text).lstrip("\ufeff \t\r\n")
    if not is_sound(clean):
        clean = mended(clean)
    if is_sound(clean):
        found = _parsed(clean, url)
        entries = [_entry(one) for one in found.entries]
        torn = False
    else:
        torn = _ENDS.search(clean[-200:]) is None
        entries = [entry for part in parts(clean) for entry in _part(part, url)]
        # What stands before the first entry: enough to know what it is, and where it goes on.
        found = _parsed(head(clean), url)
    if not found.get("version") and not entries:
        raise SourceTrouble(f"this is no feed; it begins: {plain.line(clean[:80])}")
    return Document(entries, _onward(found), torn)


def _parsed(text: str, url: str) -> Any:
    return feedparser.parse(
        # Bytes in a stream: a text might be taken for the name of a file.
        io.BytesIO(text.encode()),
        response_headers={
            "content-type": "application/xml; charset=utf-8",
            "content-location": url,
        },
        sanitize_html=False,  # all markup goes anyway
        resolve_relative_uris=False,
    )


def _onward(found: Any) -> str:
    links = {one.get("rel"): one.get("href", "") for one in found.feed.get("links", ())}
    return next((links[rel] for rel in _ONWARD if links.get(rel)), "")


def _part(part: Part, url: str) -> Iterator[Entry]:
    # The lenient parser takes the square of a text's length.
    bearable = part.sound or len(part.text) <= _LONGEST_BROKEN
    entries = [_entry(one) for one in _parsed(part.text, url).entries] if bearable else []
    if part.sound:
        yield from entries
        return
    entry = replace(entries[0] if entries else Entry(), raw=part.text[:_LONGEST_RAW])
    if part.torn:
        # Half a text must not become a ticket.
        yield replace(entry, title="", body="", problem="the feed breaks off within this entry")
    elif not entry.body and (_BODY.search(part.text) or not entry.title):
        yield replace(entry, problem="the markup of this entry is broken")
    else:
        yield entry


def _entry(found: Mapping[str, Any]) -> Entry:
    bodies = found.get("content") or [found.get("summary_detail") or {}]
    return Entry(
        id=found.get("id", ""),
        link=found.get("link", ""),
        title=_words(found.get("title_detail") or {}),
        body=max((_words(body) for body in bodies), key=len),
        written=next((found[name] for name in _DATES if name in found), ""),
        point=_point(found),
        address=found.get("georss_featurename", ""),
        pictures=tuple(_pictures(found)),
        raw=json.dumps(found, ensure_ascii=False, default=str)[:_LONGEST_RAW],
    )


def _pictures(found: Mapping[str, Any]) -> Iterator[str]:
    """Links of what the entry itself says are images."""
    for one in (*found.get("enclosures", ()), *found.get("media_content", ())):
        if one.get("type", "").startswith("image/") or one.get("medium") == "image":
            yield one.get("href") or one.get("url") or ""


_DATES: Final = ("published", "updated", "created")


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
