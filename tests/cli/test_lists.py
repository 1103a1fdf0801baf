"""A clerk's lists on a real ledger under a real worker: out, edited, back in, and back."""

import asyncio
import re
import uuid
from pathlib import Path

import openpyxl
import pytest

from juanchi.domain.ticket import Ticket
from starter import open_client
from tests.cli.conftest import Shell
from tests.sheets.clerk import at

LAMP = "The street lamp in Mill Parish is out, it is dark"


async def dispatched(shell: Shell) -> Ticket:
    """A new ticket about a lamp, dispatched by the lists in force."""
    id_ = uuid.uuid4().hex[:10]
    place = ("--place", f"House {id_}", "--region", "mill")
    await shell.ok("report", "--channel", "phone", "--id", id_, "--text", LAMP, *place)
    for _ in range(200):
        async with open_client() as juanchi:
            ticket = await juanchi.ticket(f"ticket/phone/{id_}")
        if ticket.lead:
            return ticket
        await asyncio.sleep(0.05)
    raise AssertionError("it was never dispatched")


async def again(ticket: Ticket) -> Ticket:
    """The same ticket, now."""
    async with open_client() as juanchi:
        return await juanchi.ticket(ticket.id)


async def routed(shell: Shell, unit: str) -> Ticket:
    """The first new ticket that goes to a unit: a running worker takes lists up by itself."""
    for _ in range(10):
        ticket = await dispatched(shell)
        if ticket.lead == unit:
            return ticket
        await asyncio.sleep(0.5)
    raise AssertionError(f"no ticket went to {unit}")


async def test_a_clerks_round_trip(shell: Shell, tmp_path: Path) -> None:
    before = await dispatched(shell)
    assert (before.lead, before.lists_version) == ("roads", "tinytown@1#1")

    file = tmp_path / "lists.xlsx"
    assert "tinytown@1#1" in await shell.ok("lists", "export", str(file))
    book = openpyxl.load_workbook(file)
    at(book["duties"], "lamp", "lead").value = "bins"
    for code in ("road-hole", "lamp", "sign-down", "wire-down", "bin-full", "fly-tip"):
        at(book["items"], code, "name").value = f"{code}, renamed"
    for code in ("rescue", "roads", "bins"):
        at(book["units"], code, "name_en").value = f"{code}, in English"
    book.save(file)

    told = await shell.ok("lists", "import", str(file), "--dry-run")
    assert "lead: @roads → bins" in told
    assert "0 added, 10 changed, 0 removed" in told
    assert "Dry run: nothing has changed." in told
    assert "#2" not in await shell.ok("lists", "import", str(file), "--dry-run")

    note = ("--note", "lamps go to the parks office", "--by", "Ada")
    told = await shell.ok("lists", "import", str(file), *note)
    assert "tinytown@1#2 is in force, as batch 2" in told
    assert "1 open tickets have been dispatched" in told
    after = await routed(shell, "bins")
    assert after.lists_version == "tinytown@1#2"
    old = await again(before)
    assert (old.lead, old.lists_version) == ("roads", "tinytown@1#1"), "the old one is unmoved"
    assert "nothing has changed" in await shell.ok("lists", "import", str(file)), "twice is once"

    history = await shell.ok("lists", "batches")
    for words in ("Ada (lists import)", "lamps go to the", "duties +0 ~1 -0", "items +0 ~6 -0"):
        assert words in history
    assert "lead: @roads → bins" in await shell.ok("lists", "diff", "1", "2")
    shown = await shell.ok("lists", "show", "lamp", "--region", "mill")
    assert "bins" in shown
    assert "batch 2" in shown
    assert "Roads and Lights" in await shell.ok("lists", "show", "Street lamp out", "--batch", "1")

    told = await shell.ok("lists", "rollback", "1")
    assert "lead: bins → @roads" in told
    assert "as batch 3" in told
    assert (await routed(shell, "roads")).lists_version == "tinytown@1#3"
    assert (await again(after)).lead == "bins"


async def test_nothing_of_a_bad_file_is_taken(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "lists.xlsx"
    await shell.ok("lists", "export", str(file))
    book = openpyxl.load_workbook(file)
    at(book["duties"], "lamp", "lead").value = "nobody"
    at(book["items"], "lamp", "name").value = "renamed"
    book.save(file)
    said = await shell("lists", "import", str(file))
    assert said.code == 1
    assert "duties, row 3, column lead: there is no unit 'nobody'" in said.out
    assert "was not imported: 1 to put right. Nothing has changed." in said.err
    assert "renamed" not in await shell.ok("lists", "show", "lamp")
    file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512)
    said = await shell("lists", "import", str(file))
    assert said.code == 1
    assert "old format" in said.err


async def test_open_tickets_keep_their_unit_and_item(shell: Shell, tmp_path: Path) -> None:
    ticket = await dispatched(shell)
    file = tmp_path / "lists.xlsx"
    await shell.ok("lists", "export", str(file))
    book = openpyxl.load_workbook(file)
    for name in ("items", "duties"):
        row = at(book[name], "lamp", "item" if name == "duties" else "code").row
        book[name].delete_rows(row)
    book.save(file)
    for dry in ((), ("--dry-run",)):
        said = await shell("lists", "import", str(file), *dry)
        assert said.code == 2
        told = " ".join((said.out + said.err).split())
        assert "Open tickets would be left without their unit or item (lamp)" in told
        assert re.search(r"\(lamp\): \d+, among them TT-\d+", told)
    assert "in force" in await shell.ok("lists", "import", str(file), "--allow-orphans")
    assert (await again(ticket)).item == "lamp"
    await shell.ok("lists", "rollback", "1")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("show", "lamp", "--batch", "99"), "no_batch"),
        (("show", "lamp", "--as-of", "2001-01-01"), "before_first"),
        (("show", "lamp", "--as-of", "2001-01-01", "--batch", "1"), "bad_input"),
        (("show", "moon"), "unknown_item"),
        (("show", "lamp", "--region", "moon"), "unknown_region"),
        (("rollback", "0"), "no_batch"),
        (("diff", "1", "99999999999999999999"), "no_batch"),
    ],
)
async def test_refusals(shell: Shell, words: tuple[str, ...], code: str) -> None:
    said = await shell("lists", *words)
    assert said.code == 2, said
    assert f"refused: {code}" in said.err


async def test_as_of_a_day(shell: Shell, tmp_path: Path) -> None:
    """The duty ends; on a later day the row for everything holds."""
    file = tmp_path / "duties.csv"
    await shell.ok("lists", "export", str(file))
    rows = file.read_text("utf-8-sig").replace(
        "tree-fallen,*,'@bins,'@roads,,Parks Rules 3,2025-01-01,",
        "tree-fallen,*,'@bins,'@roads,,Parks Rules 3,2025-01-01,2030-01-01",
    )
    file.write_text(rows, "utf-8")
    await shell.ok("lists", "import", str(file))
    for day, unit in (("2030-01-01", "Bins and Parks"), ("2030-01-02", "Town Help Desk")):
        shown = await shell.ok("lists", "show", "tree-fallen", "--as-of", day)
        assert unit in shown
    view = tmp_path / "view.xlsx"
    await shell.ok("lists", "export", str(view), "--as-of", "2030-01-02")
    items = [row[0] for row in openpyxl.load_workbook(view)["duties"].values]
    assert "tree-fallen" not in items
    said = await shell("lists", "import", str(view))
    assert said.code == 1
    assert "as of 2030-01-02 only" in said.err


async def test_a_template_from_the_shell(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "template.xlsx"
    await shell.ok("lists", "template", str(file))
    book = openpyxl.load_workbook(file)
    book["items"].append(["kerb", "Streets", None, "Broken kerb"])
    book.save(file)
    assert "1 added, 0 changed, 0 removed" in await shell.ok("lists", "import", str(file))
