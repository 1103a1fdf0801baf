"""Lists that take seconds at 50,000 rows: here none reads or sorts a whole table.

Asked of PostgreSQL's plans rather than of a clock. Left out, because all rows are what they are
about or need an index of their own kind: counts over everything, and the search for part of a text.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.lines import After, Find, Order
from juanchi.ledger import views
from juanchi.ledger.migrate import migrate
from juanchi.ledger.tables import TicketRow
from juanchi.ledger.writer import LedgerWriter
from juanchi.runtime.database import make_engine
from tests.walk import START, walk

ROWS = 50_000
UNITS = 40

_OTHER = {
    "id": "'ticket/video/copy-' || n",
    "external_id": "'copy-' || n",
    "number": "'BIG-' || n",
    "received_at": "received_at - n * interval '1 minute'",
    "due": "due + n * interval '7 minutes'",
    "lead": f"'unit-' || n % {UNITS}",
    "district": "'district-' || n % 9",
    "item": "'item-' || n % 300",
    "stage": "(ARRAY['supervision', 'closure', 'filing'])[1 + n % 3]",
    "escalated": "n % 500 = 0",
    "overdue": "n % 50 = 0",
    "on_hold": "n % 400 = 0",
    "disputed": "n % 300 = 0",
    "level": "CASE WHEN n % 200 = 0 THEN 'red_card' END",
}
"""What makes a copy of a ticket another one, by column."""
_COLUMNS = [column.name for column in TicketRow.__table__.columns]
_COPIES = f"""
INSERT INTO tickets ({", ".join(_COLUMNS)})
SELECT {", ".join(_OTHER.get(name, name) for name in _COLUMNS)}
FROM tickets, generate_series(1, {ROWS}) n WHERE external_id = 'seed'
"""  # noqa: S608 - own names
_TASKS = """
INSERT INTO tasks (ticket_id, kind, holder, role, due, since, version)
SELECT id, 'reply', lead, 'unit', due, received_at, version FROM tickets WHERE number LIKE 'BIG-%'
UNION ALL
SELECT id, 'press', 'supervisor', 'supervisor', due, received_at, version FROM tickets
WHERE number LIKE 'BIG-%'
"""
_NOTICES = """
INSERT INTO notices (key, ticket_id, "to", kind, at, webhook)
SELECT id || '#1', id, lead, 'dispatched', received_at, false FROM tickets
WHERE number LIKE 'BIG-%'
"""


@pytest.fixture(scope="module")
async def big(database_url: str) -> AsyncIterator[AsyncEngine]:
    """A ledger with fifty thousand tickets, copies of one that was lived."""
    await migrate(database_url)
    engine = make_engine(database_url)
    await LedgerWriter(engine).record(walk("handling", external_id="seed").whole)
    async with engine.begin() as connection:
        await connection.execute(text(_COPIES))
        await connection.execute(text(_TASKS))
        await connection.execute(text(_NOTICES))
    async with engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(
            text("VACUUM ANALYZE tickets, tasks, notices")
        )
    yield engine
    await engine.dispose()


async def plans(engine: AsyncEngine, ask: Callable[[], Awaitable[Any]]) -> list[dict[str, Any]]:
    """What PostgreSQL would do for each statement of a list."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        await ask()
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
    found = []
    async with engine.connect() as connection:
        for statement, parameters in asked:
            explained = f"EXPLAIN (FORMAT JSON) {statement}"
            rows = await connection.exec_driver_sql(explained, parameters)
            found.append(rows.scalar_one()[0]["Plan"])
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan and all below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


A_PAGE_ON = After(at=START - timedelta(days=9), key=("ticket/video/copy-100",))
A_TASK_ON = After(at=START + timedelta(days=90), key=("ticket/video/copy-100", "reply"))

WANTED: dict[str, Find] = {
    "newest": Find(),
    "due first": Find(order=Order.DUE),
    "overdue": Find(overdue=True, order=Order.DUE),
    "escalated": Find(escalated=True),
    "on hold": Find(on_hold=True),
    "disputed": Find(disputed=True),
    "with a red card": Find(level="red_card"),
    "open": Find(open=True),
    "of a unit": Find(unit="unit-7"),
    "of a unit, also beside the lead": Find(unit="unit-7", assisting=True),
    "of a district": Find(district="district-3"),
    "of an item": Find(item="item-77"),
    "in a stage": Find(stage="closure"),
    "of a channel": Find(channel="video"),
    "by number": Find(number="BIG-4711"),
    "of a day": Find(received_from=START - timedelta(days=3), received_to=START - timedelta(2)),
}


def reads_no_whole_table(plan: dict[str, Any]) -> None:
    for node in nodes(plan):
        assert node["Node Type"] != "Seq Scan", node
        if node["Node Type"] in ("Sort", "Incremental Sort"):
            assert node["Plan Rows"] < ROWS / UNITS, node


@pytest.mark.parametrize("after", [None, A_PAGE_ON], ids=["first page", "later page"])
@pytest.mark.parametrize("wanted", WANTED)
async def test_lists_that_take_seconds_at_50_000_rows(
    big: AsyncEngine, wanted: str, after: After | None
) -> None:
    for plan in await plans(big, lambda: views.find(big, WANTED[wanted], after=after)):
        reads_no_whole_table(plan)


@pytest.mark.parametrize("holder", ["unit-7", "supervisor", "nobody"])
@pytest.mark.parametrize("after", [None, A_TASK_ON], ids=["first page", "later page"])
async def test_inboxes_that_take_seconds_at_50_000_rows(
    big: AsyncEngine, holder: str, after: After | None
) -> None:
    for plan in await plans(big, lambda: views.inbox(big, holder, after=after)):
        reads_no_whole_table(plan)


async def test_notices_and_single_tickets_too(big: AsyncEngine) -> None:
    asked: list[Callable[[], Awaitable[Any]]] = [
        lambda: views.notices(big, "unit-7"),
        lambda: views.ticket_row(big, "BIG-4711"),
        lambda: views.ticket_row(big, "ticket/video/copy-4711"),
    ]
    for ask in asked:
        for plan in await plans(big, ask):
            reads_no_whole_table(plan)


async def test_a_plan_that_reads_everything_is_noticed(big: AsyncEngine) -> None:
    """This test can fail: what counts all tickets does read them all."""
    (plan,) = await plans(big, lambda: views.counts(big))
    with pytest.raises(AssertionError):
        reads_no_whole_table(plan)
