"""Real messages of a city whose names were taken out, as clues of a city that the bench makes.

Its districts are written ``A3区``, ``A7县``: they become the regions, everything else (how texts
name places, the items) is the shipped pack's own. No text is kept, only read.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from juanchi.domain.base import Text
from juanchi.domain.lists import Pack, Region, RegionLevel
from juanchi.domain.sameness import Trace
from juanchi.domain.ticket import Clue, Ticket
from juanchi.intake.tools import Tools
from juanchi.intake.tracing import traced
from juanchi.packs import read_pack, shipped

CITY: Final = "A市"
_DISTRICT: Final = re.compile(r"A\d{1,2}[区县市]")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MOST: Final = 20_000


class Message(NamedTuple):
    """One message: when it was posted, and its title and text."""

    id: str
    at: datetime
    text: Text


def messages(file: Path) -> list[Message]:
    """The messages of a file with ``id, title, posted_at, text``, in the order of their posting."""
    with file.open(encoding="utf-8-sig", newline="") as rows:
        found = [
            Message(
                row["id"],
                datetime.fromisoformat(row["posted_at"]).replace(tzinfo=UTC),
                _CONTROL.sub("", f"{row['title']}\n{row['text']}")[:_MOST],
            )
            for row in csv.DictReader(rows)
        ]
    return sorted(found, key=lambda one: (one.at, one.id))


def anonymous_town(texts: Iterable[str]) -> Pack:
    """The shipped pack with the regions that these texts name instead of its own."""
    pack = read_pack(shipped("shenzhen"))
    names = {name[:-1]: name for text in texts for name in _DISTRICT.findall(text)}
    regions = [
        Region(code="town", level=RegionLevel.CITY, name=CITY),
        *(
            Region(code=code, parent="town", level=RegionLevel.DISTRICT, name=name)
            for code, name in sorted(names.items())
        ),
    ]
    nothing: Mapping[str, object] = dict.fromkeys(("places", "units", "duties", "handlings"), ())
    return pack.model_copy(update={**nothing, "regions": tuple(regions), "bounds": None})


def traces(found: Iterable[Message], tools: Tools) -> dict[str, Trace]:
    """The trace of each message, by its id, as the engine would remember it."""
    kept: dict[str, Trace] = {}
    for one in found:
        clue = Clue(channel="stream", external_id=one.id, text=one.text, reported_at=one.at)
        ticket = Ticket(id=clue.ticket_id, clue=clue, received_at=one.at, since=one.at)
        place = tools.locator.locate(clue, None).place
        kept[one.id] = traced(tools, ticket.having(place=place))
    return kept
