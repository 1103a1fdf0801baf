"""Failures of other ticket systems, each by name and in its smallest form on the real thing.

What users suffer from is in ``test_failures``; lists at 50,000 rows are in
``tests/ledger/test_big_lists``; the long and the violent form of all is in ``tests/chaos``.
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.city import CityDesk
from activities.notifying import NotifyingActivities
from juanchi.cli.import_progress import Counts, Ended, Keeper, State
from juanchi.client import Juanchi
from juanchi.domain import machine
from juanchi.domain.clocks import Rang
from juanchi.domain.clue import Received, ScreenResult
from juanchi.domain.daybook import days
from juanchi.domain.lists import CalendarDay, CalendarYear, DayKind, with_calendar, with_policy
from juanchi.domain.notices import NoticeFailed, NoticePosted, Notify, NotifyResult, notify_done
from juanchi.domain.terms import ClockName
from juanchi.domain.ticket import Clue, Phase
from juanchi.domain.turn import Recording
from juanchi.intake.screening import Screener
from juanchi.intake.tools import Tools
from juanchi.ledger import views
from juanchi.ledger.city import CityReader
from juanchi.ledger.errors import JournalConflict
from juanchi.ledger.journal import read
from juanchi.ledger.writer import LedgerWriter
from juanchi.packs import read_pack
from juanchi.runtime.settings import Settings
from tests.chaos.receiver import Mood, Receiver
from tests.domain.cities import changed, tinytown_now
from tests.domain.people import DAY, LAMP, alive, handling, unsigned
from tests.pure import TINYTOWN
from tests.town import Town, founded, town_at_work
from tests.walk import walk
from worker import working


@pytest.fixture(scope="module")
async def ledger(database_url: str) -> AsyncIterator[AsyncEngine]:
    """A ledger with Tinytown's lists; roads has a system of its own, wherever it listens."""
    engine = await founded(database_url, read_pack(TINYTOWN))
    yield engine
    await engine.dispose()


@pytest.fixture(scope="module")
async def town(
    settings: Settings, temporal_client: Client, ledger: AsyncEngine
) -> AsyncIterator[Town]:
    """The town at work on that ledger."""
    async with town_at_work(settings, temporal_client, temporal_client, ledger) as at_work:
        yield at_work


# ---------------------------------------------------------------- time


def test_pause_x_calendar_x_policy_change_in_deadline_arithmetic() -> None:
    """Six working days from Monday 16 November; on hold from the 18th; and then everything changes.

    While it is on hold, a new table makes Saturday 28 a working day and Monday 30 a holiday, and a
    new policy gives three days to what begins from the 20th on.
    """
    life = handling(LAMP)
    first = life.clock(ClockName.HANDLE)
    assert (first.why.limit, first.due.date()) == ("6wd", date(2026, 11, 24))
    life.passes(2 * DAY)
    life.does("lead", "request_hold", review_on=date(2026, 11, 24))
    life.does("dispatcher", "answer_hold", granted=True)
    life.tools = _changed_lists()
    life.does("supervisor", "replan", reason="a new table and a new policy")
    assert life.clock(ClockName.HANDLE).due == first.due, "what stands still is not moved"
    life.passes(8 * DAY)
    handle = life.clock(ClockName.HANDLE)
    counted = [day.day.day for day in days(handle) if day.counts]
    assert counted == [17, 25, 26, 27, 28, 1], "the 17th; from the 25th on; the 28th; not the 30th"
    assert (handle.why.limit, handle.due.date()) == ("6wd", date(2026, 12, 1))
    assert handle.original_due == first.due == life.ticket.first_due
    life.does("lead", "request_extension", days=2)
    life.does("dispatcher", "answer_extension", granted=True)
    assert life.clock(ClockName.HANDLE).due.date() == date(2026, 12, 3)
    life.does("lead", "reply")
    assert life.clock(ClockName.REVIEW).why.rule.startswith("policy tinytown@2"), "it begins now"


def _changed_lists() -> Tools:
    table = CalendarYear(
        year=2026,
        days=(
            CalendarDay(day=date(2026, 11, 28), kind=DayKind.WORK),
            CalendarDay(day=date(2026, 11, 30), kind=DayKind.REST),
        ),
    )
    pack = with_calendar(tinytown_now().pack, table)
    changes = {"version": "2", "valid_from": "2026-11-20", "limits": {"handle": {"default": "3wd"}}}
    return Tools(with_policy(pack, changed(pack.policy, changes)), "tinytown@2")


async def test_timers_lost_doubled_or_all_fired_at_once_after_a_restart_or_upgrade(
    settings: Settings, time_skipping: WorkflowEnvironment, ledger: AsyncEngine
) -> None:
    """Two workers after each other, neither of which remembers anything from task to task.

    Every workflow task is thus a restart. What an upgrade does to recorded lives is in
    ``tests/histories``; what an outage of weeks leaves behind comes last.
    """
    own = settings.model_copy(
        update={"queue_prefix": f"restart-{uuid.uuid4().hex[:8]}", "no_cache": True}
    )
    client = time_skipping.client
    mark = uuid.uuid4().hex[:8]
    town = Town(Juanchi(client, queue=own.tickets_queue), ledger, mark)
    async with working(own, client, ledger, shared=()):
        with time_skipping.with_time_skipping_disabled():
            ticket = await town.report("restarted")
        await town.verify(ticket)
        handle = client.get_workflow_handle(ticket)
        await time_skipping.fast_forward(handle, 2 * DAY)
    async with working(own, client, ledger, shared=()):
        await time_skipping.fast_forward(handle, 28 * DAY)
        state = await town.state(ticket)
    events = [line.event for line in await read(ledger, ticket)]
    rang = [event for event in events if isinstance(event, Rang)]
    # Orders and watches begin anew, and then ring anew.
    anew = (ClockName.ORDER, ClockName.WATCH)
    once = Counter((one.clock, one.subject, one.rung) for one in rang if one.clock not in anew)
    assert set(once.values()) == {1}
    for clock in (ClockName.SIGN, ClockName.HANDLE):
        rungs = [rung.kind for rung in state.deadlines[clock].rungs]
        assert [event.rung for event in rang if event.clock is clock] == rungs
        assert not any(event.missed for event in rang if event.clock is clock)

    asleep = unsigned()
    asleep.sleep_through(30 * DAY)
    late = [event for event in asleep.all(Rang) if event.clock is ClockName.HANDLE]
    assert len(late) == 1, "the highest is carried out, the others are told as missed"
    assert len(late[0].missed) == len(asleep.clock(ClockName.HANDLE).rungs) - 1


# ---------------------------------------------------------------- in and out


async def test_fetched_but_lost_intake_and_redelivered_duplicates(
    town: Town, tmp_path: Path
) -> None:
    """What was fetched and not taken is fetched again; what is delivered twice is one ticket."""
    state = State(file="day.csv", mapping="m.toml", rejects=tmp_path / "rejects.csv")
    keeper = Keeper.resumed(tmp_path / "day.json", state, (), "en")
    first, second, third = (keeper.begin(line) for line in (2, 3, 4))
    keeper.end(first, Ended(counts=Counts(rows=1, tickets=1)))
    keeper.end(third, Ended(counts=Counts(rows=1, tickets=1)))
    keeper.save()
    del second  # killed while its row was on the way
    resumed = Keeper.resumed(tmp_path / "day.json", state, (), "en").state
    assert (resumed.line, resumed.counts.rows) == (2, 1), "it goes on behind the first row"

    tickets = await asyncio.gather(*(town.report("twice") for _ in range(8)))
    await town.report("twice")
    assert len(set(tickets)) == 1
    await town.verify(tickets[0])
    received = [e for e in await read(town.engine, tickets[0]) if isinstance(e.event, Received)]
    assert len(received) == 1


async def test_an_outbound_send_that_succeeded_but_was_recorded_failed(ledger: AsyncEngine) -> None:
    """The unit has it, and we do not know: it is posted again under the same key, and told so."""
    receiver = Receiver([Mood.FORGETFUL, Mood.WELL])
    ticket = unsigned().ticket
    asked = Notify(key=f"{ticket.id}#7>roads", to="roads", what="dispatched", attempt=1)
    tried: list[NotifyResult] = []
    async with receiver.listening(), httpx.AsyncClient() as http:
        pack = read_pack(TINYTOWN)
        hooked = tuple(unit.model_copy(update={"webhook": receiver.url}) for unit in pack.units)

        class Desk(CityDesk):
            async def tools(self) -> Tools:
                return Tools(pack.model_copy(update={"units": hooked}), "hooked")

        notifying = NotifyingActivities(Desk(CityReader(ledger)), http)
        for attempt in (1, 2):
            step = asked.model_copy(update={"attempt": attempt})
            tried.append(await notifying.notify(ticket, step))
    assert [bool(result.error) for result in tried] == [True, False]
    assert [arrival.key for arrival in receiver.arrivals] == [asked.key] * 2
    (failed,) = notify_done(ticket, tried[0], ticket.since)
    assert isinstance(failed, NoticeFailed)
    assert failed.retry_at is not None
    waiting = machine.evolve(ticket, failed).undelivered[0]
    assert (waiting.key, waiting.attempt) == (asked.key, 2)
    (posted,) = notify_done(ticket, tried[1], ticket.since)
    assert isinstance(posted, NoticePosted)


class Allergic(Screener):
    """Breaks down over one word, as a rule with a mistake would."""

    def screen(self, clue: Clue) -> ScreenResult:
        if "poison" in clue.text:
            raise RecursionError("catastrophic pattern")
        return super().screen(clue)


async def test_one_poison_item_starving_a_queue(ledger: AsyncEngine) -> None:
    """A clue that breaks a rule goes to a person; a turn that cannot be written fails alone."""
    tools = Tools(tinytown_now().pack, "allergic")
    tools.__dict__["screener"] = Allergic(tools.pack, tools.recogniser)
    poison = alive("poison in the mill pond", tools=tools)
    assert poison.ticket.phase is Phase.TRIAGE
    assert poison.ticket.stuck == "screening_failed: RecursionError"
    assert alive(tools=tools).ticket.phase is Phase.VERIFYING

    writer = LedgerWriter(ledger)
    lives = [walk("handling", external_id=f"queue-{number}") for number in range(20)]
    await writer.record(lives[7].recordings[0])
    wrong = walk("withdrawn", external_id="queue-7").recordings[0]
    other = wrong.entries[0].event.model_copy(update={"at": lives[7].now})
    bad = Recording(
        ticket=wrong.ticket,
        entries=(wrong.entries[0].model_copy(update={"event": other}),),
    )
    turns = [life.whole if number != 7 else bad for number, life in enumerate(lives)]
    outcomes = await asyncio.gather(*map(writer.record, turns), return_exceptions=True)
    assert [number for number, one in enumerate(outcomes) if isinstance(one, Exception)] == [7]
    assert isinstance(outcomes[7], JournalConflict)


# ---------------------------------------------------------------- lists


async def test_a_supervisor_s_list_that_is_stale_without_saying_so(ledger: AsyncEngine) -> None:
    """Lists are written with the journal, in one transaction, and each line says as of when."""
    walked = walk("watched", external_id="fresh")
    for recording in walked.recordings:
        await LedgerWriter(ledger).record(recording)
        line = await views.ticket_row(ledger, recording.ticket.id)
        assert line is not None
        assert line.version == recording.ticket.version
        assert line.updated_at == recording.entries[-1].event.at
    pressed = await views.inbox(ledger, "supervisor", limit=500)
    mine = [task for task in pressed if task.ticket.id == walked.ticket.id]
    assert [task.ticket.version for task in mine] == [walked.ticket.version]
    assert mine[0].due is not None
    assert mine[0].due - walked.now < timedelta(days=30)
