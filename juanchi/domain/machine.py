"""The ticket as a machine: decide, evolve, ring, complete, wants. Pure and total.

decide(ticket, action, now)  -> events, or raises Refused
complete(ticket, result, now) -> events that an automatic step's result means
ring_due(ticket, now)        -> events of every clock whose time has come
evolve(ticket, event)        -> the ticket after the event
wants(ticket)                -> the automatic step due now, or None
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from juanchi.domain import (
    arbitration,
    assisting,
    closure,
    clue,
    comparing,
    ending,
    events,
    extension,
    filing,
    hold,
    likely,
    merging,
    moving,
    notices,
    orders,
    overturning,
    rating_appeal,
    recurrence,
    replanning,
    requests,
    returns,
    ruling,
    suggestions,
    supervised,
    supervision,
    unmerging,
    urgency,
    verification,
    voice_rating,
    voices,
)
from juanchi.domain import clocks as clocks_
from juanchi.domain.actor import ENGINE, Actor
from juanchi.domain.base import in_future
from juanchi.domain.clocks import missing_clocks
from juanchi.domain.clue import Locate, Received, Screen
from juanchi.domain.comparing import Compare
from juanchi.domain.deadlines import clock_key
from juanchi.domain.events import ActionRefused
from juanchi.domain.filing import Route
from juanchi.domain.merging import AskSurvivor
from juanchi.domain.messages import Action, Event, Facts, Result, Step
from juanchi.domain.notices import Notify
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rules import Guarded, Ringer, Rules
from juanchi.domain.ticket import Clue, Phase, Processed, Ticket
from juanchi.domain.unmerging import LeaveSurvivor
from juanchi.domain.voices import AnswerVoices, answer_due

_STAGES: tuple[Rules, ...] = (
    clue.rules,
    overturning.rules,
    verification.rules,
    comparing.rules,
    likely.rules,
    merging.rules,
    unmerging.rules,
    voices.rules,
    filing.rules,
    clocks_.rules,
    supervision.rules,
    supervised.rules,
    orders.rules,
    urgency.rules,
    requests.rules,
    returns.rules,
    extension.rules,
    hold.rules,
    assisting.rules,
    arbitration.rules,
    ruling.rules,
    moving.rules,
    recurrence.rules,
    replanning.rules,
    suggestions.rules,
    closure.rules,
    voice_rating.rules,
    rating_appeal.rules,
    ending.rules,
    notices.rules,
    events.rules,
)
_DECIDERS = {kind: rule for stage in _STAGES for kind, rule in stage.deciders.items()}
_EVOLVERS = {kind: rule for stage in _STAGES for kind, rule in stage.evolvers.items()}
_COMPLETERS = {kind: rule for stage in _STAGES for kind, rule in stage.completers.items()}
_RINGERS = {clock: rule for stage in _STAGES for clock, rule in stage.ringers.items()}

_STEP_OF_PHASE: dict[Phase, Step] = {
    Phase.SCREENING: Screen(),
    Phase.LOCATING: Locate(),
    Phase.ROUTING: Route(),
}

_OUTSIDE = (AskSurvivor, LeaveSurvivor, AnswerVoices, Notify)
"""The steps that need more than the city's lists: they come after what led to them is written."""

NOTHING_LOOKED_UP = Facts()


def rights() -> dict[type[Action], Guarded]:
    """Who may ask for what, and when: the table behind the refusals."""
    return dict(_DECIDERS)


def revives(action: Action) -> bool:
    """Whether an ended ticket takes this action, and lives on by it."""
    return Phase.ENDED in _DECIDERS[type(action)].phases


def begin(clue: Clue, now: datetime, by: Actor = ENGINE) -> tuple[Ticket, Received]:
    """A new ticket and the event that begins it (to be evolved and recorded as any other)."""
    ticket = Ticket(id=clue.ticket_id, clue=clue, received_at=now, since=now)
    return ticket, Received(at=now, by=by, ticket_id=ticket.id, clue=clue)


def born_as(ticket: Ticket, first: Event) -> Ticket:
    """A newborn ticket as an event found it: its times are those of its first event.

    A ticket to which something has happened is returned as it is.
    """
    return begin(ticket.clue, first.at, first.by)[0] if ticket.version == 0 else ticket


def decide(
    ticket: Ticket, action: Action, now: datetime, facts: Facts = NOTHING_LOOKED_UP
) -> Sequence[Event]:
    """What an action does to a ticket. Raises ``Refused``; then nothing has changed.

    ``facts`` is what the city's lists say of the action's names. An action that was already
    processed gives no events.
    """
    if action.key in ticket.processed:
        return []
    rule = _DECIDERS.get(type(action))
    if rule is None:
        raise Refused(Code.UNKNOWN_ACTION, kind=action.name)
    _admit(ticket, action, now, rule)
    _known(facts)
    return rule.decide(ticket, action, now, facts)


def _admit(ticket: Ticket, action: Action, now: datetime, rule: Guarded) -> None:
    if action.actor.role not in rule.roles:
        wanted = ", ".join(sorted(rule.roles))
        raise Refused(Code.WRONG_ROLE, role=action.actor.role, wanted=wanted)
    if ticket.phase is Phase.ENDED and Phase.ENDED not in rule.phases:
        raise Refused(Code.ENDED, how=ticket.ending.kind if ticket.ending else "archived")
    claimed = [action.at, *(proof.at for proof in getattr(action, "evidence", ()))]
    if any(in_future(at, now) for at in claimed):
        raise Refused(Code.TIME_IN_FUTURE, at=max(claimed).isoformat())
    stale = action.expected_version is not None and action.expected_version != ticket.version
    if stale:
        raise Refused(Code.STALE_VERSION, expected=action.expected_version, version=ticket.version)
    if ticket.phase not in rule.phases:
        raise Refused(Code.WRONG_PHASE, action=action.name, phase=ticket.phase)


def _known(facts: Facts) -> None:
    for code, unknown in (
        (Code.UNKNOWN_UNIT, facts.unknown_units),
        (Code.UNKNOWN_ITEM, facts.unknown_items),
        (Code.UNKNOWN_REGION, facts.unknown_regions),
        (Code.PLACE_OUTSIDE, facts.outside),
        (Code.NOT_A_STREET, facts.not_streets),
        (Code.NO_SUCH_DUTY, facts.pushed_down),
    ):
        if unknown:
            raise Refused(code, names=", ".join(unknown))


def refuse(key: str, kind: str, refused: Refused, now: datetime) -> ActionRefused:
    """The journal's word for a signal that the ticket does not take."""
    told = ", ".join(f"{name}={value}" for name, value in refused.facts.items())
    return ActionRefused(
        at=now,
        by=ENGINE,
        cause=key,
        action=kind[:200],
        code=refused.code,
        told=told[:2000],
    )


def complete(ticket: Ticket, result: Result, now: datetime) -> Sequence[Event]:
    """The events that an automatic step's result means for the ticket."""
    return _COMPLETERS[type(result)](ticket, result, now)


def ring_due(ticket: Ticket, now: datetime) -> Sequence[Event]:
    """The events of the first clock whose time has come, earliest first; ask again after it.

    One clock at a time, since what one clock brings about may stop another.
    """
    due = sorted((c for c in clocks_.clocks(ticket) if c.at <= now), key=lambda c: c.at)
    if due:
        return _ring(ticket, clock_key(due[0].name, due[0].subject), now)
    return notices.retries(ticket, now)


def _ring(ticket: Ticket, key: str, now: datetime) -> Sequence[Event]:
    """A ring, the order that its rung brings, and after the last rung what the clock is for."""
    rings = clocks_.ring(ticket, key, now)
    if rings is None:
        return []
    rang, rung = rings
    happened: list[Event] = [rang, *orders.order_of_rung(ticket, rang, rung)]
    return [*happened, *follow_ups(fold(ticket, happened), key, now)]


def follow_ups(ticket: Ticket, key: str, now: datetime) -> list[Event]:
    """What a ring brings about, on the ticket as it is after the ring."""
    return [event for ringer in _ringers(ticket, key) for event in ringer(ticket, now)]


def _ringers(ticket: Ticket, key: str) -> list[Ringer]:
    """What follows now that this clock has rung: its own, or with a watch that of all it watches.

    What should follow a last rung may have become possible only later.
    """
    rang = ticket.deadlines.get(key)
    running = [rang] if rang else ticket.deadlines.values()
    return [_RINGERS[one.clock] for one in running if one.rung_out and one.clock in _RINGERS]


def evolve(ticket: Ticket, event: Event) -> Ticket:
    """The ticket after an event. The only way a ticket changes."""
    version = ticket.version + 1
    after = changed(ticket, event)
    if event.cause is None:
        return after.having(version=version)
    refused = event.code if isinstance(event, ActionRefused) else None
    done = Processed(version=version, refused=refused)
    return after.having(version=version, processed={**after.processed, event.cause: done})


def changed(ticket: Ticket, event: Event) -> Ticket:
    """What an event changes, without being counted: for lives that are only imagined."""
    return _EVOLVERS[type(event)](ticket, event)


def fold(ticket: Ticket, happened: Iterable[Event]) -> Ticket:
    """The ticket after many events."""
    for event in happened:
        ticket = evolve(ticket, event)
    return ticket


def relive(happened: Sequence[Event]) -> Ticket:
    """The ticket that a whole journal tells of; its first event must be the clue's receipt."""
    first = happened[0]
    if not isinstance(first, Received):
        raise ValueError(f"a life begins with its clue, not with {type(first).__name__}")
    newborn, _ = begin(first.clue, first.at, first.by)
    return fold(newborn, happened)


def wants(ticket: Ticket) -> Step | None:
    """The automatic step due now. None: the ball is with somebody, or the ticket has ended.

    A ticket that has ended still delivers its last notices.
    """
    if ticket.phase is Phase.ENDED:
        return notices.next_notice(ticket)
    if ticket.merging_into:
        return AskSurvivor(into=ticket.merging_into)
    if ticket.leaving:
        return LeaveSurvivor(of=ticket.leaving)
    if ticket.uncompared:
        return Compare()
    step = _STEP_OF_PHASE.get(ticket.phase)
    return step or missing_clocks(ticket) or answer_due(ticket) or notices.next_notice(ticket)


def wants_of_lists(ticket: Ticket) -> Step | None:
    """The automatic step due now, if the city's lists are all it needs; others leave the house."""
    step = wants(ticket)
    return None if isinstance(step, _OUTSIDE) else step
