"""The sample clues of a pack: what comes in, when, and what the simulated people do about it."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import Field, ValidationError

from juanchi.domain.base import Code, Key, Line, Text, Value
from juanchi.domain.place import Place
from juanchi.domain.ticket import Clue


class Script(StrEnum):
    """How a sample clue's story goes; what the people of the demo act out."""

    PLAIN = "plain"
    UNFOUNDED = "unfounded"
    ALREADY_HANDLED = "already_handled"
    SAID_AGAIN = "said_again"
    NEVER_SIGNS = "never_signs"
    BAD_RATING = "bad_rating"
    UNSURE = "unsure"
    BLOCKED = "blocked"
    SUGGESTION_ADOPTED = "suggestion_adopted"
    SUGGESTION_NOT_ADOPTED = "suggestion_not_adopted"
    NOISE = "noise"
    EMERGENCY = "emergency"
    OUT_OF_REMIT = "out_of_remit"
    NOT_THIS_CITY = "not_this_city"
    THANKS = "thanks"
    WITHDRAWN = "withdrawn"
    NOT_REACHED = "not_reached"


REPEATS = (Script.ALREADY_HANDLED, Script.SAID_AGAIN)
"""What a person finds to be the matter of another clue, and what the engine finds by itself."""


class Caller(Value):
    """Somebody who reports and can be called back. Invented, as are their numbers."""

    name: Line
    contact: Line


class Choice(Value):
    """What a dispatcher decides where the lists are not sure."""

    item: Code
    lead: Code
    assisting: tuple[Code, ...] = ()


class SampleClue(Value):
    """One line of the sample file. ``script`` may name a clue: ``already_handled:cm-lamp``."""

    channel: Code
    external_id: Key
    text: Text
    at_offset_s: float = Field(ge=0)
    reporter: Caller | None = None
    place_hint: Line = ""
    url: Line = ""
    script: str
    dispatch: Choice | None = None

    @property
    def ticket_id(self) -> str:
        """The ticket that this clue becomes."""
        return f"ticket/{self.channel}/{self.external_id}"

    @property
    def plot(self) -> Script:
        """The script without the clue it names."""
        return Script(self.script.partition(":")[0])

    @property
    def same_as(self) -> str:
        """The external id of the clue that this one repeats; empty if it repeats none."""
        return self.script.partition(":")[2]

    def clue(self, now: datetime) -> Clue:
        """What its channel hands in, at this moment."""
        return Clue(
            channel=self.channel,
            external_id=self.external_id,
            text=self.text,
            reported_at=now,
            place=Place(address=self.place_hint) if self.place_hint else None,
            url=self.url,
        )


class Sample:
    """All sample clues, by their tickets."""

    def __init__(self, clues: Iterable[SampleClue]) -> None:
        self.clues = tuple(sorted(clues, key=lambda clue: clue.at_offset_s))
        self.by_ticket = {clue.ticket_id: clue for clue in self.clues}
        self._by_external = {clue.external_id: clue for clue in self.clues}
        if len(self.by_ticket) != len(self.clues):
            raise ValueError("two sample clues have the same channel and external id")
        for clue in self.clues:
            if clue.plot in REPEATS and clue.same_as not in self._by_external:
                raise ValueError(f"{clue.external_id} repeats a clue that is not in the sample")

    def __len__(self) -> int:
        return len(self.clues)

    def survivor(self, clue: SampleClue) -> str:
        """The ticket that already handles what this clue repeats."""
        return self._by_external[clue.same_as].ticket_id

    def voices(self, ticket_id: str) -> int:
        """How many other clues will lend this ticket their voices."""
        clue = self.by_ticket[ticket_id]
        return sum(other.same_as == clue.external_id for other in self.clues)


def read_sample(file: Path) -> Sample:
    """The sample in a file of JSON lines. Raises ``ValueError`` naming the line that is wrong."""
    clues = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            clue = SampleClue.model_validate_json(line)
            _ = clue.plot
        except (ValidationError, ValueError) as error:
            raise ValueError(f"{file.name}, line {number}: {error}") from None
        clues.append(clue)
    return Sample(clues)
