"""What the oracle's plans are drawn from: cities, policies, holds in dangerous places."""

import csv
import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path

from juanchi.domain.calendar import WorkCalendar
from juanchi.domain.lists import CalendarYear, Pack, with_policy
from juanchi.domain.policy import Policy
from juanchi.domain.terms import ClockName, Nature
from juanchi.packs import read_pack
from tests.domain.oracle import DAY, MINUTE, SECOND, Hold, Hours, Oracle

ROOT = Path(__file__).parents[2]
FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
OLDEST = [ClockName(name) for name in ("triage", "dispatch", "callback", "reopen", "watch")]


@dataclass(frozen=True)
class Rules:
    """A policy as the oracle sees it: from when, service hours, and limits as people write them."""

    valid_from: date
    hours: Hours
    handle: dict[str, str]
    sign: str
    verify: str

    def policy(self) -> Policy:
        limits: dict[str, dict[str, str]] = {clock: {"default": "1d"} for clock in OLDEST}
        limits |= {"handle": self.handle, "sign": {"default": self.sign}}
        limits |= {"verify": {"default": self.verify}, "review": {"default": "2wd"}}
        return Policy.model_validate(
            {
                "code": "oracle",
                "version": f"from-{self.valid_from}",
                "valid_from": self.valid_from,
                "service_hours": [f"{opens}-{closes}" for opens, closes in self.hours],
                "limits": limits,
                "rework": {"least": "1wd"},
                "rungs": {
                    "default": [
                        {"kind": "reminder", "at": "50%"},
                        {"kind": "warning", "at": "80%|due-1wd"},
                        {"kind": "overdue", "at": "due"},
                        {"kind": "yellow_card", "at": "due+1wd"},
                        {"kind": "red_card", "at": "due+3wd"},
                    ],
                    "sign": [
                        {"kind": "warning", "at": "due-2wh"},
                        {"kind": "overdue", "at": "due"},
                        {"kind": "escalated", "at": "due+3wh"},
                        {"kind": "reported", "at": "due+9h"},
                    ],
                    "verify": [
                        {"kind": "reminder", "at": "due-90m"},
                        {"kind": "overdue", "at": "due"},
                    ],
                },
            }
        )


RULES = (
    Rules(
        date(2024, 1, 1),
        (("09:00", "12:00"), ("14:00", "18:00")),
        {"default": "15wd", "enquiry": "2wd", "request": "10wd", "thanks": "0wd"},
        sign="4wh",
        verify="24h",
    ),
    Rules(
        date(2025, 3, 17),
        (("08:30", "12:00"), ("13:30", "17:30")),
        {"default": "12wd", "enquiry": "1wd", "request": "8wd", "thanks": "3wd"},
        sign="9wh",
        verify="90m",
    ),
    Rules(
        date(2026, 2, 14),
        (("10:00", "13:00"), ("15:00", "15:30"), ("16:00", "20:00")),
        {"default": "20wd", "enquiry": "5wd", "request": "7wd", "thanks": "1wd"},
        sign="0.5wh",
        verify="30h",
    ),
)
NATURES = {"enquiry": Nature.ENQUIRY, "request": Nature.REQUEST, "thanks": Nature.THANKS}


def published(year: int) -> dict[date, str]:
    """A real table: days that are not as the week has them."""
    path = ROOT / f"juanchi/packs/shenzhen/calendars/{year}.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {date.fromisoformat(row["day"]): row["kind"] for row in csv.DictReader(file)}


def made_up(dice: random.Random, year: int) -> dict[date, str]:
    """A table nobody published: single days off, a long holiday, Saturdays and Sundays at work."""
    days: dict[date, str] = {}
    for _ in range(12):
        day = date(year, 1, 1) + dice.randrange(365) * DAY
        days[day] = "work" if day.isoweekday() > 5 else "rest"
    long = date(year, 1, 1) + dice.randrange(340) * DAY
    return days | {long + n * DAY: "rest" for n in range(9)}


class World:
    """One city twice: as the oracle knows it, and as a pack that the engine plans by."""

    def __init__(self, zone: str, special: dict[int, dict[date, str]]) -> None:
        self.oracle = Oracle(
            zone, {d: kind for days in special.values() for d, kind in days.items()}
        )
        self.tables = tuple(
            CalendarYear.model_validate(
                {"year": year, "days": [{"day": d, "kind": kind} for d, kind in days.items()]}
            )
            for year, days in special.items()
        )
        first, *further = (rules.policy() for rules in RULES)
        self.pack: Pack = read_pack(ROOT / "tests/packs/tinytown").model_copy(
            update={"timezone": zone, "calendars": self.tables, "policy": first}
        )
        for policy in reversed(further):
            self.pack = with_policy(self.pack, policy)

    @cached_property
    def calendars(self) -> dict[str, WorkCalendar]:
        policies = (self.pack.policy, *self.pack.policies)
        return {
            policy.version: WorkCalendar(self.pack.timezone, self.tables, policy.service_hours)
            for policy in policies
        }

    def rules_on(self, day: date) -> Rules:
        return [rules for rules in RULES if rules.valid_from <= day][-1]


@dataclass(frozen=True)
class Draw:
    """One plan to make."""

    clock: ClockName
    nature: str
    start: datetime
    holds: list[Hold]
    open_hold: datetime | None
    extensions: list[str]


def drawn(dice: random.Random, world: World) -> Draw:
    clock = dice.choice([ClockName.HANDLE, ClockName.HANDLE, ClockName.SIGN, ClockName.VERIFY])
    grain = SECOND if clock is ClockName.HANDLE else MINUTE
    span = (LAST - FIRST - 200 * DAY) // grain
    start = world.oracle.instant(FIRST, time()) + dice.randrange(span) * grain
    if dice.random() < 0.2:
        edge = dice.choice(["00:00:00", "09:00:00", "12:00:00", "18:00:00", "23:59:00"])
        start = world.oracle.instant(world.oracle.local(start).date(), time.fromisoformat(edge))
    return Draw(
        clock=clock,
        nature=dice.choice([*NATURES, "default"]),
        start=start,
        holds=[
            hold_near(dice, world, start, grain) for _ in range(dice.choice((0, 0, 1, 1, 2, 3)))
        ],
        open_hold=start + dice.randrange(40) * DAY if dice.random() < 0.1 else None,
        extensions=dice.choices(["1wd", "3wd", "5wd", "10wd"], k=dice.choice((0, 0, 0, 1, 2))),
    )


def hold_near(dice: random.Random, world: World, start: datetime, grain: timedelta) -> Hold:
    reach = dice.choice((1, 3, 25)) * DAY
    begin = start + dice.randrange(-reach // grain // 8, reach // grain) * grain
    end = begin + dice.randrange((dice.choice((0.1, 1, 4, 20)) * DAY) // grain) * grain
    if grain == SECOND and dice.random() < 0.15:
        begin = world.oracle.instant(world.oracle.local(begin).date(), time(23, 59, 59))
    if grain == SECOND and dice.random() < 0.3:
        second = dice.choice([time(0, 0, 0), time(23, 59, 58), time(23, 59, 59)])
        end = max(begin, world.oracle.instant(world.oracle.local(end).date(), second))
    return Hold(begin, end)
