"""Changes of the lists on real servers: through months, through crashes, and end to end."""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

from activities.city import CityDesk
from activities.duty_changes import DutyChangeActivities
from juanchi.bulk import Bulk
from juanchi.client import Juanchi
from juanchi.domain.actor import Actor
from juanchi.domain.duty_change.change import DutyChange, DutyPhase, Proposal, change_id
from juanchi.domain.duty_change.fit import Misfit
from juanchi.domain.duty_change.machine import relive
from juanchi.domain.duty_change.proposal import begin
from juanchi.domain.duty_change.rows import AnyRow
from juanchi.domain.duty_change.turn import DutyTaken, DutyTurn
from juanchi.domain.filing import Dispatched
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import Role
from juanchi.duties import Duties, stand_watch
from juanchi.ledger.audit import audit
from juanchi.ledger.city import CityReader, current_pack
from juanchi.ledger.duty_changes import changes, file, read, unbegun
from juanchi.ledger.journal import read as read_ticket
from juanchi.ledger.rebuild import rebuild
from juanchi.ledger.writer import LedgerWriter
from juanchi.packs import read_pack
from juanchi.runtime.sandbox import runner
from juanchi.runtime.settings import Settings
from tests.domain.duty_people import add, replace
from tests.handmade import Handmade
from tests.pure import TINYTOWN
from tests.town import Town, founded
from worker import working
from workflows.duty_change import DutyChangeWorkflow

SUPERVISOR = Actor(role=Role.SUPERVISOR, staff="s1")
LAMP = "The lamp is out at The Docks, please mend it"


class Hall:
    """A town hall of its own: lists, offices, a worker that can be stopped and started."""

    def __init__(self, settings: Settings, client: Client, engine: AsyncEngine, mark: str) -> None:
        self.settings = settings
        self.client = client
        self.engine = engine
        self.queue = settings.queue("bulk")
        self.duties = Duties(client, partial(file, engine), partial(read, engine), self.queue)
        self.bulk = Bulk(client, self.queue)
        self.town = Town(Juanchi(client, queue=settings.tickets_queue), engine, mark)
        self._ids = count(1)

    def working(self) -> Any:
        """The worker."""
        return working(self.settings, self.client, self.engine, shared=())

    async def propose(self, *rows: AnyRow, key: str = "") -> str:
        """A supervisor proposes."""
        proposal = Proposal(rows=rows, reason="a gap", by=SUPERVISOR)
        return await self.duties.propose(key or uuid.uuid4().hex, proposal)

    async def does(self, number: str, who: str, kind: str, **fields: Any) -> DutyTaken:
        """Somebody does something; who acts is a role, or a unit's code."""
        return await self.duties.act(number, self.asks(who, kind, **fields))

    def asks(self, who: str, kind: str, **fields: Any) -> dict[str, Any]:
        """An action as somebody would send it."""
        role, unit = (who, None) if who in list(Role) else (Role.UNIT, who)
        asked = {"kind": kind, "id": f"{kind}-{next(self._ids)}", "at": datetime.now(UTC)}
        return {**asked, "actor": {"role": role, "unit": unit}, **fields}

    async def change(self, number: str) -> DutyChange:
        """How it stands, by its journal."""
        return relive([entry.event for entry in await read(self.engine, number)])

    async def story(self, number: str) -> list[str]:
        """The kinds of all that happened to it."""
        return [entry.event.kind for entry in await read(self.engine, number)]

    async def until(self, holds: Callable[[], Awaitable[Any]]) -> Any:
        """Wait until something holds; the value it gave."""
        for _ in range(1200):
            if found := await holds():
                return found
            await asyncio.sleep(0.05)
        raise AssertionError("it never came to that")

    async def agreed(self, number: str) -> None:
        """All who are asked agree, and the staffing office supports it."""
        await self.until(partial(read, self.engine, number))
        for unit in (await self.change(number)).pending:
            await self.does(number, unit, "answer", stance="agree")
        await self.does(number, "staffing", "opinion", verdict="support")

    async def batches(self, number: str) -> int:
        """How many batches of the lists are this change's."""
        query = text("SELECT count(*) FROM batches WHERE by = :by")
        async with self.engine.connect() as connection:
            found = await connection.scalar(query, {"by": change_id(number)})
        return int(found or 0)


@asynccontextmanager
async def hall_at(settings: Settings, client: Client, url: str) -> AsyncIterator[Hall]:
    """Founded on an empty database. Its numbers are its own: all tests share one Temporal."""
    mark = uuid.uuid4().hex[:8]
    engine = await founded(url, read_pack(TINYTOWN))
    async with engine.begin() as connection:
        first = random.randrange(10**6, 10**9)
        await connection.execute(text(f"ALTER SEQUENCE duty_change_serial RESTART {first}"))
    own = settings.model_copy(update={"queue_prefix": f"hall-{mark}"})
    try:
        yield Hall(own, client, engine, mark)
    finally:
        await engine.dispose()


@pytest.fixture
async def hall(
    settings: Settings, temporal_client: Client, own_database_url: str
) -> AsyncIterator[Hall]:
    """In real time."""
    async with hall_at(settings, temporal_client, own_database_url) as founded_:
        yield founded_


@pytest.fixture
async def slow_hall(
    settings: Settings, time_skipping: WorkflowEnvironment, own_database_url: str
) -> AsyncIterator[Hall]:
    """On the server whose workflows have a virtual clock."""
    async with hall_at(settings, time_skipping.client, own_database_url) as founded_:
        yield founded_


def today() -> date:
    """Tinytown's day."""
    return datetime.now(UTC).date()


async def test_weeks_of_silence_and_then_into_force(
    slow_hall: Hall, time_skipping: WorkflowEnvironment
) -> None:
    """No unit answers, the offices are late, the run is continued as new, and replays."""
    hall = slow_hall
    async with hall.working():
        with time_skipping.with_time_skipping_disabled():
            number = await hall.propose(add("lamp", "harbour", "bins"))
            await hall.until(partial(read, hall.engine, number))
            assert (await hall.change(number)).pending == ("bins", "south-roads")
        handle = hall.client.get_workflow_handle(change_id(number))
        await time_skipping.fast_forward(handle, timedelta(days=40))
        now = await time_skipping.get_current_time(handle)
        await hall.does(number, "staffing", "opinion", verdict="support")
        day = (now + timedelta(days=20)).date()
        await hall.does(number, "approver", "approve", in_force_on=day.isoformat())
        assert await hall.batches(number) == 0
        await time_skipping.fast_forward(handle, timedelta(days=21))
        assert await handle.result() == DutyPhase.IN_FORCE
    story = await hall.story(number)
    assert story[:3] == ["change_proposed", "change_surveyed", "planned"]
    assert [kind for kind in story if kind.startswith("unit")] == ["units_silent"]
    assert story[-3:] == ["change_approved", "date_come", "change_in_force"]
    assert story.count("rang") > 5
    assert await hall.batches(number) == 1
    pack, _ = await current_pack(hall.engine)
    row = next(one for one in pack.duties if (one.item, one.region) == ("lamp", "harbour"))
    assert (row.lead, row.valid_from) == ("bins", day)
    await replays(hall, number)


async def replays(hall: Hall, number: str) -> None:
    """What has been lived can be lived again, by this very code."""
    history = await hall.client.get_workflow_handle(change_id(number)).fetch_history()
    replayer = Replayer(
        workflows=[DutyChangeWorkflow],
        workflow_runner=runner(shared=()),
        data_converter=pydantic_data_converter,
    )
    await replayer.replay_workflow(history)


async def test_a_gap_found_by_a_ruling_routes_the_next_ticket_by_the_list(hall: Hall) -> None:
    """A ruling's gap is proposed by itself, consulted, approved; then the list leads, no ruling."""
    async with hall.working():
        ruled = Handmade(f"gap-{hall.town.mark}", LAMP, now=datetime(2026, 3, 2, 10, tzinfo=UTC))
        ruled.verified().asked("open_arbitration", Role.SUPERVISOR, reason="whose are they?")
        ruled.asked("rule", Role.ARBITER, lead="bins", basis="Harbour Charter 2", gap=True)
        await LedgerWriter(hall.engine).record(ruled.lived.recording())
        before = await first_dispatch(hall, "before")
        assert (before.lead, before.reason[:7]) == ("bins", "ruling ")
        await stand_watch(
            hall.client,
            hall.queue,
            every=timedelta(milliseconds=200),
            id_=f"watch-{hall.town.mark}",
        )
        [line] = await hall.until(partial(changes, hall.engine))
        assert (line.ruling, line.rows[0].kind) == (ruled.ticket.rulings[0].number, "add_duty")
        await hall.agreed(line.number)
        await hall.does(line.number, "approver", "approve", in_force_on=today().isoformat())
        await asyncio.sleep(1.2)  # until the worker has noticed
        after = await first_dispatch(hall, "after")
        assert after.lead == "bins"
        assert after.reason == "duty lamp at harbour: Harbour Charter 2"
        assert not after.ruling
        assert len(await changes(hall.engine)) == 1, "the watch proposes nothing twice"
        await hall.client.get_workflow_handle(f"watch-{hall.town.mark}").terminate()
    report = await audit(hall.engine)
    assert report.duty_changes == 1
    assert [told for told in report.problems if "duty-change" in told] == []


async def first_dispatch(hall: Hall, name: str) -> Dispatched:
    """How the next ticket of the lamp is dispatched."""
    ticket = await hall.town.report(name, LAMP, channel="web")

    async def found() -> Dispatched | None:
        events = [line.event for line in await read_ticket(hall.engine, ticket)]
        return next((event for event in events if isinstance(event, Dispatched)), None)

    dispatched: Dispatched = await hall.until(found)
    return dispatched


async def test_open_tickets_stay_until_they_are_moved(hall: Hall) -> None:
    """Only by the explicit action, through their own journals, and only those concerned."""
    async with hall.working():
        at_docks = [await filed(hall, f"d{n}", LAMP) for n in range(2)]
        elsewhere = await filed(hall, "m", LAMP.replace("The Docks", "Mill"))
        number = await hall.propose(add("lamp", "harbour", "bins"))
        await hall.agreed(number)
        with pytest.raises(Refused) as early:
            await hall.bulk.move(
                await hall.change(number), "early", SUPERVISOR, (await current_pack(hall.engine))[0]
            )
        assert early.value.code is Code.NOT_NOW
        await hall.does(number, "approver", "approve", in_force_on=today().isoformat())
        await asyncio.sleep(1.2)
        assert [await lead_of(hall, one) for one in at_docks] == ["south-roads"] * 2
        pack, version = await current_pack(hall.engine)
        await hall.town.sign(at_docks[0], "south-roads")
        [sweep] = await hall.bulk.move(await hall.change(number), "DC", SUPERVISOR, pack)
        swept = await sweep.result()
        assert (swept.asked, swept.taken) == (2, 2)
        state = await hall.town.state(at_docks[0])
        assert (state.lead, state.lists_version) == ("bins", version)
        assert (await hall.town.history(at_docks[0]))[-3:] == [
            "moved_to_list",
            "dispatched",
            "planned",
        ]
        assert await lead_of(hall, elsewhere) == "roads"
        back = {"reason": "by hand", "lead": "south-roads"}
        await hall.town.act(at_docks[1], "move_to_list", Role.DISPATCHER, None, **back)
        assert await lead_of(hall, at_docks[1]) == "south-roads"
        with pytest.raises(Refused) as told:
            await hall.town.act(elsewhere, "move_to_list", Role.DISPATCHER, None, reason="list?")
        assert told.value.code is Code.SAME_UNIT


async def filed(hall: Hall, name: str, words: str) -> str:
    """A ticket that waits for its unit to sign."""
    ticket = await hall.town.report(name, words, channel="web")
    await hall.until(partial(lead_of, hall, ticket))
    return ticket


async def lead_of(hall: Hall, ticket: str) -> str | None:
    """Who has a ticket, by its journal: a query would disturb its first turns."""
    events = [line.event for line in await read_ticket(hall.engine, ticket)]
    return next((one.lead for one in reversed(events) if isinstance(one, Dispatched)), None)


async def test_a_turn_whose_answer_was_lost_is_not_lived_twice(hall: Hall) -> None:
    """Killed after the batch was loaded and before it was told: run again, it finds all there."""
    activities = DutyChangeActivities(hall.engine, CityDesk(CityReader(hall.engine)))
    proposal = Proposal(rows=(add("lamp", "harbour", "bins"),), reason="a gap", by=SUPERVISOR)
    number = (await file(hall.engine, "lost", proposal)).number
    now = datetime.now(UTC)
    newborn, _ = begin(number, proposal, now)

    async def lived(change: DutyChange, action: Any = None) -> DutyChange:
        plain = action and {**action, "at": action["at"].isoformat()}
        asked = DutyTurn(change=change, action=plain, at=datetime.now(UTC))
        first = await activities.turn_duty_change(asked)
        again = await activities.turn_duty_change(asked)
        assert again == first
        assert first.refused is None
        return await hall.change(number)

    change = await lived(newborn)
    for unit in change.pending:
        change = await lived(change, hall.asks(unit, "answer", stance="agree"))
    change = await lived(change, hall.asks("staffing", "opinion", verdict="support"))
    approve = hall.asks("approver", "approve", in_force_on=today().isoformat())
    change = await lived(change, approve)
    assert change.phase is DutyPhase.IN_FORCE
    assert await hall.batches(number) == 1
    late = await activities.turn_duty_change(
        DutyTurn(change=newborn, action=None, at=datetime.now(UTC))
    )
    assert [entry.seq for entry in late.entries] == list(range(1, change.version + 1))


async def test_a_worker_dies_in_the_middle(hall: Hall) -> None:
    """Proposed while nobody works, and stopped between all steps: each is done once."""
    number = await hall.propose(add("lamp", "harbour", "bins"), key="mine")
    assert await hall.propose(add("lamp", "mill", "bins"), key="mine") == number
    async with hall.working():
        await hall.until(partial(read, hall.engine, number))
    answer = asyncio.create_task(hall.does(number, "bins", "answer", stance="agree"))
    await asyncio.sleep(0.2)
    async with hall.working():
        await answer
    async with hall.working():
        await hall.does(number, "south-roads", "answer", stance="object", reason="ladders")
        opinion = hall.asks("staffing", "opinion", verdict="support")
        first = await hall.duties.act(number, opinion)
        assert await hall.duties.act(number, opinion) == first
        with pytest.raises(Refused) as told:
            await hall.does(number, "approver", "approve", in_force_on=today().isoformat())
        assert told.value.code is Code.MISSING_REASON
        yes = hall.asks("approver", "approve", in_force_on=today().isoformat(), note="so be it")
        done = await hall.duties.act(number, yes)
        assert await hall.duties.act(number, yes) == done, "also when it is over"
        with pytest.raises(Refused) as told:
            await hall.does(number, "approver", "reject", reason="too late")
        assert told.value.code is Code.CHANGE_OVER
        with pytest.raises(Refused) as told:
            await hall.does("DC-0", "approver", "reject", reason="which?")
        assert told.value.code is Code.NO_SUCH_CHANGE
    assert await hall.batches(number) == 1
    await replays(hall, number)
    rows = await changes(hall.engine)
    assert (await rebuild(hall.engine)).duty_changes == 1
    assert await changes(hall.engine) == rows


async def test_what_was_filed_and_never_begun_is_begun_by_the_watch(hall: Hall) -> None:
    """The proposer died between the filing and the start."""
    proposal = Proposal(rows=(replace("lamp", "*", "bins"),), reason="a gap", by=SUPERVISOR)
    died = await file(hall.engine, "died", proposal)
    assert [one.number for one in await unbegun(hall.engine)] == [died.number]
    async with hall.working():
        watch = f"watch-{hall.town.mark}"
        every = timedelta(milliseconds=200)
        for _ in range(2):
            await stand_watch(hall.client, hall.queue, every=every, id_=watch)
        await hall.until(partial(read, hall.engine, died.number))
        await asyncio.sleep(0.5)
        assert (await hall.story(died.number)).count("change_proposed") == 1
        await hall.client.get_workflow_handle(watch).terminate()


async def test_the_lists_have_moved_on_when_its_day_comes(
    slow_hall: Hall, time_skipping: WorkflowEnvironment
) -> None:
    """Two changes say the same: the second goes back to whoever approves, and nothing is lost."""
    hall = slow_hall
    async with hall.working():
        with time_skipping.with_time_skipping_disabled():
            second = await hall.propose(add("lamp", "harbour", "bins"))
            await hall.agreed(second)
            soon = (today() + timedelta(days=3)).isoformat()
            await hall.does(second, "approver", "approve", in_force_on=soon)
            first = await hall.propose(add("lamp", "harbour", "rescue"))
            await hall.agreed(first)
            await hall.does(first, "approver", "approve", in_force_on=today().isoformat())
        handle = hall.client.get_workflow_handle(change_id(second))
        await time_skipping.fast_forward(handle, timedelta(days=4))
        with time_skipping.with_time_skipping_disabled():
            change = await hall.change(second)
            assert change.phase is DutyPhase.APPROVAL
            overlap = Misfit(
                code=Code.ROW_OVERLAPS,
                facts={"row": "lamp / harbour", "lead": "rescue", "since": str(today())},
            )
            assert change.misfits == (overlap,)
            await hall.does(second, "approver", "reject", reason="rescue has them")
            assert await handle.result() == DutyPhase.REJECTED
    assert (await hall.batches(first), await hall.batches(second)) == (1, 0)
    assert [line.number for line in await changes(hall.engine, holder="approver")] == []
