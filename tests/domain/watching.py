"""The invariants of the design, watched on a ticket's journal entry by entry.

The watcher folds the journal by itself, apart from the engine that it watches; what it knows of
runs of clocks, requests and rulings comes from the events alone.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from juanchi.domain import machine
from juanchi.domain.arbitration import AppealLodged, ArbitrationOpened, DisputeLapsed
from juanchi.domain.assisting import open_task
from juanchi.domain.ball import tasks
from juanchi.domain.clocks import Moved, Planned, Rang, clocks
from juanchi.domain.closure import Called, Closed, Rated, Rechecked, Reopened, Reviewed, SentBack
from juanchi.domain.clue import Received
from juanchi.domain.deadlines import Deadline, clock_key
from juanchi.domain.events import ActionRefused, Entry
from juanchi.domain.extension import ExtensionGranted
from juanchi.domain.filing import Dispatched
from juanchi.domain.hold import HoldEnded, HoldGranted
from juanchi.domain.merging import VoiceAdded
from juanchi.domain.messages import Event
from juanchi.domain.moving import MovedToList
from juanchi.domain.notices import Notice, NoticeFailed, NoticePosted, NoticeRetried
from juanchi.domain.orders import open_order
from juanchi.domain.overturning import Overturned
from juanchi.domain.phases import BEFORE_CLOSE, WITH_UNIT, runs_in
from juanchi.domain.plans import PlanWhy
from juanchi.domain.rating_appeal import RatingAppealAnswered
from juanchi.domain.replanning import ReplanAsked
from juanchi.domain.returns import ReturnRequested
from juanchi.domain.ruling import RulingGiven
from juanchi.domain.suggestions import TOLD, short_path
from juanchi.domain.supervised import OrderIssued
from juanchi.domain.supervision import Replied
from juanchi.domain.terms import ClockName, Outcome, Role, RungKind, Trigger, Urgency
from juanchi.domain.ticket import Phase, Ticket
from juanchi.domain.unmerging import Unmerged
from juanchi.domain.urgency import UrgencySet
from juanchi.domain.voice_rating import VoiceRated

ASKED_BY: dict[PlanWhy, type[Event]] = {
    PlanWhy.EXTENDED: ExtensionGranted,
    PlanWhy.RESUMED: HoldEnded,
    PlanWhy.RAISED: UrgencySet,
    PlanWhy.LOWERED: UrgencySet,
    PlanWhy.REPLANNED: ReplanAsked,
}
"""The event without which no due time moves for this reason."""

AFTER_THE_END = (NoticePosted, NoticeFailed, NoticeRetried, ActionRefused)
CHECKS = (Reviewed, SentBack, Called, Rated, Rechecked, RatingAppealAnswered)


class Watcher:
    """Sees a ticket's journal grow, and every rule that it breaks."""

    lists = ""
    """The version of the city's lists that holds now."""

    def __init__(self, first: Entry, most_returns: int) -> None:
        assert isinstance(first.event, Received)
        self.ticket, _ = machine.begin(first.event.clue, first.event.at, first.event.by)
        self.most_returns = most_returns
        self.seen: Counter[type[Event]] = Counter()
        self.since_planned: list[Event] = []
        self.fired: dict[str, set[RungKind]] = {}
        self.under: dict[str, str] = {}
        self.calm: dict[str, tuple[Deadline, str]] = {}
        self.reworked = False
        self.triggers: set[Trigger] = set()
        self.numbers: set[str] = set()
        self.cause: str | None = None
        self.checked: type[Event] | None = None
        self.backstop: str | None = None
        self.order: RungKind | None = None

    def see(self, entries: Iterable[Entry]) -> None:
        """Take up what has happened since."""
        for line in entries:
            before, event = self.ticket, line.event
            self.ticket = machine.evolve(before, event)
            self.seen[type(event)] += 1
            assert line.seq == self.ticket.version == before.version + 1
            self._one_thing_at_a_time(before, event)
            self._over_is_over(before, event)
            self._clocks_are_honest(before, event)
            self._rungs_fire_once(before, event)
            self._no_endless_passing(before, event)
            self._no_faked_closing(before, event)
            self._supervised_in_time(before, event)
            self.since_planned.append(event)
            if isinstance(event, CHECKS):
                self.checked = type(event)
        assert self.triggers <= set(self.ticket.supervised)
        assert self.backstop is None, f"{self.backstop} should have taken it"
        assert self.order is None

    def _one_thing_at_a_time(self, before: Ticket, event: Event) -> None:
        if event.cause is not None and event.cause != self.cause:
            assert not before.unplanned, "an action is decided by due times that hold"
        self.cause = event.cause

    # ---------------------------------------------------------------- conservation

    def _over_is_over(self, before: Ticket, event: Event) -> None:
        assert self.seen[Received] == 1
        if before.phase is Phase.ENDED:
            assert isinstance(event, (*AFTER_THE_END, Overturned, Unmerged)), "the end is the end"
        if before.ending is not None and self.ticket.ending is None:
            ended = before.phase is Phase.ENDED
            back = (Overturned, Unmerged) if ended else (Reopened, VoiceRated)
            rated = isinstance(event, Rated) and event.rating.bad and short_path(before)
            assert isinstance(event, back) or rated, "an ending is taken back by a person alone"
        if before.first_due is not None:
            assert self.ticket.first_due == before.first_due, "the first due time stays"
        assert isinstance(event, Dispatched | Planned) or before.terms == self.ticket.terms

    # ---------------------------------------------------------------- clocks are honest

    def _clocks_are_honest(self, before: Ticket, event: Event) -> None:
        if isinstance(event, Planned):
            self._planned(before, event)
            self.since_planned.clear()
            return
        for key, new in self.ticket.deadlines.items():
            old = before.deadlines.get(key)
            assert old is not None, f"{key} runs without having been planned"
            if old is new:
                continue
            changed = {name for name, value in old if value != getattr(new, name)}
            allowed = {"fired"} if isinstance(event, Rang) else set()
            if isinstance(event, HoldGranted | HoldEnded):
                allowed = {"pauses"}
            if isinstance(event, UrgencySet):
                allowed = {"raised_at"}
            assert changed <= allowed, f"{type(event).__name__} changed {changed} of {key}"

    def _planned(self, before: Ticket, event: Planned) -> None:
        asked = {one.key: one.why for one in before.unplanned}
        assert len(asked) == len(before.unplanned), "a clock is asked for once"
        moved = {clock_key(one.clock, one.subject): one for one in event.moved}
        assert len({one.key for one in event.deadlines}) == len(event.deadlines)
        for new in event.deadlines:
            old = before.deadlines.get(new.key)
            why = asked.get(new.key, PlanWhy.START)
            assert new.due >= new.started
            assert [rung.at for rung in new.rungs] == sorted(rung.at for rung in new.rungs)
            if old is None:
                assert why is PlanWhy.START, f"{new.key} does not run: {why}"
                assert new.fired == 0
                self.fired[new.key] = set()
                self.calm.pop(new.key, None)
            else:
                self._moved(old, new, why, moved.pop(new.key, None))
            self.under[new.key] = self.lists
            if new.clock is ClockName.HANDLE:
                assert ("rework" in new.why.rule) is self.reworked
        assert not moved, f"moved, but not planned: {moved.keys()}"

    def _moved(self, old: Deadline, new: Deadline, why: PlanWhy, told: Moved | None) -> None:
        assert why is not PlanWhy.START, f"{old.key} started anew while it ran"
        assert not old.paused, f"{old.key} was planned on hold"
        assert any(isinstance(event, ASKED_BY[why]) for event in self.since_planned)
        assert new.rungs[: new.fired] == old.rungs[: old.fired], "what has fired stays fired"
        assert new.original_due == old.original_due or old.provisional
        assert new.started == old.started
        if new.due == old.due:
            assert told is None
        else:
            assert told is not None, f"{old.key} moved and nobody says so"
            assert (told.was, told.why) == (old.due, why)
        if self.under[old.key] == self.lists:
            self._moved_rightly(old, new, why)

    def _moved_rightly(self, old: Deadline, new: Deadline, why: PlanWhy) -> None:
        """How a due time moves while the lists stay the same."""
        match why:
            case PlanWhy.REPLANNED:
                assert new.due == old.due, "the same lists give the same due time"
            case PlanWhy.RAISED:
                assert new.due <= old.due, "urgent is sooner"
                self.calm[old.key] = old, self.lists
            case PlanWhy.LOWERED:
                calm, lists = self.calm.pop(old.key, (old, ""))
                same = (calm.pauses, calm.extended) == (old.pauses, old.extended)
                if lists == self.lists and same:
                    assert new.due == calm.due, "put back is put back"
            case PlanWhy.EXTENDED | PlanWhy.RESUMED if new.raised_at is None:
                assert new.due >= old.due, "more time is later"

    # ---------------------------------------------------------------- rungs fire exactly once

    def _rungs_fire_once(self, before: Ticket, event: Event) -> None:
        if self.order is not None:
            assert isinstance(event, OrderIssued), "a rung brings its order"
            assert event.level is self.order
            self.order = None
        if not isinstance(event, Rang):
            return
        key = clock_key(event.clock, event.subject)
        deadline = before.deadlines[key]
        rang = (*event.missed, event.rung)
        next_ones = deadline.rungs[deadline.fired :]
        assert not deadline.paused
        assert tuple(rung.kind for rung in next_ones[: len(rang)]) == rang, "in order"
        assert event.due == next_ones[len(rang) - 1].at <= event.at, "not before its time"
        assert not (later := next_ones[len(rang) :]) or later[0].at > event.at, "the highest one"
        assert self.fired[key].isdisjoint(rang), "once"
        self.fired[key] |= set(rang)
        self.backstop = self.backstop or _backstop_of(before, self.ticket, event)
        if next_ones[len(rang) - 1].order and before.phase in BEFORE_CLOSE:
            self.order = event.rung

    # ---------------------------------------------------------------- no endless passing

    def _no_endless_passing(self, before: Ticket, event: Event) -> None:
        final = bool(before.rulings) and before.rulings[-1].final
        match event:
            case ReturnRequested():
                assert self.seen[ReturnRequested] <= self.most_returns
                ruled = {unit for one in before.rulings for unit in (one.lead, one.backstop)}
                assert before.lead not in ruled, "a ruled unit does not return"
            case MovedToList():
                assert before.dispute is None
                assert before.returning is None
                assert before.lead == event.unit
                ruled = {unit for one in before.rulings for unit in (one.lead, one.backstop)}
                assert before.lead not in ruled, "who is ruled keeps it"
            case AppealLodged():
                assert self.seen[AppealLodged] <= 1 + self.seen[DisputeLapsed]
                assert not final
            case ArbitrationOpened():
                assert before.dispute is None
                assert not final
            case RulingGiven():
                assert before.dispute is not None
                assert not final, "one appeal, and then it stands"
                assert event.by.unit is None or event.by.unit not in before.returned_by
                self._new_number(event.number)
            case Dispatched():
                assert event.lead != before.lead, "to another unit"
                self.reworked = False
                if event.backstop:
                    assert event.lead == self.backstop
                self.backstop = None
            case OrderIssued():
                self._new_number(event.number)
                assert before.phase in BEFORE_CLOSE, "an order is to a unit that has the ticket"

    def _new_number(self, number: str) -> None:
        assert number not in self.numbers, f"{number} was given twice"
        self.numbers.add(number)

    # ---------------------------------------------------------------- no faked closing

    def _no_faked_closing(self, before: Ticket, event: Event) -> None:
        match event:
            case Replied():
                assert event.by.unit == before.lead
                why = event.outcome is Outcome.ADOPTED or event.reason
                assert not short_path(before) or why, "who is refused something hears why"
                assert not any(one.mandatory and one.open for one in before.helpers)
                given = {proof.kind for proof in event.evidence}
                if event.outcome is Outcome.SOLVED:
                    assert given >= set(before.evidence_wanted)
            case Closed():
                assert before.answer is not None
                assert event.outcome is before.answer.outcome
                assert event.rated is self._counts(before), "silence is not praise"
                told = event.reason == TOLD
                assert not told or (short_path(before) and self.checked is Reviewed)
            case _ if isinstance(event, CHECKS):
                assert event.by.unit not in {before.lead, *before.assisting}
                assert event.by.role is Role.REPORTER or event.by.unit

    # ---------------------------------------------------------------- supervision

    def _supervised_in_time(self, before: Ticket, event: Event) -> None:
        ticket, terms = self.ticket, self.ticket.terms
        match event:
            case SentBack() | Reopened():
                self.reworked = True
                if terms and ticket.reworks >= terms.reworks:
                    self.triggers.add(Trigger.REWORKS)
            case VoiceAdded() | Planned():
                if terms and ticket.heard >= terms.voices:
                    self.triggers.add(Trigger.REPEATED)
            case ArbitrationOpened():
                self.triggers.add(Trigger.REFUSING)
            case ExtensionGranted():
                assert before.urgency is Urgency.GENERAL, "urgent matters are not extended"
                assert before.hold is None
                assert event.by.role is (Role.SUPERVISOR if before.extensions else Role.DISPATCHER)
                assert terms is None or before.extensions < terms.extensions

    @staticmethod
    def _counts(ticket: Ticket) -> bool:
        upheld = ticket.rating_appeal is not None and ticket.rating_appeal.upheld
        return ticket.rating is not None and not upheld


def _backstop_of(before: Ticket, ticket: Ticket, rang: Rang) -> str | None:
    """Who must take the ticket now that this has rung; None: nobody, or nobody yet."""
    ruling = before.rulings[-1] if before.rulings else None
    sign = before.deadline(ClockName.SIGN)
    if ruling is None or sign is None or ruling.lead != before.lead:
        return None
    after = ticket.deadline(ClockName.SIGN)
    over = sign.rung_out if rang.clock is ClockName.WATCH else after and after.rung_out
    mine = rang.clock in (ClockName.SIGN, ClockName.WATCH)
    return ruling.backstop if over and mine else None


def at_rest(ticket: Ticket) -> None:
    """Somebody has the ball: what holds of every ticket between its turns."""
    assert machine.wants(ticket) is None
    assert not ticket.unplanned
    assert all(runs_in(one.clock, ticket.phase) for one in _but_watch(ticket))
    if ticket.phase is Phase.ENDED:
        assert ticket.ending is not None
        assert ticket.ending.reason
        assert ticket.archived
        assert not ticket.deadlines
        _nothing_pends(ticket)
        return
    assert clocks(ticket), "a running clock"
    owed = tasks(ticket)
    assert all(task.due for task in owed)
    assert not any(task.holder.startswith("lead/") for task in owed)
    assert len({(task.kind, task.holder) for task in owed}) == len(owed)
    if ticket.phase is Phase.CLOSED:
        assert ticket.ending is not None
        _nothing_pends(ticket)
    else:
        assert ticket.open
        assert owed
    _overlays_have_clocks(ticket)


def _but_watch(ticket: Ticket) -> list[Deadline]:
    return [one for one in ticket.deadlines.values() if one.clock is not ClockName.WATCH]


def _nothing_pends(ticket: Ticket) -> None:
    pending = (ticket.returning, ticket.extending, ticket.holding, ticket.hold, ticket.dispute)
    assert not any((*pending, ticket.proposed)), "nothing pends when it is over"
    assert open_order(ticket) is None


def _overlays_have_clocks(ticket: Ticket) -> None:
    """Each request, dispute and order has its own clock, and each of these clocks its reason."""
    runs = ticket.deadlines.keys()
    assert bool(ticket.returning) == (ClockName.RETURN in runs)
    assert bool(ticket.extending) == (ClockName.EXTENSION in runs)
    assert bool(ticket.holding) == (ClockName.HOLD_REQUEST in runs)
    assert bool(ticket.proposed) == (ClockName.SAMENESS in runs)
    assert bool(ticket.hold) == (ClockName.HOLD in runs)
    handle = ticket.deadline(ClockName.HANDLE)
    assert bool(ticket.hold) == bool(handle and handle.paused)
    assert bool(ticket.dispute) == bool({ClockName.ARBITRATION, ClockName.APPEAL} & runs)
    assert bool(open_order(ticket)) == (ClockName.ORDER in runs)
    assert sum(order.open for order in ticket.orders) <= 1
    appeal = ticket.rating_appeal
    assert bool(appeal and appeal.upheld is None) == (ClockName.RATING_APPEAL in runs)
    if ticket.phase in WITH_UNIT:
        owing = {clock_key(one.clock, one.unit) for one in ticket.helpers if one.open}
        running = {key for key in runs if key.startswith(("assist:", "whistle:"))}
        assert owing == running
        for one in ticket.helpers:
            assert not one.open or open_task(ticket, one.unit, whistle=one.whistle) == one
    out = any(one.rung_out for one in _but_watch(ticket))
    assert not out or ClockName.WATCH in runs, "who has rung its last is watched"
    assert len(set(ticket.supervised)) == len(ticket.supervised)


def well_addressed(told: Sequence[Notice]) -> None:
    """Whoever is told is somebody: no holder is left unresolved, no notice has another's key."""
    keys = [notice.key for notice in told]
    assert len(set(keys)) == len(keys)
    for notice in told:
        assert not notice.to.startswith(("lead/", "centre/", "@")), notice.to
