"""`lists doctor` at the shell: an ailing town's lists in a real ledger."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.cli import display
from juanchi.domain.doctor import Kind, Severity
from juanchi.domain.lists import Pack
from juanchi.ledger.city import load_pack
from juanchi.packs import read_pack
from juanchi.runtime.settings import Settings
from juanchi.words import LANGUAGES
from juanchi.words.catalogue import keys, knows
from tests.cli.conftest import Shell
from tests.domain.doctor.lists import duty, item, lists
from tests.pure import TINYTOWN
from tests.town import founded

DOCS = Path(__file__).resolve().parents[2] / "docs"
FORMULA = '=HYPERLINK("http://evil.example","click")'


def ailing() -> Pack:
    """Two gaps, a role that nobody staffs, and an item whose name is a formula."""
    trap = item("trap", name=FORMULA)
    return lists(duty("road", "quay"), duty("trap", lead="@guard"), items=(*lists().items, trap))


@pytest.fixture(scope="module")
async def engine(
    settings: Settings, database_url: str, environment: pytest.MonkeyPatch
) -> AsyncIterator[AsyncEngine]:
    """A ledger; the shell's settings lead to it."""
    environment.setenv("JUANCHI_HOME", str(settings.home))
    environment.setenv("DATABASE_URL", database_url)
    display.settings.cache_clear()
    engine = await founded(database_url, ailing())
    yield engine
    await engine.dispose()


@pytest.fixture
async def shell(engine: AsyncEngine) -> Shell:
    await load_pack(engine, ailing(), by="a test")
    return Shell()


async def test_a_readable_table(shell: Shell) -> None:
    said = await shell("lists", "doctor", "--on", "2026-11-25")
    assert said.code == 1
    lines = said.out.splitlines()
    assert "as of 2026-11-25: errors 3, warnings 0, notes 1" in lines[0]
    rows = {line.split("  ")[0].strip(): line.split()[-3:] for line in lines}
    assert rows["Gaps (gap)"] == ["2", "–", "–"]
    assert rows["Nobody there (unstaffed)"] == ["1", "–", "–"]
    assert "Nobody is responsible for road matter in pier, west." not in said.out
    assert "Nobody is responsible for road matter in pier, hill." in said.out
    assert "Add a row for the item there" in said.out
    assert max(map(len, lines)) <= 100


async def test_one_kind_and_no_more_than_asked(shell: Shell) -> None:
    said = await shell("lists", "doctor", "--kind", "gap", "--limit", "1")
    assert said.code == 1
    assert "first 1 of 2" in said.out
    assert "@guard" not in said.out
    said = await shell("lists", "doctor", "--kind", "dead_unit")
    assert said.code == 0


async def test_lines_for_programs(shell: Shell) -> None:
    said = await shell("lists", "doctor", "--json", "--kind", "gap", "--kind", "unstaffed")
    assert said.code == 1
    found = [json.loads(line) for line in said.out.splitlines()]
    assert [(one["kind"], one["items"], one["regions"], one["units"]) for one in found] == [
        ("gap", ["road"], ["pier", "hill"], []),
        ("gap", ["lamp"], ["town"], []),
        ("unstaffed", ["trap"], ["pier", "hill"], ["@guard"]),
    ]
    assert all(one["sentence"] and one["todo"] for one in found)


async def test_a_workbook_with_a_sheet_for_each_kind(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "findings.xlsx"
    said = await shell("lists", "doctor", "--xlsx", str(file))
    assert said.code == 1
    assert f"4 findings written to {file}" in said.out.replace("\n", "")
    book = load_workbook(file)
    assert book.sheetnames == ["Gaps", "Nobody there", "Units never reached"]
    heading, gap, _ = book["Gaps"].iter_rows(values_only=True)
    assert heading[0] == "How bad"
    assert gap[:4] == ("error", "road", "road matter", "pier|hill")
    trap = book["Nobody there"]["C2"]
    assert (trap.value, trap.data_type, trap.quotePrefix) == (FORMULA, "s", True)


async def test_healthy_lists(shell: Shell, engine: AsyncEngine, tmp_path: Path) -> None:
    await load_pack(engine, read_pack(TINYTOWN), by="a test")
    told = await shell.ok("lists", "doctor", "--xlsx", str(tmp_path / "none.xlsx"))
    assert "The doctor finds nothing." in told
    assert load_workbook(tmp_path / "none.xlsx").sheetnames == ["0"]
    assert await shell.ok("lists", "doctor", "--json") == ""


@pytest.mark.parametrize(
    ("words", "named"),
    [(("--on", "soon"), "--on"), (("--xlsx", "/nowhere/at/all.xlsx"), "/nowhere/at/all.xlsx")],
)
async def test_refusals(shell: Shell, words: tuple[str, str], named: str) -> None:
    said = await shell("lists", "doctor", *words)
    assert said.code == 2
    assert said.err.startswith("refused: bad_input - ")
    assert named in said.err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_has_its_words_and_its_place(lang: str) -> None:
    assert [kind for kind in Kind if not knows(f"doctor.kind.{kind}", lang)] == []
    assert [one for one in Severity if not knows(f"doctor.severity.{one}", lang)] == []
    told = {key.split(".")[2] for key in keys(lang) if key.startswith("doctor.told.")}
    assert told == {key.split(".")[2] for key in keys(lang) if key.startswith("doctor.todo.")}
    documented = (DOCS / "lists-doctor.md").read_text("utf-8")
    assert [kind for kind in Kind if f"`{kind}`" not in documented] == []
