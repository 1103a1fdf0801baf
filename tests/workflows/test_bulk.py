"""Many tickets at once: planned anew after an import, raised and put back by an incident."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from juanchi.bulk import Bulk
from juanchi.client import Juanchi
from juanchi.domain.actor import Actor
from juanchi.domain.clocks import Planned
from juanchi.domain.limits import limit_of
from juanchi.domain.lists import (
    CalendarDay,
    CalendarYear,
    DayKind,
    Pack,
    with_calendar,
    with_policy,
)
from juanchi.domain.plans import PlanWhy
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.situation import Incident
from juanchi.domain.terms import ClockName, Role, Urgency
from juanchi.domain.ticket import Ticket
from juanchi.ledger.audit import audit
from juanchi.ledger.city import change_pack, current_pack
from juanchi.ledger.journal import read
from juanchi.packs import read_pack
from juanchi.runtime.settings import Settings
from tests.pure import TINYTOWN
from tests.town import Town, founded
from worker import working

OPERATOR = Actor(role=Role.SUPERVISOR, staff="operator")
BIN = "The bin in Mill Parish is overflowing"
LAMP = "The lamp is out in Mill Parish, please mend it"


class Crowd:
    """A town of its own with many tickets, whose worker can be stopped and started."""

    def __init__(self, settings: Settings, client: Client, engine: AsyncEngine, mark: str) -> None:
        self.settings = settings
        self.client = client
        self.engine = engine
        self.town = Town(Juanchi(client, queue=settings.tickets_queue), engine, mark)
        self.bulk = Bulk(client, settings.queue("bulk"))

    def working(self) -> AbstractAsyncContextManager[None]:
        """The worker."""
        return working(self.settings, self.client, self.engine, shared=())

    async def filed(self, count: int, text: str = BIN) -> list[str]:
        """Tickets that wait for their unit to sign."""
        names = (uuid.uuid4().hex[:8] for _ in range(count))
        tickets = await asyncio.gather(
            *(self.town.report(name, text, channel="web") for name in names)
        )
        for ticket in tickets:
            await self.town.until(ticket, lambda state: state.lead is not None)
        return sorted(tickets)

    async def states(self, tickets: list[str]) -> list[Ticket]:
        """How they stand."""
        return await asyncio.gather(*map(self.town.state, tickets))

    async def changed(self, change: partial[Pack]) -> str:
        """Put a change of the lists in force; the version it has."""
        await change_pack(self.engine, change, by="tests")
        _, version = await current_pack(self.engine)
        await asyncio.sleep(1.5)  # until the worker has noticed
        # Every test has a ledger of its own, but they share a Temporal.
        return f"{version}-{self.town.mark}"


@pytest.fixture
async def crowd(
    settings: Settings, temporal_client: Client, own_database_url: str
) -> AsyncIterator[Crowd]:
    mark = uuid.uuid4().hex[:8]
    engine = await founded(own_database_url, read_pack(TINYTOWN))
    own = settings.model_copy(update={"queue_prefix": f"crowd-{mark}"})
    yield Crowd(own, temporal_client, engine, mark)
    await engine.dispose()


def holidays(days: int) -> CalendarYear:
    """A calendar in which the next days are holidays."""
    today = datetime.now(UTC).date()
    off = (today + timedelta(days=ahead) for ahead in range(1, days + 1))
    return CalendarYear(
        year=today.year,
        days=tuple(CalendarDay(day=day, kind=DayKind.REST, name="flood") for day in off),
    )


async def test_a_calendar_moves_every_open_ticket_though_the_worker_dies(crowd: Crowd) -> None:
    """The sweep goes on where it was; each ticket is moved once, through its own journal."""
    async with crowd.working():
        tickets = await crowd.filed(30)
        before = [state.deadlines["handle"].due for state in await crowd.states(tickets)]
        version = await crowd.changed(partial(with_calendar, year=holidays(5)))
        handle = await crowd.bulk.replan(version, "flood holidays", OPERATOR)
    # Nobody works for a moment; it is also asked for twice.
    again = await crowd.bulk.replan(version, "flood holidays", OPERATOR)
    assert again.id == handle.id
    async with crowd.working():
        swept = await again.result()
        assert (swept.taken, swept.refused, swept.failed) == (len(tickets), {}, ())
        states = await crowd.states(tickets)
        for state, due in zip(states, before, strict=True):
            handling = state.deadlines["handle"]
            assert handling.due > due
            assert handling.original_due == due
            entries = await read(crowd.engine, state.id)
            planned = [e.event for e in entries if isinstance(e.event, Planned) and e.event.moved]
            assert [moved.was for moved in planned[0].moved if moved.clock == "handle"] == [due]
            assert {moved.why for moved in planned[0].moved} == {PlanWhy.REPLANNED}
            assert len(planned) == 1
        report = await audit(crowd.engine, {state.id for state in states})
    assert report.ok, report.problems


async def test_a_calendar_of_a_far_year_moves_nothing(crowd: Crowd) -> None:
    async with crowd.working():
        tickets = await crowd.filed(2)
        year = CalendarYear(year=2199, days=())
        version = await crowd.changed(partial(with_calendar, year=year))
        handle = await crowd.bulk.replan(version, "2199", OPERATOR, years=[2199])
        swept = await handle.result()
    assert (swept.taken, swept.refused) == (0, {Code.NOTHING_TO_PLAN: len(tickets)})


async def test_a_policy_moves_open_tickets_from_its_date_on(crowd: Crowd) -> None:
    async with crowd.working():
        tickets = await crowd.filed(2, LAMP)
        pack, _ = await current_pack(crowd.engine)
        today = datetime.now(UTC).date()
        handle_limits = {"default": limit_of("3wd")}
        stricter = pack.policy.model_copy(
            update={
                "version": "2",
                "valid_from": today,
                "limits": {**pack.policy.limits, ClockName.HANDLE: handle_limits},
            }
        )
        version = await crowd.changed(partial(with_policy, policy=stricter))
        await (await crowd.bulk.replan(version, "stricter", OPERATOR)).result()
        for state in await crowd.states(tickets):
            handling = state.deadlines["handle"]
            assert handling.why.limit == "3wd"
            assert handling.due < handling.original_due


async def test_an_incident_raises_its_items_and_puts_them_back(crowd: Crowd) -> None:
    """Open tickets and new ones; what a person decided meanwhile stays, others are not touched."""
    async with crowd.working():
        bins, lamps = await crowd.filed(5), await crowd.filed(2, LAMP)
        pack, _ = await current_pack(crowd.engine)
        storm = Incident(
            code=f"storm-{crowd.town.mark}",
            items=("Waste",),
            region="north",
            reason="storm",
            begins=datetime.now(UTC),
        )
        handle = await crowd.bulk.declare(storm, OPERATOR, pack)
        while (await crowd.bulk.incident(storm.code)).raised < len(bins):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        assert {state.urgency for state in await crowd.states(bins)} == {Urgency.URGENT}
        assert {state.urgency for state in await crowd.states(lamps)} == {Urgency.GENERAL}
        [late] = await crowd.filed(1)
        assert (await crowd.town.state(late)).raised_by == storm.code
        decided = {"urgency": "general", "reason": "it has been emptied"}
        await crowd.town.act(bins[0], "set_urgency", Role.DISPATCHER, None, **decided)
        decided = {"urgency": "urgent", "reason": "rats"}
        await crowd.town.act(bins[0], "set_urgency", Role.DISPATCHER, None, **decided)
        with pytest.raises(Refused):
            await crowd.bulk.declare(storm, OPERATOR, pack)
        await crowd.bulk.end_incident(storm.code, "the storm has passed")
        over = await handle.result()
        assert (over.raised, over.put_back) == (len(bins), len(bins))
        states = await crowd.states(bins)
        assert [state.urgency for state in states] == [Urgency.URGENT, *[Urgency.GENERAL] * 4]
        assert (await crowd.town.state(late)).urgency is Urgency.GENERAL
        [after] = await crowd.filed(1)
        assert (await crowd.town.state(after)).urgency is Urgency.GENERAL


async def test_an_incident_of_nothing_is_refused(crowd: Crowd) -> None:
    pack, _ = await current_pack(crowd.engine)
    storm = Incident(code="storm", items=("no-such",), reason="?", begins=datetime.now(UTC))
    with pytest.raises(Refused) as refused:
        await crowd.bulk.declare(storm, OPERATOR, pack)
    assert refused.value.code is Code.UNKNOWN_ITEM
    with pytest.raises(Refused) as refused:
        await crowd.bulk.end_incident(f"never-{crowd.town.mark}", "?")
    assert refused.value.code is Code.NOT_FOUND
