"""Tinytown alive: its lists in a real ledger, a real worker, and the people who do the work."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from juanchi.client import Juanchi
from juanchi.domain.actor import Actor
from juanchi.domain.lists import Pack
from juanchi.domain.place import Evidence
from juanchi.domain.terms import EvidenceKind, Role
from juanchi.domain.ticket import Clue, Reporter, Ticket
from juanchi.ledger.city import load_pack
from juanchi.ledger.journal import fold_journal, read
from juanchi.ledger.migrate import migrate
from juanchi.packs import read_pack
from juanchi.runtime.database import make_engine
from juanchi.runtime.settings import Settings
from tests.pure import TINYTOWN
from worker import working
from workflows.messages import Taken

HOLE = "A deep pothole in Mill Parish, please mend it"


def evidence(*kinds: EvidenceKind) -> tuple[Evidence, ...]:
    """Proof of these kinds, made now."""
    at = datetime.now(UTC)
    return tuple(Evidence(kind=kind, ref=f"file:{kind}", at=at) for kind in kinds)


class Town:
    """The engine at work in Tinytown, and everybody who acts there."""

    bulk_queue = "juanchi-bulk"
    """Where changes of the lists and sweeps wait for a worker."""

    def __init__(self, juanchi: Juanchi, engine: AsyncEngine, mark: str = "t") -> None:
        self.juanchi = juanchi
        self.engine = engine
        self.mark = mark
        self._ids = count(1)

    async def report(self, external_id: str, text: str = HOLE, **more: Any) -> str:
        """A clue comes in from the wall (verified on site), by somebody who can be called."""
        clue = {
            "channel": "wall",
            "text": text,
            "reported_at": datetime.now(UTC),
            "reporter": Reporter(id="r-1"),
            "place": {"address": f"House {external_id}"},  # else each repeats the one before
            "external_id": f"{self.mark}-{external_id}",
            **more,
        }
        return (await self.juanchi.report(Clue.model_validate(clue))).ticket_id

    async def act(self, ticket: str, kind: str, role: Role, unit: str | None, **more: Any) -> Taken:
        """Anybody does anything."""
        action = {
            "kind": kind,
            "id": f"{kind}-{next(self._ids)}",
            "actor": Actor(role=role, unit=unit),
            "at": datetime.now(UTC),
            **more,
        }
        return await self.juanchi.act(ticket, action)

    async def verify(self, ticket: str, verdict: str = "confirmed", **more: Any) -> Taken:
        """The wardens of Mill look at it."""
        more = {"evidence": evidence(EvidenceKind.SITE_BEFORE), **more}
        return await self.act(
            ticket, "verify", Role.STREET_TEAM, "warden-mill", verdict=verdict, **more
        )

    async def sign(self, ticket: str, unit: str = "roads") -> Taken:
        """The lead unit takes it."""
        return await self.act(ticket, "sign", Role.UNIT, unit)

    async def reply(self, ticket: str, unit: str = "roads", **more: Any) -> Taken:
        """The lead unit has mended it."""
        proof = evidence(EvidenceKind.SITE_BEFORE, EvidenceKind.SITE_AFTER, EvidenceKind.CONTACT)
        more = {"outcome": "solved", "public": "It is mended.", "evidence": proof, **more}
        return await self.act(ticket, "reply", Role.UNIT, unit, **more)

    async def review(self, ticket: str, accepted: bool = True, note: str = "") -> Taken:
        """A checker of the help desk looks at the reply."""
        return await self.act(
            ticket, "review", Role.CHECKER, "town-desk", accepted=accepted, note=note
        )

    async def rate(self, ticket: str, overall: int = 5) -> Taken:
        """The reporter says what they think."""
        return await self.act(ticket, "rate", Role.REPORTER, None, rating={"overall": overall})

    async def handled(self, external_id: str, unit: str = "roads", **more: Any) -> str:
        """A ticket that the lead unit has replied to."""
        ticket = await self.report(external_id, **more)
        await self.verify(ticket)
        await self.sign(ticket, unit)
        await self.reply(ticket, unit)
        return ticket

    async def state(self, ticket: str) -> Ticket:
        """The ticket, live."""
        return await self.juanchi.ticket(ticket)

    async def until(self, ticket: str, wanted: Callable[[Ticket], bool]) -> None:
        """Wait until the ledger tells of a ticket as wanted.

        Not by queries: one that comes while a turn is being written disturbs it, and without a
        workflow cache costs it the whole task.
        """
        async with asyncio.timeout(60):
            entries = await read(self.engine, ticket)
            while not (entries and wanted(fold_journal(entries))):
                await asyncio.sleep(0.05)
                entries = await read(self.engine, ticket)

    async def history(self, ticket: str) -> list[str]:
        """The kinds of all that happened, from the ledger."""
        return [str(line.event.kind) for line in await read(self.engine, ticket)]


async def founded(url: str, pack: Pack) -> AsyncEngine:
    """A migrated ledger with a city's lists in it."""
    await migrate(url)
    engine = make_engine(url)
    await load_pack(engine, pack, by="tests")
    return engine


@asynccontextmanager
async def town_at_work(
    settings: Settings, client: Client, worker_client: Client, engine: AsyncEngine
) -> AsyncIterator[Town]:
    """A worker on the ledger, and the town's people on the client.

    Queues and ids are its own, so that what an earlier town left open disturbs nobody.
    """
    mark = uuid.uuid4().hex[:8]
    own = settings.model_copy(update={"queue_prefix": f"town-{mark}"})
    async with working(own, worker_client, engine, shared=()):
        town = Town(Juanchi(client, queue=own.tickets_queue), engine, mark)
        town.bulk_queue = own.queue("bulk")
        yield town


@asynccontextmanager
async def tinytown_at_work(settings: Settings, client: Client, url: str) -> AsyncIterator[Town]:
    """Tinytown on an empty database: founded, at work, and its connections closed at the end."""
    engine = await founded(url, read_pack(TINYTOWN))
    try:
        async with town_at_work(settings, client, client, engine) as alive:
            yield alive
    finally:
        await engine.dispose()
