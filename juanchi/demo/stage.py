"""The live view of the demo in a terminal: the stages, the stories, the latest events, a clock."""

from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Final, NamedTuple, Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from juanchi.cli.display import safe
from juanchi.demo.narrator import Narrator, Standing, Told
from juanchi.domain.lines import TicketLine
from juanchi.domain.terms import EndKind, Stage, Urgency
from juanchi.words import named, say

BLOCK: Final = "■"
STORY_LINES: Final = 2
_LEAST_EVENTS: Final = 4
_TALLEST: Final = 40
_ROWS_ABOVE: Final = 2 + 9 + 2 + 2 + 1
"""The header, the stages, the borders of the other two, and the line of the cursor."""
_END_STYLES: Final = {
    EndKind.CLOSED: "green",
    EndKind.MERGED: "magenta",
    EndKind.DISCARDED: "bright_black",
    EndKind.UNFOUNDED: "yellow",
    EndKind.REDIRECTED: "blue",
    EndKind.WITHDRAWN: "white",
}


class Scene(NamedTuple):
    """All that is shown at one moment."""

    lines: Sequence[TicketLine]
    expected: int
    seconds: float
    narrator: Narrator


class View(Protocol):
    """Where scenes are shown while the block runs."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def show(self, scene: Scene, told: Sequence[Told]) -> None: ...


class LiveView:
    """The stage in a terminal, drawn anew at each moment."""

    def __init__(self, console: Console, title: str, lang: str) -> None:
        self._console = console
        self._title = title
        self._lang = lang
        self._live = Live(console=console, auto_refresh=False, vertical_overflow="crop")

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, scene: Scene, told: Sequence[Told]) -> None:
        """Draw a scene."""
        self._live.update(self.drawn(scene), refresh=True)

    def drawn(self, scene: Scene) -> RenderableType:
        """A scene as it is drawn: as high as the terminal, within reason."""
        stories = scene.narrator.standings({line.id: line for line in scene.lines}, STORY_LINES)
        above = [self._header(scene), self._stages(scene), self._stories(stories)]
        used = _ROWS_ABOVE + len(stories) * (1 + STORY_LINES)
        room = max(_LEAST_EVENTS, min(self._console.height, _TALLEST) - used)
        return Group(*above, self._ticker(list(scene.narrator.ticker)[-room:], room))

    def _header(self, scene: Scene) -> RenderableType:
        table = Table.grid(expand=True, padding=(0, 1))
        table.add_column(no_wrap=True)
        table.add_column(ratio=1)
        table.add_column(no_wrap=True, justify="right")
        done = sum(line.end_kind is not None for line in scene.lines)
        progress = say("demo.stage.done", self._lang, done=done, clues=scene.expected)
        bar = ProgressBar(total=scene.expected, completed=done, complete_style="green")
        clock = Text(f"{progress}  {clock_of(scene.seconds)}", style="bold")
        table.add_row(Text(f" {safe(self._title)}", style="bold cyan"), bar, clock)
        return Group(table, Text())

    def _stages(self, scene: Scene) -> RenderableType:
        table = Table.grid(padding=(0, 1))
        table.add_column(no_wrap=True, min_width=12)
        table.add_column(no_wrap=True, justify="right", min_width=3)
        table.add_column(no_wrap=True, overflow="crop")
        for stage in Stage:
            here = [x for x in scene.lines if x.end_kind is None and x.stage == stage]
            # First come, first shown: a block keeps its colour's place while it waits.
            here.sort(key=lambda line: line.received_at)
            blocks = Text(" ").join(Text(BLOCK, style=_block(line)) for line in here)
            count = Text(str(len(here)), style="bold" if here else "dim")
            table.add_row(named("stage", stage, self._lang), count, blocks)
        ended = [line for line in scene.lines if line.end_kind is not None]
        ended.sort(key=lambda line: list(EndKind).index(EndKind(line.end_kind or "")))
        blocks = Text().join(
            Text(BLOCK, style=_END_STYLES[EndKind(line.end_kind or "")]) for line in ended
        )
        table.add_row(
            say("demo.stage.ended", self._lang), Text(str(len(ended)), style="bold"), blocks
        )
        table.add_row("", "", self._ends(ended))
        return Panel(table, subtitle=self._legend(), subtitle_align="right", padding=(0, 1))

    def _ends(self, ended: Sequence[TicketLine]) -> Text:
        counted = Counter(EndKind(line.end_kind or "") for line in ended)
        parts = [
            Text(f"{named('end', kind, self._lang)} {counted[kind]}", style=_END_STYLES[kind])
            for kind in EndKind
            if counted[kind]
        ]
        return Text("  ").join(parts)

    def _legend(self) -> Text:
        legend = Text(" ")
        for key, style in (
            ("general", "cyan"),
            ("urgent", "magenta"),
            ("rework", "yellow"),
            ("overdue", "red"),
            ("escalated", "bold white on red"),
        ):
            legend.append(BLOCK, style=style)
            legend.append(f" {say(f'demo.stage.{key}', self._lang)}  ", style="dim")
        return legend

    def _stories(self, stories: Sequence[Standing]) -> RenderableType:
        lines: list[Text] = []
        for mark, standing in zip("abcdefgh", stories, strict=False):
            head = Text(f"{mark}  {standing.story.title(self._lang)}", style="bold")
            for number, (state, style) in enumerate(standing.states):
                head.append("  → " if not number else " · ", style="not bold dim")
                head.append(safe(state), style=f"not bold {style}")
            lines += [head, *(_told_line(told, with_clue=False) for told in standing.told)]
            lines += [Text()] * (STORY_LINES - len(standing.told))
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        title = Text(say("demo.stage.stories", self._lang), style="bold")
        return Panel(Group(*lines), title=title, title_align="left", padding=(0, 1))

    def _ticker(self, told: Sequence[Told], room: int) -> RenderableType:
        lines = [_told_line(one, with_clue=True) for one in told]
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        title = Text(say("demo.stage.latest", self._lang), style="bold")
        return Panel(
            Group(*lines), title=title, title_align="left", padding=(0, 1), height=room + 2
        )


def clock_of(seconds: float) -> str:
    """A running clock: minutes and seconds."""
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def _told_line(told: Told, *, with_clue: bool) -> Text:
    line = Text(f"{clock_of(told.seconds)}  " if with_clue else f"   {clock_of(told.seconds)}  ")
    line.stylize("dim")
    if with_clue:
        line.append(f"{told.clue[:10]:<10}  ", style="dim cyan")
    words = " ".join(told.words.split())
    line.append(words, style=told.style)
    return line


def _block(line: TicketLine) -> str:
    if line.escalated:
        return "bold white on red"
    if line.overdue:
        return "red"
    if line.reworks:
        return "yellow"
    return "magenta" if line.urgency == Urgency.URGENT else "cyan"
