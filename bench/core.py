"""``core_decisions_per_s``: how fast the pure core decides, on one core, without anything else.

A decision is an action decided (``decide``) or an automatic step completed (``complete``), with all
its events evolved. The straight life's actions and results are prepared once, with a city's real
lists; then they are lived again and again. ``core_lives_per_s`` is whole straight lives with all
that the engine does beside: screening, routing, planning, clocks, journal entries and notices.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

from bench import messages
from bench.report import Figures
from juanchi.domain import machine
from juanchi.domain.actions import parse_action
from juanchi.domain.messages import Action, Event, Result
from juanchi.domain.ticket import Clue, Phase, Ticket
from juanchi.intake.tools import Tools
from tests.pure import MONDAY, PureEngine, tinytown

SECONDS: Final = 5.0

Given = Action | Result


class Recorded(PureEngine):
    """A life that keeps what was decided upon, in order."""

    def __init__(self, tools: Tools, clue: Clue) -> None:
        self.given: list[Given] = []
        super().__init__(tools, clue)

    def act(self, action: Action) -> Sequence[Event]:
        """Take an action, and keep it."""
        self.given.append(action)
        return super().act(action)

    def settle(self) -> None:
        """Do the automatic steps, and keep their results."""
        while step := machine.wants(self.ticket):
            result = self._perform(step)
            self.given.append(result)
            self.lived.happen(machine.complete(self.ticket, result, self.now))


def measure(*, quick: bool = False) -> Figures:
    """Both rates, on this process's one core."""
    seconds = SECONDS / 10 if quick else SECONDS
    tools = tinytown()
    clue = messages.clue("core").model_copy(update={"reported_at": MONDAY})
    actions = [parse_action(message | {"at": MONDAY}) for message in _at_monday()]
    recorded = Recorded(tools, clue)
    for action in actions:
        recorded.act(action)
    assert recorded.ticket.phase is Phase.CLOSED, recorded.ticket.phase

    def whole() -> None:
        life = PureEngine(tools, clue)
        for action in actions:
            life.act(action)

    lives = _per_second(lambda: decided(clue, recorded.given), seconds)
    return {
        "core_decisions_per_s": lives * len(recorded.given),
        "core_lives_per_s": _per_second(whole, seconds),
    }


def decided(clue: Clue, given: Sequence[Given]) -> Ticket:
    """Live a life out of what it was given: decide or complete, then evolve."""
    ticket, received = machine.begin(clue, MONDAY)
    ticket = machine.evolve(ticket, received)
    for what in given:
        if isinstance(what, Action):
            events = machine.decide(ticket, what, MONDAY)
        else:
            events = machine.complete(ticket, what, MONDAY)
        for event in events:
            ticket = machine.evolve(ticket, event)
    return ticket


def _at_monday() -> list[messages.Message]:
    when = MONDAY.isoformat()
    straight = messages.straight()
    for message in straight:
        for proof in message.get("evidence", ()):
            proof["at"] = when
    return straight


def _per_second(once: Callable[[], object], seconds: float) -> float:
    once()
    began, times = time.perf_counter(), 0
    while (took := time.perf_counter() - began) < seconds:
        once()
        times += 1
    return times / took
