"""The lives that a storm blows through: what people do, and how it must end."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from juanchi.client import Juanchi
from juanchi.domain.clocks import Rang
from juanchi.domain.messages import Action
from juanchi.domain.terms import ClockName, EvidenceKind, Role, RungKind
from juanchi.ledger.journal import read
from tests.chaos.people import Life, People, proof

Script = Callable[["Town", str], Awaitable[None]]


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
        return Folk(self.juanchi, random.Random(self.rng.random()), life)

    async def until_escalated(self, ticket: str, clock: ClockName) -> None:
        """Nobody acts until everything on the clock has rung."""
        while True:
            try:
                events = [entry.event for entry in await read(self.engine, ticket)]
            except (SQLAlchemyError, OSError):
                events = []
            rang = [e for e in events if isinstance(e, Rang) and e.clock is clock]
            if any(event.rung is RungKind.ESCALATED for event in rang):
                return
            await asyncio.sleep(0.5)


class Folk(People):
    """What the people of the town do."""

    def verify(self, verdict: str = "confirmed", **more: Any) -> Action:
        seen = proof(EvidenceKind.SITE_BEFORE)
        return self.action(
            "verify", Role.STREET_TEAM, "warden-mill", verdict=verdict, evidence=seen, **more
        )

    def sign(self) -> Action:
        return self.action("sign", Role.UNIT, "roads")

    def reply(self) -> Action:
        done = proof(EvidenceKind.SITE_AFTER)
        return self.action(
            "reply", Role.UNIT, "roads", outcome="solved", public="It is lit.", evidence=done
        )

    def review(self, accepted: bool = True) -> Action:
        return self.action("review", Role.CHECKER, "town-desk", accepted=accepted, note="looked at")

    def rate(self, overall: int) -> Action:
        return self.action("rate", Role.REPORTER, None, rating={"overall": overall})

    def withdraw(self) -> Action:
        return self.action("withdraw", Role.REPORTER, None, reason="It is on again.")

    async def handle(self) -> None:
        """Signed and replied to; with other messages in between."""
        if self.rng.random() < 0.3:
            await self.stray(self.reply())
        progress = self.action("progress", Role.UNIT, "roads", note="on our way")
        if self.rng.random() < 0.5:
            await self.do(self.sign(), self.reply())
        else:
            await self.do(self.sign())
            await self.do(progress)
            await self.do(self.reply())

    async def settle(self) -> None:
        """Reviewed and rated well."""
        if self.rng.random() < 0.5:
            await self.do(self.review(), self.rate(5))
        else:
            await self.do(self.review())
            await self.do(self.rate(5))


async def straight(town: Town, id_: str) -> None:
    life = Life("straight", end="closed", reason="rated")
    folk = town.people(life)
    await folk.report(id_)
    await folk.do(folk.verify())
    await folk.handle()
    await folk.settle()


async def noise(town: Town, id_: str) -> None:
    life = Life("noise", end="discarded", reason="advertisement")
    await town.people(life).report(id_, "special offer: discount on everything")


async def unfounded(town: Town, id_: str) -> None:
    life = Life("unfounded", end="unfounded", reason="unfounded_on_site")
    folk = town.people(life)
    await folk.report(id_)
    await folk.last(folk.verify("unfounded"))


async def bad_rating(town: Town, id_: str) -> None:
    life = Life("bad_rating", end="closed", reason="rated", reworks=1)
    folk = town.people(life)
    await folk.report(id_, channel="web")
    await folk.handle()
    await folk.do(folk.review(), folk.rate(1))
    await folk.do(folk.review(accepted=False))
    await folk.do(folk.reply())
    await folk.settle()


async def unsigned(town: Town, id_: str) -> None:
    life = Life("unsigned", end="closed", reason="rated", rang=("sign",))
    folk = town.people(life)
    ticket = await folk.report(id_, channel="web")
    await town.until_escalated(ticket, ClockName.SIGN)
    press = folk.action("press", Role.SUPERVISOR, None, requirement="today, please")
    await folk.do(press)
    await folk.handle()
    await folk.settle()


async def withdrawn(town: Town, id_: str) -> None:
    life = Life("withdrawn", end="withdrawn", reason="withdrawn_by_reporter")
    folk = town.people(life)
    await folk.report(id_)
    steps = [folk.verify, folk.sign, folk.reply, folk.review]
    for step in steps[: folk.rng.randint(0, len(steps))]:
        await folk.do(step())
    await folk.last(folk.withdraw())


async def merged(town: Town, id_: str) -> None:
    """Two clues about one lamp; the second gives its voice to the first."""
    first, second = (Life(name, end=end, reason=reason) for name, end, reason in _PAIR)
    survivor, voice = town.people(first), town.people(second)
    into = await survivor.report(f"{id_}-a")
    merging = await voice.report(f"{id_}-b")
    second.into, first.voices = into, (merging,)
    if voice.rng.random() < 0.5:
        await voice.last(voice.verify("already_handled", into=into))
    else:
        merge = voice.action("merge", Role.DISPATCHER, None, into=into, reason="same lamp")
        await voice.last(merge)
    await survivor.do(survivor.verify())
    await survivor.handle()
    await survivor.settle()


_PAIR = (("survivor", "closed", "rated"), ("merged", "merged", "same_matter"))

MIX: tuple[Script, ...] = (
    *(straight, straight, straight, noise, unfounded, bad_rating),
    *(unsigned, withdrawn, withdrawn, merged),
)
"""One round of scripts: eleven tickets."""
