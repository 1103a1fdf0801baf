"""Verdicts from a phone: one row for each place that was looked at, as an action of its ticket."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from hashlib import blake2s
from typing import Any, Final, NamedTuple

from juanchi.domain.actor import Actor
from juanchi.domain.refusal import Code, Refused
from juanchi.domain.terms import EvidenceKind, SiteVerdict

COLUMNS: Final = (
    "ticket", "verdict", "pictures", "note", "into", "lon", "lat", "address", "at", "id",
)  # fmt: skip
"""What a row may have; only ``ticket`` and ``verdict`` must be there.

``pictures``: links or file ids, a space between. ``into``: the ticket that handles the matter
already. ``at``: when it was looked at, with its offset or in the city's time. ``id``: the row's own
id; the same id again is the same verdict.
"""


class Verdict(NamedTuple):
    """A verdict as it can be sent: the ticket's id or number, and the action's data."""

    ticket: str
    action: dict[str, Any]


def verdict_of(cells: Mapping[str, str], team: Actor, now: datetime, zone: tzinfo) -> Verdict:
    """A row as a verdict. Refused: bad_input (with the column); nothing else is checked here."""
    given = {name: cells.get(name, "").strip() for name in COLUMNS}
    for name in ("ticket", "verdict"):
        if not given[name]:
            raise Refused(Code.BAD_INPUT, where=name, problem="is missing")
    at = _moment(given["at"], zone) if given["at"] else now
    proofs = [
        {"kind": EvidenceKind.SITE_BEFORE, "ref": ref, "at": at}
        for ref in given["pictures"].split()
    ]
    action: dict[str, Any] = {
        "kind": "verify",
        "id": given["id"] or _id(given, team, at.astimezone(zone)),
        "actor": team,
        "at": at,
        "verdict": _known(given["verdict"]),
        "note": given["note"],
        "evidence": proofs,
        "into": given["into"] or None,
    }
    if place := _place(given):
        action["place"] = place
    return Verdict(given["ticket"], action)


def _id(given: Mapping[str, str], team: Actor, at: datetime) -> str:
    """The same row on the same day is the same verdict, however often it is sent."""
    said = (team.unit or "", at.date().isoformat(), *(given[name] for name in COLUMNS[:8]))
    return f"desk-{blake2s(chr(0).join(said).encode(), digest_size=12).hexdigest()}"


def _known(text: str) -> SiteVerdict:
    try:
        return SiteVerdict(text.casefold().replace(" ", "_"))
    except ValueError:
        known = ", ".join(SiteVerdict)
        raise Refused(
            Code.BAD_INPUT, where="verdict", problem=f"{text[:40]!r} is none of {known}"
        ) from None


def _moment(text: str, zone: tzinfo) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(
            Code.BAD_INPUT, where="at", problem=f"{text[:40]!r} is no time, as 2026-11-30T09:30 is"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _place(given: Mapping[str, str]) -> dict[str, Any]:
    """Where it really is, if the team says so."""
    place: dict[str, Any] = {"address": given["address"]} if given["address"] else {}
    for name in ("lon", "lat"):
        if given[name]:
            try:
                place[name] = float(given[name])
            except ValueError:
                raise Refused(
                    Code.BAD_INPUT, where=name, problem=f"{given[name][:40]!r} is no number"
                ) from None
    return place
