"""The verification desk and contributors on the command line, against a living Tinytown."""

from __future__ import annotations

import asyncio
import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Shell

HOLE = "A deep pothole in Mill Parish, please mend it"
IDEA = "I suggest a new lamp in Mill Parish"
TEAM = ("--team", "warden-mill")


async def shows(shell: Shell, ticket: str, words: str) -> bool:
    """Whether a ticket's page comes to say this soon."""
    for _ in range(100):
        if words in (await shell("show", ticket)).out:
            return True
        await asyncio.sleep(0.05)
    return False


async def reported(shell: Shell, phase: str, **given: Any) -> str:
    """A clue from the wall, as far as the engine brings it."""
    id_ = uuid.uuid4().hex[:10]
    clue = {"channel": "wall", "external_id": id_, "text": HOLE, **given}
    ticket = (await shell.ok("report", "-", stdin=json.dumps(clue))).strip()
    assert await shows(shell, ticket, phase)
    return ticket


async def to_verify(shell: Shell, **given: Any) -> str:
    return await reported(shell, "being verified on site", **given)


async def desk(shell: Shell, *words: str) -> list[dict[str, Any]]:
    told = await shell.ok("desk", "warden-mill", "--limit", "1000", "--json", *words)
    return [json.loads(one) for one in told.splitlines()]


async def said(shell: Shell, *words: str, code: int = 0) -> list[dict[str, Any]]:
    answered = await shell("desk", "verdict", *TEAM, "--json", *words)
    assert answered.code == code, answered
    return [json.loads(one) for one in answered.out.splitlines()]


async def test_a_team_sees_its_round(shell: Shell) -> None:
    place = {"address": "Weir Lane 4", "lon": 0.52, "lat": 51.3}
    picture = "https://pictures.example/hole.jpg"
    first = await to_verify(shell, place=place, pictures=[picture])
    second = await to_verify(shell, place=place)
    visits = {one["task"]["ticket_id"]: one for one in await desk(shell, "--from", "0.52,51.301")}
    visit = visits[first]
    assert visit["task"]["pictures"] == [picture]
    assert visit["task"]["address"] == "Weir Lane 4"
    assert visit["metres"] == 111
    assert second in [near["ticket_id"] for near in visit["nearby"]]
    walked = await shell.ok("desk", "warden-mill", "--batch", "--from", "0.52,51.301")
    assert "already handled?" in walked
    assert picture in walked
    groups = await desk(shell, "--batch")
    together = [{v["task"]["ticket_id"] for v in group["visits"]} for group in groups]
    assert any({first, second} <= group for group in together)


async def test_one_verdict_for_several_and_the_same_again(shell: Shell) -> None:
    tickets = [await to_verify(shell) for _ in range(2)]
    words = (*tickets, "--verdict", "confirmed", "--evidence", "site_before=photo-1")
    for _ in range(2):
        answers = await said(shell, *words)
        assert [(one["ticket"], one["code"]) for one in answers] == [(t, "") for t in tickets]
    for ticket in tickets:
        events = (await shell.ok("show", ticket, "--json")).splitlines()
        kinds = [json.loads(one)["event"]["kind"] for one in events]
        assert kinds.count("verified") == 1


async def test_a_file_from_a_phone_is_answered_line_by_line(shell: Shell, tmp_path: Path) -> None:
    good, survivor, doubled, ended = [await to_verify(shell) for _ in range(4)]
    await said(shell, ended, "--verdict", "unfounded", "--evidence", "p.jpg")
    third = await to_verify(shell)
    file = tmp_path / "verdicts.csv"
    lines = [
        "ticket,verdict,pictures,note,into,lon,lat",
        f"{good},confirmed,p1.jpg p2.jpg,deep,,0.5201,51.3001",
        f"{doubled},already_handled,,,{survivor},,",
        f"{third},already_handled,,,ticket/wall/never-was,,",
        f"{third},already_handled,,,{ended},,",
        f"{third},broken,,,,,",
        f"{third},confirmed,,no picture,,,",
        f"{third},confirmed,p.jpg,,,east,",
        "ticket/wall/nobody,confirmed,p.jpg,,,,",
        ",confirmed,p.jpg,,,,",
    ]
    file.write_text("\n".join(lines), "utf-8")
    wanted = [
        (2, ""),
        (3, ""),
        (4, "unknown_survivor"),
        (5, "survivor_ended"),
        (6, "bad_input"),
        (7, "missing_evidence"),
        (8, "bad_input"),
        (9, "not_found"),
        (10, "bad_input"),
    ]
    for _ in range(2):
        answers = await said(shell, "--file", str(file), code=2)
        assert [(one["line"], one["code"]) for one in answers] == wanted
        assert all(one["told"] for one in answers if one["code"])
    shown = (await shell.ok("show", good, "--json")).splitlines()
    events = [json.loads(one)["event"] for one in shown]
    (seen,) = [event for event in events if event["kind"] == "verified"]
    assert [proof["ref"] for proof in seen["evidence"]] == ["p1.jpg", "p2.jpg"]
    place = seen["place"]
    assert (place["region"], place["lon"]) == ("mill", 0.5201), "still in its region"
    assert await shows(shell, doubled, "merged")
    told = await shell("desk", "verdict", *TEAM, "--file", str(file))
    assert "2 of 9 verdicts were taken." in told.out
    assert "4: " in told.out
    assert "Check its id or number." in told.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("desk", "warden-mill", "--from", "here"), "LON,LAT"),
        (("desk", "warden-mill", "--from", "200,95"), "LON,LAT"),
        (("desk", "nobody-at-all"), "nobody-at-all"),
        (("desk", "verdict", *TEAM), "--file"),
        (("desk", "verdict", *TEAM, "x", "--file", "y.csv"), "--file"),
    ],
)
async def test_what_is_wrong_is_said(shell: Shell, words: tuple[str, ...], told: str) -> None:
    answered = await shell(*words)
    assert answered.code == 2
    assert told in answered.err


async def test_a_file_without_its_columns_is_not_begun(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "verdicts.csv"
    file.write_text("number,found\n1,confirmed\n", "utf-8")
    answered = await shell("desk", "verdict", *TEAM, "--file", str(file))
    assert answered.code == 2
    assert "ticket, verdict, pictures" in answered.err


async def test_contributors_are_listed_leave_and_are_forgotten(shell: Shell) -> None:
    words = ("--channel", "phone", "--contact", "13800000007", "--text", IDEA)
    tickets = [
        (await shell.ok("report", *words, "--id", uuid.uuid4().hex[:10])).strip() for _ in range(2)
    ]

    async def listed() -> list[dict[str, Any]]:
        told = await shell.ok("contributors", "--json")
        return [json.loads(one) for one in told.splitlines()]

    for _ in range(100):
        if [one["made"] for one in await listed()] == [2]:
            break
        await asyncio.sleep(0.05)
    (one,) = await listed()
    assert (one["made"], one["honoured"]) == (2, 2)
    assert one["id"].startswith("r-")
    assert "13800000007" not in json.dumps(one)
    assert "2 suggestions: 0 adopted" in await shell.ok("contributors")
    assert "is not counted any more" in await shell.ok("contributors", "opt-out", one["id"])
    assert await listed() == []
    assert "counted again" in await shell.ok("contributors", "opt-in", tickets[0])
    assert "Nothing was erased" in await shell.ok("contributors", "erase", tickets[0], stdin="n\n")
    assert "is erased" in await shell.ok("contributors", "erase", tickets[0], "--yes")
    assert await listed() == []
    gone = await shell("contributors", "erase", tickets[0], "--yes")
    assert gone.code == 2
    assert "2 suggestions" in await shell.ok("contributors"), "the totals stay"
