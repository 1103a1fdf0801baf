"""`whatif --lists`, `--batch` and `--threshold` at the shell, on a real ledger, counted by hand."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.cli import display
from juanchi.ledger.city import load_pack
from juanchi.ledger.lists_then import ListsThen
from juanchi.ledger.writer import LedgerWriter
from juanchi.packs import read_pack, shipped
from juanchi.runtime.settings import Settings
from juanchi.sheets import Exported, write_lists
from tests.cli.conftest import Shell
from tests.handmade import HOLE, NOISE, UNSURE, Handmade, closed
from tests.ledger.conftest import force
from tests.pure import TINYTOWN
from tests.town import founded

MAY = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
ROW = "road-hole,*,@roads,@warden,Roads Act s.4,2025-01-01,\n"
CRATER = "a crater under the light in Mill Parish"
MAY_SUMS = {
    "tickets": 6,
    "passed_on": 2,
    "before": {"named": 2, "alone": 4, "alone_right": 1},
    "after": {"named": 4, "alone": 4, "alone_right": 2},
    "changes": {"saved": 2, "right": 1, "wrong": 1, "elsewhere": 0},
    "unsettled": 2,
}


def may(name: str, text: str = HOLE, **later: float) -> Handmade:
    """A ticket of that May; its time begins so much after the first Monday."""
    channel = "web" if text in (UNSURE, CRATER) else "wall"
    return Handmade(name, text, channel=channel, now=MAY + timedelta(**later))


def made() -> list[Handmade]:
    """Six of May that are settled, two that are not, one that is noise; and one filed in June.

    Days after the ruling one comes to Roads against it: the pure engine knows no precedents.
    """
    passed = may("passed", hours=3).later(hours=1).verified().returned()
    ruled = may("ruled", hours=4).later(hours=1).verified().returned()
    ruled = ruled.return_answered(agreed=False).returned().return_answered(agreed=False)
    return [
        closed(may("fine")),
        passed.return_answered(agreed=True).later(hours=1).signed(),
        ruled.later(hours=3).ruled("bins"),
        closed(may("against", days=9)),
        may("hand", UNSURE).dispatched("roads", "lamp"),
        may("crater", CRATER).dispatched("bins", "road-hole"),
        may("waits", UNSURE),
        may("asked", hours=6).verified().returned(),
        may("noise", NOISE),
        may("june", days=27, hours=10).later(days=1).verified(),
    ]


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tinytown, but that Bins mend the holes of Mill."""
    folder = tmp_path_factory.mktemp("other") / "town"
    shutil.copytree(TINYTOWN, folder)
    change(folder, "duties.csv", ROW, f"{ROW}road-hole,mill,bins,,Roads Act s.5,2025-01-01,\n")
    return folder


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture(scope="module")
async def engine(
    settings: Settings, database_url: str, environment: pytest.MonkeyPatch, other: Path
) -> AsyncIterator[AsyncEngine]:
    """The ledger with these lives, all before its first batch; its second is the other lists."""
    environment.setenv("JUANCHI_HOME", str(settings.home))
    environment.setenv("DATABASE_URL", database_url)
    display.settings.cache_clear()
    engine = await founded(database_url, read_pack(TINYTOWN))
    await load_pack(engine, read_pack(other), by="a test")
    writer = LedgerWriter(engine)
    await asyncio.gather(*(writer.record(life.lived.recording()) for life in made()))
    yield engine
    await engine.dispose()


@pytest.fixture
def shell(engine: AsyncEngine) -> Shell:
    return Shell()


async def sums(shell: Shell, *words: str) -> dict[str, Any]:
    """The last line for programs: all tickets."""
    told: dict[str, Any] = json.loads((await shell.ok(*words, "--json")).splitlines()[-1])
    return told


async def test_what_other_lists_would_have_done(shell: Shell, other: Path) -> None:
    asked = ("whatif", "--lists", str(other), "--period", "2026-05")
    assert await sums(shell, *asked) == MAY_SUMS
    told = await shell.ok(*asked, "--tickets")
    assert "Tickets filed from 2026-05-01 to 2026-05-31, routed again by town as of" in told
    cells = [re.split(r"\s{2,}", line.strip()) for line in told.splitlines()]
    rows = {first: rest for first, *rest in cells}
    assert rows["The right unit is named first"] == ["33.3%", "2/6", "66.6%", "4/6"]
    assert rows["Dispatched without a person"] == ["66.6%", "4/6", "66.6%", "4/6"]
    assert rows["of these to the right unit"] == ["25.0%", "1/4", "50.0%", "2/4"]
    assert rows["Were not with the first unit in the end"] == ["2"]
    assert rows["Would have gone elsewhere"] == ["4"]
    assert rows["a return saved"] == ["2"]
    assert rows["newly wrong"] == ["1"]
    assert "2 more are not dispatched yet, or in dispute" in told
    for number in ("TT-fine", "TT-passed", "TT-ruled", "TT-crater"):
        assert number in told
    assert "TT-against" not in told
    assert max(map(len, told.splitlines())) <= 100


async def test_a_clerks_workbook_is_asked_before_it_is_imported(
    shell: Shell, other: Path, tmp_path: Path
) -> None:
    book = tmp_path / "edited.xlsx"
    write_lists(book, Exported(read_pack(other), 1, "town@1#1", datetime.now(UTC)))
    asked = ("whatif", "--lists", str(book), "--period", "2026-05")
    assert await sums(shell, *asked) == MAY_SUMS
    book.write_bytes(book.read_bytes()[:1000])
    said = await shell(*asked)
    assert said.code == 1
    assert "edited.xlsx" in said.err


async def test_down_to_tickets_and_groups(shell: Shell, other: Path) -> None:
    asked = ("whatif", "--lists", str(other), "--period", "2026-05")
    lines = (await shell.ok(*asked, "--tickets", "--by", "unit", "--json")).splitlines()
    found = [json.loads(one) for one in lines]
    changes = {one["number"]: one["change"] for one in found if "number" in one}
    assert changes == {
        "TT-fine": "wrong", "TT-passed": "saved", "TT-ruled": "saved", "TT-crater": "right",
    }  # fmt: skip
    [crater] = [one for one in found if one.get("number") == "TT-crater"]
    assert crater["before"] == {"item": "road-hole", "unit": "roads", "alone": False}
    assert (crater["first"], crater["right"]) == ("bins", "bins")
    groups = {one["group"]: one for one in found if "group" in one}
    assert {name: one["tickets"] for name, one in groups.items()} == {"roads": 3, "bins": 3}
    assert groups["bins"]["changes"] == {"saved": 2, "right": 1, "wrong": 0, "elsewhere": 0}
    told = await shell.ok(*asked, "--by", "item")
    rows = {line[:18].strip(): line[18:].split() for line in told.splitlines()}
    assert rows["Hole in the road"] == [
        "5", "4", "2", "1", "4", "→", "4", "25.0%", "→", "50.0%",
    ]  # fmt: skip
    assert rows["Street lamp out"] == ["1", "0", "0", "0", "0", "→", "0", "–", "→", "–"]
    short = await shell.ok(*asked, "--tickets", "--limit", "1")
    assert "and 3 more" in short


async def test_by_the_lists_of_a_batch(shell: Shell) -> None:
    asked = ("whatif", "--period", "2026-05", "--batch")
    assert await sums(shell, *asked, "2") == MAY_SUMS
    told = await sums(shell, *asked, "1")
    assert told["before"] == told["after"] == MAY_SUMS["before"]
    assert "No ticket would have gone elsewhere." in await shell.ok(*asked, "1", "--tickets")


async def test_lists_that_begin_later_count_as_if_they_had_begun(
    shell: Shell, other: Path, tmp_path: Path
) -> None:
    later = tmp_path / "later"
    shutil.copytree(other, later)
    change(later, "duties.csv", "s.5,2025-01-01", "s.5,2099-01-01")
    asked = ("whatif", "--lists", str(later), "--period", "2026-05")
    # A row newer than the ruling is the lists' answer to it, and says the same.
    assert await sums(shell, *asked) == MAY_SUMS
    before = await sums(shell, *asked, "--on", "2098-12-31")
    assert before["changes"] == {"saved": 0, "right": 0, "wrong": 0, "elsewhere": 0}
    assert "later as of 2099-01-01" in await shell.ok(*asked)


async def test_another_threshold(shell: Shell, other: Path) -> None:
    # Nothing has been learned, so no candidate has a probability: the router decides as ever.
    told = await sums(shell, "whatif", "--threshold", "0.98", "--period", "2026-05")
    assert told["before"] == told["after"] == MAY_SUMS["before"]
    asked = ("whatif", "--threshold", "0.98", "--lists", str(other), "--period", "2026-05")
    assert await sums(shell, *asked) == MAY_SUMS
    assert "a threshold of 0.98" in await shell.ok(*asked)


async def test_of_when_it_was_filed_not_received(shell: Shell) -> None:
    june = await sums(shell, "whatif", "--batch", "2", "--period", "2026-06")
    assert (june["tickets"], june["unsettled"]) == (1, 0)
    told = await shell.ok("whatif", "--batch", "2", "--period", "2025")
    assert "No ticket that was filed within this period is settled." in told


async def test_the_lists_of_that_time(engine: AsyncEngine) -> None:
    then = await ListsThen.of(engine)
    assert (await then.at(MAY)).batch == 1
    assert (await then.at(datetime.now(UTC))).batch == 2
    async with engine.connect() as connection:
        second = await connection.scalar(text("SELECT loaded_at FROM batches WHERE id = 2"))
    assert second is not None
    assert (await then.at(second)).batch == 2
    assert (await then.at(second - timedelta(microseconds=1))).batch == 1


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("whatif", ()),
        ("--policy", ("--policy", "x.toml", "--threshold", "0.9")),
        ("--policy", ("--policy", "x.toml", "--by", "item")),
        ("--batch", ("--lists", str(TINYTOWN), "--batch", "1")),
        ("--batch", ("--batch", "99")),
        ("--on", ("--threshold", "0.9", "--on", "2026-05-01")),
        ("--on", ("--batch", "1", "--on", "soon")),
        ("--period", ("--batch", "1", "--period", "soon")),
        ("shenzhen", ("--lists", str(shipped("shenzhen")))),
    ],
)
async def test_refusals(shell: Shell, named: str, words: tuple[str, ...]) -> None:
    said = await shell("whatif", *words)
    assert said.code == 2
    assert said.err.startswith("refused: bad_input - ")
    assert named in said.err
    assert said.out == ""


async def test_lists_that_cannot_be_read(shell: Shell, tmp_path: Path) -> None:
    said = await shell("whatif", "--lists", str(tmp_path / "none"))
    assert said.code == 1
    assert "none" in said.err
    assert (await shell("whatif", "--threshold", "1.5")).code == 2


async def test_a_journal_that_does_not_fold_is_told(shell: Shell, engine: AsyncEngine) -> None:
    """Last, since it damages the ledger."""
    await force(engine, "DELETE FROM journal WHERE ticket_id = 'ticket/wall/fine' AND seq = 1")
    said = await shell("whatif", "--batch", "2", "--period", "2026-05")
    assert said.code == 1
    assert "ticket/wall/fine" in said.err
