"""What if: what was granted, who had the ticket, the archive, and new holidays."""

from datetime import date, timedelta

import pytest

from juanchi.domain.calendar import WorkCalendar
from juanchi.domain.filing import Dispatched
from juanchi.domain.kept_plans import unchanged
from juanchi.domain.lists import CalendarDay, DayKind
from juanchi.domain.terms import ClockName, Role, RungKind, Urgency
from juanchi.domain.whatif import WhatIf, course
from tests.domain.other_policies import (
    POLICY,
    TOOLS,
    TUESDAY_NIGHT,
    WEDNESDAY_NIGHT,
    handling_in,
    last_due,
    limits,
    other,
    planner,
    really,
    under,
)
from tests.handmade import UNSURE, Handmade, closed, handled
from tests.pure import MONDAY


def test_what_was_granted_stays_granted() -> None:
    life = Handmade().verified().later(hours=1).signed().extended(1).later(days=2).replied()
    outcome = under(handling_in("1wd"), life)
    assert last_due(outcome.after) == WEDNESDAY_NIGHT
    assert (outcome.after.on_time, outcome.after.on_time_first) == ((True,), (False,))
    assert outcome.after.rungs[ClockName.HANDLE, RungKind.OVERDUE] == 0


def test_a_hold_stops_the_other_clock_too() -> None:
    life = Handmade().verified().later(hours=1).signed().held(3).later(days=4, hours=2).replied()
    outcome = under(handling_in("1wd"), life)
    assert outcome.after.rungs[ClockName.HOLD, RungKind.ELAPSED] == 1
    # From the day on which it began up to its review date no day counts; Thursday is the first.
    assert last_due(outcome.after) == TUESDAY_NIGHT + timedelta(days=3)
    assert outcome.after.on_time == (True,)


def test_a_reply_ends_a_hold_in_which_the_clock_stood_still() -> None:
    life = Handmade().verified().later(hours=1).signed().held(9).later(days=3).replied()
    assert under(handling_in("1wd"), life).after.on_time == (True,)
    late = Handmade().verified().later(hours=1).signed().later(days=2).held(7).later(days=1)
    assert under(handling_in("1wd"), late.replied()).after.on_time == (False,)


def test_who_had_the_ticket_stays_as_it_was() -> None:
    """Nobody signs, and the backstop takes it over; with a quicker ladder it does so no sooner."""
    life = Handmade().verified().asked("open_arbitration", Role.SUPERVISOR, reason="argued")
    life = life.ruled("roads", backstop="town-desk").later(days=20).signed()
    policy = other(limits=limits(sign="10m", dispatch="10m"))
    again = WhatIf(planner(policy)).lived([e.event for e in life.entries], life.now)
    for events in ([e.event for e in life.entries], again.events):
        leads = [event.lead for event in events if isinstance(event, Dispatched)]
        assert leads == ["roads", "town-desk"]
    assert again.ticket.lead == "town-desk"


def test_a_dispatch_by_hand_is_pressed_for_sooner() -> None:
    life = Handmade(text=UNSURE, channel="web").later(minutes=50).dispatched()
    outcome = under(other(limits=limits(dispatch="30m")), life)
    assert last_due(outcome.after, ClockName.DISPATCH) == MONDAY + timedelta(minutes=30)
    assert outcome.before.rungs[ClockName.DISPATCH, RungKind.OVERDUE] == 0
    assert outcome.after.rungs[ClockName.DISPATCH, RungKind.OVERDUE] == 1


def test_the_archive_comes_with_the_other_window_but_never_before_a_reopening() -> None:
    life = closed(Handmade()).later(days=2)
    assert not life.ticket.archived
    policy = other(limits=limits(reopen="1d"))
    events = [entry.event for entry in life.entries]
    assert WhatIf(planner(policy)).lived(events, life.now).ticket.archived
    life.reopened().later(days=1)
    again = WhatIf(planner(policy)).lived([e.event for e in life.entries], life.now).ticket
    assert (again.phase, again.archived, again.ending) == (life.ticket.phase, False, None)


def test_the_archive_stops_what_still_runs() -> None:
    """Nobody answers the appeal against a rating, and with a short window it is over sooner."""
    life = handled(Handmade()).reviewed().rated(1).reviewed()
    life = life.by_lead("appeal_rating", reason="another hole").later(days=20)
    policy = other(limits=limits(reopen="1d"))
    outcome = under(policy, life)
    assert outcome.before.rungs[ClockName.RATING_APPEAL, RungKind.OVERDUE] == 1
    assert outcome.after.rungs[ClockName.RATING_APPEAL, RungKind.OVERDUE] == 0
    assert really(life, policy) == outcome.after


def test_what_lies_still_rings_until_now() -> None:
    life = Handmade().verified().signed()
    until = life.now + timedelta(days=30)
    before, after = under(POLICY, life, until)[3:]
    assert (before.overdue, after.overdue) == (True, True)
    assert before.rungs == {}
    assert after.rungs[ClockName.HANDLE, RungKind.REPORTED] == 1
    # One ring brings an order with a clock of its own, and that goes on ringing too.
    assert after.rungs[ClockName.ORDER, RungKind.OVERDUE] == 2
    assert after.rungs[ClockName.WATCH, RungKind.PRESSED] > 5


def test_a_new_holiday_moves_due_times() -> None:
    year = TOOLS.pack.calendars[0]
    holiday = CalendarDay(day=date(2026, 11, 18), kind=DayKind.REST, name="Storm Day")
    more = year.model_copy(update={"days": (*year.days, holiday)})
    calendar = WorkCalendar(TOOLS.pack.timezone, [more], POLICY.service_hours)
    life = Handmade().verified()
    outcome = WhatIf(planner(POLICY, calendar)).live(life.entries)
    # Five working days from Monday.
    assert last_due(outcome.before) == TUESDAY_NIGHT + timedelta(days=6)
    assert last_due(outcome.after) == TUESDAY_NIGHT + timedelta(days=7)


def test_which_clocks_run_as_they_did() -> None:
    alike = unchanged([POLICY], POLICY).clocks
    assert {clock for clock, _ in alike} == set(ClockName) - {ClockName.HANDLE}
    sign = unchanged([POLICY], other(limits=limits(sign="1h"))).clocks
    assert alike - sign == {(ClockName.SIGN, urgency) for urgency in Urgency}
    assert unchanged([POLICY, other(limits=limits(sign="1h"))], POLICY).clocks == sign
    rung = POLICY.rungs["default"][:2]
    urgent = unchanged([POLICY], other(rungs={**POLICY.rungs, "sign.urgent": rung})).clocks
    assert alike - urgent == {(ClockName.SIGN, Urgency.URGENT)}
    assert unchanged([POLICY], other(service_hours=POLICY.service_hours[:1])).clocks == frozenset()


def test_a_due_time_of_a_policy_that_nobody_knows_any_more_is_planned() -> None:
    """The journal was lived under version 1; the city now has versions 2 and 3, which agree."""
    life = Handmade().verified().later(hours=1).signed()
    second, third = other(limits=limits(sign="1h")), other(limits=limits(sign="1h", handle="1wd"))
    quick = WhatIf(planner(third), unchanged([second], third)).live(life.entries)
    assert (ClockName.SIGN, Urgency.GENERAL) in unchanged([second], third).clocks
    assert quick == WhatIf(planner(third)).live(life.entries)
    assert last_due(quick.after, ClockName.SIGN) == MONDAY + timedelta(hours=1)


def test_a_life_begins_with_its_clue() -> None:
    for entries in ([], closed(Handmade()).entries[1:]):
        with pytest.raises(ValueError, match="begins with its clue"):
            WhatIf(planner(POLICY)).live(entries)


def test_a_journal_and_its_course() -> None:
    life = closed(Handmade(), days=10)
    went = course([entry.event for entry in life.entries], life.now)
    assert went.on_time == (False,)
    assert went.overdue
    assert went.orders == {RungKind.YELLOW_CARD: 1}
    assert last_due(went) == TUESDAY_NIGHT + timedelta(days=6)
