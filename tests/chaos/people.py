"""People who do not give up: they send the same action, under the same id, until it is answered.

What they send is doubled, sent as signal and as update, sent before its time and again long after.
"""

import asyncio
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from juanchi.client import Juanchi
from juanchi.domain.actions import parse_action
from juanchi.domain.actor import Actor
from juanchi.domain.messages import Action
from juanchi.domain.place import Evidence
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import EvidenceKind, Role
from juanchi.domain.ticket import Clue, Reporter
from workflows.messages import Taken

LAMP = "The lamp is out in Mill Parish, please mend it"
AWAY = (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError)
"""What a person sees of a server that is not there: they try again."""

ONE_TRY = 15.0


@dataclass
class Life:
    """What people did to one ticket, and how it must end."""

    script: str
    ticket: str = ""
    end: str = ""
    reason: str = ""
    into: str | None = None
    voices: tuple[str, ...] = ()
    reworks: int = 0
    rang: tuple[str, ...] = ()
    answers: dict[str, list[Taken]] = field(default_factory=lambda: defaultdict(list))
    waiting: dict[str, str] = field(default_factory=dict)
    """The keys of actions that are not answered yet, and what was heard of them last."""

    refused: set[str] = field(default_factory=set)
    """The keys of signals that were sent out of order, and must be journalled as refused."""


class People:
    """All who act on one ticket."""

    def __init__(self, juanchi: Juanchi, rng: random.Random, life: Life) -> None:
        self.juanchi = juanchi
        self.rng = rng
        self.life = life
        self._sent: list[Action] = []

    async def report(self, external_id: str, text: str = LAMP, channel: str = "wall") -> str:
        """Hand in a clue, perhaps several times at once."""
        clue = Clue(
            channel=channel,
            external_id=external_id,
            text=text,
            reported_at=datetime.now(UTC),
            reporter=Reporter(id="r-1"),
        )
        self.life.ticket = clue.ticket_id
        await asyncio.gather(*(self._report(clue) for _ in range(self.rng.randint(1, 3))))
        return clue.ticket_id

    async def _report(self, clue: Clue) -> None:
        while True:
            try:
                async with asyncio.timeout(ONE_TRY):
                    reported = await self.juanchi.report(clue)
                assert reported.ticket_id == self.life.ticket
                return
            except AWAY:
                await self.pause()

    async def pause(self, least: float = 0.05, most: float = 0.4) -> None:
        """Think, or wait before trying again."""
        await asyncio.sleep(self.rng.uniform(least, most))

    def action(self, kind: str, role: Role, unit: str | None = None, **more: Any) -> Action:
        """An action under an id of its own."""
        id_ = f"{len(self._sent)}-{self.rng.randrange(1 << 32):x}"
        actor = Actor(role=role, unit=unit)
        made = parse_action(
            {"kind": kind, "id": id_, "actor": actor, "at": datetime.now(UTC), **more}
        )
        self._sent.append(made)
        return made

    async def do(self, *actions: Action) -> None:
        """Get these actions done in this order, though the later ones are sent too early.

        Only the first one may also be a signal: nobody would hear of its refusal.
        """
        first, *early = actions
        sending = [self._insist(first)] if self.rng.random() < 0.7 else [self._signal_first(first)]
        sending += [self._insist_early(action) for action in early]
        self.rng.shuffle(sending)
        await asyncio.gather(*sending)
        if self.rng.random() < 0.3:
            # Long answered, delivered once more: the answer is the same and nothing changes.
            await self._insist(self.rng.choice(self._known()))
        await self.pause()

    def _known(self) -> list[Action]:
        return [action for action in self._sent if action.key in self.life.answers]

    async def last(self, action: Action) -> None:
        """The action that ends the ticket."""
        await self._insist(action)

    async def stray(self, action: Action) -> None:
        """A signal that comes too early, twice: refused once, in the journal, and no effect."""
        self.life.refused.add(action.key)
        for _ in range(2):
            await self._tell(action)

    async def _signal_first(self, action: Action) -> None:
        for _ in range(self.rng.randint(1, 2)):
            await self._tell(action)
        await self._insist(action)

    async def _tell(self, action: Action) -> None:
        while True:
            try:
                async with asyncio.timeout(ONE_TRY):
                    return await self.juanchi.tell(self.life.ticket, action)
            except AWAY:
                await self.pause()
            except Refused as refused:
                # The copy before it has ended the ticket; the update after it will tell.
                if refused.code is not Code.ENDED:
                    raise
                return None

    async def _insist(self, action: Action) -> None:
        """Send it, perhaps several times at once, until it is taken."""
        copies = self.rng.choice((1, 1, 2, 3))
        sending = (self._until_answered(action) for _ in range(copies))
        self.life.answers[action.key] += await asyncio.gather(*sending)

    async def _insist_early(self, action: Action) -> None:
        """Send it, and again as a new action whenever it was too early."""
        while True:
            try:
                taken = await self._until_answered(action)
            except Refused as refused:
                if refused.code is not Code.WRONG_PHASE:
                    raise
                await self.pause()
                action = self._again(action)
            else:
                self.life.answers[action.key].append(taken)
                return

    def _again(self, action: Action) -> Action:
        id_ = f"{action.id}+"
        renewed = action.model_copy(update={"id": id_, "at": datetime.now(UTC)})
        self._sent[self._sent.index(action)] = renewed
        return renewed

    async def _until_answered(self, action: Action) -> Taken:
        self.life.waiting[action.key] = "no answer"
        while True:
            try:
                async with asyncio.timeout(ONE_TRY):
                    taken = await self.juanchi.act(self.life.ticket, action)
            except AWAY as error:
                self.life.waiting[action.key] = repr(error)
                await self.pause()
            except Refused as refused:
                self.life.waiting[action.key] = str(refused)
                raise
            else:
                self.life.waiting.pop(action.key, None)
                return taken


def proof(*kinds: EvidenceKind) -> tuple[Evidence, ...]:
    """Pictures, made now."""
    at = datetime.now(UTC)
    return tuple(Evidence(kind=kind, ref=f"file:{kind}", at=at) for kind in kinds)
