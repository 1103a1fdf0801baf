"""`metrics` and `whatif` at the shell, on a real ledger of hand-made lives."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.cli import display
from juanchi.domain.measures import Measure, Metric, measure
from juanchi.domain.metrics.period import period_of
from juanchi.domain.overlays import Recurrence, Strength
from juanchi.domain.recurrence import RecurrenceSeen, recurrence_seen
from juanchi.ledger.measuring import measured, received
from juanchi.ledger.writer import LedgerWriter
from juanchi.packs import read_pack
from juanchi.runtime.settings import Settings
from tests.cli.conftest import Shell
from tests.handmade import HOLE, NOISE, Handmade, closed
from tests.ledger.conftest import force
from tests.pure import TINYTOWN
from tests.town import founded

DOCS = Path(__file__).resolve().parents[2] / "docs"
MAY = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
"""A Monday, ten o'clock in the morning of Tinytown's summer."""


def may(name: str, text: str = HOLE, **later: float) -> Handmade:
    """A ticket of that May; its time begins so much after the first Monday."""
    return Handmade(name, text, now=MAY + timedelta(**later))


def again(of: Handmade) -> Handmade:
    """The same hole a day after it was closed."""
    assert of.ticket.ending is not None
    life = Handmade("again", now=of.ticket.ending.at + timedelta(days=1)).verified()
    recurs = Recurrence(
        ticket_id=of.ticket.id, closed_at=of.ticket.ending.at, strength=Strength.STRONG
    )
    life.lived.happen(recurrence_seen(life.ticket, [recurs], life.ticket.terms, life.now))
    life.settle()
    return life.later(hours=1).signed().later(days=1).replied().reviewed().rated(5)


def made() -> list[Handmade]:
    """Six tickets: fine, late, passed on, noise, fine but too soon, and one of the next month."""
    fine = closed(may("fine"))
    late = closed(may("late", days=1), days=12, overall=3)
    passed = may("passed", days=2).later(hours=1).verified().returned().return_answered(agreed=True)
    passed = passed.later(hours=1).signed().later(days=1).replied().reviewed().called("declined")
    # Half past eleven at night in UTC is the next day, and the next month, in Tinytown.
    june = may("june", days=27, hours=14, minutes=30).later(hours=1).verified()
    lives = [fine, late, passed, may("noise", NOISE), again(fine), june]
    return [life.later(days=30) for life in lives]


@pytest.fixture(scope="module")
def lives() -> list[Handmade]:
    return made()


@pytest.fixture(scope="module")
async def engine(
    settings: Settings,
    database_url: str,
    environment: pytest.MonkeyPatch,
    lives: list[Handmade],
) -> AsyncIterator[AsyncEngine]:
    """The ledger with these lives; the shell's settings lead to it."""
    environment.setenv("JUANCHI_HOME", str(settings.home))
    environment.setenv("DATABASE_URL", database_url)
    display.settings.cache_clear()
    engine = await founded(database_url, read_pack(TINYTOWN))
    writer = LedgerWriter(engine)
    await asyncio.gather(*(writer.record(life.lived.recording()) for life in lives))
    yield engine
    await engine.dispose()


@pytest.fixture
def shell(engine: AsyncEngine) -> Shell:
    return Shell()


def figures(told: str) -> dict[tuple[str | None, str], tuple[int, int]]:
    """Numerator and denominator by group and metric, out of JSON lines."""
    rows = [json.loads(line) for line in told.splitlines()]
    return {
        (row["group"], row["metric"]): (row["numerator"], row["denominator"])
        for row in rows
        if row["denominator"]
    }


async def test_a_months_figures(shell: Shell) -> None:
    told = await shell.ok("metrics", "--period", "2026-05")
    assert "2026-05-01 to 2026-05-31, in the time of Europe/Lisbon" in told
    for words in ("Right first time", "75.0%", "3/4", "of tickets dispatched:"):
        assert words in told
    assert max(map(len, told.splitlines())) <= 100
    got = figures(await shell.ok("metrics", "--period", "2026-05", "--json"))
    assert got == {
        (None, "conversion"): (4, 5),
        (None, "right_first_time"): (3, 4),
        (None, "in_time_dispatch"): (4, 4),
        (None, "in_time_signing"): (4, 4),
        (None, "on_time"): (3, 4),
        (None, "on_time_original"): (3, 4),
        (None, "response"): (4, 4),
        (None, "response_in_time"): (3, 4),
        (None, "overdue"): (1, 5),
        (None, "solved"): (4, 4),
        (None, "satisfied"): (2, 3),
        (None, "rated"): (3, 4),
        (None, "not_rated"): (1, 4),
        (None, "rework"): (0, 4),
        (None, "return"): (1, 5),
        (None, "wrongful_return"): (0, 1),
        (None, "extension"): (0, 5),
        (None, "hold"): (0, 5),
        (None, "suggested"): (0, 4),
        (None, "repeat"): (1, 4),
        (None, "false_closure"): (1, 4),
        (None, "false_closure_weak"): (0, 4),
    }


async def test_june_begins_at_midnight_of_the_city(shell: Shell) -> None:
    june = ("metrics", "--period", "2026-06-01", "--json")
    got = figures(await shell.ok(*june))
    assert got[None, "conversion"] == (1, 1)
    assert (None, "solved") not in got
    assert figures(await shell.ok("metrics", "--period", "2026-05-31", "--json")) == {}
    assert got[None, "in_time_signing"] == (0, 1)
    # It was never replied to either, but that was not due on the first day.
    assert (None, "response") not in got
    rest = figures(await shell.ok("metrics", "--period", "2026-06-02..2026-06-30", "--json"))
    assert rest[None, "response"] == (0, 1)
    assert (None, "in_time_signing") not in rest


async def test_by_unit_with_names(shell: Shell) -> None:
    told = await shell.ok("metrics", "--period", "2026", "--by", "unit")
    for words in ("Roads and Lights", "Bins and Parks", "no unit's (the centre)", "In time"):
        assert words in told
    assert max(map(len, told.splitlines())) <= 100
    got = figures(await shell.ok("metrics", "--period", "2026-05", "--by", "unit", "--json"))
    assert got["roads", "on_time"] == (2, 3)
    assert got["bins", "on_time"] == (1, 1)
    assert got["roads", "right_first_time"] == (3, 4)
    assert ("bins", "right_first_time") not in got
    assert got[None, "conversion"] == (4, 5)


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("district", {"north", None}),
        ("item", {"road-hole", None}),
        ("channel", {"wall"}),
    ],
)
async def test_by_anything_else(shell: Shell, by: str, groups: set[str | None]) -> None:
    got = figures(await shell.ok("metrics", "--period", "2026-05", "--by", by, "--json"))
    assert {group for group, _ in got} == groups
    whole = figures(await shell.ok("metrics", "--period", "2026-05", "--json"))
    for metric in Metric:
        parts = [share for (_, name), share in got.items() if name == metric]
        total = tuple(sum(numbers) for numbers in zip(*parts, strict=True)) or None
        assert total == whole.get((None, metric))
    assert await shell.ok("metrics", "--period", "2026-05", "--by", by)


async def test_down_to_the_tickets(shell: Shell) -> None:
    asked = ("metrics", "--period", "2026-05", "--metric", "on_time", "--tickets")
    told = await shell.ok(*asked, "--unit", "Roads and Lights")
    rows = [line.split() for line in told.splitlines()[2:]]
    assert sorted((row[0], row[3]) for row in rows) == [
        ("TT-again", "yes"),
        ("TT-fine", "yes"),
        ("TT-late", "no"),
    ]
    assert max(map(len, told.splitlines())) <= 100
    # The newest first: the late one counts from the day it was due, long after the others.
    assert rows[0][0] == "TT-late"
    short = await shell.ok(*asked, "--limit", "1")
    assert "TT-late" in short
    assert "and 3 more" in short
    listed = [json.loads(line) for line in (await shell.ok(*asked, "--json")).splitlines()]
    assert {one["number"]: one["counted"] for one in listed}["TT-late"] is False
    assert len(listed) == 4


async def test_csv_opens_in_a_spreadsheet(shell: Shell) -> None:
    told = await shell.ok("metrics", "--period", "2026-05", "--by", "unit", "--csv")
    rows = list(csv.DictReader(io.StringIO(told)))
    roads = next(r for r in rows if (r["group"], r["metric"]) == ("roads", "on_time"))
    assert (roads["name"], roads["numerator"], roads["denominator"]) == (
        "Roads and Lights",
        "2",
        "3",
    )
    empty = next(r for r in rows if (r["group"], r["metric"]) == ("bins", "hold"))
    assert (empty["denominator"], empty["share"]) == ("1", "0.0")
    none = next(r for r in rows if (r["group"], r["metric"]) == ("bins", "wrongful_return"))
    assert (none["denominator"], none["share"]) == ("0", "")
    tickets = await shell.ok("metrics", "--period", "2026-05", "--tickets", "--csv")
    lines = list(csv.DictReader(io.StringIO(tickets)))
    assert {"metric", "number", "counted", "at", "unit"} <= set(lines[0])
    assert len([one for one in lines if one["metric"] == "overdue"]) == 5


async def test_nothing_to_count(shell: Shell) -> None:
    for more in ((), ("--by", "unit"), ("--tickets",)):
        told = await shell.ok("metrics", "--period", "2025", *more)
        assert "There is nothing to count in this period." in told
    assert await shell.ok("metrics", "--period", "2025", "--tickets", "--csv") == ""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("bad_input", ("--period", "October")),
        ("bad_input", ("--period", "2026-13")),
        ("bad_input", ("--json", "--csv")),
        ("unknown_unit", ("--unit", "nobody")),
        ("unknown_unit", ("--unit", "checker")),
        ("bad_input", ("--unit", "wardens")),
    ],
)
async def test_refusals(shell: Shell, code: str, words: tuple[str, ...]) -> None:
    said = await shell("metrics", *words)
    assert said.code == 2
    assert said.err.startswith(f"refused: {code} - ")
    assert said.out == ""


async def test_this_month_without_a_period(shell: Shell) -> None:
    assert "There is nothing to count" in await shell.ok("metrics")


# ---------------------------------------------------------------- what is read


async def all_of(engine: AsyncEngine, text: str, chunk: int) -> list[Measure]:
    period = period_of(text, UTC)
    pages = [page async for page in measured(engine, period, datetime.now(UTC), chunk)]
    assert all(len({one.ticket_id for one in page}) <= chunk for page in pages)
    return [one for page in pages for one in page]


@pytest.mark.parametrize("text", ["2026", "2026-05", "2026-05-12", "2026-W23"])
async def test_the_ledger_counts_what_the_journals_say(
    engine: AsyncEngine, lives: list[Handmade], text: str
) -> None:
    seen = [
        entry.event
        for life in lives
        for entry in life.entries
        if isinstance(entry.event, RecurrenceSeen)
    ]
    period = period_of(text, UTC)
    expected = [
        one
        for life in lives
        for one in measure(
            life.entries, datetime.now(UTC), [one for one in seen if one.of == life.ticket.id]
        )
        if one.at in period
    ]
    assert expected

    def key(one: Measure) -> Any:
        return one.metric, one.ticket_id, one.at, one.counted

    for chunk in (1, 4, 500):
        assert sorted(await all_of(engine, text, chunk), key=key) == sorted(expected, key=key)


async def test_a_due_time_that_passes_in_silence_is_seen(engine: AsyncEngine) -> None:
    """Nothing has happened to the ticket since it was due: no worker was there to ring."""
    silent = Handmade("silent", now=datetime(2025, 3, 3, 10, tzinfo=UTC)).verified()
    await LedgerWriter(engine).record(silent.lived.recording())
    found = await all_of(engine, "2025-03-04..2025-12-31", 10)
    kept = (Metric.ON_TIME, Metric.ON_TIME_ORIGINAL, Metric.RESPONSE, Metric.RESPONSE_IN_TIME)
    assert sorted((one.metric, one.counted) for one in found) == [(one, False) for one in kept]


async def test_whole_lives_of_who_came_in_then(engine: AsyncEngine, lives: list[Handmade]) -> None:
    may_lives = [
        life async for page in received(engine, period_of("2026-05", UTC), 2) for life in page
    ]
    by_id = {life.ticket_id: life.entries() for life in may_lives}
    expected = {life.ticket.id: list(life.entries) for life in lives}
    assert by_id == expected


# ---------------------------------------------------------------- what if


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    """Tinytown's policy, but for one working day to handle whatever it is."""
    text = (TINYTOWN / "policy.toml").read_text("utf-8")
    for old, new in (
        ('version = "1"', 'version = "9"\nitem_limits = false'),
        ('[limits.handle]\ndefault = "7wd"', '[limits.handle]\ndefault = "1wd"'),
        ('complaint = "6wd"', 'complaint = "1wd"'),
    ):
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "strict.toml"
    path.write_text(text, "utf-8")
    return path


async def test_what_a_stricter_policy_would_do(shell: Shell, strict: Path) -> None:
    asked = ("whatif", "--policy", str(strict), "--period", "2026-05")
    told = await shell.ok(*asked, "--tickets")
    assert "Tickets received from 2026-05-01 to 2026-05-31, lived again under tinytown@9" in told
    rows = {line[:30].strip(): line[30:].split() for line in told.splitlines()}
    assert max(map(len, told.splitlines())) <= 100
    assert rows["Tickets"] == ["5", "5", "–"]
    assert rows["Tickets overdue"] == ["20.0%", "1/5", "20.0%", "1/5", "–"]
    assert "No ticket's being in time would have changed." in told
    sums = json.loads((await shell.ok(*asked, "--json")).splitlines()[-1])
    assert sums["before"]["overdue"] == 1
    assert sums["before"]["orders"]["yellow_card"] == 1
    assert sums["after"]["rungs"]["reported"] == 1


async def test_what_an_impossible_policy_would_do(shell: Shell, strict: Path) -> None:
    strict.write_text(strict.read_text("utf-8").replace('"1wd"', '"1h"'), "utf-8")
    asked = ("whatif", "--policy", str(strict), "--period", "2026-05", "--tickets")
    told = await shell.ok(*asked, "--limit", "2")
    assert "and 1 more" in told
    lines = [json.loads(one) for one in (await shell.ok(*asked, "--json")).splitlines()]
    assert {one["number"] for one in lines[:-1]} == {"TT-fine", "TT-passed", "TT-again"}
    assert all(one["overdue_after"] and not one["overdue_before"] for one in lines[:-1])
    assert lines[-1]["after"]["overdue"] == 4
    assert lines[-1]["after"]["on_time"] == 0


async def test_the_same_policy_changes_nothing(shell: Shell) -> None:
    asked = ("whatif", "--policy", str(TINYTOWN / "policy.toml"), "--period", "2026")
    told = json.loads(await shell.ok(*asked, "--json"))
    # Its clocks go on ringing until now; the journals end in May and June.
    assert told["before"]["rungs"].pop("pressed") < told["after"]["rungs"].pop("pressed")
    assert told["before"] == told["after"]
    assert told["before"]["tickets"] >= 6


async def test_what_if_refuses_what_it_cannot_read(shell: Shell, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("code = ", "utf-8")
    for path in (broken, tmp_path / "none.toml"):
        said = await shell("whatif", "--policy", str(path))
        assert said.code == 1
        assert path.name in said.err
    good = ("whatif", "--policy", str(TINYTOWN / "policy.toml"))
    assert (await shell(*good, "--period", "soon")).code == 2
    assert "No ticket came in" in await shell.ok(*good, "--period", "2024")


async def test_a_figure_that_leaves_something_out_is_none(
    shell: Shell, engine: AsyncEngine, strict: Path
) -> None:
    """Last, since it damages the ledger."""
    await force(engine, "DELETE FROM journal WHERE ticket_id = 'ticket/wall/fine' AND seq = 1")
    for words in (("metrics",), ("whatif", "--policy", str(strict))):
        said = await shell(*words, "--period", "2026-05")
        assert said.code == 1
        assert "ticket/wall/fine" in said.err
