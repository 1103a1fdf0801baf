"""What Tinytown's people have decided about matters that its lists have no words for."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.examples import Example, gist
from juanchi.domain.terms import ClueVerdict, Nature
from juanchi.ledger.writer import LedgerWriter
from tests.handmade import Handmade
from tests.pure import MONDAY

TOPICS: Final = (
    ("road-hole", Nature.REPORT, "roads", ("gloop", "fissure", "subsiding", "tarmac")),
    ("bin-full", Nature.COMPLAINT, "bins", ("stench", "maggots", "vermin", "litter")),
    ("opening-hours", Nature.ENQUIRY, "town-desk", ("permit", "passport", "notary", "form")),
)
"""Items with what people say of them; none of it stands in Tinytown's catalogue."""

VERDICTS: Final = (ClueVerdict.ACTIONABLE, ClueVerdict.ADVERTISEMENT, ClueVerdict.OFF_TOPIC)
"""What people made of such texts when they screened them, by topic."""

_FILLING: Final = ("near", "my", "house", "since", "Tuesday", "please", "again", "very", "quite")


def examples(count: int, words: int = len(TOPICS), seed: int = 7) -> list[Example]:
    """So many examples, always the same; ``words``: of how many of the topics."""
    draw = random.Random(seed)
    found = []
    for n in range(count):
        item, nature, lead, said = TOPICS[n % words]
        text = " ".join((*draw.sample(said, 2), *draw.choices(_FILLING, k=4), _name(n)))
        found.append(
            Example(
                text=text,
                at=MONDAY - timedelta(days=count - n),
                channel="web",
                item=item,
                nature=nature,
                region="mill",
                lead=lead,
                group=gist(text),
                verdict=VERDICTS[n % words],
            )
        )
    return found


def _name(n: int) -> str:
    """A street's name of its own, so that no two texts are near-duplicates."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(n)) + " lane"


async def teach(engine: AsyncEngine, count: int) -> None:
    """Write so many tickets that dispatchers have decided, one every eight hours until now."""
    writer, now = LedgerWriter(engine), datetime.now(UTC)
    for n, example in enumerate(examples(count)):
        began = now - timedelta(hours=8 * (count - n))
        life = Handmade(f"lesson-{n}", example.text, channel="web", now=began)
        life.dispatched(example.lead or "", example.item or "", nature=example.nature)
        await writer.record(life.signed().replied().lived.recording())
