"""The demo as plain lines, for pipes, logs and screens that cannot be drawn on."""

from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.text import Text

from juanchi.demo.narrator import Narrator, Told
from juanchi.demo.stage import Scene, clock_of
from juanchi.domain.terms import Stage
from juanchi.words import named, say

EVERY_S: Final = 5.0
"""How often the whole board is told in one line."""

_OF_ALL: Final = frozenset(
    {
        *("closed", "ended", "sent_back", "voice_added", "pressed", "action_refused"),
        *("rang_overdue", "rang_escalated"),
    }
)
"""What is told of every ticket; of the stories everything is."""


class PlainView:
    """Each story's events, what is out of the ordinary elsewhere, and the board now and then."""

    def __init__(self, console: Console, lang: str) -> None:
        self._console = console
        self._lang = lang
        self._board_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return

    def show(self, scene: Scene, told: Sequence[Told]) -> None:
        """Print what is new in a scene."""
        for one in told:
            if _worth_it(one, scene.narrator):
                self._print(clock_of(one.seconds), f"{one.clue:<10}  {_one_line(one.words)}")
        if scene.seconds >= self._board_at:
            self._board_at = scene.seconds + EVERY_S
            self._print(clock_of(scene.seconds), f"{'=':<10}  {self._board(scene)}")

    def _board(self, scene: Scene) -> str:
        open_ = Counter(line.stage for line in scene.lines if line.end_kind is None)
        parts = [f"{named('stage', stage, self._lang)} {open_[stage]}" for stage in Stage]
        done = sum(line.end_kind is not None for line in scene.lines)
        parts.append(say("demo.stage.done", self._lang, done=done, clues=scene.expected))
        return " | ".join(parts)

    def _print(self, clock: str, words: str) -> None:
        self._console.print(Text(f"{clock}  {words}"), soft_wrap=True)


def _worth_it(told: Told, narrator: Narrator) -> bool:
    return told.kind in _OF_ALL or narrator.story_of(told.ticket_id) is not None


def _one_line(words: str) -> str:
    return " ".join(words.split())
