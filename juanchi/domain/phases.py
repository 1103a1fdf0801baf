"""Where in its stage a ticket is, and which clocks run there."""

from enum import StrEnum

from juanchi.domain.terms import ClockName, Stage


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


WITH_UNIT = (Phase.UNSIGNED, Phase.HANDLING)
"""The lead unit has the ticket."""

BEFORE_HANDLING = (
    Phase.SCREENING,
    Phase.LOCATING,
    Phase.TRIAGE,
    Phase.VERIFYING,
    Phase.ROUTING,
    Phase.DISPATCHING,
    Phase.UNSIGNED,
)
"""No unit works on it yet."""

BEFORE_CLOSE = (*WITH_UNIT, Phase.REVIEW, Phase.CALLBACK, Phase.RECHECK, Phase.DISPUTED)
"""Dispatched, and not closed yet."""

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
"""The clocks that always run in each phase. A phase without clocks is the engine's own step."""

OVERLAY_CLOCKS: dict[ClockName, tuple[Phase, ...]] = {
    ClockName.ON_SITE: WITH_UNIT,
    ClockName.RETURN_WINDOW: WITH_UNIT,
    ClockName.RETURN: WITH_UNIT,
    ClockName.EXTENSION: WITH_UNIT,
    ClockName.HOLD_REQUEST: WITH_UNIT,
    ClockName.HOLD: WITH_UNIT,
    ClockName.ASSIST: WITH_UNIT,
    ClockName.WHISTLE: WITH_UNIT,
    ClockName.ARBITRATION: BEFORE_CLOSE,
    ClockName.APPEAL: BEFORE_CLOSE,
    ClockName.ORDER: BEFORE_CLOSE,
    ClockName.SAMENESS: BEFORE_HANDLING,
    ClockName.RATING_APPEAL: (*BEFORE_CLOSE, Phase.CLOSED),
}
"""The clocks that run when something asks for them, and the phases in which they may go on."""


def runs_in(clock: ClockName, phase: Phase) -> bool:
    """Whether a clock that runs may go on in a phase."""
    return clock in CLOCKS_OF.get(phase, ()) or phase in OVERLAY_CLOCKS.get(clock, ())
