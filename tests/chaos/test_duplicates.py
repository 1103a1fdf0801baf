"""Everything delivered many times at once has one effect, and everybody gets one answer."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from temporalio.client import Client

from juanchi.domain.actions import parse_action
from juanchi.domain.actor import Actor
from juanchi.domain.messages import Action
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import Role
from juanchi.ledger.journal import read
from juanchi.runtime.settings import Settings
from tests.town import Town, tinytown_at_work

TIMES = 20


@pytest.fixture(scope="module")
async def town(
    settings: Settings, temporal_client: Client, database_url: str
) -> AsyncIterator[Town]:
    """The town in real time."""
    async with tinytown_at_work(settings, temporal_client, database_url) as alive:
        yield alive


def by_roads(kind: str, id_: str) -> Action:
    """An action of the road unit under this id."""
    actor = Actor(role=Role.UNIT, unit="roads")
    return parse_action({"kind": kind, "id": id_, "actor": actor, "at": datetime.now(UTC)})


async def causes(town: Town, ticket: str) -> Counter[tuple[str | None, str]]:
    """How often each action brought about each kind of event."""
    entries = await read(town.engine, ticket)
    return Counter((entry.event.cause, entry.event.kind) for entry in entries)


async def test_a_clue_reported_twenty_times_at_once_is_one_ticket(town: Town) -> None:
    tickets = await asyncio.gather(*(town.report("flood") for _ in range(TIMES)))
    assert len(set(tickets)) == 1
    await town.verify(tickets[0])
    assert (await town.history(tickets[0])).count("received") == 1


async def test_an_action_sent_every_way_at_once_has_one_effect(town: Town) -> None:
    ticket = await town.report("every-way")
    await town.verify(ticket)
    sign = by_roads("sign", "many")
    updates = [town.juanchi.act(ticket, sign) for _ in range(TIMES)]
    signals = [town.juanchi.tell(ticket, sign) for _ in range(TIMES)]
    *answers, _ = await asyncio.gather(*updates, asyncio.gather(*signals))
    assert len(set(answers)) == 1
    assert await town.juanchi.act(ticket, sign) == answers[0]
    assert (await causes(town, ticket))[sign.key, "signed"] == 1
    entries = await read(town.engine, ticket)
    assert answers[0].version == next(e.seq for e in entries if e.event.cause == sign.key)


async def test_a_signal_refused_many_times_is_journalled_once(town: Town) -> None:
    ticket = await town.report("too-early")
    await town.verify(ticket)
    wrong = by_roads("sign", "wrong").model_copy(
        update={"actor": Actor(role=Role.UNIT, unit="bins")}
    )
    await asyncio.gather(*(town.juanchi.tell(ticket, wrong) for _ in range(TIMES)))
    with pytest.raises(Refused) as refused:
        await town.juanchi.act(ticket, wrong)
    assert refused.value.code is Code.WRONG_UNIT
    await town.sign(ticket)
    assert (await causes(town, ticket))[wrong.key, "action_refused"] == 1


async def test_the_last_action_is_answered_the_same_after_the_end(town: Town) -> None:
    """As a signal it ended the ticket; sent again as an update, it must not be told otherwise."""
    ticket = await town.report("the-end")
    await town.verify(ticket)
    actor = Actor(role=Role.REPORTER)
    withdraw = parse_action(
        {
            "kind": "withdraw",
            "id": "last",
            "actor": actor,
            "at": datetime.now(UTC),
            "reason": "mended",
        }
    )
    await town.juanchi.tell(ticket, withdraw)
    handle = town.juanchi.temporal.get_workflow_handle(ticket)
    assert await handle.result() == "withdrawn"
    again = await town.juanchi.act(ticket, withdraw)
    assert again.version == (await read(town.engine, ticket))[-1].seq
    with pytest.raises(Refused) as refused:
        await town.sign(ticket)
    assert refused.value.code is Code.ENDED


async def test_messages_in_any_order_lose_nothing(town: Town) -> None:
    """Twenty reports on the way, shuffled with a sign: each lands once or is told why not."""
    ticket = await town.report("shuffled")
    await town.verify(ticket)
    notes = [
        by_roads("sign", f"note-{n}").model_dump(mode="json") | {"kind": "progress", "note": str(n)}
        for n in range(TIMES)
    ]
    sign = by_roads("sign", "in-between")
    sending = [town.juanchi.tell(ticket, note) for note in notes for _ in range(2)]
    sending.insert(TIMES, town.juanchi.tell(ticket, sign))
    await asyncio.gather(*sending)
    await asyncio.gather(*(town.juanchi.act(ticket, note) for note in notes))
    found = await causes(town, ticket)
    assert all(found[f"progress:note-{n}", "progressed"] == 1 for n in range(TIMES))
    assert found[sign.key, "signed"] == 1
