"""The three published stories, as the sample tells them; their words are in the catalogue.

(a) a broken stair under a video's comments, (b) potholes at a crossing, led by the works unit with
transport and traffic police assisting, (c) a citizen full of suggestions.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from juanchi.demo.sample import Sample, Script
from juanchi.domain.assisting import AssistReplied
from juanchi.domain.base import Value
from juanchi.domain.events import Entry
from juanchi.domain.filing import Dispatched
from juanchi.domain.supervision import Progressed
from juanchi.domain.terms import SiteVerdict
from juanchi.domain.verification import Verified
from juanchi.words import say
from juanchi.words.catalogue import knows

STAIR: Final = "cm-stair"
POTHOLES: Final = "vd-pothole"
MANY: Final = 3
"""So many suggestions of one person are a story."""

LEADS: Final = "works"
ASSIST: Final = frozenset({"transport", "traffic_police"})


class Story(Value):
    """One story and the tickets it is told by."""

    key: str
    tickets: tuple[str, ...]

    def title(self, lang: str) -> str:
        """What it is called."""
        return say(f"demo.story.{self.key}.title", lang)

    def words(self, what: str, lang: str) -> str:
        """What somebody in it says or writes; empty where the story has no words of its own."""
        key = f"demo.story.{self.key}.{what}"
        return say(key, lang) if knows(key, lang) else ""


def stories(sample: Sample) -> tuple[Story, ...]:
    """The stories that this sample tells; one that it lacks is left out."""
    found = [
        Story(key=key, tickets=(clue.ticket_id,))
        for key, external_id in (("stair", STAIR), ("potholes", POTHOLES))
        for clue in sample.clues
        if clue.external_id == external_id
    ]
    if ideas := _ideas(sample):
        found.append(Story(key="ideas", tickets=ideas))
    return tuple(found)


def _ideas(sample: Sample) -> tuple[str, ...]:
    """The tickets of the person with the most suggestions."""
    by_person: dict[str, list[str]] = {}
    for clue in sample.clues:
        if clue.reporter and clue.plot in (
            Script.SUGGESTION_ADOPTED,
            Script.SUGGESTION_NOT_ADOPTED,
        ):
            by_person.setdefault(clue.reporter.contact, []).append(clue.ticket_id)
    most = max(by_person.values(), key=len, default=[])
    return tuple(most) if len(most) >= MANY else ()


def told_wrong(
    story: Story, lives: Mapping[str, Iterable[Entry]], roles: Mapping[str, str]
) -> list[str]:
    """Keys of what did not happen as it was published; ``roles`` are the units' by their codes."""
    events = [entry.event for ticket in story.tickets for entry in lives.get(ticket, ())]
    if story.key == "stair":
        seen = any(
            isinstance(event, Verified) and event.verdict is SiteVerdict.CONFIRMED
            for event in events
        )
        return [] if seen else ["not_seen_on_site"]
    if story.key != "potholes":
        return []
    wrong = []
    lead = [roles.get(event.lead) for event in events if isinstance(event, Dispatched)]
    if lead != [LEADS]:
        wrong.append("works_did_not_lead")
    told = {
        roles.get(event.by.unit or "")
        for event in events
        if isinstance(event, Progressed | AssistReplied)
    }
    if not told >= {LEADS, *ASSIST}:
        wrong.append("units_did_not_assist")
    return wrong
