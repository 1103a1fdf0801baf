"""From a signed message to tickets, on a living town: none lost, none doubled."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import httpx
import pytest
from pydantic import SecretStr

from juanchi.admission import stand_admission
from juanchi.domain.terms import Urgency
from juanchi.ledger.audit import audit
from juanchi.ledger.channels import Channels
from juanchi.listening.app import listening_app
from juanchi.listening.bell import Bell
from juanchi.listening.door import Door, Keys
from juanchi.runtime.contacts import contacts_from
from juanchi.runtime.encryption import new_key
from juanchi.runtime.settings import Settings
from tests.listening.conftest import wall
from tests.listening.sender import SECRET, Sender, item
from tests.served import served
from tests.town import Town

EVERY = timedelta(hours=1)
"""The admission must be woken: nothing here waits for its own look."""


@pytest.fixture
async def sender(town: Town) -> AsyncIterator[Sender]:
    """Who has the wall's secret; an admission that only the door wakes."""
    id_ = f"admission-{town.mark}-pushed"
    await stand_admission(town.juanchi.temporal, town.bulk_queue, every=EVERY, id_=id_)
    await Channels(town.engine).put(wall(), by="tests")
    seal = contacts_from(Settings(reporter_key=SecretStr(new_key())))
    bell = Bell(partial(town.juanchi.wake, id_), pause=0.1)
    door = Door(town.engine, Keys({"wall": SECRET}.__getitem__, seal), bell)
    async with served(listening_app(door, bell)) as address, httpx.AsyncClient() as http:
        yield Sender(http, address)
    await town.juanchi.temporal.get_workflow_handle(id_).terminate()


async def test_a_signed_message_becomes_tickets_however_often_it_is_sent(
    town: Town, sender: Sender
) -> None:
    dark = item("dark", "The lamp in Mill Parish is dark, please", contact="0751 234 567")
    sparks = item("sparks", "Sparks from a cable in Mill Parish, danger")
    answers = await asyncio.gather(*(sender.send([dark, sparks]) for _ in range(5)))
    assert sorted(one.status_code for one in answers) == [200] * 4 + [202]
    for name in ("dark", "sparks"):
        await town.until(f"ticket/wall/{name}", lambda ticket: ticket.version > 1)
    ticket = await town.state("ticket/wall/dark")
    assert ticket.clue.text == dark["text"]
    assert ticket.clue.reporter is not None
    assert "0751" not in ticket.model_dump_json()
    assert (await town.state("ticket/wall/sparks")).urgency is Urgency.URGENT
    assert (await town.history("ticket/wall/dark")).count("received") == 1

    # It sleeps by now, and is woken again.
    assert (await sender.send([dark, item("later")])).status_code == 202
    await town.until("ticket/wall/later", lambda ticket: ticket.version > 1)
    assert (await sender.send([sparks, item("later")])).status_code == 200
    assert not (await audit(town.engine)).problems
