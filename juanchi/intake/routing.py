"""Which unit is responsible: by rulings, the lists and history; and whether that is sure enough.

The rule of sureness. What a trusted channel has decided, and a ruling that holds, are sure: they
are no guess, so they carry no probability. Else the item must be recognised beyond doubt, and the
place known unless the unit is the whole city's. Then

- without a model of past dispatches, and where it has no say (an item that it never saw, a row of
  the list that was changed since), the list's unit is sure;
- with one, the list's unit is sure when it is the likeliest and reaches the threshold that was
  chosen on held-out tickets. A model without a threshold is too young to doubt the list: there
  the list's unit is sure unless history finds another one likelier;
- a unit that only history names is sure where the list names nobody and it reaches the threshold.
  Against the list history never dispatches, it only asks a person.

A person gets the likeliest, with probability, reason and source. A backstop unit comes last: it
gets the ticket only when nobody else takes it.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple, Optional

from juanchi.domain.duties import Assignment, Directory
from juanchi.domain.lists import Item, Pack
from juanchi.domain.situation import CALM, Precedent, Situation
from juanchi.domain.terms import Nature, Source, Urgency
from juanchi.domain.ticket import Candidate, Ticket
from juanchi.intake.hindsight import Hindsight
from juanchi.intake.recognition import Recogniser, clear_winner

if TYPE_CHECKING:
    from juanchi.intake.learning.dispatch import DispatchModel

SHOWN = 3
"""Items for which a dispatcher is shown candidates; candidates that history may bring it to."""


class Routing(NamedTuple):
    """The candidates, best first; whether the first is sure; or why not.

    ``ruling`` is the precedent by which the first was found; ``incident`` is what made the ticket
    urgent, if one did.
    """

    candidates: tuple[Candidate, ...]
    sure: bool
    problem: str
    nature: Nature | None
    urgency: Urgency
    urgency_why: str = ""
    incident: str = ""
    ruling: str = ""


class _Urgency(NamedTuple):
    urgency: Urgency
    why: str = ""
    incident: str = ""


class _Found(NamedTuple):
    candidate: Candidate
    ruling: str = ""


class Router:
    """Routes by precedents, catalogue and responsibility list. Build once per version of the lists.

    ``local_day`` gives the city's own day at a moment, ``dispatch`` is the model of past dispatches
    in force, if any.
    """

    def __init__(
        self,
        pack: Pack,
        directory: Directory,
        recogniser: Recogniser,
        local_day: Callable[[datetime], date],
        dispatch: Optional["DispatchModel"] = None,
    ) -> None:
        self._hindsight = Hindsight(dispatch, directory) if dispatch else None
        self._directory = directory
        self._recogniser = recogniser
        self._local_day = local_day
        self._items = {item.code: item for item in pack.items}
        self._backstop = pack.backstop

    def route(self, ticket: Ticket, now: datetime, situation: Situation = CALM) -> Routing:
        """Candidates for a ticket under the lists and the situation of a moment."""
        items, sure = self._recognised(ticket)
        if not items:
            return Routing((), False, "no_item", ticket.nature, ticket.urgency)
        found = self._by_channel(ticket, items[0])
        problem = ""
        if not found:
            found = [one for item in items for one in self._of_item(item, ticket, now, situation)]
            learned = self._learned(items[0], ticket, now, found) if sure else None
            found = found if learned is None else learned
            problem = self._problem(ticket, items, found, sure) or self._doubt(learned)
        candidates = [one.candidate for one in found]
        if problem:
            candidates += self._last_resort(ticket, items)
        urgency = self._urgency(items[0], ticket, now, situation)
        return Routing(
            candidates=tuple(candidates),
            sure=not problem,
            problem=problem,
            nature=ticket.nature or next(iter(items[0].natures), None),
            urgency=urgency.urgency,
            urgency_why=urgency.why,
            incident=urgency.incident,
            ruling=found[0].ruling if found else "",
        )

    def _recognised(self, ticket: Ticket) -> tuple[list[Item], bool]:
        """The items that a ticket may be about, best first, and whether the first is sure."""
        given = ticket.clue.classified
        if given and given.item in self._items:
            return [self._items[given.item]], True
        matches = self._recogniser.matches(ticket.words)
        return [match.item for match in matches[:SHOWN]], clear_winner(matches)

    def _by_channel(self, ticket: Ticket, item: Item) -> list[_Found]:
        given = ticket.clue.classified
        if given is None or given.lead not in self._directory.units or given.lead is None:
            return []
        reason = "classified by the channel"
        candidate = Candidate(item=item.code, lead=given.lead, reason=reason, source=Source.CHANNEL)
        return [_Found(candidate)]

    def _of_item(
        self, item: Item, ticket: Ticket, now: datetime, situation: Situation
    ) -> Iterator[_Found]:
        """Who is responsible for an item: a ruling's lead, then the list's."""
        region = _region(ticket)
        assignment = self._directory.assign(item.code, region, self._local_day(now))
        precedent = situation.precedent(
            item.code,
            self._directory.ruled(region),
            now,
            self._local_day,
            assignment.duty if assignment else None,
        )
        ruled = None
        if precedent and precedent.lead in self._directory.units:
            ruled = precedent.lead
            yield _Found(self._by_ruling(precedent), precedent.ruling)
        if assignment and assignment.lead and assignment.lead.code != ruled:
            yield _Found(self._by_duty(item, assignment, assignment.lead.code))

    def _learned(
        self, item: Item, ticket: Ticket, now: datetime, found: Sequence[_Found]
    ) -> list[_Found] | None:
        """The candidates as history sees them: a ruling's first, then the likeliest, and the
        list's own among them however unlikely. None where there is no history, or it has no say.
        """
        if self._hindsight is None:
            return None
        by_list = [one.candidate for one in found if one.candidate.source is Source.LIST]
        judged = self._hindsight.judged(ticket, item.code, by_list, self._local_day(now))
        if judged is None:
            return None
        ruled = [one for one in found if one.ruling]
        named = {one.candidate.lead for one in ruled}
        ranked = [*ruled, *(_Found(one) for one in judged if one.lead not in named)]
        passed_over = [one for one in ranked[SHOWN:] if one.candidate.source is Source.LIST]
        return [*ranked[: SHOWN - len(passed_over)], *passed_over]

    def _by_ruling(self, precedent: Precedent) -> Candidate:
        known = self._directory.units
        return Candidate(
            item=precedent.item,
            lead=precedent.lead,
            assisting=tuple(unit for unit in precedent.assisting if unit in known),
            reason=f"ruling {precedent.ruling}"[:200],
            source=Source.RULING,
        )

    def _by_duty(self, item: Item, assignment: Assignment, lead: str) -> Candidate:
        return Candidate(
            item=item.code,
            lead=lead,
            assisting=tuple(unit.code for unit in assignment.assisting),
            mandatory=assignment.mandatory,
            reason=assignment.reason,
            source=Source.LIST,
        )

    def _last_resort(self, ticket: Ticket, items: Sequence[Item]) -> list[Candidate]:
        if not self._backstop:
            return []
        unit = self._directory.resolve(self._backstop, _region(ticket))
        if unit is None:
            return []
        reason = f"backstop: {self._backstop}"
        return [
            Candidate(
                item=items[0].code,
                lead=unit.code,
                reason=reason,
                backstop=True,
                source=Source.BACKSTOP,
            )
        ]

    def _problem(
        self, ticket: Ticket, items: Sequence[Item], found: Sequence[_Found], sure: bool
    ) -> str:
        if not found:
            return "no_duty"
        best = found[0]
        if not sure or best.candidate.item != items[0].code:
            return "several_items"
        lead = self._directory.units[best.candidate.lead]
        # Without a place only a ruling, or a unit of the whole city, can be right.
        elsewhere = len(self._directory.chain(lead.region)) > 1
        if _region(ticket) is None and elsewhere and not best.ruling:
            return "no_place"
        return ""

    def _doubt(self, learned: Sequence[_Found] | None) -> str:
        """Why history does not let the engine dispatch alone; empty where it does, or is silent."""
        if not learned or learned[0].ruling or self._hindsight is None:
            return ""
        best, enough = learned[0].candidate, self._hindsight.threshold
        reached = enough is not None and (best.probability or 0.0) >= enough
        if best.source is Source.LIST:
            return "" if reached or enough is None else "list_doubted"
        if any(one.candidate.source is Source.LIST for one in learned):
            return "list_doubted"
        return "" if reached else "no_duty"

    def _urgency(self, item: Item, ticket: Ticket, now: datetime, situation: Situation) -> _Urgency:
        """Urgent by the clue's own words, by the item, or by an incident, in this order.

        What is urgent by itself stays so when an incident is over.
        """
        if ticket.urgency is Urgency.URGENT:
            return _Urgency(Urgency.URGENT)
        if item.urgency is Urgency.URGENT:
            return _Urgency(Urgency.URGENT, f"item {item.code}")
        incident = situation.incident(item, self._directory.chain(_region(ticket)), now)
        if incident is None:
            return _Urgency(ticket.urgency)
        why = f"incident {incident.code}: {incident.reason}"[:200]
        return _Urgency(Urgency.URGENT, why, incident.code)


def _region(ticket: Ticket) -> str | None:
    return ticket.place.region if ticket.place else None
