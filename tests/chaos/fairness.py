"""What must be true of requests, disputes and orders: everything is answered once; nobody passes a
matter on for ever."""

from collections.abc import Iterator, Sequence

from juanchi.domain.arbitration import AppealLodged, ArbitrationOpened, DisputeLapsed
from juanchi.domain.extension import ExtensionGranted, ExtensionRefused, ExtensionRequested
from juanchi.domain.hold import HoldEnded, HoldGranted, HoldRefused, HoldRequested
from juanchi.domain.messages import Event
from juanchi.domain.orders import OrderReleased
from juanchi.domain.rating_appeal import RatingAppealAnswered, RatingAppealed
from juanchi.domain.requests import RequestKind, RequestLapsed
from juanchi.domain.returns import ReturnAgreed, ReturnRefused, ReturnRequested
from juanchi.domain.ruling import RulingGiven
from juanchi.domain.supervised import OrderIssued
from tests.chaos.walking import Step

MOST_RETURNS = 3
"""One refused, one agreed to, and one by the second unit, which opens an arbitration."""

_OPENS: dict[type[Event], str] = {
    ReturnRequested: RequestKind.RETURN,
    ExtensionRequested: RequestKind.EXTENSION,
    HoldRequested: RequestKind.HOLD,
    HoldGranted: "a running hold",
    ArbitrationOpened: "a dispute",
    AppealLodged: "a dispute",
    RatingAppealed: "a rating appeal",
    OrderIssued: "an order",
}
_ANSWERS: dict[type[Event], str] = {
    ReturnAgreed: RequestKind.RETURN,
    ReturnRefused: RequestKind.RETURN,
    ExtensionGranted: RequestKind.EXTENSION,
    ExtensionRefused: RequestKind.EXTENSION,
    HoldGranted: RequestKind.HOLD,
    HoldRefused: RequestKind.HOLD,
    HoldEnded: "a running hold",
    RulingGiven: "a dispute",
    DisputeLapsed: "a dispute",
    RatingAppealAnswered: "a rating appeal",
    OrderReleased: "an order",
}


def unanswered(steps: Sequence[Step]) -> Iterator[str]:
    """Every request, dispute and order is answered or lapses, once."""
    pending: set[str] = set()
    for seq, event, *_ in steps:
        answered = event.request if isinstance(event, RequestLapsed) else _ANSWERS.get(type(event))
        if answered and answered not in pending:
            yield f"entry {seq}: {event.kind} answers nothing"
        pending.discard(answered or "")
        if isinstance(event, ArbitrationOpened | RulingGiven):
            pending.discard(RequestKind.RETURN)  # it is argued there, or settled
        opened = _OPENS.get(type(event))
        # An order takes the place of the one before.
        if opened in pending and not isinstance(event, OrderIssued):
            yield f"entry {seq}: {event.kind} while one is pending"
        if opened:
            pending.add(opened)
    yield from (f"nobody has answered {what}" for what in sorted(pending))


def passed_on(steps: Sequence[Step]) -> Iterator[str]:
    """Returns are bounded, whoever a ruling names may not return it, and one appeal is all."""
    ruled: set[str | None] = set()
    returns = appeals = 0
    final = disputed = False
    for seq, event, before, _ in steps:
        match event:
            case ReturnRequested():
                returns += 1
                if event.by.unit != before.lead:
                    yield f"entry {seq}: {event.by.unit} returned what {before.lead} leads"
                if event.by.unit in ruled:
                    yield f"entry {seq}: {event.by.unit} was ruled to have it, and returned it"
                if disputed:
                    yield f"entry {seq}: it was returned while it was argued"
            case RulingGiven():
                ruled |= {event.lead, event.backstop}
                if final:
                    yield f"entry {seq}: a ruling after the final one"
                final, disputed = event.final, False
            case ArbitrationOpened() | AppealLodged():
                appeals += isinstance(event, AppealLodged)
                disputed = True
                if final:
                    yield f"entry {seq}: {event.kind} after the final ruling"
            case DisputeLapsed():
                disputed = False
    if returns > MOST_RETURNS:
        yield f"it was returned {returns} times"
    if appeals > 1:
        yield f"its ruling was appealed {appeals} times"
