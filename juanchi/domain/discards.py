"""What screening ended without a ticket, for people who look whether that was right."""

from datetime import datetime

from pydantic import Field

from juanchi.domain.base import Value
from juanchi.domain.metrics.period import Period


class DiscardLine(Value):
    """One clue that ended by its screening: why, by which rule and version, how surely.

    ``overturned``: a person has taken it up again since.
    """

    ticket_id: str
    at: datetime
    channel: str
    verdict: str
    rule: str
    score: float | None
    version: str
    text_start: str
    overturned: bool


class DiscardCount(Value):
    """How many clues a rule has ended, and how many of those a person took up again."""

    verdict: str
    rule: str
    count: int
    overturned: int


class Sample(Value):
    """So many at random; the same seed draws the same ones."""

    size: int = Field(ge=1)
    seed: str = ""


class FindDiscards(Value):
    """Which discards are looked for. ``rule`` is a rule (``noise``), a referral or a verdict."""

    period: Period
    rule: str | None = None
    sample: Sample | None = None
