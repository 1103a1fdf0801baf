"""``channel``: a channel from the terminal, registered, read, silent, paused, put right."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from juanchi.runtime.database import make_engine
from tests.cli.conftest import Shell
from tests.sources import Answer, Site, feed, item


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    pages = {
        "/wall": feed(item("a"), item("b"), {"id": "poison", "content_text": ""}),
        "/away": Answer(503),
    }
    async with Site(lambda path: pages.get(path, Answer(404))).open() as open_:
        yield open_


async def refused(shell: Shell, *words: str) -> str:
    """The sentence with which a command is refused."""
    said = await shell("channel", *words)
    assert said.code == 2, said
    return said.err


def written(folder: Path, body: str) -> str:
    """A file of a channel."""
    file = folder / "channel.toml"
    file.write_text(body, "utf-8")
    return str(file)


def forum(site: Site, **more: str) -> str:
    """A channel as somebody writes it."""
    fields = {
        "code": '"forum"',
        "name": '"街坊论坛"',
        "name_en": '"Street forum"',
        "kind": '"feed"',
        "adapter": '"feed"',
        "region": '"mill"',
        "trust": '"known"',
        "every": '"1d"',
        "silent_after": '"2d"',
        "owner": '"bins"',
        **more,
    }
    lines = [f"{name} = {value}" for name, value in fields.items()]
    return "\n".join([*lines, "[settings]", f'url = "{site.address}/wall"'])


async def test_from_the_file_to_what_was_set_aside(
    shell: Shell, site: Site, tmp_path: Path
) -> None:
    file = written(tmp_path, forum(site))
    assert "Registered: forum" in await shell.ok("channel", "add", file, "--why", "a test")
    assert "not read yet" in await shell.ok("channel", "list")
    assert "2 new, 0 known, 1 unreadable (1 set aside)" in await shell.ok(
        "channel", "read", "forum"
    )
    story = await shell.ok("channel", "show", "forum")
    for words in ("Street forum", "Mill Parish", "well", "known", "1d", "/wall", "Bins and Parks"):
        assert words in story, story
    assert "poison" in (aside := await shell.ok("channel", "set-aside", "forum"))
    assert "no text" in aside
    poison = json.loads(await shell.ok("channel", "set-aside", "--json"))["external_id"]
    assert "1 to be tried again" in await shell.ok("channel", "retry", "forum")
    assert "still being tried" in await refused(shell, "drop", "forum", poison, "--why", "x")
    assert "(1 set aside)" in await shell.ok("channel", "read", "forum")
    assert "Say why" in await refused(shell, "drop", "forum", poison)
    assert "Dropped" in await shell.ok("channel", "drop", "forum", poison, "--why", "no words")
    assert "Nothing is set aside" in await shell.ok("channel", "set-aside", "forum")
    assert "never brought" in await refused(shell, "retry", "forum", "ghost")


async def test_paused_and_resumed(shell: Shell, site: Site, tmp_path: Path) -> None:
    file = written(tmp_path, forum(site, code='"idle"'))
    await shell.ok("channel", "add", file)
    assert "is off" in await shell.ok("channel", "pause", "idle", "--why", "moving house")
    await shell.ok("channel", "add", file)
    assert "off" in await shell.ok("channel", "show", "idle")
    assert "is on" in await shell.ok("channel", "resume", "idle")
    for command in ("pause", "resume", "read", "show"):
        assert "No channel ghost is registered" in await refused(shell, command, "ghost")


async def test_silence_is_a_task_until_it_speaks(
    shell: Shell, site: Site, tmp_path: Path, database_url: str
) -> None:
    await shell.ok("channel", "add", written(tmp_path, forum(site, code='"quiet"')))
    assert "quiet" not in await shell.ok("inbox", "bins")
    await days_pass(database_url, "quiet", 3)
    inbox = await shell.ok("inbox", "Bins and Parks")
    assert "find out why nothing new comes from it" in inbox
    assert "Street forum (quiet)" in inbox
    assert "silent" in await shell.ok("channel", "list")
    assert "Bins and Parks must find out why" in await shell.ok("channel", "show", "quiet")
    assert "quiet" not in await shell.ok("inbox", "roads")
    await shell.ok("channel", "read", "quiet")
    assert "quiet" not in await shell.ok("inbox", "bins")


async def days_pass(database_url: str, code: str, days: int) -> None:
    """As if a channel had been registered so many days ago, and nothing had happened since."""
    engine = make_engine(database_url)
    when = datetime.now(UTC) - timedelta(days=days)
    async with engine.begin() as connection:
        # The registry's journal is append-only: a younger one is put, with an older date.
        query = text(
            """
            WITH older AS (
                INSERT INTO channel_journal (code, at, by, why, body)
                SELECT code, :when, by, why, body FROM channel_journal WHERE code = :code LIMIT 1
                RETURNING id
            ) UPDATE channel_registry SET version = older.id FROM older WHERE code = :code
            """
        )
        await connection.execute(query, {"code": code, "when": when})
    await engine.dispose()


async def test_trouble_is_told(shell: Shell, site: Site) -> None:
    url = ("--url", f"{site.address}/away")
    await shell.ok("channel", "add", "--code", "away", "--adapter", "feed", *url, "--every", "1d")
    said = await shell("channel", "read", "away")
    assert (said.code, "503" in said.out) == (1, True)
    assert "left alone" in await shell.ok("channel", "show", "away")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"adapter": '"telepathy"'}, "telepathy"),
        ({"every": '"often"'}, "every"),
        ({"every": '"0s"'}, "every"),
        ({"kind": '"rumour"'}, "kind"),
        ({"region": '"atlantis"'}, "atlantis"),
        ({"owner": '"ufo"'}, "ufo"),
        ({"code": '"no spaces"'}, "code"),
        ({"budget": "7"}, "budget"),
        ({"colour": '"red"'}, "colour"),
    ],
)
async def test_what_cannot_be_registered(
    shell: Shell, site: Site, tmp_path: Path, more: dict[str, str], told: str
) -> None:
    assert told in await refused(shell, "add", written(tmp_path, forum(site, **more)))


@pytest.mark.parametrize(
    "body", ["", "[", "channel = 7", "[[channel]]\n", 'code = "x"', "a" * 5_000_000]
)
async def test_files_that_are_none(shell: Shell, tmp_path: Path, body: str) -> None:
    assert await refused(shell, "add", written(tmp_path, body))


async def test_all_of_a_file_or_nothing(shell: Shell, site: Site, tmp_path: Path) -> None:
    one = 'code = "{code}"\nname = "n"\nkind = "feed"\nadapter = "feed"\n'
    good = one.format(code="good") + f'settings = {{ url = "{site.address}/wall" }}\n'
    bad = one.format(code="bad") + 'settings = { url = "gopher://x" }\n'
    file = written(tmp_path, f"[[channel]]\n{good}[[channel]]\n{bad}")
    assert "bad: settings.url" in await refused(shell, "add", file)
    assert "No channel good" in await refused(shell, "show", "good")
    said = await shell("channel", "add", file, "--code", "both")
    assert (said.code, "--code" in said.err) == (1, True)
