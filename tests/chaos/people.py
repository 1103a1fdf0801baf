"""People who do not give up: they send the same action, under the same id, until it is answered.

What they send is doubled, sent as signal and as update, sent before its time and again long after.
"""

import asyncio
import random
from datetime import UTC, datetime
from typing import Any

from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from juanchi.client import Juanchi
from juanchi.domain.actions import parse_action
from juanchi.domain.actor import Actor
from juanchi.domain.messages import Action
from juanchi.domain.place import Evidence, Place
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import EvidenceKind, Role
from juanchi.domain.ticket import Clue, Reporter
from tests.chaos.life import Life
from workflows.messages import Taken

LAMP = "The lamp is out in Mill Parish, please mend it"
AWAY = (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError)
"""What a person sees of a server that is not there: they try again."""

TOO_EARLY = frozenset(
    {
        Code.WRONG_PHASE,
        Code.WRONG_UNIT,
        Code.NO_REQUEST,
        Code.NO_DISPUTE,
        Code.NO_RULING,
        Code.NOT_ON_HOLD,
        Code.MANDATORY_OPEN,
        Code.ALREADY_SO,
        Code.NO_BAD_RATING,
    }
)
"""What a person hears who acts before somebody else has: they try again."""

ONE_TRY = 15.0


class People:
    """All who act on one ticket."""

    def __init__(self, juanchi: Juanchi, rng: random.Random, life: Life) -> None:
        self.juanchi = juanchi
        self.rng = rng
        self.life = life
        self._sent: list[Action] = []

    async def report(
        self, external_id: str, text: str = LAMP, channel: str = "wall", **more: Any
    ) -> str:
        """Hand in a clue, perhaps several times at once. Each is about a spot of its own."""
        clue = Clue.model_validate(
            {
                "channel": channel,
                "external_id": external_id,
                "text": text,
                "reported_at": datetime.now(UTC),
                "reporter": Reporter(id="r-1"),
                "place": Place(region="mill", address=external_id),
                **more,
            }
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

    def perhaps(self, chance: float) -> bool:
        """Whether something happens in this life that happens in so many."""
        return self.rng.random() < chance

    def action(self, kind: str, role: Role, by: str | None = None, **more: Any) -> Action:
        """An action of somebody, for a unit or not, under an id of its own."""
        id_ = f"{len(self._sent)}-{self.rng.randrange(1 << 32):x}"
        actor = Actor(role=role, unit=by)
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
        sending = [self._signal_first(first) if self.perhaps(0.3) else self._insist(first)]
        sending += [self._insist_early(action) for action in early]
        self.rng.shuffle(sending)
        await asyncio.gather(*sending)
        if self.perhaps(0.3):
            # Long answered, delivered once more: the answer is the same and nothing changes.
            await self._insist(self.rng.choice(self._known()))
        await self.pause()

    def _known(self) -> list[Action]:
        return [action for action in self._sent if action.key in self.life.answers]

    async def last(self, action: Action) -> None:
        """The action that ends the ticket."""
        await self._insist(action)

    async def tried(self, action: Action, late: Code) -> bool:
        """Whether an action was taken for which it may be too late by now."""
        by_signal = late is not Code.ENDED and self.perhaps(0.3)
        try:
            await (self._signal_first(action) if by_signal else self._insist(action))
        except Refused as refused:
            if refused.code is not late:
                raise
            if by_signal:
                self.life.refused[action.key] = late
            else:
                self._no_trace(action)
            return False
        return True

    async def denied(self, action: Action, code: Code) -> None:
        """Ask for what is against the rules, as a signal or not: no effect but the refusal."""
        if self.perhaps(0.4):
            return await self.stray(action, code)
        try:
            await self._until_answered(action)
        except Refused as refused:
            if refused.code is not code:
                raise AssertionError(f"{action.key} was refused {refused}, not {code}") from None
            return self._no_trace(action)
        raise AssertionError(f"{action.key} was taken, it should be refused: {code}")

    def _no_trace(self, action: Action) -> None:
        """An update that is refused leaves none."""
        self.life.denied.add(action.key)

    async def stray(self, action: Action, code: Code = Code.WRONG_PHASE) -> None:
        """A signal out of order, twice: refused once, in the journal, and no effect."""
        self.life.refused[action.key] = code
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
        """Send it, perhaps several times at once, until it is answered: the same to each."""
        copies = self.rng.choice((1, 1, 2, 3))
        sending = (self._until_answered(action) for _ in range(copies))
        answers = await asyncio.gather(*sending, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                assert all(isinstance(other, Refused) for other in answers), answers
                raise answer
            self.life.answers[action.key].append(answer)

    async def _insist_early(self, action: Action) -> None:
        """Send it, and again as a new action whenever it was too early."""
        while True:
            try:
                taken = await self._until_answered(action)
            except Refused as refused:
                if refused.code not in TOO_EARLY:
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
        self._no_trace(action)
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
