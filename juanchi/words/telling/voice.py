"""How things are told: in one language, with a city's names, in its time."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, tzinfo
from typing import Any, TypeVar

from juanchi.domain.actor import Actor
from juanchi.domain.base import Code
from juanchi.domain.holders import DESKS
from juanchi.domain.messages import Event
from juanchi.domain.place import Evidence
from juanchi.domain.terms import ClockName, EvidenceKind, Role
from juanchi.words.catalogue import comma, listed, named, say
from juanchi.words.naming import Names

E = TypeVar("E", bound=Event)

Facts = Mapping[str, str]
"""What fills an event's sentence; what is empty is left out."""

Detail = tuple[str, str]
"""A label (or its key in the catalogue) and what it labels."""


class Voice:
    """The words for what events hold."""

    def __init__(self, names: Names, zone: tzinfo) -> None:
        self.names = names
        self.zone = zone
        self.lang = names.lang

    def moment(self, at: datetime, *, seconds: bool = False) -> str:
        """A moment in the city's time."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M{':%S' if seconds else ''}}"

    def short(self, at: datetime) -> str:
        """A due time: to the second only where it has seconds that matter."""
        second = at.astimezone(self.zone).second
        return self.moment(at, seconds=second not in (0, 59))

    def day(self, on: date | None) -> str:
        """A day; nothing for none."""
        return "" if on is None else on.isoformat()

    def who(self, actor: Actor) -> str:
        """Who acted; nothing for the engine itself. Of a centre's desks also which one it was."""
        if actor.role is Role.SYSTEM and actor.unit is None:
            return ""
        role, unit = named("role", actor.role, self.lang), self.names.unit(actor.unit)
        parts = (unit, role) if actor.role in DESKS or not unit else (unit,)
        return " · ".join(part for part in (*parts, actor.staff) if part)

    def word(self, section: str, value: object) -> str:
        """The words for a stable value; nothing for none."""
        return "" if value is None else named(section, value, self.lang)

    def words(self, section: str, values: Iterable[object]) -> str:
        """The words for several stable values, as an enumeration."""
        return listed(section, values, self.lang)

    def either(self, yes: str, no: str, so: bool) -> str:
        """One of two texts of the timeline."""
        return say(f"timeline.{yes if so else no}", self.lang)

    def units(self, codes: Iterable[Code]) -> str:
        """Units by their codes, as an enumeration."""
        return comma(self.lang).join(map(self.names.unit, codes))

    def holders(self, holders: Iterable[str]) -> str:
        """Units, posts and desks, as an enumeration."""
        return comma(self.lang).join(map(self.names.holder, holders))

    def clock(self, clock: ClockName, subject: str = "") -> str:
        """A clock, and whose it is where each unit has its own."""
        told = named("clock", clock, self.lang)
        if not subject:
            return told
        return say("timeline.clock_of", self.lang, clock=told, unit=self.names.unit(subject))

    def evidence(self, given: Iterable[Evidence]) -> str:
        """What was handed in as proof."""
        return comma(self.lang).join(
            f"{named('evidence', proof.kind, self.lang)} {proof.ref}".strip() for proof in given
        )

    def wanted(self, kinds: Iterable[EvidenceKind]) -> str:
        """What must be handed in as proof."""
        return self.words("evidence", kinds)


Sentence = Callable[[E, Voice], Facts]
More = Callable[[E, Voice], Iterator[Detail]]


class Tells:
    """How the events of one part of a ticket's life are told: registered by the event's type."""

    def __init__(self) -> None:
        self.sentences: dict[type[Event], Sentence[Any]] = {}
        self.details: dict[type[Event], More[Any]] = {}

    def sentence(self, *kinds: type[Event]) -> Callable[[Sentence[E]], Sentence[E]]:
        """Register what fills the sentence of these events."""

        def register(facts: Sentence[E]) -> Sentence[E]:
            self.sentences.update(dict.fromkeys(kinds, facts))
            return facts

        return register

    def beside(self, *kinds: type[Event]) -> Callable[[More[E]], More[E]]:
        """Register what is told below the sentence of these events."""

        def register(more: More[E]) -> More[E]:
            self.details.update(dict.fromkeys(kinds, more))
            return more

        return register

    def alone(self, *kinds: type[Event]) -> None:
        """Register events that their sentence tells in full."""
        self.details.update(dict.fromkeys(kinds, _nothing))


def _nothing(event: Event, voice: Voice) -> Iterator[Detail]:
    yield from ()


_PLAIN = ("requirement", "reason", "basis", "note")
"""What people said in their own words; each has a label of the same name."""


def plainly(event: Event, voice: Voice) -> Iterator[Detail]:
    """What people said with an event, and what they showed: enough for most events."""
    for name in _PLAIN:
        yield f"timeline.{name}", str(getattr(event, name, ""))
    yield "timeline.evidence", voice.evidence(getattr(event, "evidence", ()))
