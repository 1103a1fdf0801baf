"""A life with people in it, so that a test says who does what and nothing else.

life = handling()
life.does("lead", "request_extension", reason="rain", days=3)
assert life.refuses("dispatcher", "answer_hold", granted=True) is Code.NO_REQUEST
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

import pytest

from juanchi.domain.actions import parse_action
from juanchi.domain.ball import Task, TaskKind, tasks
from juanchi.domain.clocks import Moved, Planned
from juanchi.domain.comparing import CompareResult
from juanchi.domain.deadlines import Deadline
from juanchi.domain.messages import Event
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import ClockName, EvidenceKind, Nature, Outcome, Role
from juanchi.domain.ticket import Clue, Phase, Reporter
from juanchi.intake.tools import Tools
from tests.domain.cities import tinytown_now
from tests.pure import MONDAY, PureEngine, proof

E = TypeVar("E", bound=Event)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POTHOLE = "a deep pothole in Mill Parish"
WIRE = "live wire with sparks in Market Parish"
LAMP = "the lamp in Mill Parish is out"
UNCLEAR = "the lamp by the tree"
IDEA = "I suggest a new lamp in Mill Parish"

PROOF = [proof(kind).model_dump() for kind in EvidenceKind]
PROVEN = ("verify", "reply")
NEEDED: dict[str, dict[str, Any]] = {
    "verify": {"verdict": "confirmed"},
    "dispatch": {"item": "lamp", "lead": "roads"},
    "reply": {"outcome": "solved", "public": "mended"},
    "review": {"accepted": True},
    "rate": {"rating": {"overall": 5}},
    "request_return": {"reason": "not ours", "basis": "Roads Act s.4"},
    "request_extension": {"reason": "rain", "days": 2},
    "request_hold": {"reason": "frost", "phase_reply": "After the frost."},
    "rule": {"lead": "bins", "basis": "Charter 3"},
    "order": {"requirement": "at once"},
    "set_urgency": {"urgency": "urgent", "reason": "storm"},
}
"""What an action needs to be taken, unless the test says otherwise."""


class Life(PureEngine):
    """One ticket's life and the people who act in it.

    Who acts is ``lead``, a role, or a unit's code.
    """

    def __init__(
        self,
        text: str = POTHOLE,
        tools: Tools | None = None,
        begins: datetime = MONDAY,
        like: CompareResult | None = None,
        refuses: str = "",
        **clue: Any,
    ) -> None:
        self._ids = count(1)
        clue = {
            "channel": "wall",
            "external_id": "1",
            "text": text,
            "reported_at": begins,
            "reporter": Reporter(id="r-1"),
            **clue,
        }
        super().__init__(
            tools or tinytown_now(),
            Clue.model_validate(clue),
            begins,
            like=like,
            survivor_refuses=refuses,
        )

    def asks(self, who: str, kind: str, **fields: Any) -> dict[str, Any]:
        """An action as somebody would send it."""
        role, unit = self._actor(who)
        if kind in PROVEN:
            proofs = [proof(one, self.now).model_dump() for one in EvidenceKind]
            fields = {"evidence": proofs, **fields}
        return {
            "kind": kind,
            "id": f"{next(self._ids)}",
            "actor": {"role": role, "unit": fields.pop("unit_of", unit)},
            "at": self.now,
            **NEEDED.get(kind, {}),
            **fields,
        }

    def _actor(self, who: str) -> tuple[Role, str | None]:
        if who == "lead":
            return Role.UNIT, self.ticket.lead
        if who not in list(Role):
            return Role.UNIT, who
        unit = {Role.CHECKER: "town-desk", Role.STREET_TEAM: self.ticket.street_team}
        return Role(who), unit.get(Role(who))

    def does(self, who: str, kind: str, **fields: Any) -> list[str]:
        """Somebody does something; the kinds of all that follows."""
        before = len(self.entries)
        self.act(parse_action(self.asks(who, kind, **fields)))
        return self.kinds(before)

    def refuses(self, who: str, kind: str, **fields: Any) -> Code:
        """Somebody may not do something, and nothing has changed."""
        self.ring()
        before = self.ticket
        with pytest.raises(Refused) as told:
            self.act(parse_action(self.asks(who, kind, **fields)))
        assert self.ticket is before
        return told.value.code

    def refuses_again(self, who: str, kind: str, **fields: Any) -> Code:
        """Somebody does something, and may not do it again."""
        self.does(who, kind, **fields)
        return self.refuses(who, kind, **fields)

    def goes_on(self, until: Phase) -> "Life":
        """Everybody does what is usual until the ticket is there."""
        usual = {
            Phase.VERIFYING: ("street_team", "verify"),
            Phase.DISPATCHING: ("dispatcher", "dispatch"),
            Phase.UNSIGNED: ("lead", "sign"),
            Phase.HANDLING: ("lead", "reply"),
            Phase.REVIEW: ("checker", "review"),
            Phase.CALLBACK: ("reporter", "rate"),
        }
        while self.ticket.phase is not until:
            fields: dict[str, Any] = {}
            if self.ticket.phase is Phase.HANDLING and self.ticket.nature is Nature.SUGGESTION:
                fields = {"outcome": Outcome.ADOPTED}
            self.does(*usual[self.ticket.phase], **fields)
        return self

    # ---------------------------------------------------------------- looking

    def kinds(self, since: int = 0) -> list[str]:
        """The kinds of what has happened."""
        return [line.event.kind for line in self.entries[since:]]

    def all(self, kind: type[E]) -> list[E]:
        """All events of a kind."""
        return [line.event for line in self.entries if isinstance(line.event, kind)]

    def last(self, kind: type[E]) -> E:
        """The last event of a kind."""
        return self.all(kind)[-1]

    def clock(self, clock: ClockName, subject: str = "") -> Deadline:
        """A running clock."""
        deadline = self.ticket.deadline(clock, subject)
        assert deadline is not None, f"{clock} does not run"
        return deadline

    def runs(self, clock: ClockName, subject: str = "") -> bool:
        """Whether a clock runs."""
        return self.ticket.deadline(clock, subject) is not None

    def moved(self) -> Sequence[Moved]:
        """The due times that the last planning moved."""
        return self.last(Planned).moved

    def owes(self, kind: TaskKind) -> Task:
        """The one open task of a kind."""
        (task,) = [task for task in tasks(self.ticket) if task.kind is kind]
        return task

    def tasks(self) -> set[tuple[str, str]]:
        """Who owes what."""
        return {(task.holder, task.kind) for task in tasks(self.ticket)}

    def told(self, holder: str) -> list[str]:
        """What a holder has been told, by kind."""
        return [notice.kind for notice in self.notices if notice.to == holder]

    def day(self, days: int) -> date:
        """A day so many days from now, in the city."""
        return self.tools.local_day(self.now) + days * DAY

    # ---------------------------------------------------------------- time

    def passes(self, by: timedelta) -> None:
        """Time passes, and everything rings at its moment."""
        self.pass_time(by)

    def rings_out(self, clock: ClockName, subject: str = "") -> None:
        """Time passes until a clock has rung its last."""
        self.passes(self.clock(clock, subject).rungs[-1].at - self.now)


def alive(text: str = POTHOLE, **more: Any) -> Life:
    """A ticket that has just come in."""
    return Life(text, **more)


def unsigned(text: str = POTHOLE, **more: Any) -> Life:
    """A ticket that its lead unit has not signed yet."""
    return alive(text, **more).goes_on(Phase.UNSIGNED)


def suggestion(until: Phase = Phase.HANDLING, **more: Any) -> Life:
    """A suggestion of somebody who is known."""
    return alive(IDEA, **more).goes_on(until)


def handling(text: str = POTHOLE, **more: Any) -> Life:
    """A ticket that its lead unit has signed."""
    return alive(text, **more).goes_on(Phase.HANDLING)
