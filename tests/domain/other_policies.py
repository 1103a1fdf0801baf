"""Other policies than Tinytown's, and lives under them: for the tests of what-if."""

from datetime import UTC, datetime, timedelta
from typing import Any

from juanchi.domain.calendar import WorkCalendar
from juanchi.domain.kept_plans import unchanged
from juanchi.domain.limits import Limit, limit_of
from juanchi.domain.planning import Planner
from juanchi.domain.policy import Policy
from juanchi.domain.refusal import Refused
from juanchi.domain.terms import ClockName
from juanchi.domain.whatif import Course, Outcome, WhatIf, course
from juanchi.intake.tools import Tools
from tests.handmade import Handmade, shared_tools

TOOLS = shared_tools()
POLICY = TOOLS.pack.policy
TUESDAY_NIGHT = datetime(2026, 11, 17, 23, 59, 59, tzinfo=UTC)
WEDNESDAY_NIGHT = TUESDAY_NIGHT + timedelta(days=1)


def other(**changes: Any) -> Policy:
    """Tinytown's policy with something changed."""
    return POLICY.model_copy(update={"version": "2", **changes})


def limits(**by_clock: str) -> dict[ClockName, dict[str, Limit]]:
    """The policy's limits with those of some clocks changed, for all alike."""
    changed = {ClockName(name): {"default": limit_of(text)} for name, text in by_clock.items()}
    return {**POLICY.limits, **changed}


def handling_in(limit: str) -> Policy:
    """Every unit has so much time for everything."""
    return other(limits=limits(handle=limit), item_limits=False)


def planner(policy: Policy, calendar: WorkCalendar | None = None) -> Planner:
    """Plans everything under one policy."""
    book = policy, calendar or TOOLS.calendar(policy)
    return Planner(TOOLS.directory, TOOLS.pack.centre, lambda _: book)


def under(policy: Policy, life: Handmade, until: datetime | None = None) -> Outcome:
    """How a life goes under another policy; it is the same with and without the shortcut."""
    outcome = WhatIf(planner(policy)).live(life.entries, until or life.now)
    quick = WhatIf(planner(policy), unchanged([POLICY], policy))
    assert quick.live(life.entries, until or life.now) == outcome
    return outcome


def in_any_order(one: Course) -> Course:
    """Clocks that ring in the same second may be planned in another order."""
    return one._replace(dues=tuple(sorted(one.dues)))


def nothing_changes(life: Handmade) -> None:
    before, after = under(POLICY, life)[3:]
    assert in_any_order(after) == in_any_order(before)


def last_due(one: Course, clock: ClockName = ClockName.HANDLE) -> datetime:
    """The due time that a clock was given last."""
    return [due for name, _, due in one.dues if name is clock][-1]


def tools_under(policy: Policy) -> Tools:
    """Tinytown as it would be with another policy."""
    return Tools(TOOLS.pack.model_copy(update={"policy": policy}), "tinytown@2")


def really(life: Handmade, policy: Policy) -> Course | None:
    """How the same acts go in a town with another policy; None when it takes not all of them."""
    clue = life.ticket.clue
    real = Handmade(
        clue.external_id,
        clue.text,
        channel=clue.channel,
        reported=clue.reporter is not None,
        tools=tools_under(policy),
    )
    try:
        for at, action in life.acts:
            real.pass_time(at - real.now)
            real.act(action)
    except Refused:
        return None
    real.pass_time(life.now - real.now)
    return course([entry.event for entry in real.entries], real.now) if same(life, real) else None


def same(life: Handmade, real: Handmade) -> bool:
    """Whether the same units had it at the same times, and nobody had other clocks planned anew."""
    had = [
        [(one.event.at, one.event.lead) for one in lived.entries if one.event.kind == "dispatched"]
        for lived in (life, real)
    ]
    return had[0] == had[1] and not any(one.event.kind == "replan_asked" for one in life.entries)
