"""Any order of any actions and rings keeps the invariants of the design.

``JUANCHI_SEQUENCES=20000`` lives more lives than the two thousand of every day.
"""

import os
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from itertools import count

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from pydantic import TypeAdapter

from juanchi.domain.actions import parse_action
from juanchi.domain.comparing import CompareResult
from juanchi.domain.events import ActionRefused, Entry
from juanchi.domain.machine import relive
from juanchi.domain.messages import Action
from juanchi.domain.overlays import Alike, Recurrence, Strength
from juanchi.domain.refusal import Refused
from juanchi.domain.terms import Role
from juanchi.domain.ticket import Clue, Reporter
from tests.domain.cities import MOST_RETURNS, tinytown_later, tinytown_now
from tests.domain.milestones import LEAST, reached
from tests.domain.plots import PLOTS, forward, plots
from tests.domain.sequences import CHANNELS, TEXTS, Ask, Choose, T, anything
from tests.domain.watching import Watcher, at_rest, well_addressed
from tests.pure import MONDAY, PureEngine

SEQUENCES = int(os.environ.get("JUANCHI_SEQUENCES", "2000"))
STEPS = 14

HOURS = (0.1, 1, 5, 30, 200)
PAUSES = (0, 0, 0.2, 2, 26)
JOURNAL: TypeAdapter[list[Entry]] = TypeAdapter(list[Entry])

REACHED: Counter[str] = Counter()
"""How many lives came how far."""


OTHER = Alike(ticket_id="ticket/web/other", score=0.7, reasons=("like_words",))
LIKE = {
    "": None,
    "none": CompareResult(),
    "likely": CompareResult(like=(OTHER,)),
    "certain": CompareResult(certain=OTHER),
    "closed": CompareResult(
        closed=(Recurrence(ticket_id=OTHER.ticket_id, closed_at=MONDAY, strength=Strength.WEAK),)
    ),
}
"""What comparing may find, in a city that compares."""


@cache
def _newborn(text: str, channel: str, reported: bool, like: str) -> PureEngine:
    """A clue that has just come in: the same for every life that begins so."""
    clue = Clue(
        channel=channel,
        external_id="1",
        text=text,
        reported_at=MONDAY,
        reporter=Reporter(id="r-1") if reported else None,
    )
    return PureEngine(tinytown_now(), clue, like=LIKE[like])


@cache
def _index(count_: int) -> st.SearchStrategy[int]:
    # Made once for each length: a strategy made for each draw would cost more than the ticket.
    return st.integers(0, count_ - 1)


OFTEN = (
    *(*plots(), *["moved", "held"] * 3, "storm", "rated_badly"),
    *("overturned", "merged_and_back", "voiced", "ordered", "reworked"),
    *["disputed", "proposed"] * 2,
)
"""The plots, with more of those that few lives get through: else it is chance how many do."""


def _choosing(data: st.DataObject) -> Choose:
    def choose(options: Sequence[T]) -> T:
        return options[data.draw(_index(len(options)))]

    return choose


class TicketLife(RuleBasedStateMachine):
    """One ticket, anybody doing anything to it at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.ids = count(1)
        self.done: list[Action] = []
        self.watched = 0

    @initialize(
        text=st.sampled_from(TEXTS),
        channel=st.sampled_from(CHANNELS),
        reported=st.booleans(),
        refuses=st.sampled_from(["", "not_found"]),
        on=st.sampled_from([0, 1, 2, 4]),
        like=st.sampled_from(["", "", "", "likely", *LIKE]),
    )
    def born(
        self, text: str, channel: str, reported: bool, refuses: str, on: int, like: str
    ) -> None:
        self.engine = _newborn(text, channel, reported, like).twin()
        self.engine.survivor_refuses = refuses
        self.watcher = Watcher(self.engine.entries[0], MOST_RETURNS + 1)
        self.watcher.lists = self.engine.tools.version
        for _ in range(on):
            if asked := forward(self.engine.ticket):
                self._ask(asked)

    @rule(data=st.data())
    def anybody_asks(self, data: st.DataObject) -> None:
        self._ask(anything(_choosing(data)))

    @rule(
        data=st.data(),
        plots=st.lists(st.sampled_from(OFTEN), min_size=1, max_size=3),
        haste=st.sampled_from(PAUSES),
    )
    def some_pursue(self, data: st.DataObject, plots: list[str], haste: float) -> None:
        """Long ways to far places, step by step, whatever the ticket says to each."""
        choose = _choosing(data)
        for step in (step for plot in plots for step in PLOTS[plot](choose)):
            if isinstance(step, timedelta):
                self.engine.pass_time(step)
                continue
            asked = step(self.engine.ticket)
            if asked is None:
                continue
            if haste:
                self.engine.pass_time(timedelta(hours=haste))
            self._ask(asked)

    @rule(data=st.data())
    def a_machine_tells(self, data: st.DataObject) -> None:
        """A signal: refused, it is journalled once, and changes nothing else."""
        action, engine = self._action(anything(_choosing(data))), self.engine
        engine.ring()
        before = engine.ticket
        if engine.tell(action) is not None:
            assert isinstance(engine.entries[-1].event, ActionRefused)
            told = engine.ticket.version, engine.ticket.processed
            assert told[0] == before.version + 1
            assert engine.ticket == before.having(version=told[0], processed=told[1])
            engine.tell(action)
            assert engine.ticket.version == told[0]

    def _action(self, asked: Ask) -> Action:
        return parse_action(asked.at(self.engine.now, next(self.ids)))

    def _ask(self, asked: Ask) -> None:
        note(f"  {asked.kind} by {asked.role} of {asked.unit}: {asked.fields}")
        engine, action = self.engine, self._action(asked)
        written = len(engine.entries)
        try:
            engine.act(action)
        except Refused:
            # What has rung before it was decided has rung; nothing is of the action's doing.
            assert all(line.event.cause is None for line in engine.entries[written:])
            assert action.key not in engine.ticket.processed
        else:
            assert any(line.event.cause == action.key for line in engine.entries[written:])
            self.done.append(action)

    @rule(data=st.data())
    def the_same_again(self, data: st.DataObject) -> None:
        """Idempotence: an action delivered twice changes nothing and gets the same answer."""
        engine = self.engine
        if self.done:
            action = data.draw(st.sampled_from(self.done))
            engine.ring()
            before, answer = engine.ticket, engine.ticket.processed[action.key]
            assert not engine.act(action)
            assert engine.ticket is before
            assert engine.ticket.processed[action.key] == answer

    @rule(hours=st.sampled_from(HOURS))
    def time_passes(self, hours: float) -> None:
        self.engine.pass_time(timedelta(hours=hours))

    @rule(hours=st.sampled_from([30, 300]))
    def an_outage(self, hours: float) -> None:
        """Nothing rings for a while; then something else may come before the rings."""
        self.engine.now += timedelta(hours=hours)

    @rule(later=st.booleans())
    def the_lists_change(self, later: bool) -> None:
        """A new policy and new tables; and all due times are computed anew."""
        self.engine.tools = tinytown_later() if later else tinytown_now()
        self.watcher.lists = self.engine.tools.version
        self._ask(Ask("replan", Role.SYSTEM, None, {"reason": "new lists"}))

    @invariant()
    def all_is_as_it_should_be(self) -> None:
        engine = self.engine
        self.watcher.see(engine.entries[self.watched :])
        self.watched = len(engine.entries)
        at_rest(engine.ticket)

    def teardown(self) -> None:
        """Journal is truth: what was folded event by event is the ticket; also out of JSON."""
        engine = self.engine
        assert self.watcher.ticket == engine.ticket
        well_addressed(engine.notices)
        if len(engine.entries) % 8 == 0:
            kept = JOURNAL.validate_json(JOURNAL.dump_json(list(engine.entries)))
            assert relive([line.event for line in kept]) == engine.ticket
        REACHED.update(reached(engine.entries, engine.ticket))
        REACHED["lives"] += 1


@pytest.mark.timeout(max(180, SEQUENCES // 10))
def test_any_order_of_anything_keeps_the_invariants() -> None:
    REACHED.clear()
    run_state_machine_as_test(
        TicketLife,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    lives = REACHED["lives"]
    assert lives >= SEQUENCES
    shares = {name: REACHED[name] / lives for name in LEAST}
    short = {name: share for name, share in shares.items() if share < LEAST[name]}
    assert not short, f"random lives do not get there: {short}"
