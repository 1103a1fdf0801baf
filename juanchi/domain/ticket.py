"""The ticket: one citizen's matter, from the first clue to the archive."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field

from juanchi.domain.base import Code, Key, Line, Moment, State, Text, Value
from juanchi.domain.deadlines import Deadline, clock_key
from juanchi.domain.overlays import (
    Answering,
    Arbitration,
    Assistance,
    ExtensionRequest,
    Hold,
    HoldRequest,
    Order,
    RatingAppeal,
    Recurrence,
    ReturnRequest,
    Ruling,
    SameProposal,
    VoiceRatings,
)
from juanchi.domain.phases import STAGE_OF, runs_in
from juanchi.domain.phases import Phase as Phase
from juanchi.domain.place import Evidence, Place
from juanchi.domain.plans import PlanFor
from juanchi.domain.policy_terms import Terms
from juanchi.domain.terms import (
    ClockName,
    EndKind,
    EvidenceKind,
    Nature,
    Outcome,
    Role,
    SiteProof,
    SiteVerdict,
    Source,
    Stage,
    Trigger,
    Urgency,
)


class Reporter(Value):
    """Who reported, as far as a ticket may know: an opaque id and a sealed contact."""

    id: Key
    sealed_contact: str | None = Field(default=None, max_length=4000)


class Classified(Value):
    """What a trusted channel has already decided about a clue."""

    item: Code | None = None
    lead: Code | None = None


def _on_the_web(link: str) -> str:
    if not link.lower().startswith(("http://", "https://")):
        raise ValueError("a picture is a link that begins with http:// or https://")
    return link


Picture = Annotated[Line, AfterValidator(_on_the_web)]
"""A link to a picture; Juanchi stores and fetches none."""

MOST_PICTURES = 20


class Clue(Value):
    """What came in from a channel (线索). ``(channel, external_id)`` names it for ever.

    ``mended``: the date that the source gave and that cannot be; ``reported_at`` is then the
    moment of its reading.
    """

    channel: Code
    external_id: Key
    text: Text
    reported_at: Moment
    place: Place | None = None
    url: Line = ""
    nature: Nature | None = None
    urgency: Urgency | None = None
    reporter: Reporter | None = None
    classified: Classified | None = None
    mended: Line = ""
    pictures: tuple[Picture, ...] = Field(default=(), max_length=MOST_PICTURES)

    @property
    def ticket_id(self) -> str:
        """The id of the ticket, and of its workflow, that this clue becomes."""
        return f"ticket/{self.channel}/{self.external_id}"


class Candidate(Value):
    """A unit that the router found possible, and why.

    ``backstop``: it gets the ticket only when nobody else takes it. ``probability`` is how likely
    it is right, 0 to 1, calibrated on past tickets; None where nothing has been learned yet.
    """

    item: Code
    lead: Code
    assisting: tuple[Code, ...] = ()
    mandatory: tuple[Code, ...] = ()
    reason: Line
    backstop: bool = False
    source: Source | None = None
    probability: float | None = Field(default=None, ge=0, le=1)


class Verification(Value):
    """What was found on site."""

    verdict: SiteVerdict
    note: Text = ""
    evidence: tuple[Evidence, ...] = ()


class Answer(Value):
    """What the lead unit replied; ``reason`` is why a suggestion is adopted or not.

    ``on_time`` is against the due time that ran at the reply, ``on_time_first`` against the first
    due time that the ticket ever had.
    """

    outcome: Outcome
    public: Text
    internal: Text = ""
    evidence: tuple[Evidence, ...] = ()
    at: Moment
    on_time: bool
    on_time_first: bool | None = None
    reason: Text = ""


class Rating(Value):
    """What the reporter thinks, 1 (bad) to 5; the four dimensions are optional."""

    overall: int = Field(ge=1, le=5)
    speed: int | None = Field(default=None, ge=1, le=5)
    effect: int | None = Field(default=None, ge=1, le=5)
    reply: int | None = Field(default=None, ge=1, le=5)
    service: int | None = Field(default=None, ge=1, le=5)
    comment: Text = ""

    @property
    def bad(self) -> bool:
        """Whether it sends the ticket back to the checker."""
        return self.overall <= 2


class CallsWanted(Value):
    """How often, and on how many days, a reporter is called before they count as not reached."""

    tries: int = 3
    days: int = 2


class Ending(Value):
    """How and why a ticket ended."""

    kind: EndKind
    reason: Line
    at: Moment
    outcome: Outcome | None = None
    rated: bool = False
    into: str | None = None


class Undelivered(Value):
    """A notice that could not be posted yet, and when it is tried again (None: now)."""

    key: str
    to: Code
    what: str
    attempt: int
    retry_at: Moment | None


class Processed(Value):
    """What became of an action: the ticket's version after it, or the code of its refusal."""

    version: int
    refused: str | None = None


class Ticket(State):
    """A ticket's whole state: the fold of its events, nothing else."""

    id: str
    version: int = 0
    clue: Clue
    received_at: Moment
    phase: Phase = Phase.SCREENING
    stage: Stage = Stage.CLUE
    since: Moment
    nature: Nature | None = None
    urgency: Urgency = Urgency.GENERAL
    verify: bool = False
    place: Place | None = None
    district: Code | None = None
    street_team: Code | None = None
    possible_regions: tuple[Code, ...] = ()
    stuck: Line = ""
    matter: Text = ""
    verification: Verification | None = None
    site_proof: SiteProof = SiteProof.EVIDENCE
    number: str | None = None
    item: Code | None = None
    candidates: tuple[Candidate, ...] = ()
    lead: Code | None = None
    assisting: tuple[Code, ...] = ()
    lists_version: str = ""
    dispatched_at: Moment | None = None
    evidence_wanted: tuple[EvidenceKind, ...] = ()
    signed_at: Moment | None = None
    answer: Answer | None = None
    same_replies: int = 0
    first_due: Moment | None = None
    reworks: int = 0
    calls_wanted: CallsWanted = CallsWanted()
    missed_calls: tuple[Moment, ...] = ()
    rating: Rating | None = None
    deadlines: dict[str, Deadline] = Field(default_factory=dict)
    unplanned: tuple[PlanFor, ...] = ()
    terms: Terms | None = None
    urgency_why: Line = ""
    raised_by: Line = ""
    supervised: tuple[Trigger, ...] = ()
    orders: tuple[Order, ...] = ()
    helpers: tuple[Assistance, ...] = ()
    arrived_at: Moment | None = None
    returning: ReturnRequest | None = None
    returned_by: tuple[Code, ...] = ()
    refused_returns: int = 0
    extending: ExtensionRequest | None = None
    extensions: int = 0
    holding: HoldRequest | None = None
    hold: Hold | None = None
    holds: int = 0
    dispute: Arbitration | None = None
    rulings: tuple[Ruling, ...] = ()
    recurs: tuple[Recurrence, ...] = ()
    rating_appeal: RatingAppeal | None = None
    watch_from: Moment | None = None
    merging_into: str | None = None
    merging_by: Role | None = None
    uncompared: bool = False
    proposed: SameProposal | None = None
    unlike: tuple[str, ...] = ()
    leaving: str | None = None
    unmerges: int = 0
    voices: tuple[str, ...] = ()
    more_voices: int = 0
    voice_at: int = 0
    answering: Answering | None = None
    voice_ratings: VoiceRatings = VoiceRatings()
    undelivered: tuple[Undelivered, ...] = ()
    ending: Ending | None = None
    archived: bool = False
    processed: dict[str, Processed] = Field(default_factory=dict)

    @property
    def words(self) -> str:
        """What the clue says of the matter: its text, without advertising that was cut from it."""
        return self.matter or self.clue.text

    @property
    def open(self) -> bool:
        """Whether somebody still owes this ticket something (a closed one may be reopened)."""
        return self.ending is None

    @property
    def heard(self) -> int:
        """How many others have said the same; ``voices`` are the newest of them."""
        return len(self.voices) + self.more_voices

    def deadline(self, clock: ClockName, subject: str = "") -> Deadline | None:
        """The deadline of a running clock."""
        return self.deadlines.get(clock_key(clock, subject))

    def asking(self, *clocks: PlanFor) -> Self:
        """This ticket with more clocks to be planned."""
        return self.having(unplanned=(*self.unplanned, *clocks))

    def without(self, *keys: str) -> Self:
        """This ticket without some of its deadlines, by key."""
        running = {key: one for key, one in self.deadlines.items() if key not in keys}
        return self.having(
            unplanned=tuple(one for one in self.unplanned if one.key not in keys),
            **self._watched(running),
        )

    def _watched(self, running: dict[str, Deadline]) -> dict[str, Any]:
        """These deadlines, watched on only while one of them has rung its last."""
        if any(one.rung_out for one in running.values()):
            if ClockName.WATCH in self.deadlines:
                running[ClockName.WATCH] = self.deadlines[ClockName.WATCH]
            return {"deadlines": running, "watch_from": self.watch_from}
        running.pop(ClockName.WATCH, None)
        return {"deadlines": running, "watch_from": None}

    def moved(self, phase: Phase, at: datetime, **changes: Any) -> Self:
        """This ticket in another phase: only the clocks that run in both go on."""
        running = {
            key: deadline
            for key, deadline in self.deadlines.items()
            if runs_in(deadline.clock, phase)
        }
        return self.having(
            phase=phase,
            stage=STAGE_OF.get(phase, self.stage),
            since=at,
            unplanned=tuple(one for one in self.unplanned if runs_in(one.clock, phase)),
            **self._watched(running),
            **changes,
        )
