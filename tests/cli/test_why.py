"""Why a due time falls where it does, day by day."""

from collections.abc import Sequence
from datetime import tzinfo
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from rich.console import Console

from juanchi.cli.why import runs, why
from juanchi.domain.events import Entry
from juanchi.domain.terms import ClockName
from juanchi.words.naming import Names
from juanchi.words.telling import Teller
from tests.cli.saga import saga
from tests.cli.test_timeline import SHANGHAI
from tests.walk import PATHS, walk


def explained(
    entries: Sequence[Entry], lang: str = "en", width: int = 100, zone: tzinfo = SHANGHAI
) -> str:
    console = Console(width=width, force_terminal=False)
    with console.capture() as captured:
        console.print(why(entries, Teller(Names(None, lang), zone)))
    return captured.get()


def of_saga(parts: int, width: int = 100) -> str:
    """The due times of the long life, in its town's own time."""
    return explained(saga(parts).engine.entries, width=width, zone=ZoneInfo("Europe/Lisbon"))


def block(text: str, title: str) -> list[str]:
    """The lines about one clock, each with single spaces."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    start = next(place for place, line in enumerate(lines) if line.startswith(title))
    return lines[start : lines.index("", start)]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_every_life_explains_itself_at_any_width(path: str, lang: str) -> None:
    text = explained(walk(path).entries, lang, 80)
    assert max(map(cell_len, text.splitlines())) <= 80
    assert "why." not in text


def test_working_days_are_counted_one_by_one() -> None:
    assert block(explained(walk("unsigned").entries), "handling: due")[:11] == [
        "handling: due 2026-11-16 23:59",
        "provisional: the calendar of a year it reaches into is not published yet",
        "limit 10 working days",
        "rule policy walk@1 limits.handle.default",
        "started 2026-11-02 17:37",
        "days 2026-11-02 start day, does not count",
        "2026-11-03 – 2026-11-06 counted 1 – 4",
        "2026-11-07 – 2026-11-08 weekend",
        "2026-11-09 – 2026-11-13 counted 5 – 9",
        "2026-11-14 – 2026-11-15 weekend",
        "2026-11-16 counted 10",
    ]


def test_extensions_holds_and_make_up_days_are_told() -> None:
    lines = block(of_saga(4), "handling: due 2026-07-01")
    for line in (
        "handling: due 2026-07-01 23:59 · first due 2026-06-13 23:59",
        "extended 3 working days: 2026-06-26 23:59 → 2026-07-01 23:59",
        "on hold 2026-06-09 12:00 – 2026-06-22 23:59",
        "moved 2026-06-08 15:30: was 2026-06-13 23:59, extended",
        "2026-06-22 23:59: was 2026-06-17 23:59, the hold is over",
        "limit 6 working days",
        "2026-06-09 – 2026-06-22 on hold",
        "2026-06-23 – 2026-06-26 counted 3 – 6",
        "2026-06-29 – 2026-07-01 counted 7 – 9",
    ):
        assert line in lines
    before = block(of_saga(2), "handling: due 2026-06-13")
    assert "2026-06-13 counted 6, make-up working day" in before


def test_what_has_rung_is_told_also_of_clocks_that_have_stopped() -> None:
    text = explained(walk("carded").entries)
    assert "has rung" in text
    stopped = block(of_saga(3), "signing: due")
    assert sum(line.endswith("has rung") for line in stopped) == 2


def test_to_whom_orders_go_and_who_is_told() -> None:
    text = " ".join(of_saga(1, 200).split())
    for words in (
        "escalated → tells the lead unit · head, town-desk · duty leader",
        "yellow card → order to the lead unit · deputy head",
        "reported to the leaders → order to town-desk · mayor, copies to the lead unit · head",
    ):
        assert words in text


def test_a_watch_is_explained_once_and_other_clocks_each_time() -> None:
    entries = list(saga().engine.entries)
    clocks = [run.deadline.clock for run in runs(entries)]
    assert clocks.count(ClockName.WATCH) == 1
    assert clocks.count(ClockName.ORDER) > 5
    assert clocks.count(ClockName.HANDLE) == 6


def test_hours_tell_what_was_skipped() -> None:
    lines = block(explained(walk("verifying").entries, "zh-CN"), "核实")
    assert any(line.startswith("逐日") for line in lines)
    skipped = block(of_saga(1), "signing: due")
    assert "skipped nothing" in skipped


def test_a_life_without_clocks_says_so() -> None:
    entries: list[Entry] = walk("withdrawn").entries[:1]
    assert "No clock has been set." in explained(entries)
