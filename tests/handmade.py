"""Lives made by hand on the pure core, step by step: for metrics, what-if and their bench.

life = Handmade().verified().signed().later(days=1).replied().reviewed().rated(5)
life.entries
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from types import MappingProxyType
from typing import Any

from juanchi.domain.actions import parse_action
from juanchi.domain.messages import Action, Event
from juanchi.domain.terms import EvidenceKind, Role
from juanchi.domain.ticket import Clue, Reporter
from juanchi.intake.tools import Tools
from tests.pure import MONDAY, PureEngine, tinytown

HOLE = "A deep pothole in Mill Parish, please mend it"
IDEA = "I suggest a new lamp in Mill Parish"
NOISE = "special offer: discount on everything"
UNSURE = "the lamp by the tree"

shared_tools: Callable[[], Tools] = cache(tinytown)


class Handmade(PureEngine):
    """One ticket of Tinytown, and everybody who acts on it. Every step returns the life itself.

    It is told on the wall (verified on site), leads to Roads, and has a reporter, unless said
    otherwise.
    """

    def __init__(
        self,
        name: str = "1",
        text: str = HOLE,
        *,
        channel: str = "wall",
        reported: bool = True,
        now: datetime = MONDAY,
        tools: Tools | None = None,
    ) -> None:
        self._ids = count(1)
        self.acts: list[tuple[datetime, Action]] = []
        clue = Clue(
            channel=channel,
            external_id=name,
            text=text,
            reported_at=now,
            reporter=Reporter(id="r-1") if reported else None,
        )
        super().__init__(tools or shared_tools(), clue, now, f"TT-{name}")

    def act(self, action: Action) -> Sequence[Event]:
        """Take an action, and keep when it was. Raises ``Refused``."""
        events = super().act(action)
        self.acts.append((self.now, action))
        return events

    @property
    def lead(self) -> str:
        """The unit that has the ticket."""
        assert self.ticket.lead is not None
        return self.ticket.lead

    @property
    def proof(self) -> list[dict[str, object]]:
        """One of each kind, made now."""
        return [{"kind": kind, "ref": f"file:{kind}", "at": self.now} for kind in EvidenceKind]

    def later(self, **span: float) -> Handmade:
        """Time passes; what is due rings at its own moment."""
        self.pass_time(timedelta(**span))
        return self

    def asked(self, kind: str, role: Role, unit: str | None = None, **fields: Any) -> Handmade:
        """Somebody asks for something, and gets it. Raises ``Refused``."""
        actor = {"role": role, "unit": unit}
        data = {"kind": kind, "id": str(next(self._ids)), "actor": actor, "at": self.now}
        self.act(parse_action({**data, **fields}))
        return self

    def by_lead(self, kind: str, **fields: Any) -> Handmade:
        """The lead unit asks for something."""
        return self.asked(kind, Role.UNIT, self.lead, **fields)

    def verified(self, verdict: str = "confirmed", **more: Any) -> Handmade:
        team = self.ticket.street_team
        said = {"verdict": verdict, "evidence": self.proof, **more}
        return self.asked("verify", Role.STREET_TEAM, team, **said)

    def dispatched(self, lead: str = "roads", item: str = "road-hole", **more: Any) -> Handmade:
        return self.asked("dispatch", Role.DISPATCHER, lead=lead, item=item, **more)

    def signed(self) -> Handmade:
        return self.by_lead("sign")

    def replied(self, outcome: str = "solved") -> Handmade:
        return self.by_lead("reply", outcome=outcome, public="It is mended.", evidence=self.proof)

    def reviewed(self, accepted: bool = True) -> Handmade:
        said = {"accepted": accepted, "note": "looked at it"}
        return self.asked("review", Role.CHECKER, "town-desk", **said)

    def rated(self, overall: int = 5) -> Handmade:
        return self.asked("rate", Role.REPORTER, rating={"overall": overall})

    def called(self, result: str) -> Handmade:
        return self.asked("call", Role.CHECKER, "town-desk", result=result)

    def rechecked(self, fixed: bool = True) -> Handmade:
        return self.asked("recheck", Role.CHECKER, "town-desk", fixed=fixed, evidence=self.proof)

    def returned(self, to: str | None = "bins") -> Handmade:
        return self.by_lead("request_return", reason="not ours", basis="Charter 1", to=to)

    def return_answered(self, agreed: bool, **more: Any) -> Handmade:
        said = {"agreed": agreed, "note": "by the list", **more}
        return self.asked("answer_return", Role.DISPATCHER, **said)

    def ruled(self, lead: str, **more: Any) -> Handmade:
        said = {"lead": lead, "basis": "Charter 3", **more}
        return self.asked("rule", Role.ARBITER, "arbiters", **said)

    def extended(self, days: int, granted: bool = True) -> Handmade:
        role = Role.SUPERVISOR if self.ticket.extensions else Role.DISPATCHER
        self.by_lead("request_extension", reason="rain", days=days)
        return self.asked("answer_extension", role, granted=granted, note="as asked")

    def held(self, days: int) -> Handmade:
        review_on = (self.now + timedelta(days=days)).date()
        said = {"reason": "frost", "review_on": review_on, "phase_reply": "in spring"}
        self.by_lead("request_hold", **said)
        return self.asked("answer_hold", Role.DISPATCHER, granted=True)

    def reopened(self) -> Handmade:
        return self.asked("reopen", Role.REPORTER, reason="broken again")

    def rating_appealed(self, upheld: bool) -> Handmade:
        self.by_lead("appeal_rating", reason="it was another hole")
        said = {"upheld": upheld, "note": "looked at it"}
        return self.asked("answer_rating_appeal", Role.CHECKER, "town-desk", **said)

    def withdrawn(self) -> Handmade:
        return self.asked("withdraw", Role.REPORTER, reason="mended by a neighbour")


def handled(life: Handmade, days: float = 1) -> Handmade:
    """Verified, signed and replied to after so many days."""
    return life.later(hours=1).verified().later(hours=2).signed().later(days=days).replied()


def closed(life: Handmade, days: float = 1, overall: int = 5) -> Handmade:
    """Handled, accepted, and rated well."""
    return handled(life, days).later(hours=3).reviewed().later(hours=5).rated(overall)


def _suggestion(life: Handmade) -> Handmade:
    life = life.later(hours=3).signed().later(days=2).replied("adopted")
    return life.reviewed().rated(4)


def _by_hand(life: Handmade) -> Handmade:
    life = life.later(hours=5).dispatched("roads", "lamp").later(hours=1).signed()
    return life.later(days=2).replied().reviewed().called("declined")


def _overdue(life: Handmade) -> Handmade:
    return closed(life, days=12, overall=3).later(days=20)


def _unsigned(life: Handmade) -> Handmade:
    life = life.verified().later(days=3).signed().later(days=1).replied()
    return life.reviewed().rated(4)


def _extended(life: Handmade) -> Handmade:
    life = life.verified().later(hours=2).signed().extended(4).later(days=9).replied()
    return life.later(hours=2).reviewed().rated(5)


def _held(life: Handmade) -> Handmade:
    life = life.verified().later(hours=2).signed().later(days=1).held(12).later(days=16)
    return life.replied().reviewed().rated(4)


def _passed_on(life: Handmade) -> Handmade:
    life = life.verified().returned().later(hours=2).return_answered(agreed=True)
    return life.later(hours=3).signed().later(days=3).replied().reviewed().rated(5)


def _disputed(life: Handmade) -> Handmade:
    life = life.verified().returned().later(hours=5).return_answered(agreed=False)
    life = life.returned().later(hours=5).return_answered(agreed=False).later(days=5)
    life = life.ruled("bins").later(days=1).signed().later(days=9).replied()
    return life.reviewed().rated(4)


def _reworked(life: Handmade) -> Handmade:
    life = handled(life).reviewed(accepted=False).later(days=4).replied()
    life = life.reviewed().rated(1).later(days=1).reviewed(accepted=False)
    return life.later(days=1).replied().reviewed().rated(4)


def _reopened(life: Handmade) -> Handmade:
    return closed(life).later(days=2).reopened().later(days=3).replied().reviewed().rated(5)


def _urgent(life: Handmade) -> Handmade:
    life = life.later(hours=1).verified().later(hours=1)
    life.asked("set_urgency", Role.SUPERVISOR, urgency="urgent", reason="a storm comes")
    life = life.later(hours=1).signed().later(hours=2).by_lead("arrive", note="here")
    return life.later(hours=20).replied().reviewed().rated(5)


def _forgotten(life: Handmade) -> Handmade:
    return life.verified().later(hours=3).signed().later(days=40)


MIXED: Mapping[str, tuple[int, str, Callable[[Handmade], Handmade]]] = MappingProxyType(
    {
        "noise": (16, NOISE, lambda life: life),
        "unfounded": (8, HOLE, lambda life: life.later(hours=2).verified("unfounded")),
        "straight": (28, HOLE, closed),
        "suggestion": (5, IDEA, _suggestion),
        "by hand": (5, UNSURE, _by_hand),
        "overdue": (5, HOLE, _overdue),
        "unsigned": (4, HOLE, _unsigned),
        "extended": (5, HOLE, _extended),
        "held": (3, HOLE, _held),
        "passed on": (4, HOLE, _passed_on),
        "disputed": (3, HOLE, _disputed),
        "reworked": (4, HOLE, _reworked),
        "reopened": (3, HOLE, _reopened),
        "urgent": (4, HOLE, _urgent),
        "withdrawn": (2, HOLE, lambda life: life.verified().later(hours=5).withdrawn()),
        "forgotten": (1, HOLE, _forgotten),
    }
)
"""Lives by name: how many of each hundred, the clue's words, and how it is lived.

Far fewer come to nothing than in a real city, where most clues do.
"""


def mixed(hundreds: int = 1) -> list[Handmade]:
    """Lives as a city has them: most are straight, some are late, argued about, or done again."""
    lives = []
    for name, (share, text, live) in MIXED.items():
        for n in range(share * hundreds):
            # Spread over days and hours, as people report.
            now = MONDAY + timedelta(hours=7 * n % 200, minutes=13 * n % 60)
            channel = "web" if text == UNSURE else "wall"
            key = f"{name.replace(' ', '-')}-{n}"
            lives.append(live(Handmade(key, text, channel=channel, now=now)).later(days=15))
    return lives
