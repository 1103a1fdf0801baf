"""Who acts in a replay: the unit, the checker, the dispatcher, the street team.

Each knows only what a ticket shows, and learns from a refusal what is wanted.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from juanchi.domain.actor import Actor
from juanchi.domain.closure import Call, CallResult, Recheck, Review
from juanchi.domain.clue import Triage
from juanchi.domain.filing import Dispatch
from juanchi.domain.lists import Pack
from juanchi.domain.messages import Action
from juanchi.domain.place import Evidence
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.supervision import Reply, Sign
from juanchi.domain.terms import ClueVerdict, EvidenceKind, Nature, Outcome, Role, SiteVerdict
from juanchi.domain.ticket import Phase, Ticket
from juanchi.domain.verification import Verify
from juanchi.intake.mapper import Mapped
from juanchi.words import say
from juanchi.words.catalogue import CHINESE

STAFF = "replay"
USUAL = (EvidenceKind.SITE_AFTER, EvidenceKind.CONTACT)
"""What a unit sends with a reply before anybody has told it what this item wants."""

_NEXT = {
    Phase.UNSIGNED: Phase.HANDLING,
    Phase.HANDLING: Phase.REVIEW,
    Phase.RECHECK: Phase.CLOSED,
    Phase.CALLBACK: Phase.CLOSED,
    Phase.DISPUTED: Phase.CLOSED,
}


class Centre(NamedTuple):
    """The service centre's own unit, and what a dispatcher may choose from."""

    code: str
    items: frozenset[str]
    units: frozenset[str]
    any_item: str

    @classmethod
    def of(cls, pack: Pack) -> "Centre":
        """The centre of a pack."""
        items = [item.code for item in pack.items]
        units = frozenset(unit.code for unit in pack.units)
        return cls(pack.centre, frozenset(items), units, items[0])


class ReplayPeople:
    """Everybody of one city. What one ticket of a unit and item taught holds for the next."""

    def __init__(self, centre: Centre, lang: str = CHINESE) -> None:
        self.centre = centre
        self.lang = lang
        self.wanted: dict[tuple[str | None, str | None], set[EvidenceKind]] = {}

    def take(self, mapped: Mapped) -> "Hand":
        """Those who deal with one ticket."""
        return Hand(self, mapped)


class Hand:
    """Who acts next on one ticket, and how.

    The ids of its actions follow from the ticket's own story, so that a replay that was cut off
    and begun again sends the same actions, which change nothing.
    """

    def __init__(self, people: ReplayPeople, mapped: Mapped) -> None:
        given = mapped.clue.classified
        self._people = people
        self._calls_back = mapped.clue.reporter is not None or mapped.contact is not None
        self._ticket: Ticket | None = None
        self._item = given.item if given else None
        self._lead = given.lead if given else None
        self._nature = mapped.clue.nature
        self.phase = Phase.UNSIGNED
        self.reworked = False
        self.refusals = 0

    @property
    def knows_unit(self) -> bool:
        """Whether the channel has classified it, so that it is dispatched without a person."""
        return self._item is not None and self._lead is not None

    def see(self, ticket: Ticket) -> None:
        """Look at the ticket itself."""
        self._ticket = ticket
        self.phase, self._item, self._lead = ticket.phase, ticket.item, ticket.lead
        self._nature = ticket.nature
        self.reworked = ticket.reworks > 0

    def done(self, action: Action) -> None:
        """The ticket took an action: what comes next, as the stages have it."""
        if isinstance(action, Review) and self.phase is Phase.REVIEW:
            self.phase = Phase.CALLBACK if self._calls_back else Phase.RECHECK
        else:
            # What follows a triage or a dispatch must be looked up, as while the engine works.
            self.phase = _NEXT.get(self.phase, Phase.SCREENING)

    def learn(self, refused: Refused) -> bool:
        """Take note of what a refusal asks for; false when it says nothing that helps."""
        if refused.code is Code.MISSING_EVIDENCE:
            kinds = {EvidenceKind(kind) for kind in refused.facts["wanted"].split(", ")}
            self._wanted().update(kinds)
            return True
        if refused.code is Code.OUTCOME_NOT_FOR_NATURE:
            before, self._nature = self._nature, Nature(refused.facts["nature"])
            return before is not self._nature
        return False

    def next_action(self, now: datetime) -> Action | None:
        """What the person who has the ball does; None while the engine has it."""
        person = _PERSON.get(self.phase)
        return person(self, f"replay-{self.refusals}", now) if person else None

    def _wanted(self) -> set[EvidenceKind]:
        return self._people.wanted.setdefault((self._lead, self._item), set(USUAL))

    def _unit(self) -> Actor:
        return Actor(role=Role.UNIT, unit=self._lead, staff=STAFF)

    def _centre(self, role: Role) -> Actor:
        code = self._people.centre.code
        # Who handled a matter does not check it.
        return Actor(role=role, unit=None if code == self._lead else code, staff=STAFF)

    def _say(self, key: str) -> str:
        return say(f"import.replay.{key}", self._people.lang)

    def sign(self, key: str, now: datetime) -> Action:
        """The lead unit takes the ticket."""
        return Sign(id=key, actor=self._unit(), at=now)

    def reply(self, key: str, now: datetime) -> Action:
        """The lead unit answers, with the proofs that are wanted."""
        suggestion = self._nature is Nature.SUGGESTION
        return Reply(
            id=key,
            actor=self._unit(),
            at=now,
            outcome=Outcome.NOT_ADOPTED if suggestion else Outcome.SOLVED,
            public=self._say("reply"),
            reason=self._say("not_adopted") if suggestion else "",
            evidence=_proofs(sorted(self._wanted()), now),
        )

    def review(self, key: str, now: datetime) -> Action:
        """A checker of the centre accepts the reply, which is everybody's: the file has none."""
        note = self._say("same_reply") if self._nature is Nature.SUGGESTION else ""
        actor = self._centre(Role.CHECKER)
        return Review(id=key, actor=actor, at=now, accepted=True, note=note)

    def call_back(self, key: str, now: datetime) -> Action:
        """The reporter does not rate: nobody's rating is in the file, and none is invented."""
        actor = self._centre(Role.CHECKER)
        return Call(id=key, actor=actor, at=now, result=CallResult.DECLINED)

    def recheck(self, key: str, now: datetime) -> Action:
        """Nobody to call: the place is looked at."""
        proofs = _proofs([EvidenceKind.SITE_AFTER], now)
        actor = self._centre(Role.CHECKER)
        return Recheck(id=key, actor=actor, at=now, fixed=True, evidence=proofs)

    def triage(self, key: str, now: datetime) -> Action:
        """A dispatcher lets the clue in."""
        return Triage(
            id=key,
            actor=self._centre(Role.DISPATCHER),
            at=now,
            verdict=ClueVerdict.ACTIONABLE,
            reason=self._say("triage"),
            nature=self._nature,
        )

    def verify(self, key: str, now: datetime) -> Action:
        """The street team finds it as it was said."""
        team = self._ticket.street_team if self._ticket else None
        return Verify(
            id=key,
            actor=Actor(role=Role.STREET_TEAM, unit=team, staff=STAFF),
            at=now,
            verdict=SiteVerdict.CONFIRMED,
            evidence=_proofs([EvidenceKind.SITE_BEFORE], now),
        )

    def dispatch(self, key: str, now: datetime) -> Action:
        """A dispatcher names the unit: as the file has it, else the lists, else the street's."""
        centre, ticket = self._people.centre, self._ticket
        items: list[str | None] = []
        units: list[str | None] = []
        if ticket is not None:
            given = ticket.clue.classified
            for named in (given, *ticket.candidates[:1]):
                items.append(named.item if named else None)
                units.append(named.lead if named else None)
            units.append(ticket.street_team)
        return Dispatch(
            id=key,
            actor=self._centre(Role.DISPATCHER),
            at=now,
            item=_first(items, centre.items) or centre.any_item,
            lead=_first(units, centre.units) or centre.code,
            reason=self._say("dispatch"),
        )


_PERSON: dict[Phase, Callable[[Hand, str, datetime], Action]] = {
    Phase.TRIAGE: Hand.triage,
    Phase.VERIFYING: Hand.verify,
    Phase.DISPATCHING: Hand.dispatch,
    Phase.UNSIGNED: Hand.sign,
    Phase.HANDLING: Hand.reply,
    Phase.REVIEW: Hand.review,
    Phase.DISPUTED: Hand.review,
    Phase.CALLBACK: Hand.call_back,
    Phase.RECHECK: Hand.recheck,
}


def _proofs(kinds: Iterable[EvidenceKind], now: datetime) -> tuple[Evidence, ...]:
    return tuple(Evidence(kind=kind, ref=f"replay:{kind}", at=now) for kind in kinds)


def _first(given: Iterable[str | None], known: frozenset[str]) -> str | None:
    return next((code for code in given if code in known), None)
