"""Reads one file of a pack by itself: a policy or a yearly table that comes after the rest.

Warnings alone do not stop a reading; the ``examine_`` functions return those too.
"""

from pathlib import Path
from typing import TypeVar

from juanchi.domain.lists import CalendarDay, CalendarYear, Pack
from juanchi.domain.policy import Policy
from juanchi.packs.check_calendars import YEAR, check_calendar
from juanchi.packs.check_policy import Staff, check_policy
from juanchi.packs.documents import read_toml
from juanchi.packs.problems import Findings, PackErrors, Problem
from juanchi.packs.tables import read_csv

T = TypeVar("T")


def read_policy_file(path: Path, pack: Pack | None = None) -> Policy:
    """The policy in a file; with a pack, those whom it names must be there.

    Raises ``PackErrors`` with every problem, warnings included.
    """
    return _sound(path, *examine_policy_file(path, pack))


def examine_policy_file(
    path: Path, pack: Pack | None = None
) -> tuple[Policy | None, tuple[Problem, ...]]:
    """The policy in a file (None if it has errors), and all its problems."""
    findings = Findings()
    file = read_toml(path.parent, path.name, findings) if _there(path, findings) else None
    policy = file.read(Policy, findings) if file else None
    if file and policy:
        check_policy(file, policy, Staff.of(pack) if pack else None, findings)
    return _found(policy, findings)


def read_calendar_file(path: Path, year: int | None = None) -> CalendarYear:
    """The yearly table in a file named after its year, or of the year given.

    Raises ``PackErrors`` with every problem, warnings included.
    """
    return _sound(path, *examine_calendar_file(path, year))


def examine_calendar_file(
    path: Path, year: int | None = None
) -> tuple[CalendarYear | None, tuple[Problem, ...]]:
    """The yearly table in a file (None if it has errors), and all its problems."""
    findings = Findings()
    named = path.stem if year is None else str(year)
    if not YEAR.match(named):
        message = "a calendar is named after its year, like 2026.csv; or say which year it is"
        findings.error(path.name, 0, "", message)
    if not findings.spotless(path.name) or not _there(path, findings):
        return None, findings.sorted()
    rows = read_csv(path.parent, path.name, CalendarDay, findings)
    check_calendar(int(named), rows, findings)
    return _found(CalendarYear(year=int(named), days=rows.values), findings)


def _there(path: Path, findings: Findings) -> bool:
    if not path.is_file():
        findings.error(path.name, 0, "", "there is no such file")
        return False
    return True


def _found(value: T | None, findings: Findings) -> tuple[T | None, tuple[Problem, ...]]:
    problems = findings.sorted()
    return (None if any(not one.warning for one in problems) else value), problems


def _sound(path: Path, value: T | None, problems: tuple[Problem, ...]) -> T:
    if value is None:
        raise PackErrors(str(path), problems)
    return value
