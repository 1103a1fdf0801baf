"""Many clocks due in the same second, and many open tickets planned anew.

``herd``: so many tickets are filed while the offices are closed. Their clocks of signing start when
the offices open, so all are due in one second. Every ring must be in the journal, each once; how
late it is is told by the ring itself.

``replan``: then a calendar is imported in which the next working day is a holiday, and every open
ticket is moved to its new due times through its own journal, by the workflow that ``calendar
import`` starts.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from typing import Final

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.load import at_work
from bench.proof import proved
from bench.report import Figures
from bench.scene import Scene
from juanchi.bulk import Bulk
from juanchi.domain.actor import Actor
from juanchi.domain.limits import Window, limit_of
from juanchi.domain.lists import CalendarDay, CalendarYear, DayKind, Pack, with_calendar
from juanchi.domain.terms import ClockName, Role
from juanchi.domain.ticket import Clue, Reporter
from juanchi.ledger.city import change_pack, current_pack

TICKETS: Final = 5000
AT_ONCE: Final = 64
RATE: Final = 25
"""Tickets a second that can surely be filed: so the offices open when all are there."""
LIMIT: Final = "0.005wh"
_QUICK: Final = 200

_RANG: Final = text(
    """
    SELECT ticket_id, extract(epoch FROM at - (event->>'due')::timestamptz) AS late
    FROM journal WHERE kind = 'rang' AND event->>'clock' = 'sign' AND event->>'rung' = 'overdue'
    """
)
_UNSIGNED: Final = text("SELECT count(*) FROM tickets WHERE phase = 'unsigned'")
_REPLANNED: Final = text(
    "SELECT count(DISTINCT ticket_id) FROM journal WHERE kind = 'planned'"
    " AND jsonb_array_length(event->'moved') > 0"
)


async def measure(scene: Scene, *, quick: bool = False) -> Figures:
    """The herd, and then its new plan."""
    tickets = _QUICK if quick else TICKETS
    opens = _opening(tickets)
    await change_pack(scene.engine, lambda pack: _closed_until(pack, opens), by="bench")
    due = opens + timedelta(hours=0.005)
    async with scene.ticket_worker():
        await at_work(lambda name: _filed(scene, name), tickets, AT_ONCE)
        while await _count(scene.engine, _UNSIGNED) < tickets:
            if datetime.now(UTC) >= opens:
                raise RuntimeError("the offices opened before all tickets were there")
            await asyncio.sleep(0.5)
        await asyncio.sleep((due - datetime.now(UTC)).total_seconds())
        late, took = await _all_rang(scene.engine, tickets)
        figures: Figures = {
            "herd_tickets": tickets,
            "herd_rings_per_s": tickets / took,
            "herd_p50_late_s": quantiles(late, n=100)[49],
            "herd_p99_late_s": quantiles(late, n=100)[98],
        }
        figures["replan_tickets_per_s"] = await _replanned(scene, tickets)
    await proved(scene)
    return figures


def _opening(tickets: int) -> datetime:
    """When the offices open: the full minute after all can be there."""
    ready = datetime.now(UTC) + timedelta(seconds=20 + tickets / RATE)
    return ready.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _closed_until(pack: Pack, opens: datetime) -> Pack:
    """The city whose offices open at that minute today, a working day there; it is noon."""
    shift = 12 - opens.hour
    local = opens + timedelta(hours=shift)
    day = CalendarDay(day=local.date(), kind=DayKind.WORK, name="bench")
    policy = pack.policy.model_copy(
        update={
            "service_hours": (Window(opens=local.time(), closes=local.time().replace(hour=23)),),
            "limits": {**pack.policy.limits, ClockName.SIGN: {"default": limit_of(LIMIT)}},
        }
    )
    zone = f"Etc/GMT{-shift:+d}" if shift else "Etc/GMT"
    changed = pack.model_copy(update={"policy": policy, "timezone": zone})
    return with_calendar(changed, CalendarYear(year=local.year, days=(day,)))


async def _filed(scene: Scene, name: str) -> None:
    clue = Clue(
        channel="web",
        external_id=f"herd-{name}",
        text="The bin in Mill Parish is overflowing",
        reported_at=datetime.now(UTC),
        reporter=Reporter(id="r-1"),
    )
    await scene.juanchi.report(clue)


async def _all_rang(engine: AsyncEngine, tickets: int) -> tuple[list[float], float]:
    """How late each ring was, and how long it took until the ledger had them all."""
    began = time.perf_counter()
    while True:
        async with engine.connect() as connection:
            rows = (await connection.execute(_RANG)).all()
        if len({row.ticket_id for row in rows}) >= tickets:
            break
        await asyncio.sleep(0.2)
    took = time.perf_counter() - began
    if len(rows) != tickets:
        raise RuntimeError(f"{tickets} tickets, but {len(rows)} rings: some rang twice")
    return [float(row.late) for row in rows], took


async def _replanned(scene: Scene, tickets: int) -> float:
    """Tickets a second that a bulk re-plan moves."""
    pack, _ = await current_pack(scene.engine)
    today = pack.calendars[-1].days[0].day
    days = (today + timedelta(days=ahead) for ahead in range(1, 8))
    off = CalendarDay(day=next(d for d in days if d.weekday() < 5), kind=DayKind.REST, name="bench")
    year = CalendarYear(year=today.year, days=(*pack.calendars[-1].days, off))
    await change_pack(scene.engine, lambda pack: with_calendar(pack, year), by="bench")
    _, version = await current_pack(scene.engine)
    bulk = Bulk(scene.client, scene.settings.queue("bulk"))
    await asyncio.sleep(2)  # until the worker has noticed the new lists
    began = time.perf_counter()
    operator = Actor(role=Role.SUPERVISOR, staff="bench")
    handle = await bulk.replan(version, "a holiday more", operator, [year.year])
    swept = await handle.result()
    took = time.perf_counter() - began
    moved = await _count(scene.engine, _REPLANNED)
    if swept.taken != tickets or moved != tickets:
        raise RuntimeError(f"of {tickets} tickets {swept.taken} were planned anew, {moved} moved")
    return tickets / took


async def _count(engine: AsyncEngine, query: TextClause) -> int:
    async with engine.connect() as connection:
        return await connection.scalar(query) or 0
