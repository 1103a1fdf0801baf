"""What the journals teach, read page by page."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.examples import Example, SettledBy
from juanchi.ledger.examples import Span, taught, taught_pages
from juanchi.ledger.writer import LedgerWriter
from tests.ledger.conftest import force
from tests.walk import RULED, START, walk

HOUR = timedelta(hours=1)


async def test_what_people_decided_is_read_from_the_journals(
    engine: AsyncEngine, writer: LedgerWriter
) -> None:
    for path in ("closed", "handling", RULED):
        name = path if isinstance(path, str) else "ruled"
        await writer.record(walk(path, external_id=name).whole)
    found = await taught(engine)
    assert found.damaged == []
    by = sorted((one.by, one.example.item, one.example.lead) for one in found.settled)
    assert by == [(SettledBy.RULING, "road", "parks"), (SettledBy.SILENCE, "road", "works")]
    (closed,) = (one for one in found.settled if one.by is SettledBy.SILENCE)
    life = walk("closed", external_id="closed")
    assert closed.example == Example(
        text=life.ticket.clue.text,
        at=life.ticket.clue.reported_at,
        channel="video",
        item="road",
        nature=None,
        region="street-1",
        address=life.ticket.place.address if life.ticket.place else "",
        lead="works",
        group=closed.example.group,
    )
    assert closed.example.group


async def test_pages_neither_lose_nor_repeat(engine: AsyncEngine, writer: LedgerWriter) -> None:
    for n in range(7):
        # Some at the same moment: the id decides between them.
        await writer.record(walk("closed", external_id=str(n), at=START + (n // 3) * HOUR).whole)
    pages = [page async for page in taught_pages(engine, page=2)]
    assert [len(page.settled) for page in pages] == [2, 2, 2, 1]
    at = [one.example.at for page in pages for one in page.settled]
    assert at == sorted(at, key=lambda moment: moment or START, reverse=True), "the newest first"
    assert len([one async for one in taught_pages(engine, page=2, most=3)]) == 2
    assert len((await taught(engine, most=3)).settled) == 3
    within = await taught(engine, Span(START + HOUR, START + 2 * HOUR))
    assert len(within.settled) == 3


async def test_a_damaged_journal_is_named_and_stops_nobody(
    engine: AsyncEngine, writer: LedgerWriter
) -> None:
    for name in ("sound", "broken"):
        await writer.record(walk("closed", external_id=name).whole)
    await force(
        engine,
        "UPDATE journal SET event = event - 'lead' WHERE kind = 'dispatched' "
        "AND ticket_id = 'ticket/video/broken'",
    )
    found = await taught(engine)
    assert found.damaged == ["ticket/video/broken"]
    assert len(found.settled) == 1
