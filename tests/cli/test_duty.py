"""``duty``: a change of the lists from the terminal, from its proposal to the tickets' move."""

import asyncio
import json
import random
import re
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from tests.cli.conftest import Said, Shell

LAMP = "The lamp is out at The Docks, please mend it"


@pytest.fixture(scope="module", autouse=True)
async def numbers(shell: Shell, database_url: str) -> None:
    """Numbers of this module's own: all tests share one Temporal."""
    connection = await asyncpg.connect(database_url)
    first = random.randrange(10**6, 10**9)
    await connection.execute(f"ALTER SEQUENCE duty_change_serial RESTART {first}")
    await connection.close()


async def proposed(shell: Shell, *words: str) -> str:
    """A proposal, and its number, once it has begun."""
    told = await shell.ok("duty", "propose", *words)
    found = re.search(r"DC-\d+", told)
    assert found
    for _ in range(100):
        if (await shell("duty", "show", found[0])).code == 0:
            return found[0]
        await asyncio.sleep(0.05)
    raise AssertionError("it never began")


async def refused(shell: Shell, *words: str) -> str:
    """The sentence with which a command is refused."""
    said: Said = await shell("duty", *words)
    assert said.code == 2, said
    return said.err


async def test_from_the_proposal_to_the_tickets(shell: Shell) -> None:
    ticket = (await shell.ok("report", "--channel", "phone", "--text", LAMP)).strip()
    row = ("--item", "lamp", "--region", "harbour", "--lead", "bins", "--basis", "Charter 2")
    number = await proposed(shell, *row, "--as", "supervisor")
    assert number in await shell.ok("duty", "list", "--for", "Bins and Parks")
    inbox = await shell.ok("inbox", "bins")
    assert "Changes of the lists" in inbox
    assert number in inbox
    assert "NoticeLine" not in inbox
    await shell.ok("duty", "consult", number, "--unit", "rescue")
    for unit in ("bins", "rescue"):
        await shell.ok("duty", "answer", number, "--unit", unit, "--agree")
    no = ("duty", "answer", number, "--unit", "south-roads", "--object")
    assert "Say why" in (await shell(*no)).err
    await shell.ok(*no, "--reason", "we have the ladders", "--lead", "south-roads")
    assert number in await shell.ok("duty", "list", "--for", "staffing")
    await shell.ok("duty", "opinion", number, "support", "--note", "nearer")
    today = datetime.now(UTC).date().isoformat()
    yes = ("approve", number, "--in-force", today)
    assert "Say why" in await refused(shell, *yes)
    assert "lie ahead" in await refused(shell, "approve", number, "--in-force", "2020-01-01")
    assert "Done: approve" in await shell.ok("duty", *yes, "--note", "the ladders go with it")
    story = await shell.ok("duty", "show", number)
    for words in (
        "in force",
        "new: Street lamp out, Harbour Parish: Bins and Parks leads (Charter 2)",
        "Proposed as",
        "South Side Roads Depot objects",
        "we have the ladders",
        "The staffing office supports it",
        f"Approved, in force on {today}",
        "In force as batch",
    ):
        assert words in story, story
    last = (await shell.ok("duty", "show", number, "--json")).splitlines()[-1]
    assert json.loads(last)["event"]["kind"] == "change_in_force"
    await asyncio.sleep(1.2)
    moved = await shell.ok("duty", "move", number)
    assert "tickets moved" in moved
    assert "left as they were" not in moved
    assert "Taken from South Side Roads Depot" in await shell.ok("show", ticket)
    assert number in await shell.ok("duty", "list", "--over")
    assert "is over" in await refused(shell, "reject", number, "--reason", "late")
    assert "changes of the lists" in (await shell("audit", "--ledger-only")).out


async def test_many_rows_from_a_file_and_taken_back(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "rows.toml"
    file.write_text(
        '[[row]]\nkind = "replace_duty"\nitem = "fly-tip"\nregion = "harbour"\nlead = "bins"\n'
        '[[row]]\nkind = "add_duty"\nitem = "sign-down"\nregion = "mill"\nlead = "bins"\n'
    )
    number = await proposed(shell, "--file", str(file), "--reason", "from the doctor", "--doctor")
    assert "and 1 more" in await shell.ok("duty", "list", "--open")
    assert "found by the list doctor" in await shell.ok("duty", "show", number)
    assert "where the change is now" in await refused(shell, "move", number)
    assert "Done: withdraw" in await shell.ok("duty", "withdraw", number, "--reason", "a mistake")
    assert "There is no change" in await refused(shell, "show", "DC-nothing")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--item", "lamp", "--lead", "ufo", "--region", "mill"), "no unit"),
        (("--item", "lamp", "--region", "mill"), "name who leads"),
        (("--item", "lamp", "--lead", "bins", "--basis", "x"), "Replace or end it"),
        (("--item", "lamp", "--end", "--region", "mill"), "No such row"),
        (("--item", "lamp", "--region", "mill", "--lead", "bins"), "Say why"),
        (("--item", "lamp", "--region", "mill", "--lead", "warden-mill"), "without a legal basis"),
        (("--file", "/nowhere.json"), "cannot be read"),
        (("--item", "lamp", "--end", "--unit", "ufo"), "no unit"),
        (("--from-ruling", "none"), "no ruling that found a gap"),
        (("--item", "lamp", "--region", "mill", "--lead", "bins", "--valid-to", "soon"), "date"),
    ],
)
async def test_what_cannot_be_proposed(shell: Shell, words: tuple[str, ...], told: str) -> None:
    assert told in await refused(shell, "propose", *words)


async def test_one_thing_is_proposed_at_a_time(shell: Shell) -> None:
    said = await shell("duty", "propose", "--item", "lamp", "--file", "x.json")
    assert (said.code, "only one of them" in said.err) == (1, True)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[1]", '[{"kind": "explode"}]', "[" * 100_000, '{"row": 1}', '[{"kind":"end_duty"}]'],
)
async def test_files_that_are_none(shell: Shell, tmp_path: Path, content: str) -> None:
    file = tmp_path / "rows.json"
    file.write_text(content)
    assert await refused(shell, "propose", "--file", str(file), "--reason", "x")
