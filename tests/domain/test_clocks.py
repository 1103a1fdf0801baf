"""What rings, how often, and what an outage or another policy leaves behind."""

from juanchi.domain.ball import TaskKind, tasks
from juanchi.domain.clocks import Planned, Rang, clocks
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
from juanchi.domain.plans import PlanWhy
from juanchi.domain.terms import ClockName, RungKind, Urgency
from juanchi.domain.ticket import Phase, Ticket
from tests.domain.cities import tinytown_later, town_with
from tests.domain.people import DAY, HOUR, LAMP, Life, alive, handling, unsigned


def rang(life: Life, clock: ClockName) -> list[Rang]:
    """What has rung on a clock, in order."""
    return [event for event in life.all(Rang) if event.clock is clock]


def of_policy(life: Life, clock: ClockName) -> list[RungKind]:
    """What the town's policy lets ring on a clock."""
    return [spec.kind for spec in life.tools.pack.policy.rungs_of(clock, Urgency.GENERAL)]


def test_rungs_ring_in_their_order_each_at_its_time() -> None:
    life = unsigned()
    life.passes(30 * DAY)
    for clock in (ClockName.SIGN, ClockName.HANDLE):
        events = rang(life, clock)
        assert [event.rung for event in events] == of_policy(life, clock)
        assert all(event.at == event.due and not event.missed for event in events)


def test_after_an_outage_the_highest_rung_rings_and_the_others_are_told_as_missed() -> None:
    life = unsigned()
    life.sleep_through(30 * DAY)
    for clock in (ClockName.SIGN, ClockName.HANDLE):
        (only,) = rang(life, clock)
        *missed, highest = of_policy(life, clock)
        assert (only.rung, list(only.missed)) == (highest, missed)
        assert only.late_s > DAY.total_seconds()
    told = life.told("roads")
    assert NoticeKind.ESCALATED in told
    assert NoticeKind.REMINDER not in told


def test_a_short_outage_is_late_but_misses_nothing() -> None:
    life = unsigned()
    life.now = life.clock(ClockName.SIGN).rungs[0].at + HOUR / 4
    life.ring()
    (only,) = rang(life, ClockName.SIGN)
    assert (only.late_s, only.missed) == (15 * 60, ())


def test_an_escalated_ticket_is_pressed_until_somebody_acts() -> None:
    life = unsigned()
    life.passes(30 * DAY)
    assert len(rang(life, ClockName.WATCH)) > 5
    assert tasks(life.ticket)[-1].kind is TaskKind.PRESS
    assert life.runs(ClockName.WATCH)


def test_a_due_time_moves_only_when_somebody_moves_it() -> None:
    life = unsigned()
    before = life.clock(ClockName.HANDLE)
    life.passes(2 * DAY)
    life.does("lead", "sign")
    life.does("supervisor", "press", requirement="today")
    after = life.clock(ClockName.HANDLE)
    assert (after.due, after.started) == (before.due, life.ticket.dispatched_at)
    assert life.ticket.first_due == before.due
    assert not any(event.moved for event in life.all(Planned))


# ---------------------------------------------------------------- other lists


def test_other_lists_move_what_runs_and_say_so() -> None:
    life = handling(LAMP)
    before = life.clock(ClockName.HANDLE)
    life.tools = tinytown_later()
    life.does("supervisor", "replan", reason="policy 2")
    after = life.clock(ClockName.HANDLE)
    assert after.due != before.due
    assert (after.original_due, after.started) == (before.due, before.started)
    told = {moved.clock: moved for moved in life.moved()}[ClockName.HANDLE]
    assert (told.was, told.why) == (before.due, PlanWhy.REPLANNED)


def test_a_ladder_that_another_policy_makes_longer_is_climbed_on() -> None:
    life = unsigned()
    life.rings_out(ClockName.SIGN)
    fired = [event.rung for event in rang(life, ClockName.SIGN)]
    more = [
        *({"kind": kind, "at": "due"} for kind in fired),
        {"kind": "red_card", "at": "due+4wd"},
    ]
    life.tools = town_with(rungs={"sign": more})
    life.does("supervisor", "replan", reason="stricter")
    life.passes(10 * DAY)
    assert [event.rung for event in rang(life, ClockName.SIGN)] == [*fired, RungKind.RED_CARD]


def test_a_ladder_that_another_policy_cuts_short_leaves_nobody_unwatched() -> None:
    """What was next on it is gone; all of what is left has rung."""
    life = unsigned()
    sign = life.clock(ClockName.SIGN)
    life.passes(sign.due - life.now)
    assert life.clock(ClockName.SIGN).fired == 2
    short = [{"kind": "reminder", "at": "50%"}, {"kind": "overdue", "at": "due"}]
    life.tools = town_with(rungs={"sign": short, "handle": short})
    life.does("supervisor", "replan", reason="milder")
    assert life.clock(ClockName.SIGN).rung_out
    assert life.runs(ClockName.WATCH)
    assert clocks(life.ticket)


def test_a_replan_is_asked_only_of_those_it_concerns() -> None:
    life = handling()
    before = life.ticket.deadlines
    life.does("supervisor", "replan", reason="2026 put right", years=[2026])
    assert life.ticket.deadlines == before
    assert life.last(Planned).deadlines


# ---------------------------------------------------------------- notices


def test_a_notice_that_cannot_be_posted_is_tried_again_and_then_left_in_the_inbox() -> None:
    ticket, now = unsigned().ticket, unsigned().now
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
    ticket, now = unsigned().ticket, unsigned().now
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


def test_a_closed_ticket_goes_to_the_archive_by_itself() -> None:
    life = alive().goes_on(Phase.CLOSED)
    life.passes(life.clock(ClockName.REOPEN).due - life.now)
    assert life.kinds()[-2:] == ["rang", "archived"]
    assert life.ticket.phase is Phase.ENDED
