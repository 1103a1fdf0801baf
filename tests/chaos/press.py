"""A feed that is badly kept: it grows while it is read, and nothing about it can be relied on.

Its pages come shuffled, with entries twice, with dates that cannot be, cut off in the middle, or
not at all; some entries can never be read. What is true of it is known here, and only here.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

from tests.sources import Answer

PAGE = 100
"""Entries of one page; the pages behind it are linked, as archives of feeds are."""

_STREETS = ("Mill Lane", "Mill Road", "Ford Street", "Weaver Row", "Pound Hill", "Church Walk")
_MATTERS = (
    "A deep pothole",
    "The street lamp is out",
    "The bin is overflowing",
    "Rubbish was dumped, a mattress and a sofa,",
    "The traffic sign is missing",
)


@dataclass(frozen=True)
class Entry:
    """One entry: what the feed says, and whether it can be read."""

    id: str
    xml: str
    poison: bool


def entries(number: int, rng: random.Random) -> list[Entry]:
    """So many entries, the oldest first: one in twenty cannot be read."""
    return [_entry(n, rng, poison=n % 20 == 7) for n in range(number)]


def _entry(n: int, rng: random.Random, *, poison: bool) -> Entry:
    street, matter = _STREETS[n % len(_STREETS)], rng.choice(_MATTERS)
    # No two are of one place: none of them is another voice for the same matter.
    place = f"{n + 1} {street}, Mill Parish"
    words = (
        "" if poison else f"{matter} at {place}, since {rng.randint(2, 400)} days & nobody <came>"
    )
    xml = (
        f"<item><guid isPermaLink='false'>post-{n}</guid>{_date(n, rng)}"
        f"<description>{escape(words)}</description>"
        f"<georss:featurename>{escape(place)}</georss:featurename></item>"
    )
    return Entry(f"post-{n}", xml, poison)


def _date(n: int, rng: random.Random) -> str:
    right = datetime.now(UTC) - timedelta(minutes=n % 600)
    return rng.choice(
        (
            *[f"<pubDate>{right:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"] * 6,
            "<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>",
            "<pubDate>Fri, 31 Dec 2199 23:59:59 GMT</pubDate>",
            "<pubDate>the day before yesterday</pubDate>",
            "",
        )
    )


class Press:
    """Serves entries, more of them at each moment, until all are out."""

    def __init__(self, all_: Sequence[Entry], rng: random.Random) -> None:
        self.all = all_
        self.out = 0
        self.unwell = 0.0
        """The share of answers that are no good."""
        self._rng = rng

    @property
    def good(self) -> set[str]:
        """The ids of what can be read."""
        return {entry.id for entry in self.all if not entry.poison}

    @property
    def poison(self) -> set[str]:
        """The ids of what cannot."""
        return {entry.id for entry in self.all if entry.poison}

    def publish(self, more: int) -> None:
        """So many more are out."""
        self.out = min(len(self.all), self.out + more)

    def says(self, path: str) -> Answer:
        """One answer: the page that was asked for, as well as it can be."""
        if self._rng.random() < self.unwell / 2:
            return Answer(503, b"<html>back soon</html>")
        whole = self._page(int(path.partition("page=")[2] or 0)).encode()
        if self._rng.random() < self.unwell / 2:
            return Answer(body=whole[: self._rng.randrange(len(whole) // 4, len(whole))])
        return Answer(body=whole, headers=(("content-type", "application/rss+xml"),))

    def _page(self, number: int) -> str:
        """A page, the newest first. Older pages end at fixed places, so that none falls between."""
        last = -(-self.out // PAGE) - 1 - number
        found = list(self.all[max(0, last) * PAGE : min(self.out, (last + 1) * PAGE)])
        if self.out:
            found += self._rng.choices(self.all[: self.out], k=len(found) // 10)
        self._rng.shuffle(found)
        older = f"<atom:link rel='next' href='/feed?page={number + 1}'/>" if last > 0 else ""
        return (
            "<?xml version='1.0' encoding='utf-8'?><rss version='2.0' "
            "xmlns:atom='http://www.w3.org/2005/Atom' xmlns:georss='http://www.georss.org/georss'>"
            f"<channel><title>Street forum</title>{older}"
            + "".join(entry.xml for entry in found)
            + "</channel></rss>"
        )
