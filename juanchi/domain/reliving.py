"""A life lived again, event by event, with its clocks planned anew (see ``whatif``)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from juanchi.domain import machine
from juanchi.domain.clocks import Plan, Planned, Rang, ring
from juanchi.domain.closure import Archived, Closed
from juanchi.domain.clue import Received
from juanchi.domain.ending import Ended
from juanchi.domain.events import ActionRefused
from juanchi.domain.filing import Dispatched
from juanchi.domain.kept_plans import Anew
from juanchi.domain.messages import Event
from juanchi.domain.notices import NoticeFailed, NoticePosted, NoticeRetried
from juanchi.domain.orders import (
    OrderFedBack,
    OrderReleased,
    open_order,
    order_of_rung,
    orders_void,
)
from juanchi.domain.supervised import Cause, OrderIssued, Supervised, order_of
from juanchi.domain.supervision import Replied
from juanchi.domain.terms import ClockName, Trigger
from juanchi.domain.ticket import Ticket

OF_CLOCKS: Final = (Planned, Rang, Archived, NoticePosted, NoticeFailed, NoticeRetried)
"""What happens without anybody's doing."""


class Again:
    """One life being lived again: the ticket as it now stands, and its events so far."""

    def __init__(self, plans: Anew, received: Received) -> None:
        clue, at = received.clue, received.at
        self.ticket = Ticket(id=clue.ticket_id, clue=clue, received_at=at, since=at)
        self.events: list[Event] = []
        self._plans = plans
        self._now = at
        self._settled = False
        self._over = False

    def live(self, events: Sequence[Event], until: datetime) -> None:
        """A whole journal happens again, and after it what clocks do up to a moment."""
        told = len(events)
        while told and isinstance(events[told - 1], OF_CLOCKS):
            told -= 1
        for event in events[:told]:
            self._take(event)
        self._over = True
        self.turn_ends(until)

    def _take(self, event: Event) -> None:
        """The next event of the journal: it happens again, or something else does instead."""
        handle = _HANDLES.get(type(event), _happens)
        if handle is None:
            return
        if event.at > self._now:
            self._pass(event.at)
        handle(self, event)

    def turn_ends(self, at: datetime) -> None:
        """Whatever comes next is another turn: what has rung by now is planned for before it."""
        self._pass(at)
        self._settle()

    def happen(self, event: Event) -> None:
        """Something happens in this life."""
        self.ticket = machine.changed(self.ticket, event)
        self.events.append(event)
        self._settled = False

    def _settle(self) -> None:
        """Plan what has no due time yet."""
        if self._settled:
            return
        if isinstance(step := machine.wants(self.ticket), Plan):
            self.happen(self._plans.planned(self.ticket, step, self._now))
        self._settled = True

    def _pass(self, until: datetime) -> None:
        """Time passes; everything that is due rings at its own moment.

        What a ring at the very end brings about is told by the journal next, such as the dispatch
        to a backstop unit: nothing more is done before that.
        """
        self._settle()
        while True:
            due = self._due(until)
            if not self._settled and (due is None or due[0] > self._now):
                self._settle()  # what has rung may want clocks that ring before the next one
            elif due is None:
                break
            else:
                at, key = due
                self._now = max(at, self._now)
                if self._ring(key) and self._now == until:
                    break
        self._now = max(self._now, until)

    def _due(self, until: datetime) -> tuple[datetime, str] | None:
        """The first rung up to a moment, and the key of its clock."""
        first: tuple[datetime, str] | None = None
        for key, deadline in self.ticket.deadlines.items():
            # Spelt out, cheapest first: this is asked more often than anything else.
            if deadline.fired < len(deadline.rungs):
                at = deadline.rungs[deadline.fired].at
                if at <= until and (first is None or at < first[0]) and not deadline.paused:
                    first = at, key
        return first

    def _ring(self, key: str) -> bool:
        """Ring a clock; whether that brings about more than its order.

        Of that only the archive happens here, once all is told: the rest is the journal's to tell.
        """
        rings = ring(self.ticket, key, self._now)
        if rings is None:
            return False
        rang, rung = rings
        for event in (rang, *order_of_rung(self.ticket, rang, rung)):
            self.happen(event)
        follows = machine.follow_ups(self.ticket, key, self._now)
        for event in follows:
            if self._over and isinstance(event, Archived):
                self.happen(event)
        return bool(follows) and not self._over


def _happens(again: Again, event: Event) -> None:
    again.happen(event)


def _turn_ends(again: Again, event: Planned) -> None:
    again.turn_ends(event.at)


def _orders_lapse(again: Again, event: Dispatched | Closed | Ended) -> None:
    """Before another unit has it, and before the end, the open order becomes void."""
    if again.ticket.lead is not None:
        for void in orders_void(again.ticket, Cause(event.at), _WHY[type(event)]):
            again.happen(void)
    again.happen(event)


_WHY: dict[type[Event], str] = {Dispatched: "redispatched", Closed: "closed", Ended: "ended"}


def _replied(again: Again, event: Replied) -> None:
    ticket, at = again.ticket, event.at
    handle = ticket.deadlines[ClockName.HANDLE]
    last = handle.pauses[-1] if handle.pauses else None
    # The reply itself ends a hold, in which the clock stood still.
    stopped = last.begin if last and last.end == at else at
    in_time = {
        "on_time": stopped <= handle.due,
        "on_time_first": at <= ticket.first_due if ticket.first_due else None,
    }
    again.happen(event.model_copy(update=in_time))


def _supervised(again: Again, event: Supervised) -> None:
    again.happen(event)
    terms = again.ticket.terms
    if terms and (wanted := terms.triggers.get(event.trigger)):
        cause = Cause(event.at, key=event.cause)
        again.happen(order_of(again.ticket, wanted.order, wanted.level, event.trigger, cause))


def _ordered(again: Again, event: OrderIssued) -> None:
    """An order by hand is given again; the others come with their rung, or their reason."""
    if event.trigger is Trigger.BY_HAND:
        ticket = again.ticket
        number = f"{ticket.number or ticket.id[:150]}-D{len(ticket.orders) + 1}"
        again.happen(event.model_copy(update={"number": number}))


def _fed_back(again: Again, event: OrderFedBack) -> None:
    order = open_order(again.ticket)
    if order and order.fed_back_at is None and order.unit == event.by.unit:
        again.happen(event.model_copy(update={"number": order.number}))


def _released(again: Again, event: OrderReleased) -> None:
    order = open_order(again.ticket)
    if order:
        again.happen(event.model_copy(update={"number": order.number}))


_Handle = Callable[[Again, Any], None]

_HANDLES: dict[type[Event], _Handle | None] = {
    Planned: _turn_ends,
    Dispatched: _orders_lapse,
    Closed: _orders_lapse,
    Ended: _orders_lapse,
    Replied: _replied,
    Supervised: _supervised,
    OrderIssued: _ordered,
    OrderFedBack: _fed_back,
    OrderReleased: _released,
    Rang: None,
    Archived: None,
    NoticePosted: None,
    NoticeFailed: None,
    NoticeRetried: None,
    ActionRefused: None,
}
"""What becomes of an event that does not simply happen again. None: nothing."""
