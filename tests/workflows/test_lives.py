"""Every way through the stages, on the real server, with the ledger really written."""

import asyncio

import pytest

from juanchi.domain.ticket import Ticket
from juanchi.ledger.journal import fold_journal, read
from tests.lives import LIVES
from tests.town import Town


@pytest.mark.parametrize("name", LIVES)
async def test_life(town: Town, name: str) -> None:
    life = LIVES[name]
    ticket = await life.play(town)
    if life.end and life.end != "closed":
        handle = town.juanchi.temporal.get_workflow_handle(ticket)
        assert await handle.result() == life.end
    state = await town.state(ticket)
    assert await town.history(ticket) == life.journal
    assert state.phase is life.phase
    assert (state.ending.kind if state.ending else None) == life.end
    await _journal_is_truth(town, state)


async def _journal_is_truth(town: Town, live: Ticket) -> None:
    assert fold_journal(await read(town.engine, live.id)) == live


async def test_survivor_speaks_for_the_voice(town: Town) -> None:
    survivor = await town.report("heard")
    voice = await town.report("unheard")
    await town.verify(voice, "already_handled", into=survivor)
    assert (await town.state(survivor)).voices == (voice,)
    assert "voice_added" in await town.history(survivor)


async def test_two_that_merge_into_each_other_do_not_both_end(town: Town) -> None:
    """Nor do they wait for each other for ever."""
    one, other = await town.report("one"), await town.report("other")
    async with asyncio.timeout(30):
        await asyncio.gather(
            town.verify(one, "already_handled", into=other),
            town.verify(other, "already_handled", into=one),
        )
        states = await asyncio.gather(town.state(one), town.state(other))
    assert any(state.open for state in states)
    for state in states:
        assert not state.merging_into
        if state.ending:
            assert state.ending.kind == "merged"
