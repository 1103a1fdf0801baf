"""What the entries of all kinds of feed come to, and the arrivals that they make."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from juanchi.domain.place import Place
from juanchi.domain.ticket import MOST_PICTURES
from juanchi.intake.channels import plain
from juanchi.intake.channels.adapter import Arrival, Unreadable
from juanchi.intake.channels.times import moment


class IdFrom(StrEnum):
    """What tells one entry from another. ``entry`` is its own id, else its link, else its words."""

    ENTRY = "entry"
    LINK = "link"
    CONTENT = "content"


class TextFrom(StrEnum):
    """Which words of an entry are its text."""

    BOTH = "both"
    TITLE = "title"
    BODY = "body"


class Point(NamedTuple):
    """Degrees, WGS 84."""

    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it stands in a feed; texts are plain, ``pictures`` links.

    ``problem``: why it cannot be read.
    """

    id: str = ""
    link: str = ""
    title: str = ""
    body: str = ""
    written: str = ""
    point: Point | None = None
    address: str = ""
    pictures: Sequence[str] = ()
    raw: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One page of a feed, and the address of the next, older one (empty: none).

    ``torn``: it breaks off, so there may be more another time.
    """

    entries: Sequence[Entry]
    onward: str = ""
    torn: bool = False


class Item(NamedTuple):
    """An entry that was read, with its place in the order of its document."""

    order: str
    read: Arrival | Unreadable


@dataclass(frozen=True, slots=True)
class EntryReader:
    """Makes arrivals of entries, by a channel's settings."""

    id_from: IdFrom
    text_from: TextFrom
    zone: ZoneInfo

    def items(self, entries: Iterable[Entry]) -> list[Item]:
        """All entries, oldest first, in an order that does not depend on the document's.

        Of several under one id the first is taken. One with other words is not lost: it cannot
        be told from an entry that was changed, so a person has to look.
        """
        found = sorted({self._item(entry) for entry in entries}, key=_by_order)
        first: dict[str, str] = {}
        items: list[Item] = []
        for item in found:
            if isinstance(item.read, Unreadable):
                items.append(item)
                continue
            text = first.setdefault(item.read.external_id, item.read.text)
            if text is item.read.text:
                items.append(item)
            elif text != item.read.text:
                items.append(Item(item.order, _same_id(item.read)))
        return items

    def _item(self, entry: Entry) -> Item:
        at = moment(entry.written, self.zone)
        read = self._read(entry, at)
        words = read.text if isinstance(read, Arrival) else read.raw
        since = (at or datetime.min.replace(tzinfo=UTC)).isoformat()
        return Item(f"{since} {plain.digest(read.external_id, words)}", read)

    def _read(self, entry: Entry, at: datetime | None) -> Arrival | Unreadable:
        chosen = {
            TextFrom.BOTH: (entry.title, entry.body),
            TextFrom.TITLE: (entry.title,),
            TextFrom.BODY: (entry.body,),
        }
        text = plain.joined(chosen[self.text_from])
        external_id = self._id(entry, text)
        problem = entry.problem or ("" if text else "the entry has no text")
        if problem:
            return Unreadable(
                external_id=external_id, problem=plain.line(problem), raw=plain.raw(entry.raw)
            )
        url = plain.link(entry.link)
        # A link that is too long to be kept as one stays readable, under the text.
        beside = "" if url or not entry.link.startswith("http") else plain.tidy(entry.link)
        return Arrival(
            external_id=external_id,
            text=plain.cut("\n".join(filter(None, (text, beside)))),
            reported_at=at,
            url=url,
            place=_place(entry),
            pictures=tuple(filter(None, map(plain.link, entry.pictures)))[:MOST_PICTURES],
        )

    def _id(self, entry: Entry, text: str) -> str:
        own = {IdFrom.ENTRY: (entry.id, entry.link), IdFrom.LINK: (entry.link,)}
        given = next(filter(None, map(str.strip, own.get(self.id_from, ()))), "")
        return plain.key(given) if given else plain.digest(text or entry.raw)


def _by_order(item: Item) -> str:
    return item.order


def _same_id(arrival: Arrival) -> Unreadable:
    told = f"the feed gives the id {arrival.external_id[:80]!r} to another text too"
    return Unreadable(
        external_id=plain.digest(arrival.external_id, arrival.text),
        problem=plain.line(told),
        raw=plain.raw(arrival.text),
    )


def _place(entry: Entry) -> Place | None:
    point = entry.point
    sound = point and -180 <= point.lon <= 180 and -90 <= point.lat <= 90 and any(point)
    lon, lat = point if point and sound else (None, None)
    address = plain.line(entry.address)
    return Place(address=address, lon=lon, lat=lat) if address or sound else None
