"""What is shown: plain lines that a log can keep, and a stage that fits its terminal."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from juanchi.demo.plain import PlainView
from juanchi.demo.sample import Sample
from juanchi.demo.stage import LiveView, Scene
from juanchi.demo.stories import stories
from juanchi.domain.actor import ENGINE
from juanchi.domain.clue import Screened
from juanchi.domain.ending import Ended
from juanchi.domain.terms import ClueVerdict, EndKind
from juanchi.words import LANGUAGES
from tests.demo.stand import a_clue, at, lived, narrator, news

LONG = "石岩街道海谷科技大厦旁边的楼梯烂得厉害\n" * 20


def a_sample() -> Sample:
    ideas = [
        a_clue(f"idea-{n}", "suggestion_adopted", reporter={"name": "Chen", "contact": "1"})
        for n in range(4)
    ]
    spam = [a_clue(f"spam-{n}", "noise", text=LONG) for n in range(40)]
    return Sample([a_clue("cm-stair", "plain", text=LONG), *ideas, *spam])


def a_scene(lang: str) -> tuple[Scene, list[str]]:
    sample = a_sample()
    events = {
        "noise": (
            Screened(at=at(1), by=ENGINE, verdict=ClueVerdict.NOISE, rule="noise: x"),
            Ended(at=at(2), by=ENGINE, end=EndKind.DISCARDED, reason="noise"),
        )
    }
    journals = {clue.ticket_id: lived(clue, events.get(clue.script, ())) for clue in sample.clues}
    teller = narrator(lang, stories(sample))
    told = teller.hear(news(sample, journals))
    lines = [line for line, _ in journals.values()]
    return Scene(lines, len(sample), 61.0, teller), [one.words for one in told]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_plain_lines_are_plain(lang: str) -> None:
    scene, _ = a_scene(lang)
    file = io.StringIO()
    view = PlainView(Console(file=file, width=80), lang)
    with view:
        view.show(scene, list(scene.narrator.ticker))
    lines = file.getvalue().splitlines()
    assert "\x1b" not in file.getvalue()
    assert all(line[:5].replace(":", "").isdigit() for line in lines)
    assert any("spam-39" in line for line in lines)
    assert "40" in lines[-1]
    assert "45" in lines[-1]
    assert not any("demo." in line for line in lines)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("width", "height"), [(100, 30), (80, 24), (160, 60)])
def test_the_stage_fits_the_terminal(lang: str, width: int, height: int) -> None:
    scene, _ = a_scene(lang)
    console = Console(file=io.StringIO(), width=width, height=height)
    drawn = LiveView(console, "Juanchi", lang).drawn(scene)
    with console.capture() as shown:
        console.print(drawn)
    lines = shown.get().splitlines()
    assert max(cell_len(line) for line in lines) <= width
    if height >= 30:
        assert len(lines) < height
    assert "01:01" in lines[0]
    assert "■" in shown.get()
    assert "demo." not in shown.get()
