"""What must be settled before another unit has the ticket, and before its life with units is over.

Nothing ends in silence.
"""

from collections.abc import Sequence

from juanchi.domain.arbitration import dispute_lapses
from juanchi.domain.hold import hold_ends
from juanchi.domain.messages import Event
from juanchi.domain.orders import orders_void
from juanchi.domain.requests import RequestKind, lapsed
from juanchi.domain.supervised import Cause
from juanchi.domain.ticket import Ticket


def loose_ends(ticket: Ticket, cause: Cause, why: str) -> Sequence[Event]:
    """Pending requests, a hold and an open dispute lapse, an open order becomes void."""
    return [
        *hold_ends(ticket, cause),
        *lapsed(ticket, cause),
        *dispute_lapses(ticket, cause),
        *orders_void(ticket, cause, why),
    ]


def handed_over(ticket: Ticket, cause: Cause, but: RequestKind | None = None) -> Sequence[Event]:
    """What the unit that had the ticket leaves behind lapses; ``but`` a request just answered.

    An open dispute goes on: whose the ticket is may well be what it is about.
    """
    return [
        *hold_ends(ticket, cause),
        *lapsed(ticket, cause, but=but),
        *orders_void(ticket, cause, "redispatched"),
    ]
