"""A ledger of version 0.1.0: its rows, its city and its way of writing go on being good.

``0.1.0.jsonl`` is what that version's own code wrote: every life it knew, and Tinytown as it was;
``0.1.0.sql`` is the statement it writes with.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.ledger.audit import audit
from juanchi.ledger.city import current_pack
from juanchi.ledger.journal import fold_journal, read
from juanchi.ledger.migrate import check_schema, config, migrate
from juanchi.ledger.rebuild import rebuild
from juanchi.ledger.tables import TicketRow
from juanchi.ledger.writer import LedgerWriter
from juanchi.ledger.writing import prepare, statement
from juanchi.runtime.database import make_engine
from tests.ledger.peek import rows
from tests.walk import CARDED, START, Walked, walk

OLD = Path(__file__).with_name("0.1.0.jsonl")
OLD_STATEMENT = Path(__file__).with_name("0.1.0.sql").read_text("utf-8")
SINCE_THEN = {
    *("supervised", "level", "on_hold", "disputed", "pending", "raised_by", "on_time_first"),
    *("extensions", "returns_refused", "rating_void", "address", "spot", "lon", "lat"),
    "reply_key",
}


@pytest.fixture
async def old(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The module's database as version 0.1.0 left it."""
    engine = make_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
        await connection.run_sync(_tables_of_0_1_0)
        for line in OLD.read_text("utf-8").splitlines():
            await _insert(connection, **json.loads(line))
    yield engine
    await engine.dispose()


def _tables_of_0_1_0(connection: Connection) -> None:
    command.upgrade(config(connection), "0001")


async def _insert(connection: Any, table: str, row: dict[str, Any]) -> None:
    await connection.execute(
        text(
            f"INSERT INTO {table} OVERRIDING SYSTEM VALUE "  # noqa: S608 - our own tables
            f"SELECT * FROM json_populate_record(NULL::{table}, CAST(:row AS json))"
        ),
        {"row": json.dumps(row)},
    )


async def test_its_city_is_in_force(old: AsyncEngine, database_url: str) -> None:
    await migrate(database_url)
    pack, version = await current_pack(old)
    assert (pack.code, version) == ("tinytown", "tinytown@1#1")
    assert pack.backstop == ""


async def test_a_rebuild_fills_in_what_it_lacks(old: AsyncEngine, database_url: str) -> None:
    before = await tickets(old)
    await migrate(database_url)
    await check_schema(old)
    grown = await tickets(old)
    assert {name for row in grown for name in row} - {
        n for row in before for n in row
    } == SINCE_THEN
    assert all(row["supervised"] == [] for row in grown)
    done = await rebuild(old)
    assert (done.tickets, done.damaged) == (len(before), ())
    after = await tickets(old)
    known = [{name: row[name] for name in before[0]} for row in after]
    assert known == before, "what lists showed before, they still show"
    assert any(row["supervised"] == ["proactive"] for row in after)
    report = await audit(old, now=START)
    assert report.problems == ()
    assert report.tickets == len(before)


async def tickets(engine: AsyncEngine) -> list[dict[str, Any]]:
    async with engine.connect() as connection:
        found = await connection.scalars(text("SELECT to_json(t) FROM tickets t ORDER BY id"))
        return list(found.all())


async def test_its_tickets_go_on(old: AsyncEngine, database_url: str) -> None:
    await migrate(database_url)
    entries = await read(old, "ticket/video/handling")
    life = Walked(fold_journal(entries), START, entries=list(entries))
    for name in ("request_extension", "grant_extension", "order", "reply", "review", "call"):
        life.act(name)
        life.step()
        for recording in life.recordings:
            await LedgerWriter(old).record(recording)
    await rebuild(old)
    assert (await audit(old, now=START)).problems == ()
    (row,) = [row for row in await rows(old, TicketRow) if row["id"] == life.ticket.id]
    assert (row["phase"], row["extensions"]) == ("closed", 1)


async def test_it_goes_on_writing_beside_us(old: AsyncEngine, database_url: str) -> None:
    """Its workers run on while the tables grow, and until the last of them has stopped."""
    life = walk("watched", external_id="beside")
    for recording in life.recordings[:5]:
        await write_as_then(old, recording)
    # The connections stay, with what they have prepared.
    await migrate(database_url)
    for recording in life.recordings[5:-2]:
        await write_as_then(old, recording)
    for recording in life.recordings[-2:]:
        await LedgerWriter(old).record(recording)
    late = walk(CARDED, external_id="late")
    for recording in late.recordings:
        await LedgerWriter(old).record(recording)
    await write_as_then(old, late.recordings[3])
    await rebuild(old)
    assert (await audit(old, now=START)).problems == ()


async def write_as_then(engine: AsyncEngine, recording: Any) -> None:
    """Write a turn with the statement of version 0.1.0, which knows none of the new columns."""
    plain = statement([prepare(recording)]).parameters[:16]
    for sent in plain[8:15]:
        assert isinstance(sent, str)
    then = (*plain[:8], *(_as_then(sent) for sent in plain[8:15]), plain[15])
    async with engine.begin() as connection:
        await connection.exec_driver_sql(OLD_STATEMENT, then)


def _as_then(sent: str) -> str:
    return json.dumps(
        [{key: row[key] for key in row if key not in SINCE_THEN} for row in json.loads(sent)]
    )
