"""A change of the lists as a machine, in the manner of the ticket's. Pure and total.

decide(change, action, now, found) -> events, or raises Refused
complete(change, result, now)      -> events that an automatic step's result means
ring_due(change, now)              -> events of what has come due first
evolve(change, event)              -> the change after the event
wants(change)                      -> the automatic step due now, or None
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from juanchi.domain.base import in_future
from juanchi.domain.duty_change import approval, clocks, consultation, entering, proposal
from juanchi.domain.duty_change.change import DutyChange, DutyPhase
from juanchi.domain.duty_change.clocks import PlanClocks
from juanchi.domain.duty_change.consultation import silence
from juanchi.domain.duty_change.entering import Enter, date_has_come
from juanchi.domain.duty_change.events import DutyEntry, duty_entry
from juanchi.domain.duty_change.messages import DutyAction, Found
from juanchi.domain.duty_change.proposal import ChangeProposed, Survey, begin
from juanchi.domain.messages import Event, Result, Step
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rules import Guarded
from juanchi.domain.ticket import Processed

_PARTS = (proposal.rules, consultation.rules, approval.rules, entering.rules, clocks.rules)
_DECIDERS = {kind: rule for part in _PARTS for kind, rule in part.deciders.items()}
_EVOLVERS = {kind: rule for part in _PARTS for kind, rule in part.evolvers.items()}
_COMPLETERS = {kind: rule for part in _PARTS for kind, rule in part.completers.items()}

_STEP_OF_PHASE: dict[DutyPhase, Step] = {
    DutyPhase.PROPOSED: Survey(),
    DutyPhase.ENTERING: Enter(),
}


def duty_rights() -> dict[type[DutyAction], Guarded]:
    """Who may ask for what, and when."""
    return {kind: rule for kind, rule in _DECIDERS.items() if issubclass(kind, DutyAction)}


def admit(change: DutyChange, action: DutyAction, now: datetime) -> None:
    """Refuse what can be refused without asking the lists; what was processed is let through."""
    if action.key in change.processed:
        return
    rule = _DECIDERS[type(action)]
    if action.actor.role not in rule.roles:
        wanted = ", ".join(sorted(rule.roles))
        raise Refused(Code.WRONG_ROLE, role=action.actor.role, wanted=wanted)
    if not change.open:
        raise Refused(Code.CHANGE_OVER, state=change.phase)
    if in_future(action.at, now):
        raise Refused(Code.TIME_IN_FUTURE, at=action.at.isoformat())
    if action.expected_version not in (None, change.version):
        stale = {"expected": action.expected_version, "version": change.version}
        raise Refused(Code.STALE_VERSION, **stale)
    if change.phase not in rule.phases:
        raise Refused(Code.NOT_NOW, state=change.phase)


def decide(change: DutyChange, action: DutyAction, now: datetime, found: Found) -> Sequence[Event]:
    """What an action does to a change. Raises ``Refused``; then nothing has changed.

    An action that was already processed gives no events.
    """
    admit(change, action, now)
    if action.key in change.processed:
        return []
    return _DECIDERS[type(action)].decide(change, action, now, found)


def complete(change: DutyChange, result: Result, now: datetime) -> Sequence[Event]:
    """The events that an automatic step's result means for the change."""
    return _COMPLETERS[type(result)](change, result, now)


def ring_due(change: DutyChange, now: datetime) -> Sequence[Event]:
    """The events of what has come due; ask again after them.

    A reminder that an outage has held back comes before the silence that it was to prevent.
    """
    return clocks.ring(change, now) or silence(change, now) or date_has_come(change, now)


def evolve(change: DutyChange, event: Event) -> DutyChange:
    """The change after an event. The only way it changes."""
    version = change.version + 1
    after: DutyChange = _EVOLVERS[type(event)](change, event)
    if event.cause is None:
        return after.having(version=version)
    processed = {**change.processed, event.cause: Processed(version=version)}
    return after.having(version=version, processed=processed)


def fold(change: DutyChange, happened: Iterable[Event]) -> DutyChange:
    """The change after many events."""
    for event in happened:
        change = evolve(change, event)
    return change


def relive(happened: Sequence[Event]) -> DutyChange:
    """The change that a whole journal tells of. Raises ``ValueError`` if that has no beginning."""
    if not happened or not isinstance(happened[0], ChangeProposed):
        raise ValueError("a change begins with its proposal")
    newborn, _ = begin(happened[0].number, happened[0].proposal, happened[0].at)
    return fold(newborn, happened)


def wants(change: DutyChange) -> Step | None:
    """The automatic step due now. None: the ball is with somebody, or all is over."""
    if step := _STEP_OF_PHASE.get(change.phase):
        return step
    return PlanClocks(clocks=change.unplanned) if change.unplanned else None


class Lived:
    """A change as events happen to it, with the journal's entries that they make."""

    def __init__(self, change: DutyChange) -> None:
        self.change = change
        self.entries: list[DutyEntry] = []

    def happen(self, events: Iterable[Event]) -> None:
        """Let events happen, in order."""
        for event in events:
            self.change = evolve(self.change, event)
            self.entries.append(duty_entry(self.change, event))
