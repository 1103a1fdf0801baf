"""The town and its folk: what each of them does on a ticket, in their own words."""

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.client import Juanchi
from juanchi.domain.clocks import Rang
from juanchi.domain.events import AnyEvent
from juanchi.domain.filing import Dispatched
from juanchi.domain.messages import Action
from juanchi.domain.terms import ClockName, EvidenceKind, Role, RungKind, Urgency
from juanchi.ledger.journal import read
from tests.chaos.life import Life
from tests.chaos.people import People, proof

SIGN = "A traffic sign is missing in Mill Parish, please put it up again"
DESK = "town-desk"


class Town:
    """What scripts need to make people and to look into the ledger."""

    def __init__(self, juanchi: Juanchi, engine: AsyncEngine, rng: random.Random) -> None:
        self.juanchi = juanchi
        self.engine = engine
        self.rng = rng
        self.lives: list[Life] = []

    def people(self, life: Life) -> "Folk":
        """The people of one ticket, with chances of their own: a seed is a whole storm."""
        self.lives.append(life)
        return Folk(self, random.Random(self.rng.random()), life)

    async def until(self, ticket: str, seen: Callable[[AnyEvent], bool]) -> None:
        """Nobody acts until the journal tells of such an event."""
        while not any(seen(event) for event in await self._journal(ticket)):  # noqa: ASYNC110 - a server's
            await asyncio.sleep(0.5)

    async def _journal(self, ticket: str) -> Sequence[AnyEvent]:
        try:
            return [entry.event for entry in await read(self.engine, ticket)]
        except (SQLAlchemyError, OSError):
            return []


class Folk(People):
    """The people of the town, as they act on one ticket; its lead unit is their ``life.lead``."""

    def __init__(self, town: Town, rng: random.Random, life: Life) -> None:
        super().__init__(town.juanchi, rng, life)
        self.town = town
        self.signed = False

    async def report_sign(self, external_id: str, nature: str | None = None) -> str:
        """A matter that its channel has classified: whatever was ruled before, roads begin."""
        given = {"item": "sign-down", "lead": "roads"}
        return await self.report(external_id, SIGN, "web", classified=given, nature=nature)

    def lead_is(self, unit: str) -> None:
        """From now on another unit has the ticket, and has not signed it."""
        self.life.lead, self.signed = unit, False

    def by_lead(self, kind: str, **more: Any) -> Action:
        """The lead unit does something."""
        return self.action(kind, Role.UNIT, self.life.lead, **more)

    def by_unit(self, who: str, kind: str, **more: Any) -> Action:
        """Any unit does something."""
        return self.action(kind, Role.UNIT, who, **more)

    def by_desk(self, kind: str, role: Role, **more: Any) -> Action:
        """Somebody at the centre does something."""
        return self.action(kind, role, DESK, **more)

    def verify(self, verdict: str = "confirmed", **more: Any) -> Action:
        seen = proof(EvidenceKind.SITE_BEFORE)
        return self.action(
            "verify", Role.STREET_TEAM, "warden-mill", verdict=verdict, evidence=seen, **more
        )

    def sign(self) -> Action:
        self.signed = True
        return self.by_lead("sign")

    def progress(self) -> Action:
        return self.by_lead("progress", note="on our way")

    def reply(self) -> Action:
        done = proof(EvidenceKind.SITE_AFTER)
        return self.by_lead("reply", outcome="solved", public="It is mended.", evidence=done)

    def review(self, accepted: bool = True) -> Action:
        return self.by_desk("review", Role.CHECKER, accepted=accepted, note="looked at")

    def rate(self, overall: int) -> Action:
        return self.action("rate", Role.REPORTER, rating={"overall": overall})

    def withdraw(self) -> Action:
        return self.action("withdraw", Role.REPORTER, reason="It is on again.")

    def request_return(self, to: str) -> Action:
        return self.by_lead("request_return", reason="not ours", basis="Roads Act s.2", to=to)

    def answer_return(self, *, agreed: bool) -> Action:
        return self.by_desk("answer_return", Role.DISPATCHER, agreed=agreed, note="we looked")

    def request_extension(self) -> Action:
        return self.by_lead("request_extension", reason="rain", days=1)

    def answer_extension(self, role: Role = Role.DISPATCHER, *, granted: bool = True) -> Action:
        return self.by_desk("answer_extension", role, granted=granted, note="we looked")

    def request_hold(self) -> Action:
        until = (datetime.now(UTC) + timedelta(days=5)).date()
        return self.by_lead(
            "request_hold", reason="frost", review_on=until, phase_reply="After the frost."
        )

    def answer_hold(self, *, granted: bool) -> Action:
        return self.by_desk("answer_hold", Role.DISPATCHER, granted=granted, note="we looked")

    def open_arbitration(self) -> Action:
        return self.by_desk("open_arbitration", Role.SUPERVISOR, reason="whose is it?")

    def consult(self) -> Action:
        return self.by_desk("consult", Role.ARBITER, units=("roads", "bins"))

    def rule(self, lead: str, **more: Any) -> Action:
        return self.by_desk("rule", Role.ARBITER, lead=lead, basis="it stands on theirs", **more)

    def appeal(self) -> Action:
        return self.by_lead("appeal", reason="it does not")

    def order(self, level: RungKind) -> Action:
        return self.by_desk("order", Role.SUPERVISOR, level=level, requirement="today, please")

    def set_urgency(self, urgency: Urgency) -> Action:
        return self.by_desk("set_urgency", Role.DISPATCHER, urgency=urgency, reason="the wind")

    async def handle(self) -> None:
        """Signed, if it is not yet, and replied to; with other messages in between."""
        if self.signed:
            return await self.do(self.reply())
        if self.perhaps(0.3):
            await self.stray(self.reply())
        if self.perhaps(0.5):
            return await self.do(self.sign(), self.reply())
        await self.do(self.sign())
        await self.do(self.progress())
        return await self.do(self.reply())

    async def settle(self) -> None:
        """Reviewed and rated well."""
        if self.perhaps(0.5):
            await self.do(self.review(), self.rate(5))
        else:
            await self.do(self.review())
            await self.do(self.rate(5))

    async def finish(self) -> None:
        """Handled by whoever leads, and settled."""
        await self.handle()
        await self.settle()

    async def argue(self, clock: ClockName = ClockName.ARBITRATION) -> None:
        """What goes on before a ruling: the unit works on, all are heard, or nothing is done."""
        if not self.signed and self.perhaps(0.3):
            await self.do(self.sign())
            await self.do(self.progress())
        if self.perhaps(0.3):
            await self.do(self.consult())
            clock = ClockName.ARBITRATION
        if self.perhaps(0.3):
            await self.until_rang(clock, RungKind.ESCALATED)

    async def answer_order(self) -> None:
        """The unit answers the order that is open, and perhaps it is released."""
        await self.do(self.by_lead("feed_back", note="the crew is there"))
        if self.perhaps(0.7):
            await self.do(self.by_desk("release_order", Role.SUPERVISOR, outcome="seen"))

    async def until_rang(self, clock: ClockName, rung: RungKind, subject: str = "") -> None:
        """Nobody acts until this has rung, or a higher rung in its place."""

        def rang(event: AnyEvent) -> bool:
            if not isinstance(event, Rang) or (event.clock, event.subject) != (clock, subject):
                return False
            return rung in (event.rung, *event.missed)

        await self.town.until(self.life.ticket, rang)

    async def until_backstop(self) -> None:
        """Nobody acts until the ticket goes to its backstop unit."""
        await self.town.until(
            self.life.ticket, lambda event: isinstance(event, Dispatched) and event.backstop
        )
