"""Every command against real servers and a real worker."""

import asyncio
import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from starter import open_client
from tests.cli.conftest import Shell
from tests.pure import TINYTOWN

HOLE = "A deep pothole in Mill Parish, please mend it 🕳️"
PROOF = ("--evidence", "site_before=b.jpg", "--evidence", "site_after=a.jpg")


async def reported(shell: Shell, *words: str) -> str:
    """A clue handed in by telephone, and its ticket filed and dispatched."""
    id_ = uuid.uuid4().hex[:10]
    told = await shell.ok("report", "--channel", "phone", "--id", id_, "--text", HOLE, *words)
    ticket = told.strip()
    assert ticket == f"ticket/phone/{id_}"
    for _ in range(100):
        if "waiting to be signed for" in (await shell("show", ticket)).out:
            return ticket
        await asyncio.sleep(0.05)
    raise AssertionError("it was never dispatched")


async def test_a_ticket_lives_from_the_shell(shell: Shell) -> None:
    ticket = await reported(shell, "--contact", "13800000000", "--place", "Weir Lane")
    assert "→ Roads and Lights must sign for it by" in await shell.ok("show", ticket)

    told = await shell.ok("act", ticket, "sign", "--unit", "roads", "--staff", "07")
    assert told.startswith("Done: sign (version ")
    assert "→ Roads and Lights must reply in " in told
    await shell.ok("act", ticket, "progress", "--unit", "roads", "--set", "note=on our way")
    await shell.ok(
        *("act", ticket, "reply", "--unit", "roads", "--set", "outcome=solved"),
        *("--set", "public=Mended 🎉", *PROOF),
    )
    await shell.ok("act", ticket, "review", "--unit", "town-desk", "--set", "accepted=true")
    rating = ("--as", "reporter", "--set", "rating.overall=5", "--set", "rating.speed=4")
    assert "Done: rate" in await shell.ok("act", ticket, "rate", *rating)

    life = await shell.ok("show", ticket, "--why")
    for words in ("Signed  Roads and Lights · 07", "on our way", "Rated 5 of 5 (speed 4)"):
        assert words in life
    assert "implementation list: @roads/road-hole" in life
    assert "Closed: solved" in life
    assert "13800000000" not in await shell.ok("show", ticket, "--json")


async def test_the_same_report_and_the_same_action_twice(shell: Shell) -> None:
    ticket = await reported(shell)
    again = ("report", "--channel", "phone", "--id", ticket.rpartition("/")[2], "--text", HOLE)
    assert (await shell.ok(*again)).strip() == ticket
    sign = ("act", ticket, "sign", "--unit", "roads", "--id", "once")
    assert (await shell.ok(*sign)).splitlines()[0] == (await shell.ok(*sign)).splitlines()[0]
    assert (await shell.ok("show", ticket)).count("● Signed") == 1


async def test_json_in_and_out(shell: Shell) -> None:
    clue = {
        "channel": "phone",
        "external_id": uuid.uuid4().hex,
        "text": HOLE,
        "reported_at": datetime.now(UTC).isoformat(),
        "contact": "someone@tinytown.example",
    }
    ticket = (await shell.ok("report", "-", stdin=json.dumps(clue))).strip()
    for _ in range(100):
        found = [json.loads(one) for one in (await shell.ok("list", "--json")).splitlines()]
        if any(one["id"] == ticket and one["lead"] == "roads" for one in found):
            break
        await asyncio.sleep(0.05)
    action = {"actor": {"role": "unit", "unit": "roads"}}
    await shell.ok("act", ticket, "sign", "--json", "-", stdin=json.dumps(action))
    await shell.ok("act", ticket, "progress", "--unit", "roads", "--json", '{"note": "soon"}')
    entries = [json.loads(one) for one in (await shell.ok("show", ticket, "--json")).splitlines()]
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[-1]["event"]["note"] == "soon"


async def test_lists_and_pages(shell: Shell) -> None:
    tickets = [await reported(shell) for _ in range(3)]
    page = await shell.ok("list", "--limit", "2", "--unit", "roads", "--open")
    assert "Hole in the road" in page
    assert f"--after {tickets[1]}" in page
    rest = await shell.ok("list", "--limit", "1", "--json", "--after", tickets[1])
    assert json.loads(rest)["id"] == tickets[0]
    assert await shell.ok("list", "--escalated") == "No ticket fits.\n"
    assert "No ticket fits." in await shell.ok("list", "--text", "no such words\0")
    assert "Hole in the road" in await shell.ok("list", "--text", "pothole", "--not-escalated")


async def test_inboxes_by_code_name_and_desk(shell: Shell) -> None:
    ticket = await reported(shell)
    number = json.loads(await shell.ok("list", "--limit", "1", "--json"))["number"]
    for holder in ("roads", "Roads and Lights"):
        told = await shell.ok("inbox", holder)
        assert "Roads and Lights: " in told
        assert number in told
        assert "sign for it" in told
        assert "You have a new ticket to sign" in told
        assert ticket in told
    assert "checker's desk: 0 to do" in await shell.ok("inbox", "checker")


async def test_the_audit_is_clean_and_finds_what_is_broken(shell: Shell) -> None:
    ticket = await reported(shell)
    assert "Clean: every ticket is accounted for." in await shell.ok("audit", "--ledger-only")
    # Other modules' tickets live on the same Temporal, and this ledger does not know them.
    whole = await shell("audit")
    assert f"{ticket}:" not in whole.out
    assert "tickets rebuilt from the journal" in await shell.ok("rebuild")
    assert "Clean" in await shell.ok("audit", "--ledger-only")
    await shell.ok("migrate")


async def test_packs_are_checked_and_loaded(shell: Shell, tmp_path: Path) -> None:
    assert "The pack is sound." in await shell.ok("pack", "check", str(TINYTOWN))
    assert "in force already" in await shell.ok("pack", "load", str(TINYTOWN))
    for path in TINYTOWN.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(TINYTOWN)
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(path.read_bytes())
    items = tmp_path / "items.csv"
    items.write_text(
        items.read_text("utf-8") + "kerb,Streets,Surface,Kerb broken,,kerb,report,general\n"
    )
    told = await shell.ok("pack", "load", str(tmp_path))
    assert "kerb" in told
    assert "is in force" in told
    (tmp_path / "units.csv").unlink()
    for command in ("check", "load"):
        said = await shell("pack", command, str(tmp_path))
        assert said.code == 1
        assert "units.csv" in said.out + said.err
    await shell.ok("pack", "load", str(TINYTOWN))


async def test_the_typed_client_by_its_short_name(shell: Shell) -> None:
    ticket = await reported(shell)
    async with open_client() as juanchi:
        assert (await juanchi.ticket(ticket)).lead == "roads"
        assert len(await juanchi.find()) > 0


ACT = "act {ticket} "
PHONE = ("report", "--channel", "phone", "--text")
REFUSALS: dict[str, tuple[str, tuple[str, ...]]] = {
    "wrong unit": ("wrong_unit", (ACT + "sign --unit bins",)),
    "wrong role": ("wrong_role", (ACT + "sign --as checker",)),
    "wrong phase": (
        "wrong_phase",
        (ACT + "reply --unit roads --set outcome=solved --set public=x",),
    ),
    "unknown action": ("unknown_action", (ACT + "sing",)),
    "unknown field": ("bad_input", (ACT + "sign --unit roads --set x=1",)),
    "which role": ("bad_input", (ACT + "rate --set rating.overall=5",)),
    "no pair": ("bad_input", (ACT + "sign --set note",)),
    "two levels of one": ("bad_input", (ACT + "sign --set a=1 --set a.b=1",)),
    "bad evidence": ("bad_input", (ACT + "verify --evidence photo",)),
    "bad json": ("bad_input", (ACT + "sign --json {",)),
    "no object": ("bad_input", (ACT + "sign --json []",)),
    "control": ("bad_input", (ACT + "progress --unit roads --set", "note=\x1b[2J")),
    "long": ("bad_input", (ACT + "progress --unit roads --set", "note=" + "长" * 20_001)),
    "stale": ("stale_version", (ACT + "sign --unit roads --set expected_version=1",)),
    "unknown number": ("not_found", ("act TT-99999 sign --unit roads",)),
    "unknown id": ("not_found", ("act ticket/phone/nobody sign --unit roads",)),
    "no id": ("bad_input", ("act", "a\nb", "sign", "--unit", "roads")),
    "show nothing": ("not_found", ("show TT-99999",)),
    "show a control character": ("bad_input", ("show", "\x1b[31m")),
    "list after nothing": ("not_found", ("list --after ticket/x/y",)),
    "inbox of nobody": ("unknown_unit", ("inbox", "nobody\x1b[31m")),
    "inbox of several": ("bad_input", ("inbox wardens",)),
    "report nothing": ("bad_input", ("report",)),
    "report no dash": ("bad_input", ("report file.json --channel phone --text x",)),
    "report far away": ("bad_input", (*PHONE, "x", "--lon", "200")),
    "report a control character": ("bad_input", (*PHONE, "a\x00b")),
    "report a bad time": ("bad_input", (*PHONE, "x", "--reported-at", "noon")),
}
"""What is refused, with which code. The first part is split into words, the others are words."""


@pytest.fixture(scope="module")
async def unsigned(shell: Shell) -> str:
    """A ticket that nobody has signed."""
    return await reported(shell)


@pytest.mark.parametrize("name", REFUSALS)
async def test_refusals_are_sentences_with_a_code(shell: Shell, unsigned: str, name: str) -> None:
    code, (first, *rest) = REFUSALS[name]
    said = await shell(*first.replace("{ticket}", unsigned).split(), *rest)
    assert said.code == 2
    assert said.err.startswith(f"refused: {code} - ")
    assert said.err.strip().endswith(".")
    assert said.out == ""
    assert "\x1b" not in said.err


async def test_refused_input_on_stdin(shell: Shell) -> None:
    for text in ("", "nonsense", "[1]", '{"text": "x"}', "[" * 100_000, '{"contact": 5}'):
        said = await shell("report", "-", stdin=text)
        assert said.code == 2, text[:20]
        assert said.err.startswith("refused: bad_input - ")
    big = json.dumps({"channel": "phone", "text": "x" * 1_000_000})
    assert (await shell("report", "-", stdin=big)).code == 2


async def test_the_future_is_refused(shell: Shell) -> None:
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    said = await shell("report", "--channel", "phone", "--text", HOLE, "--reported-at", later)
    assert (said.code, said.err.split(" - ")[0]) == (2, "refused: time_in_future")


async def test_supervision_from_the_shell(shell: Shell) -> None:
    """Asked, answered, ordered, ruled: and each is found in its list."""
    ticket = await reported(shell)
    act, desk = ("act", ticket), ("--unit", "town-desk")
    await shell.ok(*act, "sign", "--unit", "roads")
    asked = ("--unit", "roads", "--set", "days=3", "--set", "reason=rain, all week")
    told = await shell.ok(*act, "request_extension", *asked)
    assert "→ dispatcher's desk must answer the request for an extension" in told
    page = await shell.ok("list", "--unit", "roads", "--limit", "1")
    assert "extension?" in " ".join(page.split())
    await shell.ok(*act, "answer_extension", "--as", "dispatcher", *desk, "--set", "granted=true")
    assert "originally by" in await shell.ok("show", ticket)

    add = ("--as", "supervisor", *desk, "--set", "units=bins, south-roads")
    await shell.ok(*act, "add_assisting", *add, "--set", "mandatory=bins")
    order = ("--as", "supervisor", *desk, "--set", "requirement=Mend it", "--set", "level=red_card")
    await shell.ok(*act, "order", *order, "--set", "copies=lead/deputy_head,town-desk/mayor")
    number = json.loads(await shell.ok("list", "--level", "red_card", "--limit", "1", "--json"))
    assert number["id"] == ticket
    assert number["assisting"][-2:] == ["bins", "south-roads"]
    assert ticket in await shell.ok("list", "--supervised", "--json")
    for holder in ("roads", "Roads and Lights/head"):
        assert f"{number['number']}-D1" in await shell.ok("orders", "--unit", holder, "--open")
    assert "No supervision order fits." in await shell.ok("orders", "--released")
    inbox = await shell.ok("inbox", "roads/head")
    assert "Roads and Lights · head: 1 to do" in inbox
    assert "You have a supervision order to answer" in inbox

    await shell.ok(*act, "open_arbitration", "--as", "supervisor", *desk, "--set", "reason=whose?")
    assert ticket in await shell.ok("list", "--disputed", "--json")
    assert "rule whose it is" in await shell.ok("inbox", "arbiter")
    ruling = ("--unit", "town-desk", "--set", "lead=bins", "--set", "basis=Parks Act s.2")
    await shell.ok(*act, "rule", *ruling, "--set", "assisting=roads")
    assert f"{number['number']}-A1" in await shell.ok("rulings", "--item", "road-hole")
    assert "No ruling fits." in await shell.ok("rulings", "--region", "nowhere")
    assert json.loads(await shell.ok("rulings", "--json", "--limit", "1"))["lead"] == "bins"
    life = " ".join((await shell.ok("show", ticket, "--why")).split())
    for words in ("Ruling", "extended 3 working days:", "→ order to"):
        assert words in life


async def test_every_action_is_listed_in_words(shell: Shell) -> None:
    told = await shell.ok("act", "--actions")
    assert "Ask for more working days, before the due time." in told
    assert "Fields are given as --set name=value" in told
