"""``import``: killed in the middle, done twice, with bad rows; replays that tell the truth."""

import asyncio
import csv
import json
import signal
import sys
import uuid
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from juanchi.cli import display
from juanchi.cli.keeping import prove
from juanchi.domain.lists import Pack
from juanchi.domain.policy import Limit
from juanchi.packs import read_pack
from juanchi.runtime.settings import Settings
from tests.cli.conftest import Shell
from tests.pure import TINYTOWN
from tests.town import founded
from worker import working

ROOT = Path(__file__).resolve().parents[2]

MAPPING = """
external_id = "{run}-{id}"
text = "{what} in {street}"
channel = { value = "phone" }
reported_at = { column = "day" }
nature = { value = "complaint" }
place = { address = "{street}", region = { column = "street" } }
item = { column = "what", create = true, category = "Old" }
lead = { column = "unit", create = true }
reporter = { id = "{run}-{id}" }
outcome = { column = "end", on_time = ["ok"], overdue = ["late"] }
"""
COLUMNS = ("run", "id", "day", "what", "street", "unit", "end")


class Rows(NamedTuple):
    """A file to import, its mapping, and what is in it."""

    file: Path
    mapping: Path
    run: str

    @property
    def words(self) -> tuple[str, ...]:
        """The command."""
        return ("import", str(self.file), "--mapping", str(self.mapping))


def written(tmp_path: Path, count: int, *, bad: int = 0, late: int = 0) -> Rows:
    """Every ``bad``-th row is of a street that is not there, every ``late``-th was overdue."""
    run = uuid.uuid4().hex[:8]
    file, mapping = tmp_path / "rows.csv", tmp_path / "mapping.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(COLUMNS)
        for n in range(1, count + 1):
            street = "Nowhere" if bad and n % bad == 0 else "Mill Parish"
            end = "late" if late and n % late == 0 else "ok"
            rows.writerow((run, n, "2026-01-31", f"Matter {n % 3}", street, f"Unit {n % 4}", end))
    return Rows(file, mapping, run)


def quick(pack: Pack) -> Pack:
    """The town at a replay's pace."""
    pace = {name: {"default": Limit.model_validate("20s")} for name in pack.policy.limits}
    for name, limit in (("handle", "8s"), ("reopen", "2s")):
        pace[next(clock for clock in pace if clock == name)] = {
            "default": Limit.model_validate(limit)
        }
    rungs = {
        "default": [{"kind": "overdue", "at": "due"}, {"kind": "escalated", "at": "due+20s"}],
        "reopen": [{"kind": "elapsed", "at": "due"}],
    }
    policy = {**pack.policy.model_dump(), "limits": pace, "rungs": rungs, "item_limits": False}
    return Pack.model_validate({**pack.model_dump(), "policy": policy})


@pytest.fixture(scope="module")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """A ledger of Tinytown at a replay's pace."""
    founding = await founded(database_url, quick(read_pack(TINYTOWN)))
    yield founding
    await founding.dispose()


@pytest.fixture(scope="module")
async def shell(
    settings: Settings,
    temporal_client: Client,
    database_url: str,
    engine: AsyncEngine,
    environment: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Shell]:
    """A shell in that town. What imports keep is apart from the servers' home."""
    prefix = f"import-{uuid.uuid4().hex[:8]}"
    home = tmp_path_factory.mktemp("imports")
    environment.setenv("JUANCHI_HOME", str(home))
    environment.setenv("DATABASE_URL", database_url)
    environment.setenv("TEMPORAL_ADDRESS", temporal_client.service_client.config.target_host)
    environment.setenv("JUANCHI_QUEUE_PREFIX", prefix)
    display.settings.cache_clear()
    own = settings.model_copy(update={"queue_prefix": prefix})
    async with working(own, temporal_client, engine):
        yield Shell()


@pytest.fixture(scope="module")
def home(shell: Shell) -> Path:
    return display.settings().home


def states(home: Path, rows: Rows) -> Iterator[dict[str, Any]]:
    for path in (home / "imports").glob("*.json"):
        state = json.loads(path.read_text())
        if state["file"] == str(rows.file):
            yield state


def rejected(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def told(engine: AsyncEngine, rows: Rows, query: str) -> int:
    async with engine.connect() as connection:
        pattern = {"like": f"ticket/phone/{rows.run}-%"}
        return int((await connection.execute(text(query), pattern)).scalar_one())


async def tickets(engine: AsyncEngine, rows: Rows, more: str = "") -> int:
    query = f"SELECT count(*) FROM tickets WHERE id LIKE :like {more}"  # noqa: S608 - own words
    return await told(engine, rows, query)


async def events(engine: AsyncEngine, rows: Rows) -> int:
    return await told(engine, rows, "SELECT count(*) FROM journal WHERE ticket_id LIKE :like")


async def settled(engine: AsyncEngine, rows: Rows, wanted: int, more: str = "") -> None:
    async def there() -> bool:
        return await tickets(engine, rows, more) == wanted

    await until(there)


async def until(so: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(90):
        while True:
            if await so():
                return
            await asyncio.sleep(0.1)


async def test_bad_rows_are_told_and_the_rest_goes_on(
    shell: Shell, engine: AsyncEngine, home: Path, tmp_path: Path
) -> None:
    rows = written(tmp_path, 12, bad=5)
    with rows.file.open("ab") as file:
        file.write(f"{rows.run},1,2026-01-31,again,Mill Parish,Unit 1,ok\n".encode())
        file.write(f'{rows.run},98,"open,Mill Parish,Unit 1,ok\n'.encode())
        file.write(f"{rows.run},99,\xff\xfe,dots,Mill Parish,Unit 1,ok\n".encode("latin-1"))
    rejects = tmp_path / "rejects.csv"
    said = await shell.ok(*rows.words, "--rejects", str(rejects))

    assert "4 units, 3 items" in said
    found = [(row["line"], row["column"]) for row in rejected(rejects)]
    assert found == [("6", "street"), ("11", "street"), ("14", ""), ("15", ""), ("16", "day")]
    street = rejected(rejects)[0]
    assert (street["value"], street["id"], street["run"]) == ("Nowhere", "5", rows.run)
    assert street["problem"].endswith(".")
    assert not any(row["problem"].startswith("import.") for row in rejected(rejects))
    await settled(engine, rows, 10, "AND lead IS NOT NULL")
    (state,) = states(home, rows)
    assert state["finished"]


async def test_the_same_import_again_changes_nothing(
    shell: Shell, engine: AsyncEngine, tmp_path: Path
) -> None:
    rows = written(tmp_path, 6)
    first = await shell.ok(*rows.words)
    await settled(engine, rows, 6, "AND lead IS NOT NULL")
    before = await events(engine, rows)
    assert "imported before" in await shell.ok(*rows.words)
    again = await shell.ok(*rows.words, "--restart")
    assert "batch" not in again, "the lists have it all"
    assert await events(engine, rows) == before
    assert "Rejected" in first


async def test_a_limit_stops_and_the_next_run_goes_on(
    shell: Shell, engine: AsyncEngine, home: Path, tmp_path: Path
) -> None:
    rows = written(tmp_path, 8, bad=3)
    await shell.ok(*rows.words, "--limit", "5")
    (state,) = states(home, rows)
    assert (state["line"], state["finished"], state["counts"]["rejected"]) == (6, False, 1)
    said = await shell.ok(*rows.words)
    assert "Going on after line 6." in said
    (state,) = states(home, rows)
    assert state["finished"]
    assert [row["id"] for row in rejected(Path(state["rejects"]))] == ["3", "6"]
    await settled(engine, rows, 6)


@pytest.mark.slow
async def test_a_replay_tells_what_the_file_says(
    shell: Shell, engine: AsyncEngine, tmp_path: Path
) -> None:
    rows = written(tmp_path, 12, late=4)
    said = await shell.ok(*rows.words, "--replay")
    assert "agree on every ticket" in said
    assert await tickets(engine, rows, "AND on_time") == 9
    assert await tickets(engine, rows, "AND NOT on_time") == 3
    # The overdue rung has rung before the answer came.
    rung = """SELECT count(DISTINCT ticket_id) FROM journal WHERE ticket_id LIKE :like
        AND kind = 'rang' AND event->>'clock' = 'handle' AND event->>'rung' = 'overdue'"""
    assert await told(engine, rows, rung) == 3
    await settled(engine, rows, 12, "AND archived")
    before = await events(engine, rows)
    again = await shell.ok(*rows.words, "--replay", "--restart")
    assert "agree on every ticket" in again
    assert await events(engine, rows) == before


async def _process(*words: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "starter.py",
        *words,
        cwd=ROOT,
        stdout=PIPE,
        stderr=STDOUT,
    )


@pytest.mark.slow
async def test_a_killed_replay_goes_on_and_nothing_is_there_twice(
    shell: Shell, engine: AsyncEngine, home: Path, temporal_client: Client, tmp_path: Path
) -> None:
    rows = written(tmp_path, 60, bad=7, late=20)
    words = (*rows.words, "--replay", "--rate", "10", "--concurrency", "8")
    killed = await _process(*words)

    async def under_way() -> bool:
        return any(state["line"] >= 8 for state in states(home, rows))

    await until(under_way)
    killed.send_signal(signal.SIGKILL)
    await killed.communicate()
    (state,) = states(home, rows)
    assert not state["finished"]
    # Written, but not yet counted when the power went.
    rejects = Path(state["rejects"])
    rejects.write_bytes(rejects.read_bytes() + b"99,street,Nowhere,half a row")

    said = await shell.ok(*words)
    assert "Going on after line" in said
    assert "agree on every ticket" in said
    (state,) = states(home, rows)
    assert state["counts"] | {"rows": 60, "tickets": 52, "rejected": 8} == state["counts"]
    assert [row["id"] for row in rejected(Path(state["rejects"]))] == [
        str(n) for n in range(7, 61, 7)
    ]
    await settled(engine, rows, 52, "AND archived")
    proved = await prove(engine, None)
    assert proved.report.ok, proved.report.problems


async def test_what_cannot_begin_says_why(shell: Shell, tmp_path: Path) -> None:
    rows = written(tmp_path, 1)
    missing = await shell("import", str(tmp_path / "no.csv"), "-m", str(rows.mapping))
    assert (missing.code, "There is no file" in missing.err) == (1, True)
    rows.mapping.write_text(MAPPING.replace("{street}", "{road}"), encoding="utf-8")
    broken = await shell(*rows.words)
    assert broken.code == 1
    assert "place.address: the file has no column “road”" in broken.err
    rows.mapping.write_text('city = "elsewhere"\n' + MAPPING, encoding="utf-8")
    assert "the mapping is for elsewhere" in (await shell(*rows.words)).err


async def test_a_replay_without_a_worker_does_not_wait_for_ever(
    shell: Shell, tmp_path: Path
) -> None:
    rows = written(tmp_path, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUANCHI_QUEUE_PREFIX", "nobody-home")
        display.settings.cache_clear()
        said = await shell(*rows.words, "--replay")
    display.settings.cache_clear()
    assert (said.code, "No worker" in said.err) == (1, True)
