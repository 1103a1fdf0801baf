"""What rings, how often, and what an outage leaves behind."""

from datetime import timedelta

from juanchi.domain.ball import TaskKind, tasks
from juanchi.domain.clocks import Rang
from juanchi.domain.machine import evolve, fold
from juanchi.domain.notices import (
    RETRY_AFTER,
    NoticeFailed,
    NoticeKind,
    NoticePosted,
    NotifyResult,
    next_notice,
    notify_done,
    retries,
)
from juanchi.domain.terms import ClockName, RungKind
from juanchi.domain.ticket import Phase, Ticket
from tests.domain.test_refusals import life
from tests.pure import PureEngine

DAY = timedelta(days=1)
ALL_RUNGS = [RungKind.REMINDER, RungKind.OVERDUE, RungKind.ESCALATED]


def rang(engine: PureEngine, clock: ClockName) -> list[Rang]:
    """What has rung on a clock, in order."""
    events = [line.event for line in engine.entries]
    return [event for event in events if isinstance(event, Rang) and event.clock is clock]


def test_rungs_ring_in_their_order_each_at_its_time() -> None:
    engine = life(Phase.UNSIGNED)
    engine.pass_time(30 * DAY)
    for clock in (ClockName.SIGN, ClockName.HANDLE):
        events = rang(engine, clock)
        assert [event.rung for event in events] == ALL_RUNGS
        assert all(event.at == event.due and not event.missed for event in events)


def test_after_an_outage_the_highest_rung_rings_and_the_others_are_told_as_missed() -> None:
    engine = life(Phase.UNSIGNED)
    engine.sleep_through(30 * DAY)
    for clock in (ClockName.SIGN, ClockName.HANDLE):
        (only,) = rang(engine, clock)
        assert only.rung is RungKind.ESCALATED
        assert only.missed == (RungKind.REMINDER, RungKind.OVERDUE)
        assert only.late_s > DAY.total_seconds()
    told = [notice.kind for notice in engine.notices if notice.to == "roads"]
    assert told.count(NoticeKind.ESCALATED) == 2
    assert NoticeKind.REMINDER not in told


def test_an_escalated_ticket_is_pressed_until_somebody_acts() -> None:
    engine = life(Phase.UNSIGNED)
    engine.pass_time(30 * DAY)
    pressed = len(rang(engine, ClockName.WATCH))
    assert pressed > 5
    assert tasks(engine.ticket)[-1].kind is TaskKind.PRESS
    assert ClockName.WATCH in engine.ticket.deadlines


def test_a_due_time_moves_only_with_the_phase() -> None:
    engine = life(Phase.UNSIGNED)
    due = engine.ticket.deadlines[ClockName.HANDLE].due
    engine.pass_time(2 * DAY)
    assert engine.ticket.deadlines[ClockName.HANDLE].due == due
    assert engine.ticket.first_due == due


def test_a_notice_that_cannot_be_posted_is_tried_again_and_then_left_in_the_inbox() -> None:
    ticket, now = life(Phase.UNSIGNED).ticket, life(Phase.UNSIGNED).now
    first = NotifyResult(key="k", to="roads", what="dispatched", attempt=1, error="HTTP 500")
    ticket = fold(ticket, notify_done(ticket, first, now))
    for attempt, wait in enumerate(RETRY_AFTER, start=2):
        assert not retries(ticket, now + wait / 2)
        now += wait
        ticket = fold(ticket, retries(ticket, now))
        asked = next_notice(ticket)
        assert asked is not None
        assert (asked.key, asked.attempt) == ("k", attempt)
        result = first.model_copy(update={"attempt": attempt})
        (event,) = notify_done(ticket, result, now)
        assert isinstance(event, NoticeFailed)
        assert (event.retry_at is None) == (attempt > len(RETRY_AFTER))
        ticket = evolve(ticket, event)
    assert not ticket.undelivered


def test_a_notice_taken_at_last_is_no_longer_owed() -> None:
    ticket, now = life(Phase.UNSIGNED).ticket, life(Phase.UNSIGNED).now
    failed = NotifyResult(key="k", to="roads", what="dispatched", attempt=1, error="timeout")
    ticket = fold(ticket, notify_done(ticket, failed, now))
    assert ticket.undelivered
    ticket = _posted(fold(ticket, retries(ticket, now + RETRY_AFTER[0])))
    assert not ticket.undelivered


def _posted(ticket: Ticket) -> Ticket:
    taken = NotifyResult(key="k", to="roads", what="dispatched", attempt=2)
    (event,) = notify_done(ticket, taken, ticket.since)
    assert isinstance(event, NoticePosted)
    return evolve(ticket, event)
