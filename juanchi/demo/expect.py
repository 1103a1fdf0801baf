"""Whether every clue arrived where its script says: what the demo is checked by."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from juanchi.demo.sample import REPEATS, Sample, SampleClue, Script
from juanchi.domain.clocks import Rang
from juanchi.domain.closure import Rated
from juanchi.domain.events import Entry
from juanchi.domain.filing import Dispatched
from juanchi.domain.lines import TicketLine
from juanchi.domain.merging import MergeAsked
from juanchi.domain.messages import Event
from juanchi.domain.supervision import Signed
from juanchi.domain.terms import ClockName, EndKind, Outcome, Role, RungKind

E = TypeVar("E", bound=Event)


class Wrong(NamedTuple):
    """What is not as the script says: a key of the catalogue, and the words that fill it."""

    ticket_id: str
    key: str
    expected: str = ""
    found: str = ""


class _End(NamedTuple):
    kind: EndKind
    outcome: Outcome | None = None
    reason: str | None = None


_ENDS: Final[dict[Script, _End]] = {
    Script.PLAIN: _End(EndKind.CLOSED, Outcome.SOLVED),
    Script.UNFOUNDED: _End(EndKind.UNFOUNDED),
    Script.ALREADY_HANDLED: _End(EndKind.MERGED),
    Script.SAID_AGAIN: _End(EndKind.MERGED),
    Script.NEVER_SIGNS: _End(EndKind.CLOSED, Outcome.SOLVED),
    Script.BAD_RATING: _End(EndKind.CLOSED, Outcome.SOLVED, "rated"),
    Script.UNSURE: _End(EndKind.CLOSED, Outcome.SOLVED),
    Script.BLOCKED: _End(EndKind.CLOSED, Outcome.BLOCKED),
    Script.SUGGESTION_ADOPTED: _End(EndKind.CLOSED, Outcome.ADOPTED),
    Script.SUGGESTION_NOT_ADOPTED: _End(EndKind.CLOSED, Outcome.NOT_ADOPTED),
    Script.NOISE: _End(EndKind.DISCARDED),
    Script.EMERGENCY: _End(EndKind.REDIRECTED, reason="emergency"),
    Script.OUT_OF_REMIT: _End(EndKind.REDIRECTED, reason="out_of_remit"),
    Script.NOT_THIS_CITY: _End(EndKind.REDIRECTED, reason="not_this_city"),
    Script.THANKS: _End(EndKind.REDIRECTED, reason="thanks"),
    Script.WITHDRAWN: _End(EndKind.WITHDRAWN),
    Script.NOT_REACHED: _End(EndKind.CLOSED, Outcome.SOLVED, "not_reached"),
}


def mismatches(
    sample: Sample,
    lines: Mapping[str, TicketLine],
    lives: Mapping[str, Sequence[Entry]],
) -> list[Wrong]:
    """Everything that is not as the scripts say, in the order in which the clues came."""
    return [
        wrong
        for clue in sample.clues
        for wrong in _wrong(sample, clue, lines.get(clue.ticket_id), lives)
    ]


def _wrong(
    sample: Sample,
    clue: SampleClue,
    line: TicketLine | None,
    lives: Mapping[str, Sequence[Entry]],
) -> Iterator[Wrong]:
    ticket, end = clue.ticket_id, _ENDS[clue.plot]
    if line is None:
        yield Wrong(ticket, "missing")
        return
    if line.end_kind is None:
        yield Wrong(ticket, "open", end.kind, line.phase)
        return
    if line.end_kind != end.kind:
        yield Wrong(ticket, "end", end.kind, f"{line.end_kind}: {line.end_reason}")
        return
    if line.outcome != end.outcome:
        yield Wrong(ticket, "outcome", str(end.outcome), str(line.outcome))
    if end.reason is not None and line.end_reason != end.reason:
        yield Wrong(ticket, "reason", end.reason, str(line.end_reason))
    if clue.plot in REPEATS and line.merged_into != sample.survivor(clue):
        yield Wrong(ticket, "survivor", sample.survivor(clue), str(line.merged_into))
    if line.reworks != (clue.plot is Script.BAD_RATING):
        yield Wrong(ticket, "reworks", str(int(clue.plot is Script.BAD_RATING)), str(line.reworks))
    events = [entry.event for entry in lives.get(ticket, ())]
    if line.end_kind == EndKind.CLOSED:
        yield from _dispatched_wrong(clue, events)
    if (check := _LIVES.get(clue.plot)) is not None and not check(events):
        yield Wrong(ticket, f"not_{clue.plot}")


def _dispatched_wrong(clue: SampleClue, events: list[Any]) -> Iterator[Wrong]:
    """The lists decide alone, but for the clues that are made to need a person."""
    wanted = Role.DISPATCHER if clue.plot is Script.UNSURE else Role.SYSTEM
    for event in _of(Dispatched, events):
        if event.by.role is not wanted:
            yield Wrong(clue.ticket_id, "dispatched", wanted, event.by.role)
        choice = clue.dispatch
        if choice is not None and (event.item, event.lead) != (choice.item, choice.lead):
            asked = f"{choice.item} {choice.lead}"
            yield Wrong(clue.ticket_id, "unit", asked, f"{event.item} {event.lead}")


def _escalated_first(events: list[Any]) -> bool:
    """The signing clock rang to its end before anybody signed."""
    rang = [
        event.at
        for event in _of(Rang, events)
        if event.clock is ClockName.SIGN and event.rung is RungKind.ESCALATED
    ]
    signed = [event.at for event in _of(Signed, events)]
    return bool(rang and signed) and rang[0] < signed[0]


def _merged_by_engine(events: list[Any]) -> bool:
    asked = _of(MergeAsked, events)
    return bool(asked) and asked[0].by.role is Role.SYSTEM


def _rated_badly(events: list[Any]) -> bool:
    rated = _of(Rated, events)
    return bool(rated) and rated[0].rating.bad and not rated[-1].rating.bad


_LIVES: Final[dict[Script, Callable[[list[Any]], bool]]] = {
    Script.NEVER_SIGNS: _escalated_first,
    Script.BAD_RATING: _rated_badly,
    Script.SAID_AGAIN: _merged_by_engine,
}


def _of(kind: type[E], events: list[Any]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]
