"""Changes of the lists: each turn lived on the ledger's word, and proposals given their numbers."""

from datetime import UTC, datetime

import structlog
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from activities.city import CityDesk
from juanchi.domain.duty_change import machine
from juanchi.domain.duty_change.actions import parse_duty_action
from juanchi.domain.duty_change.change import DutyChange
from juanchi.domain.duty_change.clocks import PlanClocks
from juanchi.domain.duty_change.desk import DutyDesk
from juanchi.domain.duty_change.entering import Enter
from juanchi.domain.duty_change.fit import Misfit
from juanchi.domain.duty_change.gaps import Filed, key_of_ruling, of_ruling
from juanchi.domain.duty_change.messages import DutyAction
from juanchi.domain.duty_change.proposal import Survey, begin
from juanchi.domain.duty_change.turn import DutyTurn, DutyTurned
from juanchi.domain.messages import Result, Step
from juanchi.domain.refusal import Refused
from juanchi.ledger.duty_changes import DutyBook, file, opened, unbegun, unfiled

log = structlog.get_logger(__name__)


class DutyChangeActivities:
    """What a change's workflow needs. Any of it may be run again: the journal stands."""

    def __init__(self, engine: AsyncEngine, desk: CityDesk) -> None:
        self._engine = engine
        self._city = desk

    @activity.defn
    async def turn_duty_change(self, turn: DutyTurn) -> DutyTurned:
        """Ring what is due, take the action, do what follows, and write it: all or nothing.

        A turn that is run again, because its answer was lost, begins where the journal ends: what
        it had written it finds there. Raises what the ledger raises while it is away, or
        ``NoDutyChange``.
        """
        desk = await self._desk()
        action = parse_duty_action(turn.action) if turn.action is not None else None
        async with opened(self._engine, turn.change.number) as book:
            lived = _taken_up(turn, book)
            refused = await _Turn(lived, desk, book, turn.at).live(action)
            new = lived.entries
            await book.write(lived.change, new)
            after = [one for one in book.entries if one.seq > turn.change.version]
            return DutyTurned(entries=(*after, *new), refused=refused)

    @activity.defn
    async def waiting_duty_changes(self) -> list[Filed]:
        """Proposals that have not begun yet; those of rulings are given their numbers here."""
        tools = await self._city.tools()
        for line in await unfiled(self._engine):
            try:
                proposal = of_ruling(line, tools.pack, tools.local_day(datetime.now(UTC)))
            except ValidationError:
                # One that breaks a rule stays where it is, for a person to see; others go on.
                log.exception("a ruling's proposal is no change", ruling=line.ruling)
                continue
            await file(self._engine, key_of_ruling(line.ticket_id, line.ruling), proposal)
        return await unbegun(self._engine)

    async def _desk(self) -> DutyDesk:
        tools = await self._city.tools()
        return DutyDesk(tools.pack, tools.rulebook, tools.local_day)


def _taken_up(turn: DutyTurn, book: DutyBook) -> machine.Lived:
    """The change as its journal tells of it, which may be further than its workflow knows."""
    if book.entries:
        return machine.Lived(machine.relive([entry.event for entry in book.entries]))
    newborn, proposed = begin(turn.change.number, turn.change.proposal, turn.at)
    lived = machine.Lived(newborn)
    lived.happen([proposed])
    return lived


class _Turn:
    """One turn of one change."""

    def __init__(self, lived: machine.Lived, desk: DutyDesk, book: DutyBook, now: datetime) -> None:
        self._lived = lived
        self._desk = desk
        self._book = book
        self._now = now

    async def live(self, action: DutyAction | None) -> Misfit | None:
        """Everything that follows; the refusal, if the action was one too many."""
        await self._ring()
        if action is None:
            return None
        found = self._desk.found(action.asks(self._change), self._now)
        try:
            self._lived.happen(machine.decide(self._change, action, self._now, found))
        except Refused as refused:
            return Misfit(code=refused.code, facts=refused.facts)
        await self._ring()  # what is approved for today enters at once
        return None

    async def _ring(self) -> None:
        """Everything that has come due, and what follows."""
        await self._settle()
        while rang := machine.ring_due(self._change, self._now):
            self._lived.happen(rang)
            await self._settle()

    @property
    def _change(self) -> DutyChange:
        return self._lived.change

    async def _settle(self) -> None:
        while step := machine.wants(self._change):
            self._lived.happen(machine.complete(self._change, await self._take(step), self._now))

    async def _take(self, step: Step) -> Result:
        match step:
            case Survey():
                return self._desk.survey(self._change, self._now)
            case PlanClocks():
                return self._desk.planned(step)
            case Enter():
                return await self._book.enter(self._change)
        raise TypeError(f"nobody does {step!r}")
