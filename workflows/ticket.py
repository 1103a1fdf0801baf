"""A ticket in time: its clock, its hands and its memory.

    clue -> verification -> filing -> supervision -> closure -> (rework: supervision) -> archived

What may happen is the pure core's business (``juanchi.domain``); this file only takes messages
one at a time, does the steps that the ticket wants, records each turn, and sleeps on one timer.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from juanchi.domain import machine
    from juanchi.domain.actions import parse_action
    from juanchi.domain.ball import Task, tasks
    from juanchi.domain.clocks import Clock, clocks, earliest
    from juanchi.domain.merging import Absorb, free_to_absorb
    from juanchi.domain.messages import Action, Event, Facts, Names, Step
    from juanchi.domain.notices import Notice, Notify
    from juanchi.domain.refusal import Code, Refused
    from juanchi.domain.ticket import Phase, Ticket

    # Reloading these per workflow would cost as much as all the rest of a ticket.
    from workflows.alarm import Alarm
    from workflows.logbook import Logbook
    from workflows.messages import ACT, TELL, WORKFLOW, Letter, Opening, Taken, told
    from workflows.signboard import Signboard, details
    from workflows.steps import look_up, perform

CLOCKS_FIRST = "clocks-first-after-look-up"
"""Since 0.2, what comes due during a look-up rings before the action: it may take an outage."""

SURVIVOR_KNOWN = "survivor-known"
"""Since 0.4, the ledger is asked about a survivor before a street team's verdict is taken."""

UNREADABLE = (Code.BAD_INPUT, Code.UNKNOWN_ACTION)
"""Refusals that no state of the ticket could change."""


@workflow.defn(name=WORKFLOW)
class TicketWorkflow:
    """One citizen's matter, from the first clue to the archive."""

    @workflow.init
    def __init__(self, opening: Opening) -> None:
        self.inbox: deque[Letter] = deque()
        self.busy = True
        self.confirmed = False
        self.signboard = Signboard()
        self.alarm = Alarm()
        if opening.ticket is not None:
            self.ticket: Ticket = opening.ticket
            self.logbook = Logbook(self.ticket)
            if not opening.revived:
                self.signboard.shown(self.ticket)
        elif opening.clue is not None:
            self.ticket, received = machine.begin(opening.clue, self._received_at(opening))
            self.logbook = Logbook(self.ticket)
            self._apply([received])

    def _received_at(self, opening: Opening) -> datetime:
        # The start is in the history; a first task that was divided has another time on replay.
        return workflow.info().workflow_start_time if opening.by_start else workflow.now()

    @workflow.run
    async def run(self, opening: Opening) -> str:
        """Live until the archive; the result is how the ticket ended.

        A clue that has lived before, longer ago than Temporal remembers, is known to the ledger:
        the ticket takes over that life, and ends at once if that life has ended.
        """
        await self._work()
        while not self._over():
            await self._rest()
            await self._turn()
            if workflow.info().is_continue_as_new_suggested() and not self.inbox:
                await workflow.wait_condition(workflow.all_handlers_finished)
                if not self.inbox and not self._over():
                    workflow.continue_as_new(Opening(ticket=self.ticket))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self.ticket.ending.kind if self.ticket.ending else "archived"

    def _over(self) -> bool:
        ended = self.ticket.phase is Phase.ENDED and not self.ticket.undelivered
        return ended and not self.inbox

    async def _turn(self) -> None:
        """Every clock whose time has come, then one message, then the steps that follow.

        Clocks come first: a reply that was sent after its due time is a late reply, even when an
        outage has held back the ring. A message is done when the ledger has it; if the ledger
        knew of another course of things, it is taken up again after that.
        """
        self.busy = True
        letter = self.inbox.popleft() if self.inbox else None
        while True:
            await self._ring()
            if letter:
                await self._open(letter)
            await self._work()
            if letter is None or self._settle(letter):
                break

    async def _ring(self) -> None:
        """Ring until nothing is due, by due times that hold.

        To have them computed can take as long as an outage: then more has come due.
        """
        while self._rang():
            if self.ticket.unplanned:
                await self._work()

    def _rang(self) -> bool:
        """Ring every clock whose time has come; whether there was one."""
        before = self.ticket.version
        while rang := machine.ring_due(self.ticket, workflow.now()):
            self._apply(rang)
        return self.ticket.version > before

    async def _open(self, letter: Letter) -> None:
        try:
            letter.refused = None
            action, facts = letter.action(), Facts()
            if names := self._names(action):
                facts = await look_up(self.ticket, names)
                if workflow.patched(CLOCKS_FIRST):
                    await self._ring()
            self._apply(machine.decide(self.ticket, action, workflow.now(), facts))
        except Refused as refused:
            if refused.code not in UNREADABLE and await self._caught_up():
                return  # it is opened again, on the ticket as it really is
            letter.refused = refused
            if letter.by_signal and letter.key not in self.ticket.processed:
                journalled = machine.refuse(letter.key, letter.kind, refused, workflow.now())
                self._apply([journalled])

    def _names(self, action: Action) -> Names | None:
        """What must be looked up before an action is decided."""
        names = action.names(self.ticket)
        if names and names.survivor and not workflow.patched(SURVIVOR_KNOWN):
            names = names.model_copy(update={"survivor": None})
            return None if names == Names() else names
        return names

    async def _caught_up(self) -> bool:
        """Take over what the ledger holds beyond this ticket, if it does.

        A workflow task that was lost after its turn was written leaves the ticket behind its own
        journal: before it refuses anything, it looks.
        """
        found = await self.logbook.catch_up()
        if found is None:
            return False
        self.ticket, post = found
        await self._post(post)
        return True

    def _settle(self, letter: Letter) -> bool:
        """Answer a letter if its turn is in the ledger, so that the sender reads its own write."""
        done = self.ticket.processed.get(letter.key)
        if done is not None:
            # The journal's word, also where this turn saw it otherwise before it was overtaken.
            letter.taken, letter.refused = None, None
            if done.refused is None:
                letter.taken = Taken(
                    ticket_id=self.ticket.id, action=letter.key, version=done.version
                )
            else:
                letter.refused = Refused(Code(done.refused))
        letter.settled = done is not None or (letter.refused is not None and not letter.by_signal)
        return letter.settled

    async def _work(self) -> None:
        """Bring the ticket to rest: write what has happened, do what follows by itself.

        A step that leaves the house comes after the writing, so that nobody outside is told of
        what the ledger does not know yet.
        """
        while True:
            if self.logbook.pending or machine.wants_of_lists(self.ticket):
                await self._write()
            elif step := machine.wants(self.ticket):
                await self._perform(step)
            else:
                break
        workflow.set_current_details(details(self.ticket))

    async def _write(self) -> None:
        self.ticket, post = await self.logbook.write(workflow.now())
        self.confirmed = self.confirmed or not workflow.unsafe.is_replaying()
        self.signboard.show(self.ticket)
        await self._post(post)

    async def _post(self, post: Iterable[Notice]) -> None:
        for notice in post:
            await self._perform(Notify(key=notice.key, to=notice.to, what=notice.kind, attempt=1))

    async def _perform(self, step: Step) -> None:
        result = await perform(self.ticket, step)
        self._apply(machine.complete(self.ticket, result, workflow.now()))

    def _apply(self, events: Iterable[Event]) -> None:
        self.ticket = self.logbook.note(self.ticket, events)

    async def _rest(self) -> None:
        """Sleep until a message or the earliest clock, on one timer."""
        self.alarm.arm(earliest(self.ticket), self._next_ring)
        self.busy = False
        await workflow.wait_condition(lambda: bool(self.inbox) or self.alarm.rings)

    def _next_ring(self) -> str:
        running = sorted(clocks(self.ticket), key=lambda clock: clock.at)
        return f"{running[0].name}: {running[0].rung}" if running else "notice: retry"

    @workflow.update(name=ACT)
    async def act(self, data: Any) -> Taken:
        """Take an action and answer when it is done and recorded."""
        return await self._take(data)

    @act.validator
    def check(self, data: Any) -> None:
        """Refuse at once what can be refused now: a rejected update leaves no history."""
        self._check(data)

    @workflow.signal(name=TELL)
    def tell(self, data: Any) -> None:
        """Take an action without an answer; refused, it is journalled with the reason."""
        self.inbox.append(Letter(data, by_signal=True))

    @workflow.update(dynamic=True)
    async def act_by_name(self, name: str, args: Sequence[RawValue]) -> Taken:
        """Take an action sent by its own name (``sign``, ``reply``), without a ``kind``."""
        return await self._take(_named(name, args))

    @act_by_name.validator
    def check_by_name(self, name: str, args: Sequence[RawValue]) -> None:
        """Refuse at once, as ``check`` does."""
        self._check(_named(name, args))

    @workflow.signal(dynamic=True)
    def tell_by_name(self, name: str, args: Sequence[RawValue]) -> None:
        """Take an action sent by its own name, without an answer."""
        self.inbox.append(Letter(_named(name, args), by_signal=True))

    async def _take(self, data: Any) -> Taken:
        letter = Letter(data, by_signal=False)
        self.inbox.append(letter)
        await workflow.wait_condition(lambda: letter.settled)
        if letter.taken is None:
            raise told(letter.refused or Refused(Code.ENDED))
        return letter.taken

    def _check(self, data: Any) -> None:
        try:
            action = parse_action(data)
            # With messages before it in the inbox, only the loop can tell; and also when this is a
            # ticket brought back from its history, which may be behind its own journal. (Reading
            # whether it is a replay is safe here: a rejection leaves no history.)
            if self.confirmed and not self.busy and not self.inbox:
                machine.decide(self.ticket, action, workflow.now())
            elif isinstance(action, Absorb):
                # Not in line: two tickets that ask each other would wait for each other for ever.
                free_to_absorb(self.ticket)
        except Refused as refused:
            raise told(refused) from None

    @workflow.query(name="ticket")
    def whole(self) -> Ticket:
        """The ticket as it stands."""
        return self.ticket

    @workflow.query
    def ball(self) -> list[Task]:
        """Who must do what by when; empty while the engine itself is at work."""
        return tasks(self.ticket)

    @workflow.query
    def clocks(self) -> list[Clock]:
        """Every running clock, the earliest first."""
        return sorted(clocks(self.ticket), key=lambda clock: clock.at)


def _named(name: str, args: Sequence[RawValue]) -> Any:
    data = workflow.payload_converter().from_payload(args[0].payload) if args else {}
    return {**data, "kind": name} if isinstance(data, dict) else data
