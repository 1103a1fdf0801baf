"""Tinytown under two versions of its lists: other limits, rungs, numbers and holidays."""

from datetime import date
from functools import cache
from typing import Any

from juanchi.domain.lists import CalendarDay, CalendarYear, DayKind, Pack, with_calendar
from juanchi.domain.policy import Policy
from juanchi.domain.terms import RungKind, Trigger
from juanchi.intake.tools import Tools
from juanchi.packs.read import read_pack
from tests.pure import TINYTOWN

BOSS = {"leader": "centre/mayor", "copies": ["lead/head"]}
HEAD = {"leader": "lead/head", "requirement": "see to it"}

TRIGGERS = {
    Trigger.REFUSING: {"level": RungKind.YELLOW_CARD, "order": HEAD},
    Trigger.REPEATED: {"level": RungKind.YELLOW_CARD, "order": HEAD},
    Trigger.REWORKS: {"level": RungKind.REPORTED, "order": BOSS},
}

STRICT: dict[str, Any] = {
    "terms": {"triggers": TRIGGERS, "voices": 2},
}
"""The town's own policy, with the orders that come with a trigger."""

OTHER: dict[str, Any] = {
    "version": "2",
    "valid_from": "2026-01-01",
    "service_hours": ["08:00-12:00", "13:00-18:30"],
    "limits": {
        "sign": {"default": "3wh"},
        "handle": {"default": "4wd", "complaint": "9wd", "urgent": "20h"},
        "verify": {"default": "same_day 12:00 09:00"},
        "return": {"default": "30m"},
        "arbitration": {"default": "1wd"},
        "hold_request": {"default": "5wh"},
        "order": {"default": "3wd", "urgent": "4h"},
    },
    "rungs": {
        "sign": [{"kind": "overdue", "at": "due"}],
        "sign.urgent": [
            {"kind": "reminder", "at": "50%"},
            {"kind": "red_card", "at": "due", "order": HEAD, "tell": ["centre/duty_leader"]},
        ],
        "handle": [
            {"kind": "reminder", "at": "50%"},
            {"kind": "warning", "at": "80%|due-1wd"},
            {"kind": "overdue", "at": "due"},
            {"kind": "red_card", "at": "due+3wd", "order": BOSS},
        ],
        "verify": [{"kind": "overdue", "at": "due"}, {"kind": "escalated", "at": "due+1wd"}],
        "dispatch": [
            {"kind": "overdue", "at": "due"},
            {"kind": "red_card", "at": "due+1h", "order": HEAD},
        ],
        "on_site": [{"kind": "red_card", "at": "due", "order": HEAD}],
        "return": [{"kind": "reminder", "at": "50%"}, {"kind": "overdue", "at": "due"}],
    },
    "terms": {"refused_returns": 3, "reworks": 2, "holds": 1, "extension_days": 3}
    # Suggestions go the long way here.
    | {"suggestions": None},
}

STORM_WEEK = CalendarYear(
    year=2026,
    source="after the storm",
    days=(
        CalendarDay(day=date(2026, 11, 18), kind=DayKind.REST, name="storm"),
        CalendarDay(day=date(2026, 11, 21), kind=DayKind.WORK, name="make-up"),
        CalendarDay(day=date(2026, 12, 8), kind=DayKind.REST, name="fair"),
    ),
)
NEXT_YEAR = CalendarYear(
    year=2027,
    source="published late",
    days=(CalendarDay(day=date(2027, 1, 1), kind=DayKind.REST, name="new year"),),
)


def changed(policy: Policy, changes: dict[str, Any]) -> Policy:
    """A policy with some of its values changed; of limits and rungs, only those given."""
    values = policy.model_dump(mode="json")
    for name, value in changes.items():
        mixed = name in ("limits", "rungs", "terms")
        values[name] = {**values[name], **value} if mixed else value
    return Policy.model_validate(values)


@cache
def tinytown_now() -> Tools:
    """The lists that a life begins with."""
    pack = read_pack(TINYTOWN)
    return Tools(pack.model_copy(update={"policy": changed(pack.policy, STRICT)}), "tinytown@1")


@cache
def tinytown_later() -> Tools:
    """The lists after a new policy and new tables."""
    pack = tinytown_now().pack
    policy = changed(pack.policy, OTHER)
    later: Pack = pack.model_copy(update={"policy": policy})
    return Tools(with_calendar(with_calendar(later, STORM_WEEK), NEXT_YEAR), "tinytown@2")


def town_with(**changes: Any) -> Tools:
    """The lists that a life begins with, under a policy with some changes."""
    pack = tinytown_now().pack
    return Tools(pack.model_copy(update={"policy": changed(pack.policy, changes)}), "tinytown@1a")


MOST_RETURNS = max(
    tools.pack.policy.terms.refused_returns for tools in (tinytown_now(), tinytown_later())
)
"""So many refused returns open an arbitration, at the latest; one more may have been agreed to."""
