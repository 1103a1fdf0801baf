"""Walks tickets through their lives on the pure core, as a workflow would: for any test.

walked = walk(PATHS["closed"], external_id="7")
walked.ticket, walked.entries, walked.notices, walked.recordings
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from juanchi.domain import machine
from juanchi.domain.actions import parse_action
from juanchi.domain.calendar import WorkCalendar
from juanchi.domain.clocks import Plan, earliest
from juanchi.domain.clue import Locate, LocateResult, Screen, ScreenResult
from juanchi.domain.duties import Directory
from juanchi.domain.events import Entry
from juanchi.domain.filing import Route, RouteResult
from juanchi.domain.lists import Item, Region, RegionLevel, Unit
from juanchi.domain.merging import AskSurvivor, AskSurvivorResult
from juanchi.domain.messages import Event, Result, Step
from juanchi.domain.notices import Notice, Notify, NotifyResult, notices
from juanchi.domain.place import Place
from juanchi.domain.planning import Planner
from juanchi.domain.policy import Policy
from juanchi.domain.terms import ClockName, ClueVerdict, Nature
from juanchi.domain.ticket import Candidate, Clue, Reporter, Ticket
from juanchi.domain.turn import Recording
from juanchi.domain.unmerging import LeaveSurvivor, LeaveSurvivorResult
from juanchi.domain.voices import AnswerVoices, AnswerVoicesResult

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
            "handle": [
                {"kind": "reminder", "at": "80%"},
                {"kind": "overdue", "at": "due"},
                {"kind": "escalated", "at": "due+1wd"},
                {
                    "kind": "yellow_card",
                    "at": "due+2wd",
                    "order": {"leader": "lead/head", "copies": ["centre/mayor"]},
                },
            ],
            "reopen": [{"kind": "elapsed", "at": "due"}],
            "watch": [{"kind": "pressed", "at": "due"}],
        },
        "rework": {"least": "2wd"},
        "terms": {
            "triggers": {"refusing": {"level": "red_card", "order": {"leader": "lead/head"}}}
        },
    }
)
CALENDAR = WorkCalendar("Asia/Shanghai", (), POLICY.service_hours)
DIRECTORY = Directory(
    regions=[
        Region(code="town", level=RegionLevel.CITY, name="Town"),
        Region(code="futian", parent="town", level=RegionLevel.DISTRICT, name="Futian"),
        Region(code="street-1", parent="futian", level=RegionLevel.STREET, name="Street 1"),
    ],
    units=[
        Unit(code=code, name=code, role=code, region="street-1" if code == "street" else "town")
        for code in ("works", "parks", "police", "street", "centre")
    ],
    items=[Item(code="road", category="streets", name="Road")],
)
PLANNER = Planner(DIRECTORY, "centre", lambda _: (POLICY, CALENDAR))

PHOTO = {"kind": "site_after", "ref": "photo/1", "at": START.isoformat()}
WORKS = {"role": "unit", "unit": "works"}
PARKS = {"role": "unit", "unit": "parks"}
DISPATCHER = {"role": "dispatcher"}
CHECKER = {"role": "checker", "unit": "centre"}
SUPERVISOR = {"role": "supervisor"}
ARBITER = {"role": "arbiter", "unit": "centre"}
REPORTER = {"role": "reporter"}
ACTS: dict[str, dict[str, Any]] = {
    "triage": {"actor": DISPATCHER, "verdict": "actionable", "reason": "看得懂"},
    "verify": {
        "actor": {"role": "street_team", "unit": "street"},
        "verdict": "confirmed",
        "evidence": [PHOTO],
    },
    "dispatch": {
        "actor": DISPATCHER,
        "item": "road",
        "lead": "works",
        "assisting": ["police", "police"],
    },
    "sign": {"actor": WORKS},
    "sign_parks": {"kind": "sign", "actor": PARKS},
    "progress": {"actor": WORKS, "note": "正在修"},
    "reply": {"actor": WORKS, "outcome": "solved", "public": "修好了 🎉", "evidence": [PHOTO]},
    "press": {"actor": SUPERVISOR, "requirement": "快一点"},
    "review": {"actor": CHECKER, "accepted": True},
    "reject": {"kind": "review", "actor": CHECKER, "accepted": False, "note": "照片不清楚"},
    "call": {"actor": CHECKER, "result": "declined"},
    "rate": {"actor": REPORTER, "rating": {"overall": 5}},
    "rate_badly": {"kind": "rate", "actor": REPORTER, "rating": {"overall": 1}},
    "appeal_rating": {"actor": WORKS, "reason": "评价与本单位无关"},
    "answer_rating_appeal": {"actor": CHECKER, "upheld": True, "note": "属实"},
    "reopen": {"actor": REPORTER, "reason": "又坏了"},
    "withdraw": {"actor": REPORTER, "reason": "不用了"},
    "merge": {"actor": DISPATCHER, "into": "ticket/video/survivor", "reason": "同一件事"},
    "absorb": {"actor": {"role": "system"}, "voice": "ticket/video/merged"},
    "let_go": {"actor": {"role": "system"}, "voice": "ticket/video/merged"},
    "unmerge": {"actor": DISPATCHER, "reason": "不是同一处"},
    "rate_voice": {
        "actor": {"role": "reporter"},
        "voice": "ticket/video/merged",
        "rating": {"overall": 1},
    },
    "request_return": {"actor": WORKS, "reason": "不归我们管", "basis": "三定方案", "to": "parks"},
    "agree_return": {"kind": "answer_return", "actor": DISPATCHER, "agreed": True},
    "refuse_return": {
        "kind": "answer_return",
        "actor": DISPATCHER,
        "agreed": False,
        "note": "就是你们的",
    },
    "request_extension": {"actor": WORKS, "reason": "等材料", "days": 3},
    "grant_extension": {"kind": "answer_extension", "actor": DISPATCHER, "granted": True},
    "request_hold": {
        "actor": WORKS,
        "reason": "等雨季过去",
        "review_on": (START + timedelta(days=20)).date().isoformat(),
        "phase_reply": "雨季后施工",
    },
    "grant_hold": {"kind": "answer_hold", "actor": DISPATCHER, "granted": True},
    "end_hold": {"actor": WORKS, "reason": "天晴了"},
    "add_assisting": {"actor": DISPATCHER, "units": ["parks"], "mandatory": ["parks"]},
    "assist_reply": {"actor": PARKS, "note": "树枝已清理"},
    "whistle": {
        "actor": {"role": "unit", "unit": "street"},
        "units": ["police"],
        "requirement": "到场疏导",
    },
    "arrive": {"actor": {"role": "unit", "unit": "police"}, "note": "已到场"},
    "order": {"actor": SUPERVISOR, "requirement": "三天内修好", "evidence_wanted": ["document"]},
    "feed_back": {"actor": WORKS, "note": "已增派人手"},
    "release_order": {"actor": SUPERVISOR, "outcome": "已到位"},
    "open_arbitration": {"actor": SUPERVISOR, "reason": "互相推诿"},
    "consult": {"actor": ARBITER, "units": ["works", "parks"]},
    "rule": {
        "actor": ARBITER,
        "lead": "parks",
        "assisting": ["police"],
        "backstop": "works",
        "basis": "谁主管谁负责",
        "interim_until": "2027-03-31",
        "gap": True,
    },
    "appeal": {"actor": PARKS, "reason": "依据有误"},
    "raise": {
        "kind": "set_urgency",
        "actor": SUPERVISOR,
        "urgency": "urgent",
        "reason": "台风",
        "incident": "storm-1",
    },
    "replan": {"actor": SUPERVISOR, "reason": "新日历"},
}
"""Every action by name, ready but for its id and time; ``wait`` lets the next clocks ring."""

HANDLED = ("verify", "sign", "reply", "review", "rate")
RETURNED = ("verify", "request_return", "refuse_return")
ARBITRATED = (*RETURNED, "request_return", "refuse_return")
RULED = (*ARBITRATED, "rule")
CARDED = ("verify", "sign", "wait", "wait", "wait", "wait")
HELD = ("verify", "sign", "request_hold", "grant_hold")
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
    "unmerged": ("verify", "merge", "unmerge"),
    "voiced": ("verify", "absorb", "sign", "reply", "review", "rate_voice"),
    "alone_again": ("verify", "absorb", "let_go"),
    "returning": ("verify", "request_return"),
    "refused": RETURNED,
    "taken_away": ("verify", "request_return", "agree_return"),
    "arbitrated": ARBITRATED,
    "consulted": (*ARBITRATED, "consult"),
    "ruled": RULED,
    "backstop": (*RULED, *["wait"] * 3),
    "appealed": (*RULED, "sign_parks", "appeal"),
    "settled": (*RULED, "sign_parks", "appeal", "rule"),
    "lapsed": ("verify", "sign", "open_arbitration", "reply", "review", "rate"),
    "outpaced": ("verify", "sign", "request_extension", "reply", "review", "rate"),
    "extending": ("verify", "sign", "request_extension"),
    "extended": ("verify", "sign", "request_extension", "grant_extension"),
    "on_hold": HELD,
    "resumed": (*HELD, "end_hold"),
    "review_date": (*HELD, *["wait"] * 4),
    "helped": ("verify", "sign", "add_assisting", "assist_reply"),
    "whistled": ("verify", "sign", "whistle"),
    "arrived": ("verify", "sign", "whistle", "arrive"),
    "ordered": ("verify", "sign", "order"),
    "carded": CARDED,
    "fed_back": (*CARDED, "feed_back"),
    "released": (*CARDED, "feed_back", "release_order"),
    "urgent": ("verify", "sign", "raise"),
    "replanned": ("verify", "sign", "wait", "replan"),
    "rating_appealed": ("verify", "sign", "reply", "review", "rate_badly", "appeal_rating"),
    "rating_void": (
        *("verify", "sign", "reply", "review", "rate_badly"),
        *("appeal_rating", "answer_rating_appeal"),
    ),
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
        """Somebody acts, by a name of ``ACTS``; or ``wait`` until the next clocks ring."""
        if name == "wait":
            self.wait()
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

    def wait(self) -> None:
        """Nothing happens until the next due time; then everything that is due rings."""
        self.now = max(self.now, earliest(self.ticket) or self.now)
        ticket = self.ticket
        happened: list[Event] = []
        while rang := machine.ring_due(ticket, self.now):
            happened += rang
            ticket = machine.fold(ticket, rang)
        self.take(happened)


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
        case Plan():
            return PLANNER.planned(ticket, wanted)
        case AskSurvivor(into=into):
            return AskSurvivorResult(into=into)
        case LeaveSurvivor(of=of):
            return LeaveSurvivorResult(of=of)
        case AnswerVoices(upto=upto):
            return AnswerVoicesResult(after=upto, told=1)
        case Notify():
            return NotifyResult(
                key=wanted.key, to=wanted.to, what=wanted.what, attempt=wanted.attempt
            )
    raise AssertionError(f"no answer for {wanted}")
