"""``core_whatif_tickets_per_s``: replaying whole journals under another policy, on one core.

The lives are mixed as a city's are (``tests.handmade``): most are straight, and beside them some
are discarded, late, extended, on hold, returned, disputed and ruled, done again, reopened,
forgotten. They were lived under Tinytown's policy; the other one gives units less time to handle
and presses them sooner. Reported both from parsed entries and with their parsing from JSON, as the
ledger gives them; ``core_whatif_dispatched_per_s`` is of those alone that reached a unit, and
``core_whatif_all_clocks_per_s`` with every clock planned anew, also those that the other policy
leaves as they are.
"""

import gc
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from pydantic import TypeAdapter

from bench.report import Figures
from juanchi.domain.events import Entry
from juanchi.domain.kept_plans import unchanged
from juanchi.domain.limits import limit_of
from juanchi.domain.planning import Planner
from juanchi.domain.policy import Policy
from juanchi.domain.terms import ClockName
from juanchi.domain.whatif import WhatIf
from tests.handmade import mixed, shared_tools

TICKETS: Final = 2000
ROUNDS: Final = 5

_ENTRIES: Final = TypeAdapter(list[Entry])


def measure(*, quick: bool = False) -> Figures:
    """The rates in processor time, the best of some rounds: a busy machine only slows them down."""
    lives = [list(life.entries) for life in mixed(1 if quick else TICKETS // 100)]
    dispatched = [life for life in lives if any(one.event.kind == "dispatched" for one in life)]
    journals = [_ENTRIES.dump_json(life) for life in lives]
    rounds = 1 if quick else ROUNDS
    tools = shared_tools()
    before, after = tools.pack.policy, stricter(tools.pack.policy)
    book = after, tools.calendar(after)
    planner = Planner(tools.directory, tools.pack.centre, lambda _: book)
    what_if, thorough = WhatIf(planner, unchanged([before], after)), WhatIf(planner)
    outcomes = [what_if.live(life) for life in lives]
    # What has been prepared is not looked through again for garbage.
    gc.collect()
    gc.freeze()
    try:
        return {
            "core_whatif_tickets_per_s": _per_second(what_if.live, lives, rounds),
            "core_whatif_parsed_per_s": _per_second(
                lambda text: what_if.live(_ENTRIES.validate_json(text)), journals, rounds
            ),
            "core_whatif_all_clocks_per_s": _per_second(thorough.live, lives, rounds),
            "core_whatif_dispatched_per_s": _per_second(what_if.live, dispatched, rounds),
            "core_whatif_tickets": len(lives),
            "core_whatif_events": sum(map(len, lives)),
            "core_whatif_overdue_before": sum(one.before.overdue for one in outcomes),
            "core_whatif_overdue_after": sum(one.after.overdue for one in outcomes),
        }
    finally:
        gc.unfreeze()


def stricter(policy: Policy) -> Policy:
    """A policy that gives units two days to handle whatever it is, and presses them sooner."""
    limit = {"default": limit_of("2wd"), "enquiry": limit_of("1wd")}
    rungs = policy.rungs[ClockName.HANDLE]
    sooner = rungs[0].model_copy(update={"at": "50%"})
    return policy.model_copy(
        update={
            "version": f"{policy.version}-stricter",
            "item_limits": False,
            "limits": {**policy.limits, ClockName.HANDLE: limit},
            "rungs": {**policy.rungs, ClockName.HANDLE.value: (sooner, *rungs[1:])},
        }
    )


def _per_second(live: Callable[[Any], object], lives: Iterable[Any], rounds: int) -> float:
    lives = list(lives)
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        for life in lives:
            live(life)
        best = min(best, time.process_time() - began)
    return len(lives) / best
