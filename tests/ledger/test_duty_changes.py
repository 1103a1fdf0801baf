"""Changes of the lists in the ledger: numbers, journal, view; and what the audit finds."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.actor import Actor
from juanchi.domain.duty_change.change import Proposal, change_id
from juanchi.domain.duty_change.gaps import key_of_ruling, of_ruling
from juanchi.domain.duty_change.rows import AddDuty, ReplaceDuty
from juanchi.domain.lines import ProposalLine
from juanchi.domain.terms import Role
from juanchi.ledger.audit import audit
from juanchi.ledger.city import load_pack
from juanchi.ledger.duty_changes import changes, file, gap, opened, read, unbegun, unfiled
from juanchi.ledger.errors import NoDutyChange
from juanchi.ledger.rebuild import rebuild
from juanchi.ledger.writer import LedgerWriter
from tests.domain.duty_people import Change, add, approved, lamp_at_harbour
from tests.handmade import Handmade
from tests.ledger.conftest import force
from tests.pure import MONDAY, tinytown

PROPOSAL = Proposal(
    rows=(add("lamp", "harbour", "bins"),), reason="a gap", by=Actor(role=Role.SUPERVISOR)
)


async def kept(engine: AsyncEngine, life: Change, key: str = "1") -> str:
    """A life of the pure core, written as its workflow would have; its number."""
    number = (await file(engine, key, life.change.proposal)).number
    change = life.change.having(number=number)
    first = life.entries[0]
    begun = first.event.model_copy(update={"number": number})
    async with opened(engine, number) as book:
        await book.write(change, [first.model_copy(update={"event": begun}), *life.entries[1:]])
    return number


async def problems(engine: AsyncEngine, *, now: datetime = MONDAY) -> list[str]:
    """What the audit says, without the changes' numbers."""
    found = (await audit(engine, now=now)).problems
    return [problem.partition(": ")[2] for problem in found]


async def test_a_key_has_one_number_for_ever(engine: AsyncEngine) -> None:
    filed = await asyncio.gather(*(file(engine, "same", PROPOSAL) for _ in range(8)))
    assert len({one.number for one in filed}) == 1
    other = await file(engine, "other", PROPOSAL)
    assert other.number != filed[0].number
    changed = PROPOSAL.model_copy(update={"reason": "another"})
    assert (await file(engine, "same", changed)).proposal == PROPOSAL


async def test_what_is_filed_waits_until_it_has_begun(engine: AsyncEngine) -> None:
    filed = await file(engine, "1", PROPOSAL)
    assert [one.number for one in await unbegun(engine)] == [filed.number]
    number = await kept(engine, lamp_at_harbour())
    assert number == filed.number
    assert await unbegun(engine) == []
    with pytest.raises(NoDutyChange, match="no change DC-x"):
        async with opened(engine, "DC-x"):
            pass
    assert await read(engine, "DC-\0") == []


async def test_a_rulings_gap_is_found_until_it_is_filed(engine: AsyncEngine) -> None:
    ruled = Handmade("gap").verified().asked("open_arbitration", Role.SUPERVISOR, reason="whose?")
    ruled.asked("rule", Role.ARBITER, lead="bins", basis="Charter 3", gap=True)
    await LedgerWriter(engine).record(ruled.lived.recording())
    [line] = await unfiled(engine)
    assert await gap(engine, line.ruling) == line
    assert await gap(engine, "no such ruling") is None
    proposal = of_ruling(line, tinytown().pack, MONDAY.date())
    await file(engine, key_of_ruling(line.ticket_id, line.ruling), proposal)
    assert await unfiled(engine) == []


def test_a_ruling_replaces_the_row_that_there_is() -> None:
    line = ProposalLine(
        ticket_id="ticket/web/1",
        ruling="TT-1-A1",
        item="lamp",
        region=None,
        lead="bins",
        assisting=("bins", "roads"),
        basis="Charter 3",
        at=MONDAY,
    )
    pack = tinytown().pack
    [row] = of_ruling(line, pack, MONDAY.date()).rows
    assert isinstance(row, ReplaceDuty)
    assert (row.region, row.assisting) == ("*", ("roads",))
    [row] = of_ruling(line.model_copy(update={"region": "mill"}), pack, MONDAY.date()).rows
    assert isinstance(row, AddDuty)


async def test_lists_of_changes(engine: AsyncEngine) -> None:
    first = await kept(engine, lamp_at_harbour(), "1")
    second = await kept(engine, approved(), "2")
    assert {line.number for line in await changes(engine)} == {first, second}
    [mine] = await changes(engine, holder="bins")
    assert (mine.number, mine.due("bins"), mine.due("roads")) == (first, mine.tasks[0].due, None)
    assert await changes(engine, holder="bins\0") == []
    assert len(await changes(engine, open=True)) == 2
    assert await changes(engine, open=False) == []


@pytest.mark.parametrize("statement", ["UPDATE {} SET seq = 7", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_journal_only_grows(engine: AsyncEngine, statement: str) -> None:
    await kept(engine, lamp_at_harbour())
    with pytest.raises(IntegrityError, match="append-only"):
        async with engine.begin() as connection:
            await connection.execute(text(statement.format("duty_change_journal")))


async def test_the_audit_is_clean_and_a_rebuild_changes_nothing(engine: AsyncEngine) -> None:
    await kept(engine, lamp_at_harbour(), "1")
    await kept(engine, approved(), "2")
    report = await audit(engine, now=MONDAY)
    assert (report.problems, report.duty_changes) == ((), 2)
    before = await changes(engine)
    assert (await rebuild(engine)).duty_changes == 2
    assert await changes(engine) == before


async def test_the_audit_knows_which_workflows_must_run(engine: AsyncEngine) -> None:
    number = await kept(engine, lamp_at_harbour())
    where = change_id(number)
    assert (await audit(engine, {where}, now=MONDAY)).ok
    lost = await audit(engine, set(), now=MONDAY)
    assert lost.problems == (f"{where}: it is not over but has no open workflow",)
    stray = await audit(engine, {where, "duty-change/DC-x"}, now=MONDAY)
    told = "duty-change/DC-x: its workflow is open but the ledger does not know it"
    assert stray.problems == (told,)


async def test_the_audit_finds_what_is_broken(engine: AsyncEngine) -> None:
    await kept(engine, lamp_at_harbour())
    await force(engine, "UPDATE duty_changes SET phase = 'approved'")
    told = "duty_changes.phase is 'approved', the journal says 'consulting'"
    assert await problems(engine) == [told]
    await force(engine, "DELETE FROM duty_changes")
    assert await problems(engine) == ["its row in duty_changes is missing"]
    assert (await rebuild(engine)).damaged == ()
    assert await problems(engine) == []
    await force(engine, "DELETE FROM duty_change_journal WHERE seq = 2")
    assert await problems(engine) == ["an entry of its journal is missing"]
    assert len((await rebuild(engine)).damaged) == 1
    assert len(await changes(engine)) == 1, "the old row of a damaged journal stays"
    await force(engine, "DELETE FROM duty_change_journal")
    later = datetime.now(UTC) + timedelta(hours=1)
    assert await problems(engine, now=later) == [
        "it has a row but no journal",
        "it was filed but never began",
    ]


async def test_the_audit_counts_batches(engine: AsyncEngine) -> None:
    """What is in force is in the lists once; what is not is not there at all."""
    number = await kept(engine, approved(7))
    await load_pack(engine, tinytown().pack, by=change_id(number))
    [told] = await problems(engine)
    assert told.startswith("its batches are [")
    due = MONDAY + timedelta(days=9)
    assert len(await problems(engine, now=due)) == 2, "its date has come and it is not in force"
