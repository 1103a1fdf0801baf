"""The engine without Temporal: the pure core with a city's real lists, for tests and benches.

It does what the workflow does (steps, rings, one action at a time) with the same pure functions
that the activities call, so that thousands of lives can be lived in a second.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from juanchi.domain import machine
from juanchi.domain.actor import Actor
from juanchi.domain.clocks import Plan, earliest
from juanchi.domain.clue import Locate, Screen
from juanchi.domain.events import Entry, entry
from juanchi.domain.filing import Route, RouteResult
from juanchi.domain.merging import AskSurvivor, AskSurvivorResult
from juanchi.domain.messages import Action, Event, Result, Step
from juanchi.domain.notices import Notice, notices
from juanchi.domain.place import Evidence
from juanchi.domain.terms import EvidenceKind, Role
from juanchi.domain.ticket import Clue, Ticket
from juanchi.intake.tools import Tools
from juanchi.packs.read import read_pack

TINYTOWN = Path(__file__).parent / "packs" / "tinytown"
MONDAY = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)


def tinytown() -> Tools:
    """The tools of the tests' own city."""
    return Tools(read_pack(TINYTOWN), "tinytown@1")


def actor(role: Role, unit: str | None = None) -> Actor:
    """Somebody of a role, for a unit."""
    return Actor(role=role, unit=unit, staff="s1")


def proof(kind: EvidenceKind = EvidenceKind.SITE_AFTER, at: datetime = MONDAY) -> Evidence:
    """A picture, or what else proves something."""
    return Evidence(kind=kind, ref=f"file:{kind}", at=at)


class PureEngine:
    """One ticket's life on the pure core."""

    def __init__(self, tools: Tools, clue: Clue, now: datetime = MONDAY) -> None:
        self.tools = tools
        self.now = now
        self.entries: list[Entry] = []
        self.notices: list[Notice] = []
        self.survivor_refuses = ""
        self.ticket, received = machine.begin(clue, now)
        self._apply([received])
        self.settle()

    def act(self, action: Action) -> Sequence[Event]:
        """Take an action as the workflow would. Raises ``Refused``."""
        self.ring()
        events = machine.decide(self.ticket, action, self.now)
        self._apply(events)
        self.settle()
        return events

    def pass_time(self, by: timedelta) -> None:
        """Let time pass; everything that is due rings at its own moment."""
        until = self.now + by
        while (when := earliest(self.ticket)) is not None and when <= until:
            self.now = max(when, self.now)
            self.ring()
        self.now = until

    def sleep_through(self, by: timedelta) -> None:
        """An outage: time passes and nothing rings until it is over."""
        self.now += by
        self.ring()

    def ring(self) -> None:
        """Ring every clock whose time has come."""
        while rang := machine.ring_due(self.ticket, self.now):
            self._apply(rang)
        self.settle()

    def settle(self) -> None:
        """Do the automatic steps until the ball is with somebody."""
        while step := machine.wants(self.ticket):
            self._apply(machine.complete(self.ticket, self._perform(step), self.now))

    def _apply(self, events: Sequence[Event]) -> None:
        for event in events:
            self.ticket = machine.evolve(self.ticket, event)
            self.entries.append(entry(self.ticket, event))
            self.notices += notices(self.ticket, event, self.ticket.version)

    def _perform(self, step: Step) -> Result:
        match step:
            case Screen():
                return self.tools.screener.screen(self.ticket.clue)
            case Locate():
                return self.tools.locator.locate(self.ticket.clue, self.ticket.place)
            case Route():
                return _routed(self.tools, self.ticket, self.now)
            case Plan():
                return self.tools.planner.planned(self.ticket, step)
            case AskSurvivor():
                return AskSurvivorResult(into=step.into, refused=self.survivor_refuses)
        raise AssertionError(f"no hand for {step!r}")


def _routed(tools: Tools, ticket: Ticket, now: datetime) -> RouteResult:
    routing = tools.router.route(ticket, tools.local_day(now))
    return RouteResult(
        number="TT-00001",
        candidates=routing.candidates,
        sure=routing.sure,
        problem=routing.problem,
        nature=routing.nature,
        urgency=routing.urgency,
        lists_version=tools.version,
    )
