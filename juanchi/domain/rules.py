"""How a stage says what it does: rules registered beside the messages they are about."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from juanchi.domain.messages import Action, Event, Result
from juanchi.domain.terms import Role
from juanchi.domain.ticket import Phase, Ticket

A = TypeVar("A", bound=Action)
E = TypeVar("E", bound=Event)
R = TypeVar("R", bound=Result)

Decider = Callable[[Ticket, A, datetime], Sequence[Event]]
Evolver = Callable[[Ticket, E], Ticket]
Completer = Callable[[Ticket, R, datetime], Sequence[Event]]

OPEN_PHASES = frozenset(Phase) - {Phase.CLOSED, Phase.ENDED}


class Guarded:
    """An action's decider with who may ask for it, and in which phases."""

    __slots__ = ("decide", "phases", "roles")

    def __init__(
        self, decide: Decider[Any], roles: frozenset[Role], phases: frozenset[Phase]
    ) -> None:
        self.decide = decide
        self.roles = roles
        self.phases = phases


class Rules:
    """One stage's rules: deciders of actions, evolvers of events, completers of steps."""

    def __init__(self) -> None:
        self.deciders: dict[type[Action], Guarded] = {}
        self.evolvers: dict[type[Event], Evolver[Any]] = {}
        self.completers: dict[type[Result], Completer[Any]] = {}

    def decides(
        self, kind: type[A], *, roles: Iterable[Role], phases: Iterable[Phase]
    ) -> Callable[[Decider[A]], Decider[A]]:
        """Register what an action does, for these roles, in these phases."""

        def register(decide: Decider[A]) -> Decider[A]:
            self.deciders[kind] = Guarded(decide, frozenset(roles), frozenset(phases))
            return decide

        return register

    def evolves(self, kind: type[E]) -> Callable[[Evolver[E]], Evolver[E]]:
        """Register how an event changes the ticket."""

        def register(evolve: Evolver[E]) -> Evolver[E]:
            self.evolvers[kind] = evolve
            return evolve

        return register

    def completes(self, kind: type[R]) -> Callable[[Completer[R]], Completer[R]]:
        """Register what the result of an automatic step means for the ticket."""

        def register(complete: Completer[R]) -> Completer[R]:
            self.completers[kind] = complete
            return complete

        return register
