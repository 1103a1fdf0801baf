"""``discards`` on a living town: what was ended and why, and one taken up again from there."""

import asyncio
import json
import uuid
from datetime import UTC, datetime, timedelta

from tests.cli.conftest import Shell

SPAM = "special offer: discount on everything at the stall in Mill Parish"


async def discarded(shell: Shell, text: str = SPAM) -> str:
    told = await shell.ok("report", "--channel", "web", "--id", uuid.uuid4().hex, "--text", text)
    ticket = told.strip()
    for _ in range(100):
        if "Ended, discarded" in (await shell("show", ticket)).out:
            return ticket
        await asyncio.sleep(0.05)
    raise AssertionError("it was never discarded")


async def test_a_discard_is_seen_with_its_reason_and_overturned(shell: Shell) -> None:
    ticket = await discarded(shell)
    told = await shell.ok("discards", "--rule", "advertisement")
    for words in ("an advertisement", "advertising words", "special offer", "% sure", "words "):
        assert words in told
    lines = [json.loads(line) for line in (await shell.ok("discards", "--json")).splitlines()]
    (mine,) = [line for line in lines if line["ticket_id"] == ticket]
    assert mine["verdict"] == "advertisement"
    assert mine["score"] > 0.9
    assert not mine["overturned"]

    overturn = ("act", ticket, "overturn", "--as", "dispatcher")
    assert "Done: overturn a discard" in await shell.ok(*overturn, "--set", "reason=a real stall")
    life = await shell.ok("show", ticket)
    assert "Taken up again: an advertisement was wrong" in life
    assert "a real stall" in life
    again = [json.loads(line) for line in (await shell.ok("discards", "--json")).splitlines()]
    assert [line["overturned"] for line in again if line["ticket_id"] == ticket] == [True]


async def test_a_sample_and_a_day_that_is_none(shell: Shell) -> None:
    for _ in range(3):
        await discarded(shell)
    drawn = ("discards", "--sample", "2", "--seed", "monday", "--json")
    assert await shell.ok(*drawn) == await shell.ok(*drawn)
    assert len((await shell.ok(*drawn)).splitlines()) == 2
    assert "drawn at random with seed monday" in await shell.ok(*drawn[:-1])
    said = await shell("discards", "--since", "yesterday")
    assert said.code != 0
    assert "write a day" in said.err
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    assert "Nothing was ended" in await shell.ok("discards", "--since", tomorrow)
