"""What a life in the tests is, and the beginnings that many share."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from juanchi.domain.ticket import Phase
from tests.town import Town

OPENING = ["received", "screened", "located"]
DISPATCHED = ["filed", "dispatched", "planned"]
REVIEW = ["reviewed", "planned"]
RATED = ["rated", "closed", "planned"]
VERIFIED = [*OPENING, "planned", "verified", *DISPATCHED]
HANDLED = [*VERIFIED, "signed", "replied", "planned"]
REVIEWED = [*HANDLED, *REVIEW]
SIGNED = [*VERIFIED, "signed"]
RETURNED = [*VERIFIED, "return_requested", "planned", "return_agreed", "dispatched", "planned"]
CLOSED = [*REVIEWED, *RATED]


class Life(NamedTuple):
    """How a life is played, what its journal then holds, and where it stands."""

    play: Callable[[Town], Awaitable[str]]
    journal: list[str]
    phase: Phase
    end: str | None = None
