"""A life lived again: the same under the same policy, and otherwise only as far as clocks go."""

import asyncio
from datetime import timedelta
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from juanchi.domain.orders import OrderFedBack, OrderReleased
from juanchi.domain.policy import TriggerSpec
from juanchi.domain.rungs import OrderSpec
from juanchi.domain.supervised import Supervised
from juanchi.domain.terms import ClockName, Role, RungKind, Trigger
from juanchi.domain.whatif import WhatIf
from tests.domain.other_policies import (
    POLICY,
    TUESDAY_NIGHT,
    handling_in,
    in_any_order,
    last_due,
    limits,
    nothing_changes,
    other,
    planner,
    really,
    under,
)
from tests.domain.random_lives import lived
from tests.handmade import MIXED, UNSURE, Handmade, closed, handled, mixed
from tests.months import Months, PureStage
from tests.pure import MONDAY

# ---------------------------------------------------------------- the same policy


def test_under_the_same_policy_everything_is_as_it_was() -> None:
    for life in mixed():
        nothing_changes(life)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_so_it_is_for_any_life(seed: int) -> None:
    nothing_changes(lived(Random(seed)))


def test_so_it_is_for_the_longest_life() -> None:
    stage = PureStage(MONDAY)
    asyncio.run(Months(stage).live())
    outcome = WhatIf(planner(POLICY)).live(stage.engine.entries, stage.engine.now)
    assert in_any_order(outcome.after) == in_any_order(outcome.before)
    assert sum(outcome.after.rungs.values()) > 20
    assert outcome.after.orders


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 10**9), limit=st.sampled_from(["3h", "1wd", "30d"]))
def test_what_is_left_as_it_is_need_not_be_planned(seed: int, limit: str) -> None:
    """The shortcut gives what planning everything gives: ``under`` compares them."""
    life = lived(Random(seed))
    under(other(limits=limits(handle=limit, order="2wd", sign="1h")), life)


OTHERS = {
    "stricter": other(
        limits=limits(handle="1wd", sign="1h", order="4h", watch="5h"), item_limits=False
    ),
    "laxer": other(limits=limits(handle="30wd", assist="1h", review="2h", reopen="3d")),
    "fewer rungs": other(rungs={**POLICY.rungs, "handle": POLICY.rungs["handle"][1::2]}),
    "shorter hours": other(
        service_hours=POLICY.service_hours[:1], limits=limits(verify="30m", callback="1h")
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_it_is_as_if_it_had_been_lived_under_the_other_policy(name: str) -> None:
    """The same people do the same at the same moments, where the other policy lets them."""
    policy, compared = OTHERS[name], 0
    for _, text, live in MIXED.values():
        life = live(Handmade(text=text, channel="web" if text == UNSURE else "wall"))
        real = really(life.later(days=30), policy)
        if real is not None:
            assert in_any_order(under(policy, life).after) == in_any_order(real)
            compared += 1
    assert compared >= 14


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 10**9), name=st.sampled_from(sorted(OTHERS)))
def test_so_it_is_for_any_life_that_the_other_policy_takes(seed: int, name: str) -> None:
    life = lived(Random(seed))
    real = really(life, OTHERS[name])
    assume(real is not None)
    after = WhatIf(planner(OTHERS[name])).live(life.entries, life.now).after
    assert real is not None
    assert in_any_order(after) == in_any_order(real)


def test_rungs_missed_in_an_outage_count_as_due() -> None:
    life = Handmade().verified().signed()
    life.sleep_through(timedelta(days=40))
    outcome = under(POLICY, life)
    for clock in (ClockName.SIGN, ClockName.HANDLE, ClockName.ASSIST):
        kinds = [(clock, kind) for kind in RungKind]
        before, after = outcome.before.rungs, outcome.after.rungs
        assert [before[one] for one in kinds] == [after[one] for one in kinds]
    # Each order has its own moment, where the outage left only the highest.
    assert outcome.before.orders == {RungKind.REPORTED: 1}
    assert outcome.after.orders == {RungKind.YELLOW_CARD: 1, RungKind.REPORTED: 1}


# ---------------------------------------------------------------- another policy


def test_less_time_makes_a_reply_late() -> None:
    life = closed(Handmade(), days=2)
    outcome = under(handling_in("1wd"), life)
    assert (outcome.ticket_id, outcome.number, outcome.lead) == ("ticket/wall/1", "TT-1", "roads")
    before, after = outcome.before, outcome.after
    assert (before.on_time, before.on_time_first, before.overdue) == ((True,), (True,), False)
    assert (after.on_time, after.on_time_first, after.overdue) == ((False,), (False,), True)
    assert last_due(after) == TUESDAY_NIGHT
    assert before.rungs[ClockName.HANDLE, RungKind.OVERDUE] == 0
    assert after.rungs[ClockName.HANDLE, RungKind.REMINDER] == 1
    assert after.rungs[ClockName.HANDLE, RungKind.OVERDUE] == 1
    assert after.rungs[ClockName.HANDLE, RungKind.ESCALATED] == 0
    others = [rung for rung in before.rungs | after.rungs if rung[0] is not ClockName.HANDLE]
    assert [before.rungs[rung] for rung in others] == [after.rungs[rung] for rung in others]


def test_more_time_takes_orders_away_and_what_was_answered_to_them() -> None:
    life = handled(Handmade(), days=0).reviewed(accepted=False).later(days=6)
    life = life.by_lead("feed_back", note="more men").later(hours=1)
    life = life.asked("release_order", Role.SUPERVISOR, outcome="fine").later(days=9).replied()
    before, after = under(handling_in("40wd"), life)[3:]
    assert before.orders == {RungKind.YELLOW_CARD: 1, RungKind.REPORTED: 1}
    assert [due for clock, _, due in before.dues if clock is ClockName.ORDER]
    assert not after.orders
    assert not [due for clock, _, due in after.dues if clock is ClockName.ORDER]
    assert (before.overdue, after.overdue) == (True, False)
    again = WhatIf(planner(handling_in("40wd"))).lived([e.event for e in life.entries], life.now)
    assert not any(isinstance(event, OrderFedBack | OrderReleased) for event in again.events)


def test_answers_go_to_the_order_that_is_open_then() -> None:
    """Of two orders the second is answered; under a harsher policy that is the third."""
    harsh = tuple(
        spec.model_copy(update={"order": spec.order or OrderSpec(leader="lead/head")})
        for spec in POLICY.rungs["handle"][2:]
    )
    policy = other(rungs={**POLICY.rungs, "handle": (*POLICY.rungs["handle"][:2], *harsh)})
    life = Handmade().verified().signed().later(days=25).by_lead("feed_back", note="more men")
    life = life.later(hours=1).asked("release_order", Role.SUPERVISOR, outcome="fine")
    again = WhatIf(planner(policy)).lived([e.event for e in life.entries], life.now)
    assert [order.outcome for order in life.ticket.orders] == ["superseded", "fine"]
    assert [order.outcome for order in again.ticket.orders] == ["superseded", "superseded", "fine"]
    assert [order.number for order in again.ticket.orders] == [f"TT-1-D{n}" for n in (1, 2, 3)]
    assert all(order.released_at for order in again.ticket.orders)


def test_a_unit_does_not_answer_anothers_order() -> None:
    """Roads answered an order; under the other policy it is the wardens who have one."""
    order = OrderSpec(leader="lead/head")
    calm = tuple(spec.model_copy(update={"order": None}) for spec in POLICY.rungs["handle"])
    harsh = tuple(spec.model_copy(update={"order": order}) for spec in POLICY.rungs["default"])
    policy = other(rungs={**POLICY.rungs, "handle": calm, "assist": harsh})
    life = Handmade().verified().signed().later(days=20).by_lead("feed_back", note="more men")
    again = WhatIf(planner(policy)).lived([e.event for e in life.entries], life.now)
    assert [one.fed_back_at is not None for one in life.ticket.orders] == [False, True]
    assert {(one.unit, one.fed_back_at) for one in again.ticket.orders} == {("warden-mill", None)}


def test_an_order_is_answered_once() -> None:
    """Both orders were answered; under the other policy there is but the first."""
    first = tuple(
        spec.model_copy(update={"order": spec.order if spec.kind is RungKind.YELLOW_CARD else None})
        for spec in POLICY.rungs["handle"]
    )
    life = Handmade().verified().signed().later(days=10).by_lead("feed_back", note="more men")
    answered = life.now
    life = life.later(days=5).by_lead("feed_back", note="even more men")
    policy = other(rungs={**POLICY.rungs, "handle": first})
    again = WhatIf(planner(policy)).lived([e.event for e in life.entries], life.now)
    assert [one.fed_back_at for one in life.ticket.orders] == [answered, life.now]
    assert [one.fed_back_at for one in again.ticket.orders] == [answered]


def test_an_order_by_hand_is_given_again_with_a_number_of_its_own() -> None:
    life = Handmade().verified().signed().later(days=10)
    life.asked("order", Role.SUPERVISOR, requirement="at once")
    life = life.later(hours=1).by_lead("feed_back", note="more men")
    again = WhatIf(planner(handling_in("1h"))).lived([e.event for e in life.entries], life.now)
    assert [(one.number, one.trigger) for one in life.ticket.orders] == [
        ("TT-1-D1", Trigger.OVERDUE),
        ("TT-1-D2", Trigger.BY_HAND),
    ]
    assert [(one.number, one.trigger) for one in again.ticket.orders] == [
        ("TT-1-D1", Trigger.OVERDUE),
        ("TT-1-D2", Trigger.OVERDUE),
        ("TT-1-D3", Trigger.BY_HAND),
    ]
    assert again.ticket.orders[-1].fed_back_at == life.now


def test_orders_that_come_with_a_reason_are_the_other_policys() -> None:
    life = Handmade().verified()
    for _ in range(2):
        life = life.returned().later(minutes=5).return_answered(agreed=False)
    wanted = TriggerSpec(level=RungKind.RED_CARD, order=OrderSpec(leader="lead/head"))
    terms = POLICY.terms.model_copy(update={"triggers": {Trigger.REFUSING: wanted}})
    outcome = under(other(terms=terms), life)
    assert outcome.before.orders == {RungKind.YELLOW_CARD: 1}
    assert outcome.after.orders == {RungKind.RED_CARD: 1}
    assert not under(
        other(terms=POLICY.terms.model_copy(update={"triggers": {}})), life
    ).after.orders
    assert last_due(outcome.after, ClockName.ORDER) > life.now


def test_why_it_came_under_supervision_is_told_once() -> None:
    """Three voices before there are terms: with the first plan it becomes a repeated matter."""
    life = Handmade()
    for n in range(3):
        life.asked("absorb", Role.SYSTEM, voice=f"ticket/web/{n}")
    life = life.verified().later(days=1).signed()
    told = [entry.event for entry in life.entries]
    again = WhatIf(planner(POLICY)).lived(told, life.now).events
    for events in (told, again):
        assert len([one for one in events if isinstance(one, Supervised)]) == 1
    nothing_changes(life)


def test_a_clock_that_moves_is_not_one_that_starts_at_that_moment() -> None:
    """Raised, and dispatched anew, in the same instant: each has a return window of its own."""
    life = Handmade().verified().later(days=1)
    life.asked("set_urgency", Role.SUPERVISOR, urgency="urgent", reason="a storm")
    life = life.asked("open_arbitration", Role.SUPERVISOR, reason="argued").ruled("bins")
    under(handling_in("3h"), life)
