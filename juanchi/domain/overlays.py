"""What lies over a ticket's stage without moving it: requests, holds, disputes, orders.

State only; the rules are in the files that are named after each (``returns``, ``extension``,
``hold``, ``assisting``, ``arbitration``, ``orders``, ``recurrence``, ``likely``, ``voices``).
"""

from datetime import date
from enum import StrEnum

from juanchi.domain.base import Code, Line, Moment, Text, Value
from juanchi.domain.terms import ClockName, EvidenceKind, RungKind, Trigger


class ReturnRequest(Value):
    """The lead unit says that the matter is not its own (退单), why, and whose it is."""

    unit: Code
    reason: Text
    basis: Text = ""
    to: Code | None = None
    at: Moment


class ExtensionRequest(Value):
    """The lead unit asks for more working days (延期)."""

    unit: Code
    reason: Text
    days: int
    at: Moment


class HoldRequest(Value):
    """The lead unit asks to put the matter on hold until a date (挂账)."""

    unit: Code
    reason: Text
    review_on: date
    phase_reply: Text
    at: Moment


class Hold(Value):
    """The matter is on hold: the handling clock stands still until the review date."""

    since: Moment
    review_on: date
    reason: Text


class Assistance(Value):
    """A task of a unit beside the lead: to assist (协办), or to turn up when a street whistles.

    ``mandatory``: the lead may not reply before it is done. ``done_at`` is None while it is open.
    """

    unit: Code
    mandatory: bool = False
    whistle: bool = False
    requirement: Text = ""
    since: Moment
    done_at: Moment | None = None

    @property
    def open(self) -> bool:
        """Whether the unit still owes it."""
        return self.done_at is None

    @property
    def clock(self) -> ClockName:
        """The clock that runs on it."""
        return ClockName.WHISTLE if self.whistle else ClockName.ASSIST


class DisputeCause(StrEnum):
    """What opened an arbitration."""

    REFUSED_RETURNS = "refused_returns"
    SECOND_UNIT = "second_unit"
    SUPERVISOR = "supervisor"
    APPEAL = "appeal"


class Arbitration(Value):
    """An open dispute about who is responsible (裁决). The first unit works on meanwhile.

    ``joint``: the units concerned are consulted together.
    """

    number: Line
    cause: DisputeCause
    opened_at: Moment
    joint: bool = False

    @property
    def appeal(self) -> bool:
        """Whether it is about an earlier ruling; the next one is then final."""
        return self.cause is DisputeCause.APPEAL


class Ruling(Value):
    """Who is responsible, by an arbiter's word, and for the next such ticket too.

    ``interim_until``: it holds up to and including that day. ``gap``: the responsibility list does
    not say whose it is, so a change is proposed. ``final``: it cannot be appealed.
    """

    number: Line
    lead: Code
    assisting: tuple[Code, ...] = ()
    backstop: Code | None = None
    basis: Text
    interim_until: date | None = None
    gap: bool = False
    final: bool = False
    item: Code
    region: Code | None = None
    at: Moment


class Order(Value):
    """A supervision order (督办单). ``leader`` is a holder: a unit's code and a post in it.

    ``fed_back_at``: when the unit answered; ``released_at``: when a supervisor was satisfied, or
    the order had become void; ``outcome`` says which.
    """

    number: Line
    level: RungKind
    trigger: Trigger
    unit: Code | None
    leader: Line
    requirement: Text = ""
    copies: tuple[Line, ...] = ()
    evidence_wanted: tuple[EvidenceKind, ...] = ()
    issued_at: Moment
    feedback_due: Moment | None = None
    fed_back_at: Moment | None = None
    released_at: Moment | None = None
    outcome: Text = ""

    @property
    def open(self) -> bool:
        """Whether it has not been released."""
        return self.released_at is None


class Strength(StrEnum):
    """How much a recurrence says that the earlier closing was false."""

    STRONG = "strong"
    WEAK = "weak"


class Recurrence(Value):
    """The same place and item as in a ticket that was closed not long before."""

    ticket_id: str
    closed_at: Moment
    strength: Strength


class RatingAppeal(Value):
    """The unit appeals a bad rating, once. ``upheld`` is None until it is answered."""

    reason: Text
    at: Moment
    upheld: bool | None = None


class Alike(Value):
    """An earlier ticket that is like a clue: how much, 0 to 1, and by what."""

    ticket_id: str
    score: float
    reasons: tuple[Line, ...] = ()


class SameProposal(Value):
    """Earlier tickets that may be about the same matter, for a dispatcher to decide."""

    candidates: tuple[Alike, ...]
    at: Moment

    @property
    def tickets(self) -> tuple[str, ...]:
        """Which they are, the likeliest first."""
        return tuple(one.ticket_id for one in self.candidates)


class Answering(Value):
    """How far the voices have been told of the reply that stands.

    ``round`` and ``after`` are entries of the journal: since when it stands, and up to which all
    voices have been told.
    """

    round: int
    after: int = 0
    told: int = 0


class VoiceRatings(Value):
    """What the voices think of the reply that stands: how many rated, how many badly, the sum.

    ``reviewed``: a bad one has brought it back to the checker, which happens once for a reply;
    ``after_close``: when it was closed already.
    """

    rated: int = 0
    bad: int = 0
    total: int = 0
    reviewed: bool = False
    after_close: bool = False

    def plus(self, overall: int, *, bad: bool) -> "VoiceRatings":
        """These, and one more."""
        return self.model_copy(
            update={
                "rated": self.rated + 1,
                "bad": self.bad + bad,
                "total": self.total + overall,
            }
        )
