"""Clocks on the real server with virtual time: working days pass in moments."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from juanchi.domain.clocks import Rang
from juanchi.domain.notices import NoticeKind
from juanchi.domain.refusal import Refused
from juanchi.domain.terms import ClockName, Role, RungKind
from juanchi.domain.ticket import Phase
from juanchi.ledger.journal import read
from juanchi.ledger.views import inbox, notices
from tests.life import CLOSED, VERIFIED
from tests.town import Town

DAY = timedelta(days=1)


class Clockwork:
    """A ticket whose time stands still until it is told to pass."""

    def __init__(self, town: Town, environment: WorkflowEnvironment) -> None:
        self.town = town
        self.environment = environment

    async def report(self, name: str, **more: Any) -> str:
        with self.environment.with_time_skipping_disabled():
            return await self.town.report(name, **more)

    async def pass_time(self, ticket: str, by: timedelta) -> None:
        handle = self.town.juanchi.temporal.get_workflow_handle(ticket)
        await self.environment.fast_forward(handle, by)

    async def rang(self, ticket: str) -> list[tuple[ClockName, RungKind]]:
        entries = await read(self.town.engine, ticket)
        return [(e.event.clock, e.event.rung) for e in entries if isinstance(e.event, Rang)]


@pytest.fixture
def clockwork(virtual_town: Town, time_skipping: WorkflowEnvironment) -> Clockwork:
    return Clockwork(virtual_town, time_skipping)


async def test_nobody_signs_and_it_climbs(clockwork: Clockwork) -> None:
    town, ticket = clockwork.town, await clockwork.report("unsigned")
    await town.verify(ticket)
    await clockwork.pass_time(ticket, 21 * DAY)
    rang = Counter(await clockwork.rang(ticket))
    for clock in (ClockName.SIGN, ClockName.HANDLE):
        for rung in (RungKind.REMINDER, RungKind.OVERDUE, RungKind.ESCALATED):
            assert rang[clock, rung] == 1
    assert rang[ClockName.WATCH, RungKind.PRESSED] > 3
    press = (await inbox(town.engine, Role.SUPERVISOR))[0]
    assert press.ticket.id == ticket
    assert press.ticket.escalated
    told = {notice.kind for notice in await notices(town.engine, "roads")}
    assert told >= {NoticeKind.DISPATCHED, NoticeKind.REMINDER, NoticeKind.ESCALATED}
    await town.sign(ticket)
    await town.reply(ticket)
    answer = (await town.state(ticket)).answer
    assert answer is not None
    assert not answer.on_time


async def test_a_signed_ticket_no_longer_asks_for_a_signature(clockwork: Clockwork) -> None:
    town, ticket = clockwork.town, await clockwork.report("signed")
    await town.verify(ticket)
    await town.sign(ticket)
    await clockwork.pass_time(ticket, 2 * DAY)
    assert await town.history(ticket) == [*VERIFIED, "signed"]


async def test_a_closed_ticket_is_archived_after_its_window(clockwork: Clockwork) -> None:
    town, ticket = clockwork.town, await clockwork.report("archived")
    await town.verify(ticket)
    await town.sign(ticket)
    await town.reply(ticket)
    await town.review(ticket)
    await town.rate(ticket)
    handle = town.juanchi.temporal.get_workflow_handle(ticket)
    await clockwork.pass_time(ticket, 11 * DAY)
    assert await handle.result() == "closed"
    assert await town.history(ticket) == [*CLOSED, "rang", "archived"]
    with pytest.raises(Refused):
        await town.act(ticket, "reopen", Role.REPORTER, None, reason="too late")


async def test_the_handling_clock_starts_at_dispatch(clockwork: Clockwork) -> None:
    """Not signing never stops it."""
    town, ticket = clockwork.town, await clockwork.report("clock")
    await town.verify(ticket)
    dispatched = (await town.state(ticket)).deadlines[ClockName.HANDLE]
    await clockwork.pass_time(ticket, 3 * DAY)
    await town.sign(ticket)
    state = await town.state(ticket)
    assert state.deadlines[ClockName.HANDLE].due == dispatched.due
    assert state.deadlines[ClockName.HANDLE].started == state.dispatched_at


async def test_a_long_life_is_continued_as_new(clockwork: Clockwork) -> None:
    """History grows, runs change; the ticket, its due times and what it has processed do not."""
    town, ticket = clockwork.town, await clockwork.report("long")
    await town.verify(ticket)
    await town.sign(ticket)
    handle = town.juanchi.temporal.get_workflow_handle(ticket)
    first = await handle.describe()
    before = await town.state(ticket)
    told = None
    for number in range(60):
        note = {"note": f"day {number}", "id": f"progress-{number}"}
        answer = await town.act(ticket, "progress", Role.UNIT, "roads", **note)
        told = told or answer
    assert (await handle.describe()).run_id != first.run_id
    state = await town.state(ticket)
    assert state.deadlines == before.deadlines
    assert state.phase is Phase.HANDLING
    again = {"note": "day 0", "id": "progress-0"}
    assert await town.act(ticket, "progress", Role.UNIT, "roads", **again) == told
    assert (await town.history(ticket)).count("progressed") == 60
    await clockwork.pass_time(ticket, 9 * DAY)
    assert (ClockName.HANDLE, RungKind.OVERDUE) in await clockwork.rang(ticket)
