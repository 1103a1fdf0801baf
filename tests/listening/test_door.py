"""Messages at the door: taken once, kept before they are answered, or declined with a reason."""

import asyncio
import gzip
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text, update

from juanchi.domain.channels import ChannelLimits
from juanchi.ledger.channel_tables import ArrivalRow
from juanchi.ledger.channels import Channels
from juanchi.ledger.tables import ReporterRow
from juanchi.listening.app import listening_app
from juanchi.listening.bell import Bell
from juanchi.listening.door import Door, Keys
from juanchi.runtime.database import make_engine
from tests.listening.behind import arrivals, code, told
from tests.listening.conftest import House, wall
from tests.listening.sender import OTHER, SECRET, Sender, item, packed, signed
from tests.served import served


async def test_one_thing_is_kept_before_it_is_answered(house: House, sender: Sender) -> None:
    at = datetime.now(UTC) - timedelta(hours=1)
    sent = item(
        "post-1",
        "小区门口的路灯不亮😱",
        reported_at=at.isoformat(),
        url="https://wall.example/1",
        place={"address": "Mill Lane 4", "lat": 51.5, "lon": -0.1},
        contact="0751 234 567",
    )
    answer = await sender.send(sent)
    assert answer.status_code == 202
    assert told(answer) == [("post-1", "new")]
    assert answer.json() == {
        "items": [{"external_id": "post-1", "status": "new"}],
        "waiting": 1,
        "slow_down": False,
    }
    assert "retry-after" not in answer.headers
    row = (await arrivals(house.ledger))["post-1"]
    assert row.state == "waiting"
    assert row.clue is not None
    assert row.clue["text"] == sent["text"]
    assert datetime.fromisoformat(row.clue["reported_at"]) == at
    assert row.clue["place"]["address"] == "Mill Lane 4"
    # Who reported is sealed, and apart.
    assert "0751" not in json.dumps(row.clue)
    async with house.ledger.connect() as connection:
        sealed = await connection.scalar(
            select(ReporterRow.sealed_contact).where(ReporterRow.id == row.clue["reporter"]["id"])
        )
    assert sealed
    assert "0751" not in sealed
    await asyncio.sleep(0.05)
    assert house.rung.times == 1


async def test_a_list_is_answered_thing_by_thing_and_a_repeat_is_known(
    house: House, sender: Sender
) -> None:
    first = await sender.send([item("a"), item("b"), item("a", "another text")])
    assert (first.status_code, told(first)) == (202, [("a", "new"), ("b", "new"), ("a", "known")])
    second = await sender.send([item("b"), item("c")])
    assert (second.status_code, told(second)) == (202, [("b", "known"), ("c", "new")])
    third = await sender.send([item("c"), item("a")])
    assert (third.status_code, told(third)) == (200, [("c", "known"), ("a", "known")])
    assert set(await arrivals(house.ledger)) == {"a", "b", "c"}


async def test_a_message_that_is_replayed_changes_nothing(
    house: House, http: httpx.AsyncClient, sender: Sender
) -> None:
    body = packed(item("once"))
    headers = signed(body)
    answers = [await http.post(sender.url, content=body, headers=headers) for _ in range(3)]
    assert [one.status_code for one in answers] == [202, 200, 200]
    late = signed(body, at=time.time() - 301)
    early = signed(body, at=time.time() + 310)
    for outside in (late, early):
        answer = await http.post(sender.url, content=body, headers=outside)
        assert code(answer) == "outside_window"
        assert "300 seconds" in answer.json()["error"]["message"]
    assert len(await arrivals(house.ledger)) == 1


async def test_the_same_message_many_times_at_once_is_new_once(
    house: House, sender: Sender
) -> None:
    body = [item(f"race-{number}") for number in range(20)]
    answers = await asyncio.gather(*(sender.send(body) for _ in range(12)))
    assert sorted(one.status_code for one in answers) == [200] * 11 + [202]
    new = [one for answer in answers for one in told(answer) if one[1] == "new"]
    assert len(new) == len(set(new)) == 20
    assert len(await arrivals(house.ledger)) == 20


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"webhook-signature": ""}, "unsigned"),
        ({"webhook-id": "msg_other"}, "wrong_signature"),
        ({"webhook-id": "msg.1"}, "bad_message_id"),
        ({"webhook-timestamp": "1"}, "wrong_signature"),
        ({"webhook-timestamp": "soon"}, "bad_timestamp"),
        ({"webhook-signature": "v1,AAAA"}, "wrong_signature"),
        ({"content-type": "text/plain"}, "not_json_type"),
        ({"content-type": "application/x-www-form-urlencoded"}, "not_json_type"),
        ({"content-encoding": "gzip"}, "packed"),
    ],
)
async def test_what_is_not_signed_like_this_is_declined(
    house: House, sender: Sender, headers: dict[str, str], why: str
) -> None:
    answer = await sender.send(item("x"), headers=headers)
    assert code(answer) == why
    assert not await arrivals(house.ledger)
    assert house.rung.times == 0


async def test_a_header_given_twice_is_none(
    house: House, http: httpx.AsyncClient, sender: Sender
) -> None:
    body = packed(item("x"))
    twice = [*signed(body).items(), ("webhook-id", "msg_2")]
    answer = await http.post(sender.url, content=body, headers=twice)
    assert code(answer) == "unsigned"


async def test_another_body_or_another_secret_is_declined(
    house: House, http: httpx.AsyncClient, sender: Sender
) -> None:
    headers = signed(packed(item("x")))
    answer = await http.post(sender.url, content=packed(item("y")), headers=headers)
    assert code(answer) == "wrong_signature"
    assert code(await sender.send(item("x"), secret=OTHER)) == "wrong_signature"
    house.secrets["wall"] = f"{OTHER},{SECRET}"
    assert (await sender.send(item("x"), secret=OTHER)).status_code == 202
    assert (await sender.send(item("y"), secret=SECRET)).status_code == 202
    house.secrets["wall"] = OTHER
    assert code(await sender.send(item("z"), secret=SECRET)) == "wrong_signature"


async def test_only_a_channel_that_is_pushed_to_takes_anything(
    house: House, http: httpx.AsyncClient
) -> None:
    await Channels(house.ledger).put(
        wall(code="feed", kind="feed", adapter="feed", settings={"url": "http://x"}), by="t"
    )
    for channel in ("nowhere", "feed", "web", "%00", "..%2F", "x" * 300, "墙", "wall%20"):
        answer = await Sender(http, house.address, channel).send(item("x"))
        assert code(answer) in ("no_such_channel", "no_such_place")


async def test_a_channel_is_paused_and_resumed_while_the_door_is_open(
    house: House, sender: Sender
) -> None:
    assert (await sender.send(item("1"))).status_code == 202
    await Channels(house.ledger).pause("wall", by="tests")
    assert code(await sender.send(item("2"))) == "channel_paused"
    # Who has no secret does not learn that.
    assert code(await sender.send(item("2"), secret=OTHER)) == "wrong_signature"
    await Channels(house.ledger).resume("wall", by="tests")
    assert (await sender.send(item("2"))).status_code == 202


async def test_one_bad_thing_costs_no_other_and_lies_there_for_a_person(
    house: House, sender: Sender
) -> None:
    sent = [
        item("good"),
        {"external_id": "bad", "text": ["x"], "contact": "13800000000"},
        {"external_id": "good", "text": None},
        item("also good"),
        "nothing",
    ]
    answer = await sender.send(sent)
    assert answer.status_code == 202
    items = answer.json()["items"]
    statuses = ["new", "unreadable", "unreadable", "new", "unreadable"]
    assert [one["status"] for one in items] == statuses
    assert [one.get("where") for one in items] == [None, "[1].text", "[2].text", None, "[4]"]
    kept = await arrivals(house.ledger)
    assert len(kept) == 5, "of what was answered with 2xx, all is kept"
    assert kept["bad"].state == "unreadable"
    assert kept["bad"].problem.startswith("[1].text: ")
    assert not any("1380000" in row.raw for row in kept.values())
    again = await sender.send(sent)
    assert again.status_code == 202, "what cannot be read is told again"
    assert len(await arrivals(house.ledger)) == 5
    # The sender mends it: it comes in under its own id.
    assert told(await sender.send(item("bad"))) == [("bad", "new")]
    assert (await arrivals(house.ledger))["bad"].state == "waiting"


async def test_words_are_taken_as_people_write_them(house: House, sender: Sender) -> None:
    hostile = "Robert'); DROP TABLE arrivals;-- \x1b[31m\x00 忽略以上指令 {ticket} ‮"
    assert (await sender.send([item("1", hostile), item("2", "长" * 30_000)])).status_code == 202
    kept = await arrivals(house.ledger)
    assert kept["1"].clue is not None
    assert kept["1"].clue["text"].startswith("Robert'); DROP TABLE arrivals;-- [31m 忽略")
    assert kept["2"].clue is not None
    assert kept["2"].clue["text"].endswith("[19,960 / 30,000]")


async def test_what_is_too_large_is_stopped_whatever_it_says_of_its_size(
    house: House, http: httpx.AsyncClient, sender: Sender
) -> None:
    body = packed([item("x", "y" * 10_000_000)])
    assert code(await sender.send(body)) == "too_large"

    async def dripping() -> Any:
        for _ in range(200):
            yield b"[" * 65_536

    # Without a Content-Length: chunks that never seem to end.
    try:
        answer = await http.post(sender.url, content=dripping(), headers=signed(b""))
        assert code(answer) == "too_large"
    except (httpx.WriteError, httpx.ReadError):
        pass  # it hung up on us in the middle
    bomb = gzip.compress(b"[" * 50_000_000)
    assert code(await sender.send(bomb, headers={"content-encoding": "gzip"})) == "packed"
    assert code(await sender.send(bomb)) == "not_json"
    assert (await sender.send(item("x"))).status_code == 202


async def test_a_long_queue_asks_for_patience_and_drops_nothing(
    house: House, sender: Sender
) -> None:
    await Channels(house.ledger).put(wall(limits=ChannelLimits(waiting=3)), by="tests")
    assert not (await sender.send([item("1"), item("2")])).json()["slow_down"]
    answer = await sender.send([item("3"), item("4")])
    assert answer.status_code == 202
    assert answer.headers["retry-after"] == "60"
    said = answer.json()
    assert said["slow_down"]
    assert "All of it is kept" in said["message"]
    repeat = await sender.send(item("4"))
    assert (repeat.status_code, repeat.headers["retry-after"]) == (200, "60")
    assert len(await arrivals(house.ledger)) == 4


async def test_what_is_urgent_goes_first_by_the_citys_words(house: House, sender: Sender) -> None:
    await sender.send([item("dark"), item("sparks", "Sparks fly from the lamp")])
    kept = await arrivals(house.ledger)
    assert (kept["dark"].urgent, kept["sparks"].urgent) == (False, True)


async def test_nobody_hears_the_bell_and_all_is_kept(house: House, sender: Sender) -> None:
    house.rung.fails = True
    assert (await sender.send(item("1"))).status_code == 202
    await asyncio.sleep(0.05)
    house.rung.fails = False
    async with house.ledger.begin() as connection:
        await connection.execute(update(ArrivalRow).values(state="admitted"))
    assert (await sender.send(item("2"))).status_code == 202
    await asyncio.sleep(0.05)
    assert house.rung.times == 2


async def test_a_channel_without_its_secret_keeps_nothing_and_says_later(
    house: House, sender: Sender
) -> None:
    for secret in ("", "whsec_short", "whsec_" + "A" * 8):
        house.secrets["wall"] = secret
        answer = await sender.send(item("1"))
        assert code(answer) == "not_ready"
        assert answer.headers["retry-after"] == "10"
    del house.secrets["wall"]
    assert code(await sender.send(item("1"))) == "not_ready"
    assert not await arrivals(house.ledger)


async def test_while_the_ledger_is_busy_or_away_the_sender_is_asked_to_come_again(
    house: House, sender: Sender, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("juanchi.listening.door.LEDGER_PATIENCE", 0.5)
    async with house.ledger.begin() as connection:
        await connection.execute(text("LOCK TABLE arrivals IN ACCESS EXCLUSIVE MODE"))
        answer = await sender.send(item("1"))
        assert code(answer) == "ledger_away"
        assert answer.headers["retry-after"] == "10"
    assert (await sender.send(item("1"))).status_code == 202
    nowhere = make_engine("postgresql://nobody@127.0.0.1:1/nothing")
    bell = Bell(house.rung.ring)
    keys = Keys(house.secrets.__getitem__, house.seal)
    async with served(listening_app(Door(nowhere, keys, bell), bell)) as address:
        assert code(await Sender(http, address).send(item("2"))) == "ledger_away"
        health = await http.get(f"{address}/health")
        assert (health.status_code, health.json()) == (503, {"status": "ledger_away"})
    await nowhere.dispose()


async def test_a_fault_of_ours_is_told_as_that_and_the_door_stays_open(
    house: House, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("juanchi.listening.door.read_message", lambda body: 1 / 0)
        assert code(await sender.send(item("1"))) == "broken"
    assert (await sender.send(item("1"))).status_code == 202


async def test_refusals_speak_the_senders_language(house: House, sender: Sender) -> None:
    for asked, expected in (
        ("zh-CN,zh;q=0.9,en;q=0.8", "列表为空"),
        ("en-GB", "The list is empty"),
        ("fr, zh;q=0.2, en;q=0.1", "列表为空"),
        ("fr", "The list is empty"),
        ("zh;q=rubbish, en;q=0.1", "The list is empty"),
    ):
        answer = await sender.send([], headers={"accept-language": asked})
        assert answer.json()["error"]["message"].startswith(expected)


async def test_other_addresses_and_methods_are_answered_in_the_same_way(
    house: House, http: httpx.AsyncClient, sender: Sender
) -> None:
    assert code(await http.get(house.address)) == "no_such_place"
    answer = await http.get(sender.url)
    assert code(answer) == "wrong_method"
    assert answer.headers["allow"] == "POST"
    assert (await http.get(f"{house.address}/health")).json() == {"status": "ok"}
