"""Watching the ledger: every ticket's line, and what has happened since the last look."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.domain.events import Entry
from juanchi.domain.lines import Count, Find, TicketLine
from juanchi.domain.messages import Event
from juanchi.ledger import journal, views

MOST = 1000
"""The demo's tickets fit one page."""


class News(NamedTuple):
    """Something that has happened, and how its ticket stands now."""

    line: TicketLine
    seq: int
    event: Event


class Watch:
    """What the ledger shows, kept up to date by looking again and again; it never writes."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.lines: dict[str, TicketLine] = {}
        self.lives: dict[str, Sequence[Entry]] = {}
        self.counts: list[Count] = []

    async def look(self) -> list[News]:
        """Everything new, in the order of time. Nothing is told twice, and nothing is left out."""
        lines = await views.find(self._engine, Find(), limit=MOST)
        moved = [line for line in lines if self._seen(line.id) < line.version]
        self.counts = await views.counts(self._engine)
        async with self._engine.connect() as connection:
            lives = await journal.some(connection, [line.id for line in moved])
        # The journal may be a turn ahead of the lines, which were read before it.
        fresh = {line.id: line for line in moved}
        news: list[News] = []
        for life in lives:
            line, entries = fresh[life.ticket_id], life.entries()
            known = len(self.lives.get(life.ticket_id, ()))
            news += [News(line, entry.seq, entry.event) for entry in entries[known:]]
            self.lives[life.ticket_id] = entries
        self.lines = {line.id: line for line in lines}
        return sorted(news, key=lambda item: (item.event.at, item.line.id, item.seq))

    def _seen(self, ticket_id: str) -> int:
        return len(self.lives.get(ticket_id, ()))

    @property
    def ended(self) -> int:
        """How many tickets have ended or are closed."""
        return sum(line.end_kind is not None for line in self.lines.values())
