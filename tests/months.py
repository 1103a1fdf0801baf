"""The longest life: unsigned, returned twice, arbitrated, appealed, extended, held, escalated to
the last rung, replied, reworked three times, closed, reopened and archived.

It is lived on a stage: the real server with virtual time, or the pure core, by the same people.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Protocol

from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from juanchi.domain.actions import parse_action
from juanchi.domain.actor import Actor
from juanchi.domain.clocks import Planned, Rang
from juanchi.domain.events import AnyEvent, Entry
from juanchi.domain.filing import Dispatched
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.ruling import RulingGiven
from juanchi.domain.supervised import OrderIssued, Supervised
from juanchi.domain.terms import EvidenceKind, Role
from juanchi.domain.ticket import Clue, Reporter, Ticket
from juanchi.ledger.journal import read
from tests.pure import PureEngine, proof, tinytown
from tests.town import HOLE, Town

DAY = timedelta(days=1)
STEP = timedelta(hours=12)


class Stage(Protocol):
    """Where a life is lived."""

    async def begin(self) -> None: ...
    async def act(self, kind: str, role: Role, unit: str | None, **more: Any) -> None: ...
    async def passes(self, time: timedelta) -> None: ...
    async def state(self) -> Ticket: ...
    async def entries(self) -> Sequence[Entry]: ...


class RealStage:
    """A town with real servers, whose time passes only when it is told to."""

    def __init__(self, town: Town, environment: WorkflowEnvironment, name: str = "months") -> None:
        self.town = town
        self.environment = environment
        self.name = name
        self.ticket = ""

    async def begin(self) -> None:
        with self.environment.with_time_skipping_disabled():
            self.ticket = await self.town.report(self.name)

    async def act(self, kind: str, role: Role, unit: str | None, **more: Any) -> None:
        await self.town.act(self.ticket, kind, role, unit, **more)

    async def passes(self, time: timedelta) -> None:
        # In steps, by the clock: a jump ends where the run is continued as new.
        handle = self.town.juanchi.temporal.get_workflow_handle(self.ticket)
        until = await self.environment.get_current_time(handle) + time
        while (left := until - await self.environment.get_current_time(handle)) > timedelta():
            try:
                await self.environment.fast_forward(handle, min(left, STEP))
            except RPCError:
                if (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING:
                    break  # it has been archived

    async def state(self) -> Ticket:
        return await self.town.state(self.ticket)

    async def entries(self) -> Sequence[Entry]:
        """The whole journal, once the workflow has ended."""
        await self.town.juanchi.temporal.get_workflow_handle(self.ticket).result()
        return await read(self.town.engine, self.ticket)


class PureStage:
    """The pure core, from a moment on."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.ids = count(1)
        self.engine: PureEngine

    async def begin(self) -> None:
        clue = Clue(
            channel="wall",
            external_id="months",
            text=HOLE,
            reported_at=self.start,
            reporter=Reporter(id="r-1"),
        )
        self.engine = PureEngine(tinytown(), clue, self.start)

    async def act(self, kind: str, role: Role, unit: str | None, **more: Any) -> None:
        actor = Actor(role=role, unit=unit)
        data = {"kind": kind, "id": str(next(self.ids)), "actor": actor, "at": self.start, **more}
        self.engine.act(parse_action(data))

    async def passes(self, time: timedelta) -> None:
        self.engine.pass_time(time)

    async def state(self) -> Ticket:
        return self.engine.ticket

    async def entries(self) -> Sequence[Entry]:
        return self.engine.entries


class Months:
    """The people of a town over months."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def live(self) -> Sequence[Entry]:
        """The whole life; returns its journal."""
        await self.stage.begin()
        await self.act(
            "verify",
            Role.STREET_TEAM,
            "warden-mill",
            verdict="confirmed",
            evidence=[proof(EvidenceKind.SITE_BEFORE)],
        )
        await self.unsigned()
        await self.returned_twice()
        await self.ruled()
        await self.appealed()
        await self.extended_and_held()
        await self.replied_at_last()
        await self.reworked()
        await self.closed_and_reopened()
        await self.passes(12 * DAY)
        return await self.stage.entries()

    async def act(self, kind: str, role: Role, unit: str | None = None, **more: Any) -> None:
        await self.stage.act(kind, role, unit, **more)

    async def passes(self, time: timedelta) -> None:
        await self.stage.passes(time)

    async def refused(self, kind: str, role: Role, unit: str | None = None, **more: Any) -> Code:
        """An action that the ticket does not take, and its code."""
        try:
            await self.act(kind, role, unit, **more)
        except Refused as refused:
            return refused.code
        raise AssertionError(f"{kind} was taken")

    async def reply(self) -> None:
        proofs = [proof(EvidenceKind.SITE_BEFORE), proof(EvidenceKind.SITE_AFTER)]
        said = {"outcome": "solved", "public": "It is mended.", "evidence": proofs}
        await self.act("reply", Role.UNIT, "bins", **said)

    async def review(self, accepted: bool = True, note: str = "") -> None:
        await self.act("review", Role.CHECKER, "town-desk", accepted=accepted, note=note)

    async def rate(self, overall: int) -> None:
        await self.act("rate", Role.REPORTER, rating={"overall": overall})

    async def unsigned(self) -> None:
        """Nobody signs for a week; the ladder of signing is climbed to its end."""
        await self.passes(7 * DAY)

    async def returned_twice(self) -> None:
        """The lead returns it, is refused, returns it again, is refused: an arbitration opens."""
        for reason in ("not our road", "still not our road"):
            await self.act(
                "request_return",
                Role.UNIT,
                "roads",
                reason=reason,
                basis="Parks Act s.2",
                to="bins",
            )
            await self.act("answer_return", Role.DISPATCHER, agreed=False, note="it is a road")

    async def ruled(self) -> None:
        """The units are heard together; the ruling comes late, and finds a gap in the list."""
        await self.act("consult", Role.ARBITER, "town-desk", units=["roads", "bins"])
        await self.passes(6 * DAY)
        await self.act(
            "rule",
            Role.ARBITER,
            "town-desk",
            lead="bins",
            assisting=["roads"],
            mandatory=["roads"],
            basis="it lies in a park",
            gap=True,
        )

    async def appealed(self) -> None:
        """The ruled unit may not return it; it appeals once, and the second ruling is final."""
        asked = {"reason": "no", "basis": "none"}
        returned = await self.refused("request_return", Role.UNIT, "bins", **asked)
        assert returned is Code.RULED_MAY_NOT_RETURN
        await self.act("appeal", Role.UNIT, "bins", reason="the park ends before it")
        await self.act(
            "rule", Role.ARBITER, "town-desk", lead="bins", basis="the park reaches to the kerb"
        )
        assert await self.refused("appeal", Role.UNIT, "bins", reason="again") is Code.RULED_FINALLY

    async def extended_and_held(self) -> None:
        """Extended twice, held, resumed, and then far overdue: the last rung rings."""
        await self.act("sign", Role.UNIT, "bins")
        for days, role in ((3, Role.DISPATCHER), (2, Role.SUPERVISOR)):
            await self.act("request_extension", Role.UNIT, "bins", reason="rain", days=days)
            await self.act("answer_extension", role, granted=True)
        today = (await self.stage.state()).since.date()
        await self.act(
            "request_hold",
            Role.UNIT,
            "bins",
            reason="frost",
            review_on=(today + 20 * DAY).isoformat(),
            phase_reply="We mend it when the frost is over.",
        )
        await self.act("answer_hold", Role.DISPATCHER, granted=True)
        await self.passes(24 * DAY)
        await self.passes(30 * DAY)

    async def replied_at_last(self) -> None:
        """The order is answered; the assisting unit's mandatory task holds the reply up."""
        await self.act("feed_back", Role.UNIT, "bins", note="the crew starts tomorrow")
        await self.act("release_order", Role.SUPERVISOR, outcome="seen on site")
        said = {"outcome": "not_founded", "public": "nothing"}
        assert await self.refused("reply", Role.UNIT, "bins", **said) is Code.MANDATORY_OPEN
        await self.act("assist_reply", Role.UNIT, "roads", note="closed the lane")
        await self.reply()

    async def reworked(self) -> None:
        """Sent back three times; the third is reported to the top."""
        for _ in range(3):
            await self.review(accepted=False, note="still a hole")
            await self.reply()
        await self.review()

    async def closed_and_reopened(self) -> None:
        """Rated badly; the unit's appeal is upheld; closed, broken again, mended, closed."""
        await self.rate(1)
        await self.act("appeal_rating", Role.UNIT, "bins", reason="it was rated for the weather")
        await self.act(
            "answer_rating_appeal", Role.CHECKER, "town-desk", upheld=True, note="so it was"
        )
        await self.review()
        await self.act("reopen", Role.REPORTER, reason="it is broken again")
        await self.reply()
        await self.review()
        await self.rate(5)


def told(entries: Sequence[Entry]) -> list[str]:
    """A journal in short: what happened on which day; a watch's daily rounds are left out."""
    lines = [f"{line.event.at:%m-%d} {_short(line.event)}" for line in entries]
    return [line for line in lines if "watch" not in line]


def _short(event: AnyEvent) -> str:
    match event:
        case Planned():
            keys = " ".join(one.key for one in event.deadlines)
            why = "".join(f" {moved.why}" for moved in event.moved)
            return f"planned {keys}{why}"
        case Rang():
            missed = f" missed {len(event.missed)}" if event.missed else ""
            return f"rang {event.clock} {event.subject} {event.rung}{missed}".replace("  ", " ")
        case OrderIssued():
            return f"order {event.level} to {event.leader}"
        case Dispatched() | RulingGiven():
            return f"{event.kind} {event.lead}"
        case Supervised():
            return f"supervised {event.trigger}"
    return event.kind
