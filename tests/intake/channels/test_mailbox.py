"""A mailbox on a real IMAP server: its cursor, its flags, its troubles."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from juanchi.intake.channels.adapter import BadSettings, Fetched, Source, SourceTrouble
from juanchi.intake.channels.mailbox import KIND
from tests.intake.channels.post_office import CAME, PASSWORD, PostOffice, letter, post_office

TRUSTED = ssl.create_default_context()
"""Made once: it takes longer than most of these tests."""

SECRETS = {"wall": PASSWORD, "wrong": "close sesame"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("post")


@pytest.fixture
async def office(folder: Path) -> AsyncIterator[PostOffice]:
    async with post_office(folder) as running:
        yield running


async def read(office: PostOffice, cursor: str = "", **settings: Any) -> Fetched:
    """One reading."""
    given = {**office.settings, **settings}
    KIND.check(given)
    async with httpx.AsyncClient(verify=TRUSTED) as http:
        source = Source(
            "mail",
            given,
            http,
            SECRETS.__getitem__,
            ZoneInfo("Asia/Shanghai"),
            lambda: datetime.now(UTC),
        )
        async with KIND.open(source) as adapter:
            return await adapter.fetch(cursor)


def ids(page: Fetched) -> list[str]:
    return [one.external_id for one in page.arrivals]


async def test_letters_come_in_order_page_by_page_and_nothing_is_marked(
    office: PostOffice,
) -> None:
    await office.deliver(*(letter(message_id=f"{n}@x") for n in range(5)))
    first = await read(office, page=2)
    assert (ids(first), first.more) == (["0@x", "1@x"], True)
    second = await read(office, first.cursor, page=2)
    assert (ids(second), second.more) == (["2@x", "3@x"], True)
    third = await read(office, second.cursor, page=2)
    assert (ids(third), third.more) == (["4@x"], False)
    # n:* always has the last letter in it: it must not come again.
    rest = await read(office, third.cursor)
    assert (ids(rest), rest.more, rest.cursor) == ([], False, third.cursor)
    await office.deliver(letter(message_id="5@x"))
    assert ids(await read(office, third.cursor)) == ["5@x"]
    assert await office.flags() == [()] * 6


async def test_what_is_kept_is_marked_as_seen_where_that_is_wanted(office: PostOffice) -> None:
    await office.deliver(*(letter(message_id=f"{n}@x") for n in range(3)))
    first = await read(office, page=2, mark_seen=True)
    assert await office.flags() == [()] * 3, "read, and not kept yet"
    await read(office, first.cursor, page=2, mark_seen=True)
    assert await office.flags() == [(b"\\Seen",), (b"\\Seen",), ()]


async def test_a_letter_that_somebody_opened_or_deleted_stops_nobody(office: PostOffice) -> None:
    await office.deliver(*(letter(message_id=f"{n}@x") for n in range(6)))
    first = await read(office, page=2)
    await office.delete(0, 2, 3)
    await office.do(lambda client: client.add_flags(client.search(), [b"\\Seen"]))
    assert ids(await read(office, first.cursor)) == ["4@x", "5@x"]


async def test_numbered_anew_all_is_read_again_under_the_same_ids(folder: Path) -> None:
    letters = [letter(message_id="1@x"), letter("ohne", Date="")]
    async with post_office(folder) as one:
        await one.deliver(*letters)
        before = await read(one)
    async with post_office(folder) as other:
        await other.deliver(*letters)
        after = await read(other, before.cursor)
        assert after.arrivals == before.arrivals
        assert after.cursor != before.cursor


@pytest.mark.parametrize("cursor", ["rubbish", "1", "1:2:3", "9:9", ":"])
async def test_a_cursor_out_of_a_strange_hand_loses_nothing(
    office: PostOffice, cursor: str
) -> None:
    await office.deliver(letter(message_id="1@x"))
    assert ids(await read(office, cursor)) == ["1@x"]


async def test_letters_before_a_day_are_left_alone(office: PostOffice) -> None:
    await office.deliver(letter(message_id="old@x"), came=CAME - timedelta(days=30))
    await office.deliver(letter(message_id="new@x"))
    assert ids(await read(office, since="2026-11-20")) == ["new@x"]


async def test_another_folder_is_read(office: PostOffice) -> None:
    await office.do(lambda client: client.create_folder("投诉"))
    await office.deliver(letter(message_id="1@x"), folder="投诉")
    assert ids(await read(office, folder="投诉")) == ["1@x"]
    with pytest.raises(BadSettings) as caught:
        await read(office, folder="nowhere")
    assert caught.value.where == "folder"


async def test_of_a_huge_letter_the_beginning_is_read(office: PostOffice) -> None:
    boundary = "=_b"
    text = letter("", message_id="big@x", Content_Type=f"multipart/mixed; boundary={boundary}")
    part = "--=_b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n楼梯破损\r\n--=_b\r\n"
    photo = 'Content-Type: image/jpeg; name="a.jpg"\r\n\r\n' + "A" * 3_000_000
    await office.deliver(text + (part + photo).encode() + b"\r\n--=_b--")
    (one,) = (await read(office, largest_kb=16)).arrivals
    assert one.text == "路灯\n楼梯破损\n📎 a.jpg"


async def test_one_bad_letter_costs_no_other(office: PostOffice) -> None:
    away = letter("I am away", message_id="auto@x", Auto_Submitted="auto-replied")
    await office.deliver(letter(message_id="1@x"), away, letter(message_id="2@x"))
    page = await read(office)
    assert ids(page) == ["1@x", "2@x"]
    (bad,) = page.unreadable
    assert (bad.external_id, bad.problem) == (
        "auto@x",
        "written by a program (Auto-Submitted: auto-replied)",
    )
    assert "auto@x" in ids(await read(office, automatic=True))


async def test_the_same_letter_in_two_copies_is_one(office: PostOffice) -> None:
    await office.deliver(letter("first", message_id="1@x"), letter("second", message_id="1@x"))
    (one,) = (await read(office)).arrivals
    assert one.text.endswith("first")


@pytest.mark.parametrize("tls", ["tls", "starttls"])
async def test_the_connection_is_encrypted_and_the_server_is_who_it_says(
    folder: Path, tls: str
) -> None:
    async with post_office(folder, tls) as office:
        await office.deliver(letter(message_id="1@x"))
        assert ids(await read(office)) == ["1@x"]
        with pytest.raises(SourceTrouble, match="CERTIFICATE_VERIFY_FAILED"):
            await read(office, ca_file="")
        with pytest.raises(BadSettings) as caught:
            await read(office, ca_file=str(folder / "nowhere.pem"))
        assert caught.value.where == "ca_file"


async def test_a_wrong_password_is_not_tried_again_and_never_told(office: PostOffice) -> None:
    with pytest.raises(BadSettings) as caught:
        await read(office, password="wrong")
    assert caught.value.where == "password"
    assert "sesame" not in str(caught.value)


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def _rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    writer.close()


async def _full(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"* OK ready\r\n")
    while line := await reader.readline():
        tag = line.split()[0]
        login = b"LOGIN" in line.upper()
        writer.write(
            tag + b" NO [UNAVAILABLE] Temporary failure\r\n"
            if login
            else b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK\r\n"
        )
    writer.close()


@pytest.mark.parametrize("server", [_silent, _rude, _full])
async def test_a_server_in_trouble_is_trouble_and_not_for_ever(server: Any) -> None:
    running = await asyncio.start_server(server, "127.0.0.1", 0)
    port = running.sockets[0].getsockname()[1]
    office = PostOffice(port, "none", Path())
    with pytest.raises(SourceTrouble):
        await read(office, timeout_s=0.3)
    running.close()
    with pytest.raises(SourceTrouble, match="ConnectionRefusedError"):
        await read(office, timeout_s=0.3)


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({}, "host"),
        ({"tls": "ssl"}, "tls"),
        ({"port": 0}, "port"),
        ({"page": 0}, "page"),
        ({"since": "long ago"}, "since"),
        ({"user": ""}, "user"),
    ],
)
def test_settings_that_can_never_work_are_told_by_name(
    settings: dict[str, Any], where: str
) -> None:
    given = {"host": "x", "user": "u", "password": "p", **settings} if settings else {}
    with pytest.raises(BadSettings) as caught:
        KIND.check(given)
    assert caught.value.where == where
