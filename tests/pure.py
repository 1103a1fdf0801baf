"""The engine without Temporal: the pure core with a city's real lists, for tests and benches.

It does what the workflow does (steps, rings, one action at a time) with the same pure functions
that the activities call, so that thousands of lives can be lived in a second.
"""

from collections.abc import Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from activities import hands
from activities.facts import facts
from juanchi.domain import machine
from juanchi.domain.actor import Actor
from juanchi.domain.clocks import Plan, earliest
from juanchi.domain.clue import Locate, Screen
from juanchi.domain.comparing import Compare, CompareResult
from juanchi.domain.events import Entry
from juanchi.domain.filing import Route
from juanchi.domain.merging import AskSurvivor, AskSurvivorResult, VoiceAdded
from juanchi.domain.messages import Action, Event, Facts, Result, Step, VoiceAt
from juanchi.domain.notices import Notice
from juanchi.domain.place import Evidence
from juanchi.domain.refusal import Refused
from juanchi.domain.terms import EvidenceKind, Role
from juanchi.domain.ticket import Clue, Ticket
from juanchi.domain.turn import Lived
from juanchi.domain.unmerging import LeaveSurvivor, LeaveSurvivorResult, VoiceRemoved
from juanchi.domain.voice_rating import VoiceRated
from juanchi.domain.voices import AnswerVoices, AnswerVoicesResult
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
    """One ticket's life on the pure core. ``tools`` may be changed: so do a city's lists.

    ``like``: what comparing finds, in a city that compares.
    """

    def __init__(
        self,
        tools: Tools,
        clue: Clue,
        now: datetime = MONDAY,
        number: str = "TT-00001",
        like: CompareResult | None = None,
        survivor_refuses: str = "",
    ) -> None:
        self.tools = tools
        self.now = now
        self.number = number
        self.survivor_refuses = survivor_refuses
        self.like = like
        newborn, received = machine.begin(clue, now)
        self.lived = Lived(newborn)
        self.lived.happen([received])
        self.settle()

    def twin(self) -> Self:
        """Another life that has been the same so far."""
        other = copy(self)
        other.lived = Lived(self.ticket)
        other.lived.entries = list(self.entries)
        other.lived.notices = list(self.notices)
        return other

    @property
    def ticket(self) -> Ticket:
        return self.lived.ticket

    @property
    def entries(self) -> Sequence[Entry]:
        return self.lived.entries

    @property
    def notices(self) -> Sequence[Notice]:
        return self.lived.notices

    def act(self, action: Action) -> Sequence[Event]:
        """Take an action as the workflow would. Raises ``Refused``."""
        self.ring_first()
        try:
            events = machine.decide(self.ticket, action, self.now, self._facts(action))
            self.lived.happen(events)
        finally:
            self.settle()
        return events

    def _facts(self, action: Action) -> Facts:
        names = action.names(self.ticket)
        if names is None:
            return Facts()
        told = facts(self.tools, names, self.tools.local_day(self.now))
        return told if names.voice is None else self._heard(names.voice, told)

    def _heard(self, asked: VoiceAt, told: Facts) -> Facts:
        """What the ledger would say of a voice, from the journal."""
        heard = rated = False
        for line in self.entries:
            match line.event:
                case VoiceAdded(voice=asked.voice):
                    heard = True
                case VoiceRemoved(voice=asked.voice):
                    heard = False
                case VoiceRated(voice=asked.voice):
                    rated = rated or line.seq > (asked.since or 0)
        known = {"heard": heard, "stranger": not heard, "rated": rated}
        return told.model_copy(update=known)

    def tell(self, action: Action) -> Refused | None:
        """Take an action as a signal: refused, it is journalled, once."""
        try:
            self.act(action)
        except Refused as refused:
            if action.key not in self.ticket.processed:
                told = machine.refuse(action.key, action.name, refused, self.now)
                self.lived.happen([told])
                self.settle()
            return refused
        return None

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
        """Ring every clock whose time has come, and do what follows."""
        self.ring_first()
        self.settle()

    def ring_first(self) -> None:
        """Ring until nothing is due, by due times that hold."""
        while self._rang():
            if self.ticket.unplanned:
                self.settle()

    def _rang(self) -> bool:
        before = self.ticket.version
        while rang := machine.ring_due(self.ticket, self.now):
            self.lived.happen(rang)
        return self.ticket.version > before

    def settle(self) -> None:
        """Do the automatic steps until the ball is with somebody."""
        while step := machine.wants(self.ticket):
            self.lived.happen(machine.complete(self.ticket, self._perform(step), self.now))

    def _perform(self, step: Step) -> Result:
        match step:
            case Screen():
                return hands.screen(self.tools, self.ticket)
            case Locate():
                found = hands.locate(self.tools, self.ticket)
                return found.model_copy(update={"compare": self.like is not None})
            case Compare():
                return self.like or CompareResult()
            case Route():
                return hands.file(self.tools, self.ticket, self.now, self.number)
            case Plan():
                return self.tools.planner.planned(self.ticket, step)
            case AskSurvivor():
                return AskSurvivorResult(into=step.into, refused=self.survivor_refuses)
            case LeaveSurvivor():
                return LeaveSurvivorResult(of=step.of, over=self.survivor_refuses)
            case AnswerVoices():
                return AnswerVoicesResult(after=step.upto, told=1)
        raise AssertionError(f"no hand for {step!r}")
