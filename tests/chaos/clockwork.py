"""What must be true of a ticket's clocks: each rung once, in its order, at its time,
with its order.

A clock's *run* begins with its first plan and ends when the ticket lets go of it; however often it
is planned anew in between, what has rung stays rung.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from juanchi.domain.arbitration import AppealLodged, ArbitrationOpened, ConsultationCalled
from juanchi.domain.assisting import AssistantsAdded, Whistled
from juanchi.domain.clocks import Planned, Rang
from juanchi.domain.closure import Closed, Rated, Reopened, Reviewed, SentBack
from juanchi.domain.deadlines import Deadline, clock_key
from juanchi.domain.events import ActionRefused
from juanchi.domain.extension import ExtensionRequested
from juanchi.domain.filing import Dispatched
from juanchi.domain.hold import HoldEnded, HoldGranted, HoldRequested
from juanchi.domain.messages import Event
from juanchi.domain.orders import OrderFedBack
from juanchi.domain.phases import BEFORE_CLOSE
from juanchi.domain.rating_appeal import RatingAppealed
from juanchi.domain.returns import ReturnRequested
from juanchi.domain.supervised import OrderIssued
from juanchi.domain.supervision import Replied
from juanchi.domain.terms import ClockName, RungKind, Trigger
from juanchi.domain.urgency import UrgencySet
from tests.chaos.walking import Step

BEGUN_BY: dict[ClockName, tuple[type[Event], ...]] = {
    ClockName.SIGN: (Dispatched,),
    ClockName.HANDLE: (Dispatched, SentBack, Reopened),
    ClockName.REVIEW: (Replied, Rated),
    ClockName.CALLBACK: (Reviewed,),
    ClockName.REOPEN: (Closed,),
    ClockName.ON_SITE: (Dispatched, UrgencySet),
    ClockName.RETURN_WINDOW: (Dispatched,),
    ClockName.RETURN: (ReturnRequested,),
    ClockName.EXTENSION: (ExtensionRequested,),
    ClockName.HOLD_REQUEST: (HoldRequested,),
    ClockName.HOLD: (HoldGranted,),
    ClockName.ASSIST: (Dispatched, AssistantsAdded, SentBack, Reopened),
    ClockName.WHISTLE: (Whistled, SentBack, Reopened),
    ClockName.ARBITRATION: (ArbitrationOpened, ConsultationCalled),
    ClockName.APPEAL: (AppealLodged,),
    ClockName.ORDER: (OrderIssued, OrderFedBack),
    ClockName.RATING_APPEAL: (RatingAppealed,),
    ClockName.WATCH: (Rang,),
}
"""What may begin a clock anew; nothing else does."""


@dataclass
class _Run:
    """One run of a clock: as it is planned now, and what of it has rung."""

    deadline: Deadline
    rang: list[RungKind] = field(default_factory=list)


def clocks_wrong(steps: Sequence[Step]) -> Iterator[str]:
    """What is wrong with the rings in a journal."""
    runs: dict[str, _Run] = {}
    begun: Counter[str] = Counter()
    seen: Counter[type[Event]] = Counter()
    held = False
    for step in steps:
        event = step.event
        seen[type(event)] += 1
        held = isinstance(event, HoldGranted) or (held and not isinstance(event, HoldEnded))
        if event.cause is not None and not isinstance(event, ActionRefused):
            yield from _passed_over(step, runs)
        if isinstance(event, Planned):
            for deadline in event.deadlines:
                if deadline.key in runs:
                    yield from _planned_anew(step.seq, runs[deadline.key], deadline)
                    continue
                runs[deadline.key] = _Run(deadline)
                begun[deadline.key] += 1
                yield from _begun_rightly(step.seq, deadline, begun[deadline.key], seen)
        elif isinstance(event, Rang):
            if held and event.clock is ClockName.HANDLE:
                yield f"entry {step.seq}: {event.rung} rang on hold"
            run = runs.get(clock_key(event.clock, event.subject))
            yield from _rang(step.seq, event, run)
        runs = {key: run for key, run in runs.items() if key in step.after.deadlines}


def _begun_rightly(
    seq: int, deadline: Deadline, times: int, seen: Counter[type[Event]]
) -> Iterator[str]:
    if deadline.fired:
        yield f"entry {seq}: {deadline.key} begins with {deadline.fired} rungs behind it"
    starters = BEGUN_BY.get(deadline.clock)
    if starters and times > sum(seen[starter] for starter in starters):
        yield f"entry {seq}: {deadline.key} begins for the {times}. time, nothing began it anew"


def _planned_anew(seq: int, run: _Run, deadline: Deadline) -> Iterator[str]:
    fired = [rung.kind for rung in deadline.rungs[: deadline.fired]]
    if fired != run.rang:
        yield f"entry {seq}: {deadline.key} planned anew with {fired} behind it, not {run.rang}"
    run.deadline = deadline


def _rang(seq: int, event: Rang, run: _Run | None) -> Iterator[str]:
    """A ring is the highest due of what comes next, and tells of those that it leaves out."""
    where = f"entry {seq}: {event.rung} on {clock_key(event.clock, event.subject)}"
    if run is None:
        yield f"{where} rang but was never planned"
        return
    run.rang += [*event.missed, event.rung]
    rungs = run.deadline.rungs
    kinds = [rung.kind for rung in rungs[: len(run.rang)]]
    if kinds != run.rang:
        yield f"{where}: rang {run.rang}, planned was {kinds}"
        return
    if len(set(run.rang)) != len(run.rang):
        yield f"{where}: one of {run.rang} rang twice"
    if event.at < rungs[len(run.rang) - 1].at:
        yield f"{where} rang before its time"
    if len(run.rang) < len(rungs) and rungs[len(run.rang)].at <= event.at:
        yield f"{where} rang though {rungs[len(run.rang)].kind} was due"


def _passed_over(step: Step, runs: dict[str, _Run]) -> Iterator[str]:
    """Clocks come first: nobody acts on a ticket before what was due has rung."""
    moving = {asked.key for asked in step.before.unplanned}
    for key, run in runs.items():
        rungs = run.deadline.rungs[len(run.rang) :]
        paused = step.before.deadlines[key].paused
        if rungs and rungs[0].at < step.event.at and not paused and key not in moving:
            late = step.event.at - rungs[0].at
            yield f"entry {step.seq}: {step.event.kind} before {rungs[0].kind} of {key}, {late}"


def orders_wrong(steps: Sequence[Step]) -> Iterator[str]:
    """Each rung that brings an order brings one, at once; no other does; each has a number."""
    numbers: Counter[str] = Counter()
    triggers: Counter[Trigger] = Counter()
    owed: OrderIssued | Rang | None = None
    for step in steps:
        event = step.event
        brought = isinstance(event, OrderIssued) and event.trigger is Trigger.OVERDUE
        if isinstance(owed, Rang) != brought:
            yield f"entry {step.seq}: {event.kind} follows {owed or 'no rung that wants an order'}"
        elif isinstance(event, OrderIssued) and isinstance(owed, Rang):
            yield from _rungs_order(step.seq, owed, event)
        owed = event if isinstance(event, Rang) and _wants_order(step, event) else None
        if isinstance(event, OrderIssued):
            numbers[event.number] += 1
            triggers[event.trigger] += 1
    if owed:
        yield f"the order of {owed} is missing"
    yield from (f"two orders have the number {n}" for n, times in numbers.items() if times > 1)
    for trigger, times in triggers.items():
        if times > 1 and trigger not in (Trigger.OVERDUE, Trigger.BY_HAND):
            yield f"{trigger} brought {times} orders"


def _wants_order(step: Step, event: Rang) -> bool:
    deadline = step.before.deadlines[clock_key(event.clock, event.subject)]
    rung = next(rung for rung in deadline.rungs if rung.kind is event.rung)
    return rung.order is not None and step.before.phase in BEFORE_CLOSE


def _rungs_order(seq: int, rang: Rang, order: OrderIssued) -> Iterator[str]:
    if (order.level, order.at) != (rang.rung, rang.at):
        yield f"entry {seq}: {rang.rung} brought an order of {order.level} at {order.at}"
    if rang.subject and order.unit != rang.subject:
        yield f"entry {seq}: {rang.rung} of {rang.subject} brought an order to {order.unit}"
