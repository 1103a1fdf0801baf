"""Which unit is responsible, by the lists; and whether that is sure enough without a person."""

from datetime import date
from typing import NamedTuple

from juanchi.domain.duties import Assignment, Directory
from juanchi.domain.lists import Item, Pack
from juanchi.domain.terms import Nature, Urgency
from juanchi.domain.ticket import Candidate, Ticket
from juanchi.intake.recognition import Recogniser, clear_winner

SHOWN = 3
"""Candidates that a dispatcher is shown."""


class Routing(NamedTuple):
    """The candidates, best first; whether the first is sure; or why not."""

    candidates: tuple[Candidate, ...]
    sure: bool
    problem: str
    nature: Nature | None
    urgency: Urgency


class Router:
    """Routes by catalogue and responsibility list. Build once per version of the lists."""

    def __init__(self, pack: Pack, directory: Directory, recogniser: Recogniser) -> None:
        self._directory = directory
        self._recogniser = recogniser
        self._items = {item.code: item for item in pack.items}

    def route(self, ticket: Ticket, on: date) -> Routing:
        """Candidates for a ticket under the lists in force on a date (the city's own day)."""
        given = ticket.clue.classified
        if given and given.item in self._items:
            items, sure = [self._items[given.item]], True
        else:
            matches = self._recogniser.matches(ticket.clue.text)
            items, sure = [match.item for match in matches[:SHOWN]], clear_winner(matches)
        if not items:
            return Routing((), False, "no_item", ticket.nature, ticket.urgency)
        nature = ticket.nature or next(iter(items[0].natures), None)
        urgency = Urgency.URGENT if items[0].urgency is Urgency.URGENT else ticket.urgency
        if given and given.lead and given.lead in self._directory.units:
            reason = "classified by the channel"
            best = Candidate(item=items[0].code, lead=given.lead, reason=reason)
            return Routing((best,), True, "", nature, urgency)
        candidates = self._candidates(items, ticket, on)
        problem = self._problem(ticket, items, candidates, sure)
        return Routing(candidates, not problem, problem, nature, urgency)

    def _candidates(self, items: list[Item], ticket: Ticket, on: date) -> tuple[Candidate, ...]:
        region = ticket.place.region if ticket.place else None
        found: list[Candidate] = []
        for item in items:
            assignment = self._directory.assign(item.code, region, on)
            if assignment and assignment.lead:
                found.append(_candidate(item, assignment, assignment.lead.code))
        return tuple(found)

    def _problem(
        self, ticket: Ticket, items: list[Item], candidates: tuple[Candidate, ...], sure: bool
    ) -> str:
        if not candidates:
            return "no_duty"
        if not sure or candidates[0].item != items[0].code:
            return "several_items"
        lead = self._directory.units[candidates[0].lead]
        placed = ticket.place is not None and ticket.place.region is not None
        # Without a place only a unit of the whole city can be the right one.
        if not placed and len(self._directory.chain(lead.region)) > 1:
            return "no_place"
        return ""


def _candidate(item: Item, assignment: Assignment, lead: str) -> Candidate:
    duty = assignment.duty
    return Candidate(
        item=item.code,
        lead=lead,
        assisting=tuple(unit.code for unit in assignment.assisting),
        reason=f"duty {duty.item} at {duty.region}: {duty.basis or duty.lead}"[:200],
    )
