"""The ledger: a ticket's turn is brought to rest by the city's lists, and written."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from activities.city import CityDesk
from activities.facts import facts
from activities.hands import take
from juanchi.domain import machine
from juanchi.domain.clocks import Planned
from juanchi.domain.closure import Closed, Rated, Reopened
from juanchi.domain.clue import Received
from juanchi.domain.ending import Ended
from juanchi.domain.events import Entry
from juanchi.domain.filing import Dispatched
from juanchi.domain.messages import Facts, Names
from juanchi.domain.notices import Notice
from juanchi.domain.overlays import Recurrence
from juanchi.domain.policy_terms import SamenessTerms, Terms
from juanchi.domain.sameness import Likeness, Trace
from juanchi.domain.situation import Situation
from juanchi.domain.terms import Nature
from juanchi.domain.ticket import Ticket
from juanchi.domain.turn import Advanced, Lived, Turn
from juanchi.ledger.contributors import count
from juanchi.ledger.errors import JournalConflict
from juanchi.ledger.numbers import issue_number
from juanchi.ledger.recurrences import closed_at, recurrences
from juanchi.ledger.same_replies import same_replies
from juanchi.ledger.situation import SituationReader
from juanchi.ledger.standing import standing
from juanchi.ledger.survivors import survivor_of
from juanchi.ledger.traces import Traces
from juanchi.ledger.voices import known
from juanchi.ledger.writer import LedgerWriter

_COUNTED_AT = (Dispatched, Closed, Reopened, Rated, Ended)
"""What changes how many suggestions somebody has made, or what became of them."""

log = structlog.get_logger(__name__)


class Memory:
    """What the hands may ask the ledger."""

    def __init__(self, engine: AsyncEngine, desk: CityDesk) -> None:
        self._engine = engine
        self._desk = desk
        self._reader = SituationReader(engine)
        self._traces = Traces(engine)

    async def number(self, ticket_id: str) -> str:
        """The number of a ticket."""
        tools = await self._desk.tools()
        today = tools.today()
        return await issue_number(self._engine, ticket_id, tools.pack.number_pattern, today)

    async def situation(self) -> Situation:
        """The rulings and incidents that hold now."""
        return await self._reader.situation()

    async def recurrences(
        self, ticket: Ticket, terms: Terms, *, street: bool, like: tuple[str, ...]
    ) -> tuple[Recurrence, ...]:
        """The closed tickets that a ticket repeats."""
        return await recurrences(self._engine, ticket, terms, street=street, like=like)

    async def alike(self, trace: Trace, terms: SamenessTerms) -> Sequence[Likeness]:
        """The earlier tickets that may be about the same matter."""
        return await self._traces.recall(trace, terms)

    async def closed_at(self, ticket_ids: Sequence[str]) -> Mapping[str, datetime]:
        """When these tickets were closed, of those that were."""
        return await closed_at(self._engine, ticket_ids)

    async def same_replies(self, ticket: Ticket) -> int:
        """How many other suggestions were replied to in the same words."""
        return await same_replies(self._engine, ticket)


class LedgerActivities:
    """What needs nothing but the ledger; quick enough to run beside the workflow."""

    def __init__(self, engine: AsyncEngine, desk: CityDesk) -> None:
        self._engine = engine
        self._desk = desk
        self._memory = Memory(engine, desk)
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
        known = 1 if turn.events and isinstance(turn.events[0], Received) else 0
        while step := machine.wants_of_lists(lived.ticket):
            result = await take(await self._desk.tools(), lived.ticket, step, turn.at, self._memory)
            lived.happen(machine.complete(lived.ticket, result, turn.at))
        try:
            receipt = await self._writer.record(lived.recording())
        except JournalConflict as conflict:
            log.warning("the journal stands", ticket=conflict.ticket_id, seq=conflict.seq)
            stands = await standing(self._engine, turn.ticket)
            await self._count(turn, stands.entries)
            return stands
        await self._count(turn, lived.entries)
        post = _hooked(lived.notices, receipt.webhooks)
        return Advanced(whole=True, entries=tuple(lived.entries[known:]), post=post)

    async def _count(self, turn: Turn, entries: Sequence[Entry]) -> None:
        """Count contributors after what makes or settles a suggestion.

        After the writing, and again when the turn comes again: counting twice changes nothing.
        """
        events = [line.event for line in entries]
        dispatched = (event.nature for event in events if isinstance(event, Dispatched))
        if Nature.SUGGESTION not in (turn.ticket.nature, *dispatched):
            return
        if any(isinstance(event, _COUNTED_AT) for event in events):
            given = (event.terms for event in events if isinstance(event, Planned))
            terms = next(filter(None, given), turn.ticket.terms)
            honours = terms.suggestions.honours if terms and terms.suggestions else ()
            await count(self._engine, turn.ticket.id, honours, turn.at)

    @activity.defn
    async def catch_up(self, ticket: Ticket) -> Advanced:
        """What the journal holds beyond a ticket as its workflow knows it; normally nothing."""
        return await standing(self._engine, ticket)

    @activity.defn
    async def look_up(self, names: Names) -> Facts:
        """Say what the lists know, and allow, of the names that an action mentions."""
        tools = await self._desk.tools()
        found = facts(tools, names, tools.today())
        if names.voice is not None:
            heard = await known(self._engine, names.voice)
            found = found.model_copy(
                update=heard.model_dump(include={"heard", "stranger", "rated"})
            )
        if names.survivor is not None:
            survivor = await survivor_of(self._engine, names.survivor)
            found = found.model_copy(update={"survivor": survivor})
        return found


def _hooked(told: Sequence[Notice], keys: Sequence[str]) -> tuple[Notice, ...]:
    return tuple(notice for notice in told if notice.key in keys) if keys else ()
