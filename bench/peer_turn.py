"""One turn of a ticket without Temporal: the real core, the real ledger activity, called as code.

What ``workflows/ticket.py`` does between two rests, as one function that can be called again: if a
try before was cut off after the ledger had the turn, the journal's word stands.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.advancing import LedgerActivities
from activities.city import CityDesk
from juanchi.domain import machine
from juanchi.domain.actions import parse_action
from juanchi.domain.clue import Received
from juanchi.domain.messages import Event, Facts
from juanchi.domain.refusal import Refused
from juanchi.domain.ticket import Clue, Ticket
from juanchi.domain.turn import Lived, Turn
from juanchi.ledger.city import CityReader


class Desk:
    """Takes turns with one city and one ledger; belongs to the event loop it is used on."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._ledger = LedgerActivities(engine, CityDesk(CityReader(engine)))

    async def opened(self, clue: Clue) -> tuple[Event, ...]:
        """The first turn: a clue comes in and is screened, located and planned."""
        now = datetime.now(UTC)
        newborn, received = machine.begin(clue, now)
        return await self._advanced(newborn, [received], now)

    async def taken(self, ticket: Ticket, message: dict[str, Any] | None) -> tuple[Event, ...]:
        """Every clock whose time has come, then the message, then the steps that follow."""
        now = datetime.now(UTC)
        lived = Lived(ticket)
        while rang := machine.ring_due(lived.ticket, now):
            lived.happen(rang)
        if message is not None:
            action = parse_action(message)
            names = action.names(lived.ticket)
            facts = await self._ledger.look_up(names) if names else Facts()
            try:
                lived.happen(machine.decide(lived.ticket, action, now, facts))
            except Refused as refused:
                lived.happen([machine.refuse(action.key, action.name, refused, now)])
        if not lived.entries:
            return ()
        return await self._advanced(ticket, [line.event for line in lived.entries], now)

    async def _advanced(
        self, ticket: Ticket, events: Sequence[Event], now: datetime
    ) -> tuple[Event, ...]:
        advanced = await self._ledger.advance(Turn.of(ticket, events, now))
        # The answer tells all but the receipt, which is long and known.
        receipt = events[:1] if advanced.stands and isinstance(events[0], Received) else ()
        return (*receipt, *(line.event for line in advanced.entries))
