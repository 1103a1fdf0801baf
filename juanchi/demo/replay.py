"""What really happened, played again: simulated people act on each ticket as the file says.

They use ``client.act`` and ``client.tell`` like anybody else. A ticket that was answered on time is
signed, answered, reviewed and called back at once; one that was overdue is answered only after its
handling time has run out and its overdue rung has rung. How long that takes is policy, not code.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol

from juanchi.cli.patience import patiently
from juanchi.client import Juanchi
from juanchi.demo.replay_people import Centre, Hand, ReplayPeople
from juanchi.domain.closure import Review
from juanchi.domain.lists import Pack
from juanchi.domain.messages import Action
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.supervision import Sign
from juanchi.domain.ticket import Phase, Ticket
from juanchi.intake.mapper import Mapped

OVER = (Phase.CLOSED, Phase.ENDED)
MOST_REFUSALS = 12
"""A ticket that refuses more often than this is left alone and told as not played."""

_MOVED_ON = (Code.WRONG_PHASE, Code.WRONG_UNIT, Code.CHECKER_HANDLED_IT)


class Line(Protocol):
    """A ticket's row in the ledger, as far as a replay looks at it."""

    @property
    def handle_due(self) -> datetime | None: ...
    @property
    def overdue(self) -> bool: ...
    @property
    def on_time(self) -> bool | None: ...
    @property
    def archived(self) -> bool: ...


Look = Callable[[str], Awaitable[Line | None]]


class Slots(Protocol):
    """Leave to work: given back while a ticket only waits."""

    async def acquire(self) -> Any: ...
    def release(self) -> None: ...


class Played(NamedTuple):
    """How a replay ended: ``late`` as the ledger has it (None: never answered), and why it was
    not played to its end, if it was not.
    """

    late: bool | None
    problem: str = ""


class Replay:
    """Plays tickets. ``slots`` bounds how many act at once; ``look`` reads the ledger."""

    def __init__(self, juanchi: Juanchi, pack: Pack, look: Look, slots: Slots) -> None:
        self._juanchi = juanchi
        self._look = look
        self._slots = slots
        self._people = ReplayPeople(Centre.of(pack))

    async def play(self, mapped: Mapped) -> Played:
        """Play one reported ticket to its close. Called, and returns, with a slot taken."""
        ticket_id = mapped.clue.ticket_id
        problem = ""
        try:
            await self._live(ticket_id, mapped)
        except Refused as refused:
            problem = str(refused)
        line = await patiently(lambda: self._look(ticket_id))
        on_time = line.on_time if line else None
        return Played(None if on_time is None else not on_time, problem)

    async def _live(self, ticket_id: str, mapped: Mapped) -> None:
        """Act until the ticket is closed, taking it from what each answer says."""
        hand = self._people.take(mapped)
        if not hand.knows_unit:
            hand.see(await self._ticket(ticket_id))
        while hand.phase not in OVER:
            if hand.phase is Phase.HANDLING and mapped.late and not hand.reworked:
                await self._until_overdue(ticket_id)
            action = hand.next_action(datetime.now(UTC))
            if action is None:  # the engine has the ball
                await asyncio.sleep(0.2)
                hand.see(await self._ticket(ticket_id))
                continue
            try:
                await self._act(ticket_id, action, late=bool(mapped.late))
            except Refused as refused:
                if not await self._goes_on(ticket_id, hand, refused):
                    return
            else:
                hand.done(action)

    async def _goes_on(self, ticket_id: str, hand: Hand, refused: Refused) -> bool:
        """Take a refusal to heart; false when the ticket is history. Raises it if nothing helps."""
        if refused.code in (Code.ENDED, Code.NOT_FOUND) and await self._is_over(ticket_id):
            return False
        hand.refusals += 1
        if hand.refusals > MOST_REFUSALS:
            raise refused
        if refused.code in _MOVED_ON:
            hand.see(await self._ticket(ticket_id))
        elif not hand.learn(refused):
            raise refused
        return True

    async def _act(self, ticket_id: str, action: Action, *, late: bool) -> None:
        if isinstance(action, (Sign, Review)) and not late:
            # Systems of units and of the centre send on without waiting for an answer: a third of
            # a ticket's cost. Refused, it is in the journal, and the next action meets it.
            await patiently(lambda: self._juanchi.tell(ticket_id, action))
        else:
            await patiently(lambda: self._juanchi.act(ticket_id, action))

    async def _ticket(self, ticket_id: str) -> Ticket:
        return await patiently(lambda: self._juanchi.ticket(ticket_id))

    async def _is_over(self, ticket_id: str) -> bool:
        line = await patiently(lambda: self._look(ticket_id))
        return line is not None and line.archived

    async def _until_overdue(self, ticket_id: str) -> None:
        """Wait, without a slot, until the handling time is over and has rung."""
        self._slots.release()
        try:
            while True:
                line = await patiently(lambda: self._look(ticket_id))
                now = datetime.now(UTC)
                if line is None or line.handle_due is None:
                    return  # it has moved on (or was played before)
                if line.handle_due < now and line.overdue:
                    return
                left = line.handle_due - now
                # A timer rings within about a second of its time.
                wait = max(left + timedelta(seconds=0.5), timedelta(seconds=0.5))
                await asyncio.sleep(wait.total_seconds())
        finally:
            await self._slots.acquire()
