"""One turn of a ticket without Temporal: the real core, the real activities' code, the real ledger.

What ``workflows/ticket.py`` does between two rests, as one function that can be called again: if a
try before was cut off after the ledger had the turn, the journal's word stands.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.city import CityDesk
from activities.filing import FilingActivities
from activities.planning import PlanningActivities
from activities.screening import ScreeningActivities
from juanchi.domain import machine
from juanchi.domain.actions import parse_action
from juanchi.domain.clocks import Plan
from juanchi.domain.clue import Locate, Screen
from juanchi.domain.events import Entry, entry
from juanchi.domain.filing import Route
from juanchi.domain.messages import Event, Facts, Result, Step
from juanchi.domain.notices import Notice, notices
from juanchi.domain.recording import Recording
from juanchi.domain.refusal import Refused
from juanchi.domain.ticket import Clue, Ticket
from juanchi.ledger.city import CityReader
from juanchi.ledger.errors import JournalConflict
from juanchi.ledger.journal import read
from juanchi.ledger.writer import LedgerWriter


class Turn:
    """What happens to one ticket until the ball is with somebody again."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.now = datetime.now(UTC)
        self.entries: list[Entry] = []
        self.told: list[Notice] = []

    @property
    def events(self) -> tuple[Event, ...]:
        """All that has happened, in order."""
        return tuple(entry.event for entry in self.entries)

    def apply(self, events: Sequence[Event]) -> None:
        """Let it happen."""
        for event in events:
            self.ticket = machine.evolve(self.ticket, event)
            self.entries.append(entry(self.ticket, event))
            self.told += notices(self.ticket, event, self.ticket.version)


class Desk:
    """Takes turns with one city and one ledger; belongs to the event loop it is used on."""

    def __init__(self, engine: AsyncEngine) -> None:
        desk = CityDesk(CityReader(engine))
        self._engine = engine
        self._screening = ScreeningActivities(desk)
        self._filing = FilingActivities(engine, desk)
        self._planning = PlanningActivities(desk)
        self._writer = LedgerWriter(engine)

    async def opened(self, clue: Clue) -> tuple[Event, ...]:
        """The first turn: a clue comes in and is screened, located and planned."""
        ticket, received = machine.begin(clue, datetime.now(UTC))
        turn = Turn(ticket)
        turn.apply([received])
        return await self._settled(turn)

    async def taken(self, ticket: Ticket, message: dict[str, Any] | None) -> tuple[Event, ...]:
        """Every clock whose time has come, then the message, then the steps that follow."""
        turn = Turn(ticket)
        while rang := machine.ring_due(turn.ticket, turn.now):
            turn.apply(rang)
        if message is not None:
            action = parse_action(message)
            names = action.names()
            facts = await self._filing.look_up(names) if names else Facts()
            try:
                turn.apply(machine.decide(turn.ticket, action, turn.now, facts))
            except Refused as refused:
                turn.apply([machine.refuse(action.key, action.name, refused, turn.now)])
        return await self._settled(turn)

    async def _settled(self, turn: Turn) -> tuple[Event, ...]:
        while step := machine.wants(turn.ticket):
            result = await self._performed(turn.ticket, step)
            turn.apply(machine.complete(turn.ticket, result, turn.now))
        if not turn.entries:
            return ()
        recording = Recording.model_construct(
            ticket=turn.ticket, entries=tuple(turn.entries), notices=tuple(turn.told)
        )
        try:
            await self._writer.record(recording)
        except JournalConflict:
            kept = await read(self._engine, turn.ticket.id)
            return tuple(line.event for line in kept[turn.entries[0].seq - 1 :])
        return turn.events

    async def _performed(self, ticket: Ticket, step: Step) -> Result:
        match step:
            case Screen():
                return await self._screening.screen(ticket, step)
            case Locate():
                return await self._screening.locate(ticket, step)
            case Route():
                return await self._filing.route(ticket, step)
            case Plan():
                return await self._planning.plan(ticket, step)
        raise AssertionError(f"a straight life has no {step!r}")
