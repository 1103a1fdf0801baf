"""How a stage says what it does: rules registered beside the messages they are about.

Two things live by rules: a ticket (``Rules``), and a change of the lists (``duty_change.rules``).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from juanchi.domain.messages import Action, Event, Facts, Result
from juanchi.domain.terms import ClockName, Role
from juanchi.domain.ticket import Phase, Ticket

S = TypeVar("S")
F = TypeVar("F")
A = TypeVar("A", bound=Action)
E = TypeVar("E", bound=Event)
R = TypeVar("R", bound=Result)

Decider = Callable[[S, A, datetime], Sequence[Event]]
Knowing = Callable[[S, A, datetime, F], Sequence[Event]]
"""A decider that is told what the city's lists say."""
Evolver = Callable[[S, E], S]
Completer = Callable[[S, R, datetime], Sequence[Event]]
Ringer = Callable[[Ticket, datetime], Sequence[Event]]

OPEN_PHASES = frozenset(Phase) - {Phase.CLOSED, Phase.ENDED}


class Guarded:
    """An action's decider with who may ask for it, and in which phases."""

    __slots__ = ("decide", "phases", "roles")

    def __init__(
        self, decide: Knowing[Any, Any, Any], roles: frozenset[Role], phases: frozenset[StrEnum]
    ) -> None:
        self.decide = decide
        self.roles = roles
        self.phases = phases


class RulesOf(Generic[S, F]):
    """One stage's rules: deciders of actions, evolvers of events, completers of steps.

    ``S`` is what lives by them, ``F`` what the lists are asked before an action is decided.
    """

    def __init__(self) -> None:
        self.deciders: dict[type[Action], Guarded] = {}
        self.evolvers: dict[type[Event], Evolver[S, Any]] = {}
        self.completers: dict[type[Result], Completer[S, Any]] = {}

    def decides(
        self, kind: type[A], *, roles: Iterable[Role], phases: Iterable[StrEnum]
    ) -> Callable[[Decider[S, A]], Decider[S, A]]:
        """Register what an action does, for these roles, in these phases."""

        def register(decide: Decider[S, A]) -> Decider[S, A]:
            def knowing(state: S, action: A, now: datetime, facts: F) -> Sequence[Event]:
                return decide(state, action, now)

            self.decides_knowing(kind, roles=roles, phases=phases)(knowing)
            return decide

        return register

    def decides_knowing(
        self, kind: type[A], *, roles: Iterable[Role], phases: Iterable[StrEnum]
    ) -> Callable[[Knowing[S, A, F]], Knowing[S, A, F]]:
        """Register what an action does, given what the lists say."""

        def register(decide: Knowing[S, A, F]) -> Knowing[S, A, F]:
            self.deciders[kind] = Guarded(decide, frozenset(roles), frozenset(phases))
            return decide

        return register

    def evolves(self, kind: type[E]) -> Callable[[Evolver[S, E]], Evolver[S, E]]:
        """Register how an event changes what lives by these rules."""

        def register(evolve: Evolver[S, E]) -> Evolver[S, E]:
            self.evolvers[kind] = evolve
            return evolve

        return register

    def completes(self, kind: type[R]) -> Callable[[Completer[S, R]], Completer[S, R]]:
        """Register what the result of an automatic step means."""

        def register(complete: Completer[S, R]) -> Completer[S, R]:
            self.completers[kind] = complete
            return complete

        return register


class Rules(RulesOf[Ticket, Facts]):
    """One stage's rules of a ticket.

    A ringer says what a clock brings about when its last rung has rung.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ringers: dict[ClockName, Ringer] = {}

    def rings(self, *clocks: ClockName) -> Callable[[Ringer], Ringer]:
        """Register what follows when the last rung of a clock has rung."""

        def register(ring: Ringer) -> Ringer:
            self.ringers.update(dict.fromkeys(clocks, ring))
            return ring

        return register
