"""The verification desk reads what a street team needs, from a ledger full of other things."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.ticket import Clue
from juanchi.ledger.tables import ClueRow, TaskRow, TicketRow
from juanchi.ledger.verifying import AROUND, TASKS, around, site_tasks
from juanchi.ledger.writer import LedgerWriter
from tests.ledger.peek import rows
from tests.walk import START, Walked, walk

MANY = 20_000


async def recorded(writer: LedgerWriter, life: Walked) -> Walked:
    await writer.record(life.whole)
    return life


async def test_a_team_sees_its_tasks_with_pictures_and_what_is_open_around(
    engine: AsyncEngine, writer: LedgerWriter
) -> None:
    later = await recorded(
        writer, walk("verifying", external_id="b", at=START + timedelta(hours=1))
    )
    first = await recorded(writer, walk("verifying", external_id="a"))
    handled = await recorded(writer, walk("handling", external_id="c"))
    closed = await recorded(writer, walk("closed", external_id="d"))
    tasks = await site_tasks(engine, "street")
    due = {one.ticket.id: one.ticket.deadlines["verify"].due for one in (first, later)}
    assert [(one.ticket_id, one.kind, one.due) for one in tasks] == [
        (id_, "verify", due[id_]) for id_ in sorted(due, key=lambda id_: (due[id_], id_))
    ]
    assert tasks[0].text == first.ticket.clue.text
    near = {one.ticket_id for one in await around(engine, "street")}
    assert near == {first.ticket.id, later.ticket.id, handled.ticket.id}
    assert closed.ticket.id not in near
    for nobody in ("works", "str\0eet"):
        assert await site_tasks(engine, nobody) == []
        assert await around(engine, nobody) == []


async def test_pictures_are_kept_with_the_clue(engine: AsyncEngine, writer: LedgerWriter) -> None:
    links = ("https://pictures.example/1.jpg", "https://pictures.example/2.jpg")
    life = walk("verifying")
    clue = Clue.model_validate({**life.ticket.clue.model_dump(), "pictures": links})
    first = life.entries[0].event.model_copy(update={"clue": clue})
    entries = (life.entries[0].model_copy(update={"event": first}), *life.entries[1:])
    ticket = life.ticket.having(clue=clue)
    await writer.record(life.whole.model_copy(update={"ticket": ticket, "entries": entries}))
    assert [row["pictures"] for row in await rows(engine, ClueRow)] == [list(links)]
    assert (await site_tasks(engine, "street"))[0].pictures == links


async def multiplied(engine: AsyncEngine, ticket_id: str) -> None:
    """A ticket with its task and clue, again and again, for a hundred other teams."""
    own = {"external_id": "external_id || n", "number": "NULL"}
    team = "'team-' || n % 100"
    async with engine.begin() as connection:
        for table, key, changes in (
            (TicketRow, "id", {"street_team": team}),
            (TaskRow, "ticket_id", {"holder": team}),
            (ClueRow, "ticket_id", {}),
        ):
            made = {**own, **changes, key: f"{key} || '-' || n"}
            names = table.__table__.columns.keys()
            values = (made.get(name, f't."{name}"') for name in names)
            columns = ", ".join(f'"{name}"' for name in names)
            await connection.execute(
                text(
                    f"INSERT INTO {table.__tablename__} ({columns}) "  # noqa: S608
                    f"SELECT {', '.join(values)} FROM {table.__tablename__} t, "
                    f"generate_series(1, {MANY}) n WHERE t.{key} = :id"
                ),
                {"id": ticket_id},
            )
    async with engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.execute(text("ANALYZE tickets, tasks, clues"))


async def test_it_goes_down_indexes_among_very_many(
    engine: AsyncEngine, writer: LedgerWriter
) -> None:
    life = await recorded(writer, walk("verifying"))
    await multiplied(engine, life.ticket.id)
    for query, index in ((TASKS, "ix_tasks_holder"), (AROUND, "ix_tickets_around")):
        async with engine.connect() as connection:
            asked = {"team": "team-7", "most": 1000}
            plan = "\n".join((await connection.scalars(text(f"EXPLAIN {query}"), asked)).all())
        assert index in plan, plan
        assert "Seq Scan" not in plan, plan
    assert len(await site_tasks(engine, "team-7")) == MANY // 100
    assert len(await around(engine, "team-7")) == MANY // 100
