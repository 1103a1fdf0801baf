"""Walks tickets through their lives on the pure core, as a workflow would: for any test.

walked = walk(PATHS["closed"], external_id="7")
walked.ticket, walked.entries, walked.notices, walked.recordings
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from juanchi.domain import machine
from juanchi.domain.actions import parse_action
from juanchi.domain.calendar import WorkCalendar
from juanchi.domain.clocks import Plan, PlanResult, earliest
from juanchi.domain.clue import Locate, LocateResult, Screen, ScreenResult
from juanchi.domain.deadlines import Deadline, plan
from juanchi.domain.events import Entry
from juanchi.domain.filing import Route, RouteResult
from juanchi.domain.merging import AskSurvivor, AskSurvivorResult
from juanchi.domain.messages import Event, Result, Step
from juanchi.domain.notices import Notice, Notify, NotifyResult, notices
from juanchi.domain.place import Place
from juanchi.domain.policy import Policy
from juanchi.domain.terms import ClockName, ClueVerdict, Nature, Urgency
from juanchi.domain.ticket import Candidate, Clue, Reporter, Ticket
from juanchi.domain.turn import Recording

START = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)

POLICY = Policy.model_validate(
    {
        "code": "walk",
        "version": "1",
        "valid_from": "2022-01-01",
        "service_hours": ["09:00-12:00", "14:00-18:00"],
        "limits": {name: {"default": "10wd"} for name in ClockName},
        "rungs": {
            "default": [
                {"kind": "reminder", "at": "80%"},
                {"kind": "overdue", "at": "due"},
                {"kind": "escalated", "at": "due+1wd"},
            ],
            "reopen": [{"kind": "elapsed", "at": "due"}],
        },
        "rework": {"least": "2wd"},
    }
)
CALENDAR = WorkCalendar("Asia/Shanghai", (), POLICY.service_hours)

PHOTO = {"kind": "site_after", "ref": "photo/1", "at": START.isoformat()}
ACTS: dict[str, dict[str, Any]] = {
    "triage": {"actor": {"role": "dispatcher"}, "verdict": "actionable", "reason": "看得懂"},
    "verify": {
        "actor": {"role": "street_team", "unit": "street"},
        "verdict": "confirmed",
        "evidence": [PHOTO],
    },
    "dispatch": {
        "actor": {"role": "dispatcher"},
        "item": "road",
        "lead": "works",
        "assisting": ["police", "police"],
    },
    "sign": {"actor": {"role": "unit", "unit": "works"}},
    "progress": {"actor": {"role": "unit", "unit": "works"}, "note": "正在修"},
    "reply": {
        "actor": {"role": "unit", "unit": "works"},
        "outcome": "solved",
        "public": "修好了 🎉",
        "evidence": [PHOTO],
    },
    "press": {"actor": {"role": "supervisor"}, "requirement": "快一点"},
    "review": {"actor": {"role": "checker", "unit": "centre"}, "accepted": True},
    "reject": {
        "kind": "review",
        "actor": {"role": "checker", "unit": "centre"},
        "accepted": False,
        "note": "照片不清楚",
    },
    "call": {"actor": {"role": "checker", "unit": "centre"}, "result": "declined"},
    "rate": {"actor": {"role": "reporter"}, "rating": {"overall": 5}},
    "rate_badly": {"kind": "rate", "actor": {"role": "reporter"}, "rating": {"overall": 1}},
    "reopen": {"actor": {"role": "reporter"}, "reason": "又坏了"},
    "withdraw": {"actor": {"role": "reporter"}, "reason": "不用了"},
    "merge": {
        "actor": {"role": "dispatcher"},
        "into": "ticket/video/survivor",
        "reason": "同一件事",
    },
    "absorb": {"actor": {"role": "system"}, "voice": "ticket/video/merged"},
}
"""Every action by name, ready but for its id and time; ``wait`` lets the next clock ring."""

HANDLED = ("verify", "sign", "reply", "review", "rate")
PATHS: dict[str, tuple[str, ...]] = {
    "verifying": (),
    "unsigned": ("verify",),
    "handling": ("verify", "sign", "progress"),
    "overdue": ("verify", "sign", "wait", "wait"),
    "watched": ("verify", "sign", "wait", "wait", "wait"),
    "review": ("verify", "sign", "reply"),
    "closed": HANDLED,
    "archived": (*HANDLED, "wait"),
    "reopened": (*HANDLED, "reopen"),
    "reworked": ("verify", "sign", "reply", "reject", "reply", "review", "rate"),
    "disputed": ("verify", "sign", "reply", "review", "rate_badly"),
    "withdrawn": ("withdraw",),
    "merged": ("verify", "merge"),
    "survivor": ("verify", "absorb"),
}
"""Lives by name: the acts that people do, in order."""


@dataclass
class Walked:
    """A ticket's life so far: how it stands, its journal, its notices, and turn by turn."""

    ticket: Ticket
    now: datetime
    entries: list[Entry] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)

    @property
    def whole(self) -> Recording:
        """The whole life as one recording."""
        return Recording(
            ticket=self.ticket, entries=tuple(self.entries), notices=tuple(self.notices)
        )

    def take(self, events: Sequence[Event]) -> None:
        """One turn: the ticket after the events, and its recording."""
        if not events:
            return
        entries, told = [], []
        for event in events:
            self.ticket = machine.evolve(self.ticket, event)
            entries.append(Entry.model_validate({"seq": self.ticket.version, "event": event}))
            told += notices(self.ticket, event, self.ticket.version)
        self.entries += entries
        self.notices += told
        self.recordings.append(
            Recording(ticket=self.ticket, entries=tuple(entries), notices=tuple(told))
        )

    def step(self, **answers: Result) -> None:
        """Do what the engine wants until somebody else has the ball. ``answers`` by step kind."""
        while (wanted := machine.wants(self.ticket)) is not None:
            kind = wanted.__dict__["kind"]
            result = answers.get(kind) or _answer(self.ticket, wanted)
            self.take(machine.complete(self.ticket, result, self.now))

    def act(self, name: str, **changes: Any) -> None:
        """Somebody acts, by a name of ``ACTS``; or ``wait`` until the next clock rings."""
        if name == "wait":
            self.now = max(self.now, earliest(self.ticket) or self.now)
            self.take(machine.ring_due(self.ticket, self.now))
            return
        self.now += timedelta(minutes=7)
        action = {
            "kind": name,
            "id": f"{name}-{len(self.entries)}",
            "at": self.now,
            **ACTS[name],
            **changes,
        }
        self.take(machine.decide(self.ticket, parse_action(action), self.now))


def walk(
    path: str | Iterable[str] = "closed",
    *,
    external_id: str = "1",
    channel: str = "video",
    text: str = "楼梯坏了，走路很危险 🕳️",
    reporter: Reporter | None = Reporter(id="reporter-1", sealed_contact="sealed"),  # noqa: B008
    at: datetime = START,
    answer: Callable[[Walked], dict[str, Result]] = lambda _: {},
) -> Walked:
    """A ticket that has lived through a path: a name of ``PATHS``, or names of ``ACTS``."""
    clue = Clue(
        channel=channel, external_id=external_id, text=text, reported_at=at, reporter=reporter
    )
    ticket, received = machine.begin(clue, at)
    walked = Walked(ticket, at)
    walked.take([received])
    walked.step(**answer(walked))
    for name in PATHS[path] if isinstance(path, str) else path:
        walked.act(name)
        walked.step(**answer(walked))
    return walked


def _answer(ticket: Ticket, wanted: Step) -> Result:
    match wanted:
        case Screen():
            return ScreenResult(
                verdict=ClueVerdict.ACTIONABLE, rule="default", nature=Nature.REQUEST, verify=True
            )
        case Locate():
            return LocateResult(
                place=Place(region="street-1"), district="futian", street_team="street"
            )
        case Route():
            found = Candidate(item="road", lead="works", assisting=("police",), reason="duty")
            number = f"WA-{ticket.clue.channel}-{ticket.clue.external_id}"
            return RouteResult(number=number, sure=True, candidates=(found,))
        case Plan(clocks=wanted_clocks):
            return PlanResult(
                deadlines=tuple(
                    _deadline(c.clock, c.start, ticket.nature, ticket.urgency, c.rework)
                    for c in wanted_clocks
                )
            )
        case AskSurvivor(into=into):
            return AskSurvivorResult(into=into)
        case Notify():
            return NotifyResult(
                key=wanted.key, to=wanted.to, what=wanted.what, attempt=wanted.attempt
            )
    raise AssertionError(f"no answer for {wanted}")


@lru_cache(maxsize=4096)
def _deadline(
    clock: ClockName, start: datetime, nature: Nature | None, urgency: Urgency, rework: bool
) -> Deadline:
    return plan(CALENDAR, POLICY, clock, start, nature, urgency, rework=rework)
