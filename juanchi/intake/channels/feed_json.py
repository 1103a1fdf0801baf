"""JSON Feed, version 1 and 1.1."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from juanchi.intake.channels import plain
from juanchi.intake.channels.adapter import SourceTrouble
from juanchi.intake.channels.feed_entries import Document, Entry

_MARK: Final = "jsonfeed.org/version/"


def _text(given: object) -> object:
    """Ids are texts by the standard and numbers in practice; what is null is not given."""
    if given is None:
        return ""
    return str(given) if isinstance(given, int | float) else given


Words = Annotated[str, BeforeValidator(_text)]


class _Item(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: Words = ""
    url: Words = ""
    external_url: Words = ""
    title: Words = ""
    content_html: Words = ""
    content_text: Words = ""
    summary: Words = ""
    date_published: Words = ""
    date_modified: Words = ""
    image: Words = ""


class _Feed(BaseModel):
    """What is wanted of the whole; each item is looked at by itself."""

    model_config = ConfigDict(extra="ignore")

    version: Words = ""
    items: list[Any]
    next_url: Words = ""


def read_json(text: str) -> Document:
    """The entries of a JSON feed. Raises ``SourceTrouble`` for what is none."""
    try:
        # Numbers as texts: one with ten thousand digits must not sink the feed.
        feed = _Feed.model_validate(json.loads(text, parse_int=str))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise SourceTrouble(f"this is no JSON feed: {where}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise SourceTrouble(plain.line(f"the JSON cannot be read: {error}")) from None
    if _MARK not in feed.version:
        raise SourceTrouble("this JSON is no JSON feed: it has no version of one")
    return Document([_entry(item) for item in feed.items], onward=feed.next_url)


def _entry(given: Any) -> Entry:
    raw = json.dumps(given, ensure_ascii=False)
    try:
        item = _Item.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the item"
        return Entry(id=_id_of(given), raw=raw, problem=f"{where}: {first['msg']}")
    body = plain.tidy(item.content_text) or plain.from_html(item.content_html)
    return Entry(
        id=item.id,
        link=item.url or item.external_url,
        title=plain.tidy(item.title),
        body=body or plain.tidy(item.summary),
        written=item.date_published or item.date_modified,
        pictures=(item.image,) if item.image else (),
        raw=raw,
    )


def _id_of(given: Any) -> str:
    found = given.get("id") if isinstance(given, Mapping) else None
    return str(found) if isinstance(found, str | int) else ""
