"""The ledger: a ticket's turn is brought to rest by the city's lists, and written."""

from collections.abc import Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from activities.city import CityDesk
from activities.hands import take
from juanchi.domain import machine
from juanchi.domain.messages import Facts, Names
from juanchi.domain.notices import Notice
from juanchi.domain.place import Place
from juanchi.domain.ticket import Ticket
from juanchi.domain.turn import Advanced, Lived, Turn
from juanchi.ledger.errors import JournalConflict
from juanchi.ledger.numbers import issue_number
from juanchi.ledger.standing import standing
from juanchi.ledger.writer import LedgerWriter

log = structlog.get_logger(__name__)


class LedgerActivities:
    """What needs nothing but the ledger; quick enough to run beside the workflow."""

    def __init__(self, engine: AsyncEngine, desk: CityDesk) -> None:
        self._engine = engine
        self._desk = desk
        self._writer = LedgerWriter(engine)

    @activity.defn
    async def advance(self, turn: Turn) -> Advanced:
        """Take the automatic steps that follow from a turn, then write all of it at once.

        Idempotent by (ticket, seq). A turn is written while its workflow task is still open; when
        that task is lost after the writing (a worker killed, a message that came in between),
        Temporal runs the turn anew and it may come out differently. Then the journal stands: what
        it holds has happened, and the ticket lives on from there.
        """
        lived = Lived(turn.ticket)
        lived.happen(turn.events)
        own = len(lived.entries)
        while step := machine.wants_of_lists(lived.ticket):
            result = await take(await self._desk.tools(), lived.ticket, step, turn.at, self._number)
            lived.happen(machine.complete(lived.ticket, result, turn.at))
        try:
            receipt = await self._writer.record(lived.recording())
        except JournalConflict as conflict:
            log.warning("the journal stands", ticket=conflict.ticket_id, seq=conflict.seq)
            return await standing(self._engine, turn.ticket)
        post = _hooked(lived.notices, receipt.webhooks)
        return Advanced(entries=tuple(lived.entries[own:]), post=post)

    async def _number(self, ticket_id: str) -> str:
        tools = await self._desk.tools()
        today = tools.today()
        return await issue_number(self._engine, ticket_id, tools.pack.number_pattern, today)

    @activity.defn
    async def catch_up(self, ticket: Ticket) -> Advanced:
        """What the journal holds beyond a ticket as its workflow knows it; normally nothing."""
        return await standing(self._engine, ticket)

    @activity.defn
    async def look_up(self, names: Names) -> Facts:
        """Say which of the names that an action mentions the lists do not know."""
        tools = await self._desk.tools()
        directory = tools.directory
        regions = {place.region for place in names.places if place.region}
        return Facts(
            unknown_units=tuple(name for name in names.units if name not in directory.units),
            unknown_items=tuple(name for name in names.items if name not in directory.items),
            unknown_regions=tuple(sorted(regions - set(directory.regions))),
            outside=tuple(
                f"{place.lon},{place.lat}"
                for place in names.places
                if tools.locator.outside(Place(lon=place.lon, lat=place.lat))
            ),
        )


def _hooked(told: Sequence[Notice], keys: Sequence[str]) -> tuple[Notice, ...]:
    return tuple(notice for notice in told if notice.key in keys) if keys else ()
