"""What past dispatches say of a ticket's candidates."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from juanchi.domain.duties import Directory
from juanchi.domain.terms import Source
from juanchi.domain.ticket import Candidate, Ticket
from juanchi.intake.learning.example import Example

if TYPE_CHECKING:
    from juanchi.intake.learning.dispatch import DispatchModel

CONSIDERED = 10
"""Units that history is asked for: more than are shown, for some are not competent."""


class Hindsight:
    """A model of past dispatches, under one version of the lists."""

    def __init__(self, model: "DispatchModel", directory: Directory) -> None:
        self._model, self._directory = model, directory

    @property
    def threshold(self) -> float | None:
        """The least probability at which the engine acts alone; None: never."""
        return self._model.card.threshold

    def judged(
        self, ticket: Ticket, item: str, by_list: Sequence[Candidate], on: date
    ) -> list[Candidate] | None:
        """The list's candidates with their probabilities, and those of history alone, likeliest
        first. None where history has no say.

        Units that no longer exist, and streets without the duty, are left out.
        """
        matter = _matter(ticket, item)
        listed = by_list[0].lead if by_list else None
        if not self._model.has_say(matter, listed):
            return None
        known = {candidate.lead: candidate for candidate in by_list}
        found = []
        for unit, chance in self._model.ranked(matter, listed, CONSIDERED):
            if unit in known:
                found.append(known.pop(unit).model_copy(update={"probability": chance}))
            elif self._competent(unit, matter, on):
                found.append(self._by_history(unit, matter, chance))
        return [*found, *known.values()]

    def _competent(self, unit: str, matter: Example, on: date) -> bool:
        directory = self._directory
        exists = unit in directory.units
        return exists and not directory.pushed_down(unit, matter.item or "", matter.region, on)

    def _by_history(self, unit: str, matter: Example, chance: float) -> Candidate:
        led, of = self._model.seen(matter, unit)
        return Candidate(
            item=matter.item or "",
            lead=unit,
            reason=f"history: {led} of {of}",
            source=Source.HISTORY,
            probability=chance,
        )


def _matter(ticket: Ticket, item: str) -> Example:
    place = ticket.place
    return Example(
        text=ticket.words,
        at=ticket.clue.reported_at,
        channel=ticket.clue.channel,
        item=item,
        nature=ticket.nature,
        region=place.region if place else None,
        address=place.address if place else "",
    )
