"""Lives at random: what anybody may ask of a ticket, and what its holders would do.

Everything is drawn through ``choose``, which picks one of several: Hypothesis when it looks for a
failure, a seeded ``Random`` when a life is to be played again on real servers.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import product
from typing import Any, NamedTuple, Protocol, TypeVar

from juanchi.domain.actions import KINDS
from juanchi.domain.ball import Task, TaskKind
from juanchi.domain.machine import rights
from juanchi.domain.orders import open_order
from juanchi.domain.terms import (
    ClueVerdict,
    EvidenceKind,
    Nature,
    Outcome,
    Role,
    RungKind,
    SiteVerdict,
    Urgency,
)
from juanchi.domain.ticket import Ticket

T = TypeVar("T")


class Choose(Protocol):
    """Picks one of several."""

    def __call__(self, options: Sequence[T], /) -> T: ...


Fields = dict[str, Any]


class Ask(NamedTuple):
    """An action but for its id and its time."""

    kind: str
    role: Role
    unit: str | None
    fields: Fields

    def at(self, now: datetime, key: object) -> Fields:
        """The action as it is sent."""
        fields = {
            name: value.from_day(now) if isinstance(value, InDays) else value
            for name, value in self.fields.items()
        }
        if self.kind in PROVEN and fields.pop("proof", False):
            fields["evidence"] = [
                {"kind": kind, "ref": f"file:{kind}", "at": now} for kind in EvidenceKind
            ]
        actor = {"role": self.role, "unit": self.unit}
        return {"kind": self.kind, "id": str(key), "actor": actor, "at": now, **fields}


class InDays(NamedTuple):
    """A date, so many days from when it is asked."""

    days: int

    def from_day(self, now: datetime) -> str:
        return (now + timedelta(days=self.days)).date().isoformat()


TEXTS = (
    "A deep pothole in Mill Parish, please mend it",
    "Rubbish dumped at The Docks",
    "somewhere a lamp is out",
    "live wire with sparks in Market Parish, danger",
    "nothing that anybody knows",
    "I suggest benches in Harbour Parish",
    "special offer: discount on everything",
)
CHANNELS = ("wall", "wall", "web", "nobody-knows")
UNITS = ("roads", "bins", "rescue", "warden-mill", "warden-harbour", "town-desk")
ANYBODY = (None, *UNITS)
PROVEN = ("verify", "reply", "recheck", "progress", "assist_reply", "arrive", "feed_back")


def _all(**options: Sequence[Any]) -> list[Fields]:
    """Every combination of the options."""
    return [dict(zip(options, each, strict=True)) for each in product(*options.values())]


_PLACES = (None, {"region": "mill"}, {"region": "harbour"})
_OTHERS = ("ticket/web/other", "ticket/wall/1")
_VOICES = ("ticket/web/third", "ticket/web/fourth", "ticket/wall/1")
_PROOF = (True, False)
YES_NO = (True, False)

FIELDS: dict[str, list[Fields]] = {
    "triage": _all(verdict=list(ClueVerdict), reason=["because"], verify=YES_NO, place=_PLACES),
    "overturn": _all(verdict=list(ClueVerdict), reason=["real"], verify=YES_NO, place=_PLACES),
    "verify": _all(verdict=list(SiteVerdict), into=[None, *_OTHERS], proof=_PROOF),
    "merge": _all(into=_OTHERS, reason=["same"]),
    "not_same": _all(reason=["another lamp"]),
    "unmerge": _all(reason=["another lamp"]),
    "absorb": _all(voice=_VOICES, brings=[0, 0, 2], urgent=[False, False, True]),
    "let_go": _all(voice=_VOICES, brings=[0, 2]),
    "rate_voice": _all(voice=_VOICES, rating=[{"overall": n} for n in (1, 4)]),
    "dispatch": _all(
        item=["road-hole", "lamp", "bin-full"],
        lead=["roads", "bins"],
        assisting=[[], ["warden-mill"], ["bins", "rescue"]],
        mandatory=[[], ["warden-mill", "rescue"]],
        urgency=[None, Urgency.URGENT],
        nature=[None, Nature.ENQUIRY, Nature.SUGGESTION],
    ),
    "sign": [{}],
    "progress": _all(note=["on it"], proof=_PROOF),
    "reply": _all(outcome=list(Outcome), public=["mended"], proof=_PROOF, reason=["", "no money"]),
    "press": _all(requirement=["today"]),
    "set_urgency": _all(urgency=list(Urgency), reason=["storm"], incident=["", "storm-1"]),
    "request_return": _all(reason=["not ours"], basis=["Charter 1"], to=[None, *UNITS]),
    "answer_return": _all(
        agreed=YES_NO, note=["", "read the list"], lead=[None, "bins", "roads"], item=[None]
    ),
    "request_extension": _all(reason=["rain"], days=[1, 3, 5, 11]),
    "answer_extension": _all(granted=YES_NO, note=["", "as asked"]),
    "request_hold": _all(
        reason=["winter"], review_on=[InDays(n) for n in (-1, 1, 9, 40)], phase_reply=["wait"]
    ),
    "answer_hold": _all(granted=YES_NO, note=["", "as asked"]),
    "end_hold": _all(reason=["thaw"]),
    "add_assisting": _all(
        units=[["bins"], ["rescue", "roads"], ["warden-mill"]],
        mandatory=[[], ["bins", "rescue"]],
        requirement=["lights"],
    ),
    "release_assisting": _all(units=[[unit] for unit in UNITS if unit], reason=["no need"]),
    "assist_reply": _all(note=["done"], proof=_PROOF),
    "whistle": _all(units=[["roads"], ["bins", "rescue"]], requirement=["come"]),
    "arrive": _all(note=["", "here"], proof=_PROOF),
    "open_arbitration": _all(reason=["they pass it on"]),
    "consult": _all(units=[["roads", "bins"]]),
    "rule": _all(
        lead=["roads", "bins", "rescue"],
        assisting=[[], ["bins", "rescue"]],
        mandatory=[[], ["rescue"]],
        backstop=[None, "town-desk", "roads"],
        basis=["Charter 3"],
        gap=YES_NO,
        interim_until=[None, InDays(90), InDays(-9)],
    ),
    "appeal": _all(reason=["wrong list"]),
    "move_to_list": _all(
        reason=["the list says otherwise"], lead=[None, "bins", "roads"], assisting=[[], ["rescue"]]
    ),
    "order": _all(
        level=[RungKind.YELLOW_CARD, RungKind.RED_CARD, RungKind.PRESSED],
        leader=["lead/head", "roads/deputy_head", "supervisor"],
        requirement=["at once"],
        copies=[[], ["lead/head", "town-desk/duty_leader"]],
    ),
    "feed_back": _all(note=["seen to"], proof=_PROOF),
    "release_order": _all(outcome=["fine"]),
    "replan": _all(reason=["new table"], years=[[], [2026], [2031]]),
    "review": _all(accepted=YES_NO, note=["", "looked at it"]),
    "call": _all(result=["not_reached", "declined"]),
    "rate": [{"rating": {"overall": n}} for n in range(1, 6)],
    "recheck": _all(fixed=YES_NO, proof=_PROOF),
    "reopen": _all(reason=["broken again"]),
    "appeal_rating": _all(reason=["rain"]),
    "answer_rating_appeal": _all(upheld=YES_NO, note=["looked at it"]),
    "withdraw": _all(reason=["no longer needed"]),
}
"""All fields of an action, sensible or not."""

_ENDS_IT = frozenset({"withdraw", "merge"})


def anything(choose: Choose) -> Ask:
    """Any action by anybody."""
    kind = choose(_MOSTLY)
    may = sorted(rights()[KINDS[kind]].roles)
    role = choose((*may, *may, *may, *may, *Role))
    return Ask(kind, role, choose(ANYBODY), choose(FIELDS[kind]))


_MOSTLY = tuple(kind for kind in sorted(KINDS) for _ in range(1 if kind in _ENDS_IT else 4))
"""Every kind; what ends a life is rarer, so that lives get long."""

# ---------------------------------------------------------------- what the holders would do


def usual(task: Task, ticket: Ticket) -> Ask:
    """What a sensible holder would do about a task."""
    kind, fields = _USUAL[task.kind]
    unit = {Role.CHECKER: "town-desk", Role.STREET_TEAM: task.holder}.get(task.role)
    if task.role is Role.UNIT:
        order = open_order(ticket)
        unit = order.unit if task.kind is TaskKind.FEED_BACK and order else task.holder
    if kind == "reply" and ticket.nature is Nature.SUGGESTION:
        fields = {**fields, "outcome": Outcome.ADOPTED}
    return Ask(kind, task.role, unit, fields)


_USUAL: dict[TaskKind, tuple[str, Fields]] = {
    TaskKind.TRIAGE: (
        "triage",
        {"verdict": "actionable", "reason": "known", "place": {"region": "mill"}},
    ),
    TaskKind.VERIFY: ("verify", {"verdict": "confirmed", "proof": True}),
    TaskKind.DISPATCH: ("dispatch", {"item": "road-hole", "lead": "roads"}),
    TaskKind.SIGN: ("sign", {}),
    TaskKind.REPLY: ("reply", {"outcome": "solved", "public": "mended", "proof": True}),
    TaskKind.ASSIST: ("assist_reply", {"note": "done", "proof": True}),
    TaskKind.REVIEW: ("review", {"accepted": True}),
    TaskKind.CALL_BACK: ("rate", {"rating": {"overall": 5}}),
    TaskKind.RECHECK: ("recheck", {"fixed": True, "proof": True}),
    TaskKind.REVIEW_RATING: ("review", {"accepted": False, "note": "they are right"}),
    TaskKind.PRESS: ("press", {"requirement": "today"}),
    TaskKind.GO_ON_SITE: ("arrive", {"note": "here"}),
    TaskKind.TURN_UP: ("arrive", {"note": "here"}),
    TaskKind.ANSWER_RETURN: ("answer_return", {"agreed": False, "note": "it is yours"}),
    TaskKind.ANSWER_EXTENSION: ("answer_extension", {"granted": True}),
    TaskKind.ANSWER_HOLD: ("answer_hold", {"granted": True}),
    TaskKind.RULE: ("rule", {"lead": "bins", "backstop": "town-desk", "basis": "Charter 3"}),
    TaskKind.FEED_BACK: ("feed_back", {"note": "seen to"}),
    TaskKind.RELEASE_ORDER: ("release_order", {"outcome": "fine"}),
    TaskKind.JUDGE_SAMENESS: ("not_same", {"reason": "another lamp"}),
    TaskKind.ANSWER_RATING_APPEAL: ("answer_rating_appeal", {"upheld": True, "note": "rain"}),
}
