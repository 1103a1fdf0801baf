"""What if (推演): lives lived again under another policy or calendar, and what that would change.

What people did stays as it was, at the same moments, and so do who had the ticket, what was granted
for how long, and why it came under supervision. What clocks alone bring about is done anew: due
times, rungs at their own moments, the orders that policy attaches to them, the archive. An answer
to an order, and its release, go to whichever order is open then; with none open they are moot.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from juanchi.domain.clocks import Planned, Rang
from juanchi.domain.closure import Reopened, SentBack
from juanchi.domain.clue import Received
from juanchi.domain.events import Entry
from juanchi.domain.filing import Dispatched
from juanchi.domain.kept_plans import NOTHING, Anew, Kept, Plans, Unchanged
from juanchi.domain.messages import Event
from juanchi.domain.metrics.telling import told
from juanchi.domain.reliving import Again
from juanchi.domain.supervised import OrderIssued
from juanchi.domain.supervision import Replied
from juanchi.domain.terms import ClockName, RungKind


class Course(NamedTuple):
    """How a life went, as far as clocks go.

    ``rungs`` counts those that came due by clock and kind, those missed in an outage among them;
    ``orders`` by level. ``dues`` are all due times given, in order: the clock, the unit that it is
    for (empty: the ticket's own), and when. ``on_time`` and ``on_time_first`` have one entry for
    each reply. ``overdue``: a unit let a due time that ran pass without a reply.
    """

    rungs: Counter[tuple[ClockName, RungKind]]
    orders: Counter[RungKind]
    dues: tuple[tuple[ClockName, str, datetime], ...]
    on_time: tuple[bool, ...]
    on_time_first: tuple[bool | None, ...]
    overdue: bool


class Outcome(NamedTuple):
    """One ticket before and after. ``lead`` is who has, or had it last."""

    ticket_id: str
    number: str | None
    lead: str | None
    before: Course
    after: Course


class WhatIf:
    """Lives lives again under other plans.

    ``unchanged`` are clocks that the other plans leave as they are (see ``kept_plans``): their due
    times are the journal's, which is quicker.
    """

    def __init__(self, plans: Plans, unchanged: Unchanged = NOTHING) -> None:
        self._plans = plans
        self._unchanged = unchanged

    def live(self, life: Sequence[Entry], until: datetime | None = None) -> Outcome:
        """How a ticket's life went, and how it goes under the other plans.

        ``until``: clocks ring up to then; without it up to the last entry. Raises ``ValueError``
        when the journal does not begin with the clue's receipt.
        """
        events = [entry.event for entry in life]
        again = self.lived(events, until)
        until = until or events[-1].at
        return Outcome(
            ticket_id=again.ticket.id,
            number=again.ticket.number,
            lead=again.ticket.lead,
            before=course(events, until),
            after=course(again.events, until),
        )

    def lived(self, events: Sequence[Event], until: datetime | None = None) -> Again:
        """The life as it goes under the other plans, with its events; arguments as for ``live``."""
        first = events[0] if events else None
        if not isinstance(first, Received):
            raise ValueError("a life begins with its clue")
        again = Again(self._of(events), first)
        again.live(events, until or events[-1].at)
        return again

    def _of(self, events: Sequence[Event]) -> Anew:
        if self._unchanged.clocks:
            return Kept(self._plans, self._unchanged, events)
        return Anew(self._plans)


_OWING: Final = (Dispatched, SentBack, Reopened)
"""From each of these on a unit owes a reply."""


def course(events: Sequence[Event], until: datetime) -> Course:
    """How a life went, up to a moment."""
    rungs: Counter[tuple[ClockName, RungKind]] = Counter()
    orders: Counter[RungKind] = Counter()
    dues: list[tuple[ClockName, str, datetime]] = []
    replies: list[Replied] = []
    owed = 0
    for event in events:
        if isinstance(event, Planned):
            dues += [(one.clock, one.subject, one.due) for one in event.deadlines]
        elif isinstance(event, Rang):
            for kind in (*event.missed, event.rung):
                rungs[event.clock, kind] += 1
        elif isinstance(event, OrderIssued):
            orders[event.level] += 1
        elif isinstance(event, Replied):
            replies.append(event)
        elif isinstance(event, _OWING):
            owed += 1
    on_time = [reply.on_time for reply in replies]
    return Course(
        rungs=rungs,
        orders=orders,
        dues=tuple(dues),
        on_time=tuple(on_time),
        on_time_first=tuple([reply.on_time_first for reply in replies]),
        # The whole story is asked only where a reply is still owed, or was owed by another unit.
        overdue=not all(on_time) or (owed > len(replies) and _let_pass(events, until)),
    )


def _let_pass(events: Sequence[Event], until: datetime) -> bool:
    return any(owed.late(until) for owed in told(events, until).rounds)
