"""Due times and terms of a ticket's clocks, by policy, calendar and implementation lists."""

from juanchi.domain.calendar import WorkCalendar
from juanchi.domain.clocks import Plan, PlanFor, PlanResult
from juanchi.domain.deadlines import Deadline, plan
from juanchi.domain.duties import Directory
from juanchi.domain.lists import Handling
from juanchi.domain.policy import Policy
from juanchi.domain.terms import ClockName, EvidenceKind, Nature
from juanchi.domain.ticket import CallsWanted, Ticket

TALK = (Nature.ENQUIRY, Nature.SUGGESTION, Nature.THANKS)
"""Natures that a contact settles, with nothing to see on site."""


class Planner:
    """Plans clocks under one version of the lists."""

    def __init__(self, directory: Directory, calendar: WorkCalendar, policy: Policy) -> None:
        self._directory = directory
        self._calendar = calendar
        self._policy = policy

    def planned(self, ticket: Ticket, step: Plan) -> PlanResult:
        """The deadlines that a planning step asks for, and the terms that come with them."""
        terms = self._terms(ticket)
        asked = {wanted.clock for wanted in step.clocks}
        policy = self._policy
        return PlanResult(
            deadlines=tuple(self._deadline(ticket, terms, wanted) for wanted in step.clocks),
            evidence_wanted=_evidence(ticket, terms) if ClockName.HANDLE in asked else None,
            calls_wanted=(
                CallsWanted(tries=policy.callback_tries, days=policy.callback_days)
                if ClockName.CALLBACK in asked
                else None
            ),
        )

    def _terms(self, ticket: Ticket) -> Handling | None:
        unit = self._directory.units.get(ticket.lead or "")
        return self._directory.handling(unit, ticket.item) if unit and ticket.item else None

    def _deadline(self, ticket: Ticket, terms: Handling | None, wanted: PlanFor) -> Deadline:
        return plan(
            self._calendar,
            self._policy,
            wanted.clock,
            wanted.start,
            ticket.nature,
            ticket.urgency,
            item_limit=terms.limit if terms and self._policy.item_limits else None,
            item_rule=f"implementation list: {terms.unit}/{terms.item}" if terms else "",
            rework=wanted.rework,
        )


def _evidence(ticket: Ticket, terms: Handling | None) -> tuple[EvidenceKind, ...]:
    """What must come with "solved": as the list says, else a picture, else a contact made."""
    if terms and terms.evidence:
        return terms.evidence
    return (EvidenceKind.CONTACT,) if ticket.nature in TALK else (EvidenceKind.SITE_AFTER,)
