"""Due times and terms of a ticket's clocks, by policy, calendar and implementation lists."""

from collections.abc import Callable
from datetime import datetime

from juanchi.domain.calendar import WorkCalendar
from juanchi.domain.clocks import Plan, PlanResult
from juanchi.domain.deadlines import Deadline, plan
from juanchi.domain.duties import Directory
from juanchi.domain.holders import resolve
from juanchi.domain.lists import Handling
from juanchi.domain.plans import PlanFor, PlanWhy
from juanchi.domain.policy import Policy
from juanchi.domain.policy_terms import Terms
from juanchi.domain.terms import ClockName, EvidenceKind, Nature
from juanchi.domain.ticket import CallsWanted, Ticket
from juanchi.domain.urgency import by_urgency

TALK = (Nature.ENQUIRY, Nature.SUGGESTION, Nature.THANKS)
"""Natures that a contact settles, with nothing to see on site."""

Rulebook = Callable[[datetime], tuple[Policy, WorkCalendar]]
"""The policy in force at a moment, and the calendar with that policy's service hours."""


class Planner:
    """Plans clocks under one version of the lists; each by the policy in force at its start."""

    def __init__(self, directory: Directory, centre: str, rulebook: Rulebook) -> None:
        self._directory = directory
        self._centre = centre
        self._rulebook = rulebook

    def planned(self, ticket: Ticket, step: Plan) -> PlanResult:
        """The deadlines that a planning step asks for, and the terms that come with them."""
        handling = self._handling(ticket)
        started = {w.clock: w.start for w in step.clocks if w.why is PlanWhy.START}
        handle, callback = started.get(ClockName.HANDLE), started.get(ClockName.CALLBACK)
        verify = started.get(ClockName.VERIFY)
        return PlanResult(
            deadlines=tuple(self._deadline(ticket, handling, wanted) for wanted in step.clocks),
            evidence_wanted=_evidence(ticket, handling) if handle else None,
            calls_wanted=_calls(self._rulebook(callback)[0]) if callback else None,
            terms=self._terms(ticket, self._rulebook(handle)[0]) if handle else None,
            site_proof=self._rulebook(verify)[0].verification_evidence if verify else None,
        )

    def _handling(self, ticket: Ticket) -> Handling | None:
        unit = self._directory.units.get(ticket.lead or "")
        return self._directory.handling(unit, ticket.item) if unit and ticket.item else None

    def _terms(self, ticket: Ticket, policy: Policy) -> Terms:
        return policy.terms.resolved(lambda holder: self._find(ticket, holder))

    def _find(self, ticket: Ticket, holder: str) -> str:
        region = ticket.place.region if ticket.place else None
        return resolve(holder, self._directory, self._centre, region)

    def _deadline(self, ticket: Ticket, handling: Handling | None, wanted: PlanFor) -> Deadline:
        """A clock's first due time; or its new one, from the same start with all that moved it."""
        before = ticket.deadlines.get(wanted.key)
        if before is None or wanted.why is PlanWhy.START:
            return self._planned(ticket, handling, wanted, wanted.start)
        return by_urgency(
            ticket, before, lambda as_if, at: self._planned(as_if, handling, wanted, at, before)
        )

    def _planned(
        self,
        ticket: Ticket,
        handling: Handling | None,
        wanted: PlanFor,
        start: datetime,
        before: Deadline | None = None,
    ) -> Deadline:
        policy, calendar = self._rulebook(start)
        extended = before.extended if before else ()
        return plan(
            calendar,
            policy,
            wanted.clock,
            start,
            ticket.nature,
            ticket.urgency,
            item_limit=handling.limit if handling and policy.item_limits else None,
            item_rule=f"implementation list: {handling.unit}/{handling.item}" if handling else "",
            rework=wanted.rework,
            limit_key=wanted.limit_key or None,
            subject=wanted.subject,
            pauses=before.pauses if before else (),
            extended=(*extended, wanted.extend) if wanted.extend else extended,
            before=before,
            until=wanted.until,
            find=lambda holder: self._find(ticket, holder),
        )


def _calls(policy: Policy) -> CallsWanted:
    return CallsWanted(tries=policy.callback_tries, days=policy.callback_days)


def _evidence(ticket: Ticket, handling: Handling | None) -> tuple[EvidenceKind, ...]:
    """What must come with "solved": as the list says, else a picture, else a contact made."""
    if handling and handling.evidence:
        return handling.evidence
    return (EvidenceKind.CONTACT,) if ticket.nature in TALK else (EvidenceKind.SITE_AFTER,)
