"""What a ticket's screening teaches: how a clue was taken, and by whose word. Pure.

People's word counts most: a dispatcher's triage, an overturned discard. What the engine decided
alone counts as silence, and only once nothing can come of it any more but an overturn: a discard
that stands, or a ticket that was closed.
"""

from collections.abc import Iterable
from typing import Final

from juanchi.domain.closure import Closed
from juanchi.domain.clue import Received, Screened
from juanchi.domain.ending import Ended
from juanchi.domain.examples import Example, Settled, SettledBy, gist
from juanchi.domain.messages import Event
from juanchi.domain.overturning import Overturned
from juanchi.domain.terms import ClueVerdict, EndKind, Role

READ: Final = ("received", "screened", "overturned", "closed", "ended")
"""The kinds of events that say how a clue was taken in the end."""

_TELLS_NOTHING: Final = (ClueVerdict.UNSURE, ClueVerdict.EMPTY)
_BY_SCREENING: Final = (EndKind.DISCARDED, EndKind.REDIRECTED)


def screening_settled(events: Iterable[Event]) -> Settled | None:
    """What a ticket's screening teaches, out of its events in order; None while it is open."""
    received: Received | None = None
    last: Screened | None = None
    over: Closed | Ended | None = None
    for event in events:
        match event:
            case Received():
                received = event
            case Screened():
                last = event
            case Closed() | Ended():
                over = event
            case Overturned():
                over = None
    if received is None or last is None or last.verdict in _TELLS_NOTHING:
        return None
    clue = received.clue
    text = last.matter or clue.text
    example = Example(
        text=text,
        at=clue.reported_at,
        channel=clue.channel,
        group=gist(text),
        verdict=last.verdict,
    )
    if last.by.role is not Role.SYSTEM:
        return Settled(example, last.at, SettledBy.DISPATCHER)
    stands = isinstance(over, Closed) or (over is not None and over.end in _BY_SCREENING)
    return Settled(example, over.at, SettledBy.SILENCE) if over is not None and stands else None
