"""Lists, inboxes and counts: what is found, in which order, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.lines import Find, InboxLine, NoticeLine, Order, TicketLine
from juanchi.domain.ticket import Phase
from juanchi.ledger import views
from juanchi.ledger.rows import task_rows, ticket_row
from juanchi.ledger.writer import LedgerWriter
from tests.ledger.conftest import force
from tests.walk import PATHS, START, Walked, walk


@pytest.fixture
async def lives(writer: LedgerWriter) -> list[Walked]:
    """Three of every life, received a minute after each other."""
    lived = [
        walk(path, external_id=f"{path}-{n}", at=START + timedelta(minutes=n), text=f"{path} 路灯")
        for n, path in enumerate([*PATHS] * 3)
    ]
    await asyncio.gather(*(writer.record(life.whole) for life in lived))
    return lived


def ids(found: list[TicketLine]) -> set[str]:
    return {line.id for line in found}


def paths(found: Iterable[str]) -> set[str]:
    """The lives that these ids tell of."""
    return {id_.removeprefix("ticket/video/").rpartition("-")[0] for id_ in found}


ESCALATED = {"watched", "review_date", "carded", "fed_back", "released"}
ORDERED = {"arbitrated", "consulted", "ordered", "carded", "fed_back"}


async def test_a_ticket_by_id_or_number(engine: AsyncEngine, lives: list[Walked]) -> None:
    for life in lives[: len(PATHS)]:
        wanted = ticket_row(life.ticket, life.entries[-1].event.at)
        line = await views.ticket_row(engine, life.ticket.id)
        assert line is not None
        assert line == TicketLine.model_validate(wanted)
        if line.number:
            assert await views.ticket_row(engine, line.number) == line
    assert await views.ticket_row(engine, "ticket/video/none") is None
    assert await views.ticket_row(engine, "nul\0") is None


@pytest.mark.parametrize("order", Order)
async def test_pages_join_without_seam(
    engine: AsyncEngine, lives: list[Walked], order: Order
) -> None:
    wanted = Find(order=order)
    pages: list[TicketLine] = []
    after = None
    while page := await views.find(engine, wanted, limit=5, after=after):
        pages += page
        after = wanted.after(page[-1])
    assert len(pages) == len(ids(pages))
    if order is Order.NEWEST:
        assert [line.received_at for line in pages] == sorted(
            (life.ticket.received_at for life in lives), reverse=True
        )
    else:
        dues = [line.due for line in pages if line.due]
        assert len(dues) == len(pages) == sum(bool(task_rows(life.ticket)) for life in lives)
        assert dues == sorted(dues)


async def test_what_is_asked_for_is_found(engine: AsyncEngine, lives: list[Walked]) -> None:
    async def found(**wanted: object) -> set[str]:
        return ids(await views.find(engine, Find.model_validate(wanted), limit=500))

    tickets = [life.ticket for life in lives]
    for phase in Phase:
        assert await found(phase=phase) == {t.id for t in tickets if t.phase is phase}
    assert await found(phase="no such") == set()
    assert await found(stage="closure") == {t.id for t in tickets if t.stage == "closure"}
    assert await found(unit="works") == {t.id for t in tickets if t.lead == "works"}
    assert await found(unit="police") == set()
    helped = {t.id for t in tickets if "police" in t.assisting}
    assert helped
    assert await found(unit="police", assisting=True) == helped
    assert await found(open=True) == {t.id for t in tickets if t.open}
    assert await found(open=False) == {t.id for t in tickets if not t.open}
    assert await found(end_kind="merged") == {t.id for t in tickets if "/merged" in t.id}
    assert paths(await found(escalated=True)) == ESCALATED
    assert paths(await found(on_hold=True)) == {"on_hold"}
    assert paths(await found(disputed=True)) == {"arbitrated", "consulted", "appealed"}
    assert paths(await found(level="red_card")) == {"arbitrated", "consulted"}
    assert paths(await found(level="yellow_card")) == ORDERED - {"arbitrated", "consulted"}
    assert await found(supervised=True) == {t.id for t in tickets if t.supervised}
    assert await found(supervised=False) == {t.id for t in tickets if not t.supervised}
    assert len(await found(on_hold=False)) == len(lives) - 3
    assert await found(channel="video", item="road", district="futian") == {
        t.id for t in tickets if t.item
    }
    assert await found(text="disputed 路") == {t.id for t in tickets if "disputed" in t.id}
    for text in ("100%_", "nul\0", "没有"):
        assert await found(text=text) == set()
    assert await found(number=tickets[7].number) == {tickets[7].id}
    some = START + timedelta(minutes=3), START + timedelta(minutes=6)
    assert await found(received_from=some[0], received_to=some[1]) == {t.id for t in tickets[3:6]}


async def test_overdue_is_what_is_past_due_now(engine: AsyncEngine, lives: list[Walked]) -> None:
    rows = [ticket_row(life.ticket, START) for life in lives]
    now = sorted(row["due"] for row in rows if row["due"])[10]
    wanted = Find(overdue=True, order=Order.DUE)
    found = await views.find(engine, wanted, limit=500, now=now)
    assert ids(found) == {row["id"] for row in rows if row["due"] and row["due"] < now}
    rest = await views.find(engine, Find(overdue=False), limit=500, now=now)
    assert len(rest) + len(found) == len(lives)
    rang = [line for line in rest + found if line.overdue]
    assert paths(line.id for line in rang) == {"overdue", *ESCALATED}
    assert paths(line.id for line in rang if line.escalated) == ESCALATED


async def test_an_inbox_begins_with_the_most_urgent(
    engine: AsyncEngine, lives: list[Walked]
) -> None:
    tasks = [row for life in lives for row in task_rows(life.ticket)]
    of_posts = {row["holder"] for row in tasks if "/" in row["holder"]}
    assert of_posts == {"works/head"}
    for holder in ("works", "works/head", "police", "street", "checker", "arbiter", "nobody"):
        wanted = sorted(
            (row["due"], row["ticket_id"], row["kind"]) for row in tasks if row["holder"] == holder
        )
        assert keys(await whole_inbox(engine, holder)) == wanted
    assert await views.inbox(engine, "nul\0") == []


async def test_tasks_without_a_due_time_come_last(engine: AsyncEngine, lives: list[Walked]) -> None:
    before = await whole_inbox(engine, "works")
    dateless = {before[0].ticket.id, before[3].ticket.id}
    for id_ in dateless:
        await force(engine, "UPDATE tasks SET due = NULL WHERE ticket_id = :id", id=id_)
    after = await whole_inbox(engine, "works")
    assert {line.ticket.id for line in after[-2:]} == dateless
    assert [line.due for line in after[-2:]] == [None, None]
    assert keys(after[:-2]) == [key for key in keys(before) if key[1] not in dateless]


async def test_a_task_that_a_race_left_is_not_shown(
    engine: AsyncEngine, lives: list[Walked]
) -> None:
    before = await whole_inbox(engine, "works")
    gone = before[0].ticket.id
    await force(engine, "UPDATE tasks SET version = version - 1 WHERE ticket_id = :id", id=gone)
    assert keys(await whole_inbox(engine, "works")) == keys(before)[1:]


async def whole_inbox(engine: AsyncEngine, holder: str) -> list[InboxLine]:
    lines: list[InboxLine] = []
    after = None
    while page := await views.inbox(engine, holder, limit=4, after=after):
        lines += page
        after = page[-1].after
    return lines


def keys(lines: list[InboxLine]) -> list[tuple[object, str, str]]:
    return [(line.due, line.ticket.id, line.kind) for line in lines]


async def test_notices_newest_first(engine: AsyncEngine, lives: list[Walked]) -> None:
    wanted = sorted(
        ((n.at, n.key) for life in lives for n in life.notices if n.to == "works"), reverse=True
    )
    lines: list[NoticeLine] = []
    after = None
    while page := await views.notices(engine, "works", limit=7, after=after):
        lines += page
        after = page[-1].after
    assert [(line.at, line.key) for line in lines] == wanted
    assert await views.notices(engine, "nul\0") == []


async def test_what_a_line_tells_of_supervision(engine: AsyncEngine, lives: list[Walked]) -> None:
    async def line(path: str) -> TicketLine:
        (life, *_) = [life for life in lives if paths([life.ticket.id]) == {path}]
        found = await views.ticket_row(engine, life.ticket.id)
        assert found is not None
        return found

    assert (await line("returning")).pending == ("return",)
    assert (await line("extending")).pending == ("extension",)
    assert (await line("extended")).extensions == 1
    assert (await line("arbitrated")).returns_refused == 2
    assert (await line("arbitrated")).supervised == ("proactive", "refusing")
    assert (await line("urgent")).raised_by == "storm-1"
    assert (await line("closed")).on_time_first is True
    assert ((await line("disputed")).rating, (await line("disputed")).rating_void) == (1, False)
    assert ((await line("rating_void")).rating, (await line("rating_void")).rating_void) == (
        1,
        True,
    )


async def test_counts(engine: AsyncEngine, lives: list[Walked]) -> None:
    counted = await views.counts(engine, now=START + timedelta(days=400))
    assert sum(count.tickets for count in counted) == len(lives)
    closed = [count for count in counted if count.end_kind == "closed"]
    assert {(c.phase, c.outcome, c.tickets) for c in closed} == {
        ("closed", "solved", 12),
        ("ended", "solved", 3),
    }
    assert sum(c.past_due for c in counted) == sum(bool(task_rows(v.ticket)) for v in lives)
    of_works = await views.counts(engine, unit="works")
    assert sum(c.tickets for c in of_works) == sum(v.ticket.lead == "works" for v in lives)
