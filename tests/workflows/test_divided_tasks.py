"""A query that comes while a turn is being written divides its workflow task in two.

A replay then runs the whole turn at the time of the second one. What the ticket knows must still be
what the journal says.
"""

import asyncio
import uuid

from temporalio.client import Client

from juanchi.client import Juanchi
from juanchi.domain.terms import Role
from juanchi.ledger.journal import fold_journal, read
from juanchi.packs import read_pack
from juanchi.runtime.settings import Settings
from tests.pure import TINYTOWN
from tests.town import HOLE, Town, founded
from worker import working

TICKETS = 12


async def test_a_divided_task_is_replayed_as_it_was_lived(
    settings: Settings, temporal_client: Client, own_database_url: str
) -> None:
    mark = uuid.uuid4().hex[:8]
    own = settings.model_copy(update={"queue_prefix": f"divided-{mark}"})
    engine = await founded(own_database_url, read_pack(TINYTOWN))
    town = Town(Juanchi(temporal_client, queue=own.tickets_queue), engine, mark)

    async def asked(number: int) -> str:
        ticket = await town.report(f"{number}", HOLE, channel="web")
        for _ in range(10):
            await town.state(ticket)
        return ticket

    async with working(own, temporal_client, engine, shared=()):
        tickets = await asyncio.gather(*map(asked, range(TICKETS)))
    async with working(own, temporal_client, engine, shared=()):
        for ticket in tickets:
            await town.act(ticket, "press", Role.SUPERVISOR, None, requirement="today")
            live = await town.state(ticket)
            assert fold_journal(await read(engine, ticket)) == live
    await engine.dispose()
