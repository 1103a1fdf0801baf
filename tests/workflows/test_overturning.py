"""A discard overturned: an ended workflow lives on, once, from what the journal tells of it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client

from juanchi.client import Juanchi
from juanchi.domain import machine
from juanchi.domain.actor import Actor
from juanchi.domain.clue import ScreenResult
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import ClueVerdict, Role
from juanchi.domain.ticket import Clue, Phase
from juanchi.domain.turn import Lived
from juanchi.ledger.audit import audit
from juanchi.ledger.journal import fold_journal, read
from juanchi.ledger.reading import LedgerViews
from juanchi.ledger.writer import LedgerWriter
from juanchi.runtime import attributes
from tests.town import Town

SPAM = "special offer: discount on everything at the shop in Mill Parish"
BEGAN = ["received", "screened", "ended"]
TAKEN_UP = [*BEGAN, "overturned", "screened", "located"]


async def discarded(town: Town, name: str, text: str = SPAM) -> str:
    ticket = await town.report(name, text)
    assert await town.juanchi.temporal.get_workflow_handle(ticket).result() in (
        "discarded",
        "redirected",
    )
    return ticket


def overturn(key: str = "o1", **more: Any) -> dict[str, Any]:
    return {
        "kind": "overturn",
        "id": key,
        "actor": Actor(role=Role.SUPERVISOR),
        "at": datetime.now(UTC),
        "reason": "a real shop that blocks the way",
        **more,
    }


async def test_an_overturned_discard_goes_on_with_its_original_time(town: Town) -> None:
    ticket = await discarded(town, "wrongly")
    before = await town.state(ticket)
    taken = await town.juanchi.act(ticket, overturn(verify=True))
    state = await town.state(ticket)
    assert (await town.history(ticket))[: len(TAKEN_UP)] == TAKEN_UP
    assert state.phase is Phase.VERIFYING
    assert state.received_at == before.received_at
    assert state.open
    assert taken.version == 5
    await town.verify(ticket, "unfounded")
    handle = town.juanchi.temporal.get_workflow_handle(ticket)
    assert await handle.result() == "unfounded"
    assert fold_journal(await read(town.engine, ticket)) == await town.state(ticket)
    assert not [problem for problem in (await audit(town.engine)).problems if ticket in problem]


async def test_overturned_by_two_at_once_and_again_it_is_one_life(town: Town) -> None:
    ticket = await discarded(town, "two-at-once")
    answers = await asyncio.gather(
        *(town.juanchi.act(ticket, overturn("same", verify=True)) for _ in range(4)),
        *(town.juanchi.act(ticket, overturn(f"o-{n}", verify=True)) for n in range(3)),
        return_exceptions=True,
    )
    refused = [one for one in answers if isinstance(one, BaseException)]
    assert 3 <= len(refused) <= 6
    assert {one.code for one in refused if isinstance(one, Refused)} == {Code.WRONG_PHASE}
    assert (await town.history(ticket)).count("overturned") == 1
    assert (await town.state(ticket)).phase is Phase.VERIFYING
    again = await asyncio.gather(
        *(town.juanchi.act(ticket, overturn("same")) for _ in range(2)), return_exceptions=True
    )
    assert again[0] == again[1] or all(isinstance(one, Refused) for one in again)


async def test_the_same_overturn_after_the_next_end_gets_the_same_answer(town: Town) -> None:
    ticket = await discarded(town, "ended-again")
    taken = await town.juanchi.act(ticket, overturn(verify=True))
    await town.verify(ticket, "unfounded")
    await town.juanchi.temporal.get_workflow_handle(ticket).result()
    before = await town.history(ticket)
    assert await town.juanchi.act(ticket, overturn(verify=True)) == taken
    with pytest.raises(Refused) as told:
        await town.juanchi.act(ticket, overturn("another"))
    assert told.value.code is Code.NOT_DISCARDED
    assert await town.history(ticket) == before


async def test_what_is_refused_starts_no_run(town: Town) -> None:
    ticket = await discarded(town, "not-by-anyone")
    handle = town.juanchi.temporal.get_workflow_handle(ticket)
    run = (await handle.describe()).run_id
    for more, code in (
        ({"actor": Actor(role=Role.UNIT, unit="roads")}, Code.WRONG_ROLE),
        ({"verdict": "noise"}, Code.OVERTURNED_TO_NOTHING),
        ({"expected_version": 1}, Code.STALE_VERSION),
    ):
        with pytest.raises(Refused) as told:
            await town.juanchi.act(ticket, overturn("no", **more))
        assert told.value.code is code
    assert (await handle.describe()).run_id == run
    assert await town.history(ticket) == BEGAN


async def test_a_clue_that_temporal_has_forgotten_is_taken_up_from_the_ledger(
    town: Town, temporal_client: Client
) -> None:
    """With the ticket's life in the journal alone, under an id that Temporal does not know."""
    at = datetime.now(UTC) - timedelta(days=200)
    clue = Clue(channel="wall", external_id=f"{town.mark}-long-ago", text=SPAM, reported_at=at)
    newborn, received = machine.begin(clue, at)
    lived = Lived(newborn)
    lived.happen([received])
    result = ScreenResult(verdict=ClueVerdict.ADVERTISEMENT, rule="advertisement: discount")
    lived.happen(machine.complete(lived.ticket, result, at))
    await LedgerWriter(town.engine).record(lived.recording())
    ledger, queue = LedgerViews(town.engine), town.juanchi._queue
    juanchi = Juanchi(temporal_client, ledger=ledger, queue=queue)
    await juanchi.act(clue.ticket_id, overturn(verify=True))
    assert (await town.history(clue.ticket_id))[: len(TAKEN_UP)] == TAKEN_UP
    assert (await juanchi.ticket(clue.ticket_id)).received_at == at


async def test_operators_see_the_new_run_as_it_stands(town: Town) -> None:
    ticket = await discarded(town, "signboard")
    await town.juanchi.act(ticket, overturn(verify=True))
    described = await town.juanchi.temporal.get_workflow_handle(ticket).describe()
    assert described.typed_search_attributes.get(attributes.STAGE) == "verification"
    assert described.typed_search_attributes.get(attributes.URGENCY) == "general"
