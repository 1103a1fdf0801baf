"""Every clue that has a place is compared with those before it (查重), where the policy says how.

What is certain merges by itself, what is likely is proposed to a dispatcher, and what was closed
not long ago is told as a recurrence: a closed ticket takes no more voices.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from juanchi.domain.actor import ENGINE
from juanchi.domain.base import Line
from juanchi.domain.likely import SameProposed
from juanchi.domain.merging import MergeAsked
from juanchi.domain.messages import Event, Result, Step
from juanchi.domain.overlays import Alike, Recurrence
from juanchi.domain.recurrence import recurrence_seen
from juanchi.domain.rules import Rules
from juanchi.domain.ticket import Ticket

rules = Rules()


class Compare(Step):
    """Remember what this clue is about, and look for earlier ones that are about the same."""

    kind: Literal["compare"] = "compare"


class CompareResult(Result):
    """The earlier tickets that are like this one, the likeliest first.

    ``certain`` is certainly the same matter, ``like`` may be; both can take a voice. ``closed``
    were closed not long ago and cannot. ``problem`` is why nothing could be compared.
    """

    certain: Alike | None = None
    like: tuple[Alike, ...] = ()
    closed: tuple[Recurrence, ...] = ()
    problem: Line = ""


class Compared(Event):
    """``found``: how many earlier tickets are alike."""

    kind: Literal["compared"] = "compared"
    found: int = 0
    problem: Line = ""


@rules.completes(CompareResult)
def compare_done(ticket: Ticket, result: CompareResult, now: datetime) -> Sequence[Event]:
    certain = result.certain
    found = len(result.like) + len(result.closed) + (certain is not None)
    compared = Compared(at=now, by=ENGINE, found=found, problem=result.problem)
    events: list[Event] = [compared, *recurrence_seen(ticket, result.closed, None, now)]
    if certain is not None:
        events.append(
            MergeAsked(
                at=now,
                by=ENGINE,
                into=certain.ticket_id,
                score=certain.score,
                reasons=certain.reasons,
            )
        )
    elif result.like:
        events.append(SameProposed(at=now, by=ENGINE, candidates=result.like))
    return events


@rules.evolves(Compared)
def compared(ticket: Ticket, event: Compared) -> Ticket:
    return ticket.having(uncompared=False)
