"""`intake` at the shell: what came in within a period, on a real ledger of hand-made lives."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.cli import display
from juanchi.ledger.arrivals import Arrivals
from juanchi.ledger.writer import LedgerWriter
from juanchi.packs import read_pack
from juanchi.runtime.settings import Settings
from tests.cli.conftest import Shell
from tests.handmade import NOISE, UNSURE, Handmade, closed
from tests.ledger.brought import clue
from tests.pure import TINYTOWN
from tests.town import founded

MAY = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
async def engine(
    settings: Settings, database_url: str, environment: pytest.MonkeyPatch
) -> AsyncIterator[AsyncEngine]:
    """The ledger with four clues of May; the shell's settings lead to it."""
    environment.setenv("JUANCHI_HOME", str(settings.home))
    environment.setenv("DATABASE_URL", database_url)
    display.settings.cache_clear()
    engine = await founded(database_url, read_pack(TINYTOWN))
    lives = [
        closed(Handmade("fine", now=MAY)),
        Handmade("noise", NOISE, now=MAY),
        Handmade("lamp", UNSURE, channel="phone", now=MAY),
        Handmade("gone", now=MAY).withdrawn(),
    ]
    writer = LedgerWriter(engine)
    await asyncio.gather(*(writer.record(life.lived.recording()) for life in lives))
    yield engine
    await engine.dispose()


@pytest.fixture
def shell(engine: AsyncEngine) -> Shell:
    return Shell()


async def test_what_came_in_and_what_became_of_it(shell: Shell) -> None:
    told = await shell.ok("intake", "--period", "2026-05")
    for words in ("clues", "2.00", "75.0% (3 of 4)", "it is an advertisement", "North Side"):
        assert words in told
    assert "wait at the door" not in told
    assert max(map(len, told.splitlines())) <= 100
    got = json.loads(await shell.ok("intake", "--period", "2026-05", "--json"))
    assert (got["clues"], got["own"], got["placed"], got["waiting"]) == (4, 2, 3, 0)
    assert {fate: n for fate, n in got["fates"].items() if n} == {
        "discarded": 1,
        "withdrawn": 1,
        "dispatched_by_engine": 1,
        "filed": 1,
    }
    assert got["channels"]["phone"] == {"filed": 1}


async def test_a_period_in_which_nothing_came(shell: Shell) -> None:
    assert "Nothing came in." in await shell.ok("intake", "--period", "2025-01")
    said = await shell("intake", "--period", "soon")
    assert said.code == 2
    assert "bad_input" in said.err


async def test_who_waits_at_the_door_is_told(shell: Shell, engine: AsyncEngine) -> None:
    now = datetime.now(UTC)
    await Arrivals(engine).keep("wall", [clue("late", "wall")], cursor=None, read_at=now)
    told = await shell.ok("intake", "--period", "2026-05")
    assert "1 arrivals still wait at the door, 0 of them urgent" in " ".join(told.split())
    got = json.loads(await shell.ok("intake", "--period", "2026-05", "--json"))
    assert (got["waiting"], got["waiting_urgent"]) == (1, 0)
