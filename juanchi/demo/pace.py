"""How long the simulated people take: small human delays, the same in every run.

They fit the limits of the demo's policy as real people fit theirs: mostly, not always.
"""

import random
from datetime import datetime, timedelta
from typing import Final

from juanchi.demo.sample import Script
from juanchi.domain.ball import TaskKind
from juanchi.domain.lines import InboxLine

SEED: Final = 2026

_SECONDS: Final[dict[str, tuple[float, float]]] = {
    TaskKind.TRIAGE: (0.8, 2.0),
    TaskKind.VERIFY: (1.2, 3.0),
    TaskKind.DISPATCH: (1.0, 2.4),
    TaskKind.SIGN: (0.6, 1.8),
    TaskKind.ASSIST: (1.8, 4.0),
    TaskKind.GO_ON_SITE: (1.0, 2.4),
    TaskKind.REPLY: (2.5, 6.0),
    TaskKind.REVIEW: (0.7, 2.0),
    TaskKind.CALL_BACK: (0.7, 2.0),
    TaskKind.RECHECK: (0.9, 2.4),
    TaskKind.REVIEW_RATING: (0.8, 2.0),
    TaskKind.PRESS: (0.6, 1.4),
    TaskKind.JUDGE_SAMENESS: (1.0, 2.4),
}
_LONG_REPAIR: Final = (9.0, 10.5)
_TARDY: Final = (12.5, 14.5)
"""From dispatch: the limit of the demo's policy is 12 seconds."""
_TARDY_SHARE: Final = 0.12
_REWORK: Final = (2.0, 4.0)
_BETWEEN: Final = (0.7, 1.3)


class Pace:
    """Everybody's pace. The same task of the same ticket always takes the same time.

    ``factor`` makes everybody quicker (below 1) or slower.
    """

    def __init__(self, seed: int = SEED, factor: float = 1.0) -> None:
        self._seed = seed
        self._factor = factor

    def wait(self, task: InboxLine, plot: Script, *, unhurried: bool, now: datetime) -> float:
        """Seconds until somebody gets round to a task. ``unhurried``: a story's long repair."""
        dice = self._dice(task.ticket.id, task.kind, task.holder, str(task.ticket.reworks))
        span = _SECONDS[task.kind]
        if plot is Script.ALREADY_HANDLED:
            span = (span[0], span[0] + 0.5)  # it is known there already
        if task.kind == TaskKind.REPLY and task.ticket.reworks:
            span = _REWORK
        elif task.kind == TaskKind.REPLY and task.ticket.dispatched_at is not None:
            tardy = plot is Script.PLAIN and dice.random() < _TARDY_SHARE
            if unhurried or tardy:
                long = dice.uniform(*(_LONG_REPAIR if unhurried else _TARDY)) * self._factor
                until = task.ticket.dispatched_at + timedelta(seconds=long)
                return max(0.0, (until - now).total_seconds())
        return dice.uniform(*span) * self._factor

    def between(self, ticket_id: str, number: int) -> float:
        """Seconds between two things that somebody does one after the other."""
        return self._dice(ticket_id, "between", str(number)).uniform(*_BETWEEN) * self._factor

    def rating(self, ticket_id: str) -> int | None:
        """What a contented reporter says, 3 to 5; None: nothing, thank you."""
        dice = self._dice(ticket_id, "rating")
        if dice.random() < 0.2:
            return None
        return dice.choice((3, 4, 4, 5, 5, 5))

    def _dice(self, *about: str) -> random.Random:
        return random.Random(f"{self._seed}/{'/'.join(about)}")  # noqa: S311 - a play, no secret
