"""Any order of any actions and rings keeps the invariants of the design."""

from collections import Counter
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from juanchi.domain.actions import KINDS, parse_action
from juanchi.domain.ball import tasks
from juanchi.domain.clocks import Planned, Rang, clocks
from juanchi.domain.clue import Received
from juanchi.domain.machine import begin, fold, rights, wants
from juanchi.domain.messages import Action
from juanchi.domain.refusal import Refused
from juanchi.domain.terms import (
    ClockName,
    ClueVerdict,
    EvidenceKind,
    Outcome,
    Role,
    SiteVerdict,
)
from juanchi.domain.ticket import Clue, Phase, Reporter
from tests.pure import MONDAY, PureEngine, proof, tinytown

TOOLS = tinytown()
TEXTS = (
    "A deep pothole in Mill Parish, please mend it",
    "Rubbish dumped at The Docks",
    "somewhere a lamp is out",
    "live wire with sparks in Market Parish, danger",
    "nothing that anybody knows",
    "I suggest benches in Harbour Parish",
)
FIELDS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "triage": st.fixed_dictionaries(
        {
            "verdict": st.sampled_from(ClueVerdict),
            "reason": st.just("because"),
            "verify": st.booleans(),
            "place": st.sampled_from([None, {"region": "mill"}, {"region": "harbour"}]),
        }
    ),
    "verify": st.fixed_dictionaries(
        {
            "verdict": st.sampled_from(SiteVerdict),
            "into": st.sampled_from([None, "ticket/web/other", "ticket/wall/1"]),
        }
    ),
    "merge": st.fixed_dictionaries(
        {"into": st.sampled_from(["ticket/web/other", "ticket/wall/1"]), "reason": st.just("same")}
    ),
    "absorb": st.just({"voice": "ticket/web/third"}),
    "dispatch": st.fixed_dictionaries(
        {
            "item": st.sampled_from(["road-hole", "lamp", "bin-full"]),
            "lead": st.sampled_from(["roads", "bins"]),
            "assisting": st.sampled_from([[], ["warden-mill"]]),
        }
    ),
    "progress": st.just({"note": "on it"}),
    "reply": st.fixed_dictionaries(
        {"outcome": st.sampled_from(Outcome), "public": st.just("mended")}
    ),
    "press": st.just({"requirement": "today"}),
    "review": st.fixed_dictionaries({"accepted": st.booleans(), "note": st.just("looked at it")}),
    "call": st.fixed_dictionaries({"result": st.sampled_from(["not_reached", "declined"])}),
    "rate": st.integers(1, 5).map(lambda n: {"rating": {"overall": n}}),
    "recheck": st.fixed_dictionaries({"fixed": st.booleans()}),
    "reopen": st.just({"reason": "broken again"}),
    "withdraw": st.just({"reason": "no longer needed"}),
}
USUAL: dict[str, dict[str, Any]] = {
    "triage": {"verdict": "actionable", "place": {"region": "mill"}},
    "verify": {"verdict": "confirmed"},
    "reply": {"outcome": "solved"},
    "review": {"accepted": True},
}
"""What mostly happens, so that random lives reach the later stages too."""
PROVEN = ("verify", "reply", "recheck", "progress")
UNITS = (None, "roads", "bins", "warden-mill", "warden-harbour", "town-desk")


@st.composite
def asked(draw: st.DrawFn) -> dict[str, Any]:
    """Any action by anybody, sensible or not."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    fields = draw(FIELDS.get(kind, st.just({})))
    if kind in PROVEN and draw(st.booleans()):
        fields = {**fields, "evidence": [proof(k).model_dump() for k in EvidenceKind]}
    may = sorted(rights()[KINDS[kind]].roles)
    role = draw(st.sampled_from(may if draw(st.integers(0, 4)) else list(Role)))
    unit = draw(st.sampled_from(UNITS))
    return {"kind": kind, "actor": {"role": role, "unit": unit}, **fields}


class TicketLife(RuleBasedStateMachine):
    """One ticket, anybody doing anything to it at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.engine: PureEngine | None = None
        self.ids = count(1)
        self.done: list[Action] = []

    def _life(
        self, text: str = TEXTS[0], reported: bool = True, channel: str = "wall"
    ) -> PureEngine:
        if self.engine is None:
            clue = Clue(
                channel=channel,
                external_id="1",
                text=text,
                reported_at=MONDAY,
                reporter=Reporter(id="r-1") if reported else None,
            )
            self.engine = PureEngine(TOOLS, clue)
        return self.engine

    @rule(
        text=st.sampled_from(TEXTS),
        reported=st.booleans(),
        channel=st.sampled_from(["wall", "web", "nobody-knows"]),
        refuses=st.sampled_from(["", "not_found"]),
    )
    def born(self, text: str, reported: bool, channel: str, refuses: str) -> None:
        self._life(text, reported, channel).survivor_refuses = refuses

    @rule(data=asked())
    def anybody_asks(self, data: dict[str, Any]) -> None:
        self._ask({**data, "id": str(next(self.ids)), "at": self._life().now})

    @rule(data=st.data(), times=st.integers(1, 4))
    def the_right_ones_ask(self, data: st.DataObject, times: int) -> None:
        for _ in range(times):
            self.the_right_one_asks(data)

    def the_right_one_asks(self, data: st.DataObject) -> None:
        """What the holder of the ball would do, so that lives get long."""
        engine = self._life()
        open_tasks = tasks(engine.ticket)
        if not open_tasks:
            return
        task = open_tasks[0]
        kind = {"call_back": "rate", "review_rating": "review"}.get(task.kind, task.kind.value)
        fields = data.draw(FIELDS.get(kind, st.just({})))
        if data.draw(st.integers(0, 3)):
            fields = {**fields, **USUAL.get(kind, {})}
        if kind in PROVEN:
            fields = {**fields, "evidence": [proof(k).model_dump() for k in EvidenceKind]}
        unit = None if task.holder == task.role else task.holder
        asks = {"kind": kind, "actor": {"role": task.role, "unit": unit}, **fields}
        self._ask({**asks, "id": str(next(self.ids)), "at": engine.now})

    def _ask(self, data: dict[str, Any]) -> None:
        engine = self._life()
        action = parse_action(data)
        engine.ring()
        before, written = engine.ticket, len(engine.entries)
        try:
            engine.act(action)
        except Refused:
            assert engine.ticket == before
            assert len(engine.entries) == written
        else:
            assert len(engine.entries) > written
            self.done.append(action)

    @rule(data=st.data())
    def the_same_again(self, data: st.DataObject) -> None:
        """Idempotence: an action delivered twice changes nothing and gets the same answer."""
        engine = self._life()
        if self.done:
            action = data.draw(st.sampled_from(self.done))
            before, answer = engine.ticket, engine.ticket.processed[action.key]
            engine.act(action)
            assert engine.ticket == before
            assert engine.ticket.processed[action.key] == answer

    @rule(hours=st.sampled_from([0.1, 1, 5, 30, 200]))
    def time_passes(self, hours: float) -> None:
        self._life().pass_time(timedelta(hours=hours))

    @rule(hours=st.sampled_from([30, 300]))
    def an_outage(self, hours: float) -> None:
        self._life().sleep_through(timedelta(hours=hours))

    @invariant()
    def somebody_has_the_ball(self) -> None:
        ticket = self._life().ticket
        assert wants(ticket) is None
        if ticket.phase is Phase.ENDED:
            assert ticket.ending is not None
            assert ticket.ending.reason
            assert ticket.archived
            assert not clocks(ticket)
            return
        assert clocks(ticket), "an open ticket has a running clock"
        if ticket.phase is Phase.CLOSED:
            assert ticket.ending is not None
        else:
            assert ticket.open
            assert tasks(ticket)
            assert all(task.due for task in tasks(ticket))

    @invariant()
    def journal_is_truth(self) -> None:
        engine = self._life()
        events = [line.event for line in engine.entries]
        assert [line.seq for line in engine.entries] == list(range(1, len(events) + 1))
        first = events[0]
        assert isinstance(first, Received)
        newborn, _ = begin(first.clue, first.at)
        assert fold(newborn, events) == engine.ticket

    @invariant()
    def rungs_fire_once_in_order(self) -> None:
        fired: Counter[tuple[ClockName, int]] = Counter()
        rounds: Counter[ClockName] = Counter()
        for line in self._life().entries:
            if isinstance(line.event, Planned):
                rounds.update(deadline.clock for deadline in line.event.deadlines)
            elif isinstance(line.event, Rang):
                clock = line.event.clock
                fired[clock, rounds[clock]] += 1 + len(line.event.missed)
        for (clock, _), times in fired.items():
            assert times <= len(TOOLS.pack.policy.rungs_of(clock))

    @invariant()
    def no_faked_closing(self) -> None:
        ticket = self._life().ticket
        if ticket.ending and ticket.ending.rated:
            assert ticket.rating is not None
        if ticket.answer and ticket.answer.outcome is Outcome.SOLVED:
            given = {evidence.kind for evidence in ticket.answer.evidence}
            assert given >= set(ticket.evidence_wanted)


TicketLife.TestCase.settings = settings(max_examples=200, stateful_step_count=25, deadline=None)
TestTicketLife = pytest.mark.filterwarnings("default")(TicketLife.TestCase)
