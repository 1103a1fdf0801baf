"""The second stage: somebody looks on site before anything is filed (核实)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from juanchi.domain.base import Text, TicketId
from juanchi.domain.ending import Ended
from juanchi.domain.merging import merge_asked
from juanchi.domain.messages import Action, Event, Facts, Names, Survivor
from juanchi.domain.place import Evidence, Place
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.rules import Rules
from juanchi.domain.terms import EndKind, EvidenceKind, Role, SiteProof, SiteVerdict
from juanchi.domain.ticket import Phase, Ticket, Verification

rules = Rules()

SEEN = (SiteVerdict.CONFIRMED, SiteVerdict.PARTLY, SiteVerdict.UNFOUNDED)
"""Verdicts on what was seen, which must be shown."""

_PICTURES = (EvidenceKind.SITE_BEFORE, EvidenceKind.SITE_AFTER)


class Verify(Action):
    """The street team says what it found. ``into`` names the ticket that already handles it."""

    kind: Literal["verify"] = "verify"
    verdict: SiteVerdict
    note: Text = ""
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=50)
    place: Place | None = None
    into: TicketId | None = None

    def names(self, ticket: Ticket) -> Names | None:
        asks = self.into if self.verdict is SiteVerdict.ALREADY_HANDLED else None
        if self.place is None and asks is None:
            return None
        return Names(places=(self.place,) if self.place else (), survivor=asks)


class Verified(Event):
    kind: Literal["verified"] = "verified"
    verdict: SiteVerdict
    note: Text = ""
    evidence: tuple[Evidence, ...] = ()
    place: Place | None = None


@rules.decides_knowing(Verify, roles=[Role.STREET_TEAM], phases=[Phase.VERIFYING])
def verify(ticket: Ticket, action: Verify, now: datetime, facts: Facts) -> Sequence[Event]:
    if action.actor.unit != ticket.street_team:
        raise Refused(Code.WRONG_UNIT, unit=action.actor.unit, expected=ticket.street_team)
    if action.verdict in SEEN and not _proven(ticket.site_proof, action):
        raise Refused(Code.MISSING_EVIDENCE, wanted=EvidenceKind.SITE_BEFORE)
    verified = Verified(
        at=now,
        by=action.actor,
        cause=action.key,
        verdict=action.verdict,
        note=action.note,
        evidence=action.evidence,
        place=action.place,
    )
    if action.verdict is SiteVerdict.UNFOUNDED:
        ended = Ended(
            at=now,
            by=action.actor,
            cause=action.key,
            end=EndKind.UNFOUNDED,
            reason="unfounded_on_site",
            note=action.note,
        )
        return [verified, ended]
    if action.verdict is SiteVerdict.ALREADY_HANDLED:
        if not action.into:
            raise Refused(Code.MISSING_SURVIVOR)
        _speaks(action.into, facts.survivor)
        return [verified, merge_asked(ticket, action, action.into, now)]
    return [verified]


def _proven(wanted: SiteProof, action: Verify) -> bool:
    pictures = any(proof.kind in _PICTURES for proof in action.evidence)
    match wanted:
        case SiteProof.EVIDENCE:
            return bool(action.evidence)
        case SiteProof.PICTURE:
            return pictures
        case SiteProof.PICTURE_OR_NOTE:
            return pictures or bool(action.note.strip())


def _speaks(into: str, survivor: Survivor | None) -> None:
    """Refused (unknown_survivor, survivor_ended) if that ticket cannot speak for another."""
    if survivor is None:
        return
    if not survivor.known:
        raise Refused(Code.UNKNOWN_SURVIVOR, ticket=into)
    if survivor.ended:
        raise Refused(Code.SURVIVOR_ENDED, ticket=into, how=survivor.ended)


@rules.evolves(Verified)
def verified(ticket: Ticket, event: Verified) -> Ticket:
    found = Verification(verdict=event.verdict, note=event.note, evidence=event.evidence)
    # The street team corrects the address; district and team stay those it was sent from.
    place = event.place or ticket.place
    match event.verdict:
        case SiteVerdict.CONFIRMED | SiteVerdict.PARTLY:
            return ticket.moved(Phase.ROUTING, event.at, verification=found, place=place)
        case SiteVerdict.UNVERIFIABLE:
            return ticket.moved(
                Phase.TRIAGE, event.at, verification=found, place=place, stuck="unverifiable"
            )
        case SiteVerdict.UNFOUNDED | SiteVerdict.ALREADY_HANDLED:
            return ticket.having(verification=found, place=place)
