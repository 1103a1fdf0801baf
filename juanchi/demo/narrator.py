"""Tells what happens in the demo: each event as a line, and how the three stories stand."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from juanchi.cli.display import RUNG_STYLE, safe
from juanchi.demo.stories import Story
from juanchi.demo.watch import News
from juanchi.domain.lines import TicketLine
from juanchi.domain.messages import Event
from juanchi.domain.terms import EndKind
from juanchi.domain.ticket import Phase
from juanchi.words import named
from juanchi.words.telling import Teller

KEPT: Final = 60
_QUOTED: Final = 36
_UNTOLD: Final = frozenset(
    {"planned", "located", "archived", "notice_posted", "notice_failed", "notice_retried"}
)
_STYLES: Final = {
    "received": "dim",
    "screened": "dim",
    "dispatched": "cyan",
    "replied": "blue",
    "sent_back": "bold yellow",
    "voice_added": "magenta",
    "merge_asked": "magenta",
    "pressed": "magenta",
    "closed": "bold green",
    "ended": "bold",
}


class Told(NamedTuple):
    """One event as a line: when since the start, of which clue, in words.

    ``kind`` is the event's own, with the rung behind it for one that rang: ``rang_overdue``.
    """

    seconds: float
    ticket_id: str
    clue: str
    words: str
    style: str
    kind: str


class Standing(NamedTuple):
    """How a story stands: its tickets with their states, and what happened last."""

    story: Story
    states: Sequence[tuple[str, str]]
    """Of each ticket its state in words, and a style."""
    told: Sequence[Told]


class Narrator:
    """Hears all news and tells those worth telling."""

    def __init__(self, teller: Teller, stories: Sequence[Story], began: datetime) -> None:
        self.teller = teller
        self.lang = teller.lang
        self.stories = stories
        self.began = began
        self.ticker: deque[Told] = deque(maxlen=KEPT)
        self._of_story: dict[str, list[Told]] = {story.key: [] for story in stories}
        self._story = {ticket: story for story in stories for ticket in story.tickets}

    def hear(self, news: Iterable[News]) -> list[Told]:
        """Take note of news; returns what is worth telling of them."""
        lines = [self._told(item) for item in news if item.event.__dict__["kind"] not in _UNTOLD]
        for told in lines:
            self.ticker.append(told)
            if (story := self._story.get(told.ticket_id)) is not None:
                self._of_story[story.key].append(told)
        return lines

    def story_of(self, ticket_id: str) -> Story | None:
        """The story that a ticket is part of."""
        return self._story.get(ticket_id)

    def standings(self, lines: Mapping[str, TicketLine], last: int) -> list[Standing]:
        """How each story stands, with the last few things that happened in it."""
        return [
            Standing(
                story,
                [
                    self._state(lines[id_], short=len(story.tickets) > 1)
                    for id_ in story.tickets
                    if id_ in lines
                ],
                self._of_story[story.key][-last:],
            )
            for story in self.stories
        ]

    def _state(self, line: TicketLine, *, short: bool) -> tuple[str, str]:
        if line.end_kind == EndKind.CLOSED:
            return named("outcome", line.outcome, self.lang), "green"
        if line.end_kind is not None:
            return named("end", line.end_kind, self.lang), "bold"
        style = "red" if line.overdue else "yellow" if line.phase == Phase.UNSIGNED else "cyan"
        if short:
            return named("stage", line.stage, self.lang), style
        return named("phase", line.phase, self.lang), style

    def _told(self, item: News) -> Told:
        event: Any = item.event
        words = self.teller.sentence(item.event)
        if quoted := _quoted(event):
            words = f"{words} “{quoted}”"
        if who := self.teller.who(event.by):
            words = f"{words}  ({who})"
        kind, style = event.kind, _STYLES.get(event.kind, "")
        if kind == "rang":
            kind, style = f"rang_{event.rung}", RUNG_STYLE[event.rung]
        seconds = max(0.0, (event.at - self.began).total_seconds())
        return Told(seconds, item.line.id, item.line.external_id, safe(words), style, kind)


def _quoted(event: Event) -> str:
    """What somebody said with it, where that tells more than the event's own name."""
    fields = event.__dict__
    match fields["kind"]:
        case "received":
            text = " ".join(str(fields["clue"].text).split())
            return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
        case "verified" | "progressed" | "sent_back":
            return str(fields["note"])
        case "replied":
            return str(fields["public"])
        case "pressed":
            return str(fields["requirement"])
        case "rated":
            return str(fields["rating"].comment)
    return ""
