"""Anybody does anything to a change, at any time, while the lists move on: what always holds."""

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pydantic import TypeAdapter

from juanchi.domain.clocks import Planned, Rang
from juanchi.domain.deadlines import clock_key
from juanchi.domain.duty_change import machine
from juanchi.domain.duty_change.approval import ChangeApproved, ChangePostponed
from juanchi.domain.duty_change.change import DutyPhase, Stance
from juanchi.domain.duty_change.clocks import earliest
from juanchi.domain.duty_change.consultation import UnitAnswered, UnitsConsulted, UnitsSilent
from juanchi.domain.duty_change.entering import ChangeInForce, DateCome
from juanchi.domain.duty_change.events import DutyEntry
from juanchi.domain.duty_change.fit import misfits
from juanchi.domain.duty_change.proposal import ChangeSurveyed
from juanchi.domain.duty_change.rows import applied
from juanchi.domain.refusal import Refused
from juanchi.domain.terms import Role
from tests.domain.duty_people import Change, add, end, in_days, replace

EXAMPLES = 80
ROWS = (
    (add("lamp", "harbour", "bins"),),
    (add("lamp", "harbour", "rescue", assisting=("bins",)),),
    (replace("lamp", "*", "bins"),),
    (end("fly-tip", "harbour"), add("sign-down", "mill", "bins")),
    (add("lamp", "harbour", "nobody"),),
)
UNITS = ("bins", "roads", "south-roads", "rescue", "warden-harbour", "warden-mill", "town-desk")
DAYS = (-1, 0, 1, 5, 30, 900)
JOURNAL: TypeAdapter[list[DutyEntry]] = TypeAdapter(list[DutyEntry])
REACHED: Counter[str] = Counter()


class ChangeLife(RuleBasedStateMachine):
    """One change of the lists."""

    @initialize(rows=st.sampled_from(ROWS))
    def proposed(self, rows: Any) -> None:
        self.life = Change(*rows)
        self.done: list[Any] = []

    def _ask(self, who: str, kind: str, **fields: Any) -> None:
        action = self.life.asks(who, kind, **fields)
        written = len(self.life.entries)
        try:
            self.life.act(action)
        except Refused:
            assert action.key not in self.life.change.processed
            assert all(entry.event.cause is None for entry in self.life.entries[written:])
        else:
            self.done.append(action)

    @rule(who=st.sampled_from(UNITS), stance=st.sampled_from(Stance), reason=st.booleans())
    def a_unit_answers(self, who: str, stance: Stance, reason: bool) -> None:
        self._ask(who, "answer", stance=stance, reason="so" if reason else "")

    @rule(steps=st.sampled_from([1, 2, 4]), days=st.sampled_from([0, 3]))
    def those_who_owe_act(self, steps: int, days: int) -> None:
        self.it_goes_on(steps, days)

    def it_goes_on(self, steps: int, days: int) -> None:
        """Whoever has the ball does what is expected of them."""
        for _ in range(steps):
            match self.life.change.phase:
                case DutyPhase.CONSULTING:
                    for unit in self.life.waits_for():
                        self._ask(unit, "answer", stance="agree")
                case DutyPhase.OPINION:
                    self._ask("staffing", "opinion", verdict="support")
                case DutyPhase.APPROVAL:
                    on = (self.life.now + timedelta(days=days)).date()
                    self._ask("approver", "approve", in_force_on=on, note="so be it")
                case DutyPhase.APPROVED:
                    self.life.pass_time(timedelta(days=days))

    @rule(verdict=st.sampled_from(["support", "oppose", "amend"]), rows=st.sampled_from(ROWS))
    def the_staffing_office_speaks(self, verdict: str, rows: Any) -> None:
        self._ask("staffing", "opinion", verdict=verdict, note="so", rows=rows)

    @rule(
        days=st.sampled_from(DAYS),
        rows=st.sampled_from(((), (), (), *ROWS)),
        amended=st.booleans(),
        note=st.booleans(),
    )
    def it_is_approved(self, days: int, rows: Any, amended: bool, note: bool) -> None:
        on = (self.life.now + timedelta(days=days)).date()
        said = {"in_force_on": on, "rows": rows, "as_amended": amended, "note": "so" * note}
        self._ask("approver", "approve", **said)

    @precondition(lambda self: len(self.life.entries) > 6)
    @rule()
    def it_is_rejected(self) -> None:
        self.it_goes_on(2, 3)
        self._ask("approver", "reject", reason="enough")

    @precondition(lambda self: len(self.life.entries) > 8)
    @rule()
    def it_is_withdrawn(self) -> None:
        self._ask("dispatcher", "withdraw", reason="enough")

    @rule(days=st.sampled_from(DAYS))
    def it_is_put_off(self, days: int) -> None:
        until = (self.life.now + timedelta(days=days)).date()
        self._ask("approver", "postpone", until=until, reason="storm")

    @rule(units=st.lists(st.sampled_from(UNITS), min_size=1, max_size=3))
    def more_are_asked(self, units: list[str]) -> None:
        self._ask("supervisor", "consult", units=units)

    @rule(who=st.sampled_from([*Role, *UNITS]), kind=st.sampled_from(["approve", "opinion"]))
    def somebody_oversteps(self, who: str, kind: str) -> None:
        said = {"in_force_on": in_days(9)} if kind == "approve" else {"verdict": "support"}
        self._ask(who, kind, **said)

    @rule(hours=st.sampled_from([1, 30, 200, 500]))
    def time_passes(self, hours: int) -> None:
        self.life.pass_time(timedelta(hours=hours))

    @rule(hours=st.sampled_from([30, 500]))
    def an_outage(self, hours: int) -> None:
        self.life.now += timedelta(hours=hours)
        self.life.ring()

    @rule(rows=st.sampled_from(ROWS))
    def other_changes_come(self, rows: Any) -> None:
        self.the_lists_move_on(rows)

    def the_lists_move_on(self, rows: Any) -> None:
        """Another change comes first; without rows one that says the same."""
        rows = rows or self.life.change.rows
        today = self.life.now.date()
        if not misfits(self.life.pack, rows, today):
            self.life.pack = applied(self.life.pack, rows, today)

    @rule()
    def all_goes_well(self) -> None:
        self.it_goes_on(5, 3)

    @rule()
    def a_rival_is_quicker(self) -> None:
        """What is approved stands in the lists before its date comes."""
        for _ in range(3):
            if self.life.change.phase is not DutyPhase.APPROVED:
                self.it_goes_on(1, 3)
        self.the_lists_move_on(None)
        self.life.pass_time(timedelta(days=4))

    @rule(data=st.data())
    def the_same_again(self, data: st.DataObject) -> None:
        if self.done:
            self.life.ring()
            before = self.life.change
            assert not self.life.act(data.draw(st.sampled_from(self.done)))
            assert self.life.change is before

    @invariant()
    def somebody_has_the_ball(self) -> None:
        change = self.life.change
        assert machine.wants(change) is None
        if not change.open:
            assert not change.deadlines
            assert earliest(change) is None
            return
        assert earliest(change) is not None, "something will wake it"
        tasks = self.life.tasks
        if change.phase is DutyPhase.APPROVED:
            assert change.in_force_at is not None
            return
        assert tasks
        assert all(task.due for task in tasks)
        assert len({(task.kind, task.holder) for task in tasks}) == len(tasks)

    @invariant()
    def there_is_one_batch_at_most(self) -> None:
        loaded = [e.event for e in self.life.entries if isinstance(e.event, ChangeInForce)]
        assert len(loaded) == len(self.life.batches) <= 1
        assert bool(loaded) == (self.life.change.phase is DutyPhase.IN_FORCE)

    @invariant()
    def silence_is_never_agreement(self) -> None:
        said: set[str] = set()
        silent: set[str] = set()
        for entry in self.life.entries:
            match entry.event:
                case UnitAnswered(unit=unit, by=by, late=late):
                    assert by.unit == unit, "a unit speaks for itself"
                    assert unit not in said, "once"
                    assert late == (unit in silent)
                    said.add(unit)
                case UnitsSilent(units=units):
                    assert said.isdisjoint(units)
                    assert silent.isdisjoint(units)
                    silent.update(units)
        for one in self.life.change.asked:
            assert (one.stance is not None) == (one.unit in said)
            assert one.silent == (one.unit in silent)

    @invariant()
    def it_is_bounded(self) -> None:
        change = self.life.change
        units = [one.unit for one in change.asked]
        assert len(set(units)) == len(units), "each unit is asked once"
        assert change.postponed <= change.terms.postponements
        kinds = Counter(type(entry.event) for entry in self.life.entries)
        assert kinds[ChangePostponed] == change.postponed
        assert kinds[UnitsConsulted] + kinds[ChangeSurveyed] <= len(UNITS) + 1
        assert kinds[DateCome] <= kinds[ChangeApproved]

    def teardown(self) -> None:
        entries = self.life.entries
        kept = JOURNAL.validate_json(JOURNAL.dump_json(list(entries)))
        assert machine.relive([entry.event for entry in kept]) == self.life.change
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        self._rungs_fire_once()
        REACHED.update({str(self.life.change.phase), *(e.event.kind for e in entries)})

    def _rungs_fire_once(self) -> None:
        fired: dict[str, set[str]] = {}
        for entry in self.life.entries:
            match entry.event:
                case Planned(deadlines=deadlines):
                    fired.update({one.key: set() for one in deadlines})
                case Rang(clock=clock, subject=subject, rung=rung, missed=missed):
                    rang = fired[clock_key(clock, subject)]
                    assert rang.isdisjoint({rung, *missed})
                    rang |= {rung, *missed}


def test_any_order_of_anything_keeps_the_invariants() -> None:
    REACHED.clear()
    run_state_machine_as_test(
        ChangeLife,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    wanted = {"in_force", "rejected", "withdrawn", "units_silent", "change_unfit", "rang"}
    assert wanted <= set(REACHED), f"random lives never came to {wanted - set(REACHED)}"
