"""The ticket: one citizen's matter, from the first clue to the archive."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import Field

from juanchi.domain.base import Code, Key, Line, Moment, Text, Value
from juanchi.domain.deadlines import Deadline
from juanchi.domain.place import Evidence, Place
from juanchi.domain.terms import (
    ClockName,
    EndKind,
    EvidenceKind,
    Nature,
    Outcome,
    SiteVerdict,
    Stage,
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


class Clue(Value):
    """What came in from a channel (线索). ``(channel, external_id)`` names it for ever."""

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

    @property
    def ticket_id(self) -> str:
        """The id of the ticket, and of its workflow, that this clue becomes."""
        return f"ticket/{self.channel}/{self.external_id}"


class Phase(StrEnum):
    """Where in its stage a ticket is: exactly one party has the ball in each."""

    SCREENING = "screening"
    LOCATING = "locating"
    TRIAGE = "triage"
    VERIFYING = "verifying"
    ROUTING = "routing"
    DISPATCHING = "dispatching"
    UNSIGNED = "unsigned"
    HANDLING = "handling"
    REVIEW = "review"
    CALLBACK = "callback"
    RECHECK = "recheck"
    DISPUTED = "disputed"
    CLOSED = "closed"
    ENDED = "ended"


STAGE_OF: dict[Phase, Stage] = {
    Phase.SCREENING: Stage.CLUE,
    Phase.LOCATING: Stage.CLUE,
    Phase.TRIAGE: Stage.CLUE,
    Phase.VERIFYING: Stage.VERIFICATION,
    Phase.ROUTING: Stage.FILING,
    Phase.DISPATCHING: Stage.FILING,
    Phase.UNSIGNED: Stage.SUPERVISION,
    Phase.HANDLING: Stage.SUPERVISION,
    Phase.REVIEW: Stage.CLOSURE,
    Phase.CALLBACK: Stage.CLOSURE,
    Phase.RECHECK: Stage.CLOSURE,
    Phase.DISPUTED: Stage.CLOSURE,
    Phase.CLOSED: Stage.CLOSURE,
}
"""The stage of each phase. A ticket that has ended stays in the stage in which it ended."""

CLOCKS_OF: dict[Phase, tuple[ClockName, ...]] = {
    Phase.TRIAGE: (ClockName.TRIAGE,),
    Phase.VERIFYING: (ClockName.VERIFY,),
    Phase.DISPATCHING: (ClockName.DISPATCH,),
    Phase.UNSIGNED: (ClockName.SIGN, ClockName.HANDLE),
    Phase.HANDLING: (ClockName.HANDLE,),
    Phase.REVIEW: (ClockName.REVIEW,),
    Phase.CALLBACK: (ClockName.CALLBACK,),
    Phase.RECHECK: (ClockName.CALLBACK,),
    Phase.DISPUTED: (ClockName.REVIEW,),
    Phase.CLOSED: (ClockName.REOPEN,),
}
"""The clocks that run in each phase. A phase without clocks is the engine's own step."""


class Candidate(Value):
    """A unit that the router found possible, and why."""

    item: Code
    lead: Code
    assisting: tuple[Code, ...] = ()
    reason: Line


class Verification(Value):
    """What was found on site."""

    verdict: SiteVerdict
    note: Text = ""
    evidence: tuple[Evidence, ...] = ()


class Answer(Value):
    """What the lead unit replied."""

    outcome: Outcome
    public: Text
    internal: Text = ""
    evidence: tuple[Evidence, ...] = ()
    at: Moment
    on_time: bool


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


class Ticket(Value):
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
    stuck: Line = ""
    verification: Verification | None = None
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
    first_due: Moment | None = None
    reworks: int = 0
    calls_wanted: CallsWanted = CallsWanted()
    missed_calls: tuple[Moment, ...] = ()
    rating: Rating | None = None
    deadlines: dict[ClockName, Deadline] = Field(default_factory=dict)
    watch_from: Moment | None = None
    merging_into: str | None = None
    voices: tuple[str, ...] = ()
    undelivered: tuple[Undelivered, ...] = ()
    ending: Ending | None = None
    archived: bool = False
    processed: dict[str, Processed] = Field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether somebody still owes this ticket something (a closed one may be reopened)."""
        return self.ending is None

    def having(self, **changes: Any) -> Self:
        """This ticket with some fields changed (unvalidated: only for facts out of events)."""
        unknown = changes.keys() - type(self).model_fields.keys()
        if unknown:
            raise AttributeError(f"a ticket has no {', '.join(sorted(unknown))}")
        return self.model_copy(update=changes)

    def moved(self, phase: Phase, at: datetime, **changes: Any) -> Self:
        """This ticket in another phase: only the clocks that run in both go on."""
        running = {
            clock: self.deadlines[clock]
            for clock in CLOCKS_OF.get(phase, ())
            if clock in self.deadlines
        }
        exhausted = any(deadline.exhausted for deadline in running.values())
        if exhausted and ClockName.WATCH in self.deadlines:
            running[ClockName.WATCH] = self.deadlines[ClockName.WATCH]
        return self.having(
            phase=phase,
            stage=STAGE_OF.get(phase, self.stage),
            since=at,
            deadlines=running,
            watch_from=self.watch_from if exhausted else None,
            **changes,
        )
