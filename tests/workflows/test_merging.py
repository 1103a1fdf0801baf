"""Ten voices, one ticket, ten answers: compared, merged, heard and taken back on real servers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from temporalio.client import Client

from juanchi.domain.merging import MergeAsked
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import Role
from juanchi.domain.ticket import Phase, Ticket
from juanchi.ledger.audit import audit
from juanchi.ledger.journal import fold_journal, read
from juanchi.ledger.reading import LedgerViews
from juanchi.ledger.rebuild import rebuild
from juanchi.packs import read_pack
from juanchi.runtime.settings import Settings
from tests.domain.cities import changed
from tests.pure import TINYTOWN
from tests.town import Town, founded, town_at_work

COMPARES = {"sameness": {"merge_above": 0.9, "propose_above": 0.3}}
LAMP = "The lamp at the corner of Mill Parish green has been out for a week and it is very dark"
LIKE_IT = "It is very dark: the lamp at the corner of Mill Parish green is broken again"
LIKE_IT_TOO = (
    "Nobody sees a thing, the lamp at the corner of Mill Parish green being out. Do mend it!"
)


@pytest.fixture(scope="module")
async def town(
    settings: Settings, temporal_client: Client, database_url: str
) -> AsyncIterator[Town]:
    """Tinytown, where clues are compared."""
    pack = read_pack(TINYTOWN)
    pack = pack.model_copy(update={"policy": changed(pack.policy, COMPARES)})
    engine = await founded(database_url, pack)
    try:
        async with town_at_work(settings, temporal_client, temporal_client, engine) as alive:
            yield alive
    finally:
        await engine.dispose()


async def said(town: Town, name: str, at: str, words: str = LAMP, **more: Any) -> str:
    """Somebody says it of a place; those who say the same of one place mean one lamp."""
    more = {"channel": "web", "place": {"address": f"{at} Green"}, **more}
    ticket = await town.report(f"{at}-{name}", words, **more)
    await town.until(ticket, lambda state: not state.uncompared and state.version > 1)
    return ticket


async def ended(town: Town, ticket: str) -> Ticket:
    await town.juanchi.temporal.get_workflow_handle(ticket).result()
    return await town.state(ticket)


async def spoken_for(town: Town, ticket: str) -> str | None:
    """The ticket that speaks for this one, once it does."""
    ending = (await ended(town, ticket)).ending
    return ending.into if ending else None


async def merged_by_hand(town: Town, ticket: str, into: str) -> None:
    await town.act(ticket, "merge", Role.DISPATCHER, None, into=into, reason="the same lamp")
    await ended(town, ticket)


async def answered(town: Town, ticket: str) -> set[str]:
    """The clues whose reporters were told that this ticket has been answered, each once."""
    query = text("SELECT ticket_id FROM notices WHERE \"to\" = 'reporter' AND key LIKE :key")
    async with town.engine.connect() as connection:
        rows = (await connection.scalars(query, {"key": f"{ticket}#%"})).all()
    assert len(set(rows)) == len(rows)
    return set(rows)


async def sound(town: Town) -> None:
    """The ledger says one thing, and says it again when its views are built anew."""
    for _ in range(2):
        report = await audit(town.engine)
        assert report.ok, report.problems
        await rebuild(town.engine)


async def test_the_same_said_in_the_same_instant_is_one_ticket(town: Town) -> None:
    tickets = await asyncio.gather(*(said(town, f"{n}", "Elm") for n in range(8)))
    async with asyncio.timeout(60):
        while True:
            states = [await town.state(ticket) for ticket in tickets]
            alive = [state for state in states if state.open]
            if len(alive) == 1 and alive[0].phase is not Phase.SCREENING:
                break
            await asyncio.sleep(0.2)
    assert {s.ending.into for s in states if s.ending} == {alive[0].id}
    survivor = await town.state(alive[0].id)
    assert survivor.heard == 7
    line = await LedgerViews(town.engine).ticket_line(survivor.id)
    assert line is not None
    assert line.voices == 7
    merged = next(s for s in states if s.ending)
    events = [line.event for line in await read(town.engine, merged.id)]
    assert [event.reasons for event in events if isinstance(event, MergeAsked)] == [
        ("copied", "same_place", "same_item")
    ]


async def test_what_is_likely_is_proposed_and_a_dispatcher_decides(town: Town) -> None:
    first = await said(town, "first", "Ash")
    one = await said(town, "one", "Ash", LIKE_IT)
    other = await said(town, "other", "Ash", LIKE_IT_TOO)
    for ticket in (one, other):
        state = await town.state(ticket)
        assert state.proposed is not None
        assert first in state.proposed.tickets
        assert state.phase is Phase.UNSIGNED, "it does not wait for the answer"
        inbox = await LedgerViews(town.engine).inbox("dispatcher", 100)
        assert (ticket, "judge_sameness") in {(task.ticket.id, task.kind) for task in inbox}
    await town.act(one, "not_same", Role.DISPATCHER, None, reason="another lamp")
    state = await town.state(one)
    assert state.proposed is None
    assert first in state.unlike
    with pytest.raises(Refused) as refused:
        await town.act(one, "not_same", Role.DISPATCHER, None, reason="as I said")
    assert refused.value.code is Code.NOTHING_PROPOSED
    await merged_by_hand(town, other, first)
    assert (await town.state(first)).voices == (other,)


async def test_every_voice_is_answered_once_and_may_rate(town: Town) -> None:
    first = await said(town, "first", "Oak")
    voices = [await said(town, f"{n}", "Oak") for n in range(3)]
    assert {await spoken_for(town, voice) for voice in voices} == {first}
    await town.sign(first)
    await town.reply(first)
    assert await answered(town, first) == set()
    await town.review(first)
    assert await answered(town, first) == set(voices)
    late = await said(town, "late", "Oak")
    await ended(town, late)
    await town.until(first, lambda state: bool(state.answering and state.answering.told == 4))
    assert await answered(town, first) == {*voices, late}
    taken = await town.rate(voices[0], 5)
    assert taken.ticket_id == first
    with pytest.raises(Refused) as refused:
        await town.rate(voices[0], 4)
    assert refused.value.code is Code.RATED_ALREADY
    await town.rate(first, 5)
    state = await town.state(first)
    assert state.phase is Phase.CLOSED
    await town.rate(late, 1)
    state = await town.state(first)
    assert (state.phase, state.ending) == (Phase.DISPUTED, None), "a voice is heard like its own"
    await town.rate(voices[1], 1)
    await town.review(first)
    state = await town.state(first)
    assert state.phase is Phase.CLOSED
    assert (state.voice_ratings.rated, state.voice_ratings.bad) == (3, 2)
    assert state.rating is not None
    assert state.rating.overall == 5
    await town.rate(voices[2], 1)
    assert (await town.state(first)).phase is Phase.CLOSED, "it was looked into once"


async def test_a_chain_is_told_by_its_end(town: Town) -> None:
    a = await said(town, "a", "Fir", LIKE_IT)
    b = await said(town, "b", "Fig", LIKE_IT)
    c = await said(town, "c", "Ivy", LIKE_IT)
    await merged_by_hand(town, a, b)
    await merged_by_hand(town, b, c)
    late = await said(town, "late", "Yew")
    await merged_by_hand(town, late, a)
    assert await spoken_for(town, late) == c
    state = await town.state(c)
    assert (state.heard, set(state.voices)) == (3, {b, late})
    await town.sign(c)
    await town.reply(c)
    await town.review(c)
    assert await answered(town, c) == {a, b, late}
    assert (await town.rate(a, 4)).ticket_id == c


async def test_taken_back_it_is_its_own_ticket_from_its_own_time(town: Town) -> None:
    first = await said(town, "first", "Bay")
    other = await said(town, "other", "Bay")
    received = (await ended(town, other)).received_at
    action = {
        "kind": "unmerge",
        "id": "u1",
        "actor": {"role": "dispatcher"},
        "at": received,
        "reason": "the next lamp",
    }
    taken = await town.juanchi.act(other, action)
    assert await town.juanchi.act(other, action) == taken
    await town.until(other, lambda state: state.phase is Phase.UNSIGNED)
    state = await town.state(other)
    assert state.received_at == received
    assert state.leaving is None
    assert state.number is not None
    survivor = await town.state(first)
    assert survivor.heard == 0
    assert (await town.history(first))[-1] == "voice_removed"
    with pytest.raises(Refused) as refused:
        await town.act(other, "unmerge", Role.DISPATCHER, None, reason="again")
    assert refused.value.code is Code.WRONG_PHASE
    await sound(town)
    await merged_by_hand(town, other, first)
    assert (await town.state(first)).voices == (other,), "a second merge is a merge"
    await town.act(other, "unmerge", Role.DISPATCHER, None, reason="after all")
    await town.until(first, lambda state: not state.heard)
    assert fold_journal(await read(town.engine, other)) == await town.state(other)


async def test_a_closed_one_takes_no_voice_and_is_told_as_recurring(town: Town) -> None:
    first = await said(town, "first", "Box")
    await town.sign(first)
    await town.reply(first)
    await town.review(first)
    await town.rate(first)
    again = await said(town, "again", "Box")
    await town.until(again, lambda state: state.phase is Phase.UNSIGNED)
    state = await town.state(again)
    assert [seen.ticket_id for seen in state.recurs] == [first]
    with pytest.raises(Refused) as refused:
        await town.act(again, "unmerge", Role.DISPATCHER, None, reason="x")
    assert refused.value.code is Code.WRONG_PHASE
    await town.act(again, "merge", Role.DISPATCHER, None, into=first, reason="the same")
    state = await town.state(again)
    assert state.open
    assert (await town.history(again))[-1] == "merge_failed"


async def test_an_urgent_voice_makes_it_urgent_and_many_make_it_watched(town: Town) -> None:
    first = await said(town, "first", "Elder")
    for n in range(3):
        await ended(town, await said(town, f"{n}", "Elder", urgency="urgent" if n else None))
    state = await town.state(first)
    assert state.urgency == "urgent"
    assert state.urgency_why.startswith("urgent_voice: ")
    assert "repeated" in state.supervised


async def test_the_ledger_is_sound_after_all(town: Town) -> None:
    await sound(town)
