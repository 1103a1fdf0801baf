"""Checks of the yearly tables: each day once, in its year, and worth telling."""

import re
from datetime import date
from itertools import pairwise

from juanchi.domain.lists import CalendarDay, DayKind
from juanchi.packs.draft import Draft
from juanchi.packs.problems import Findings
from juanchi.packs.tables import Rows

YEAR = re.compile(r"^2[01]\d\d$")
"""The years that a table can be of."""

_SATURDAY = 5


def check_calendars(draft: Draft, findings: Findings) -> None:
    """Note what is wrong with the yearly tables, and which years are missing."""
    for year, rows in draft.calendars.items():
        check_calendar(year, rows, findings)
    years = sorted(draft.calendars)
    if not years:
        findings.warn("calendars", 0, "", "there is no yearly table: every deadline is provisional")
    for one, other in pairwise(years):
        if other - one > 1:
            message = f"the tables leap from {one} to {other}: days between are provisional"
            findings.warn(f"calendars/{other}.csv", 0, "", message)
    for year in sorted(draft.sources.keys() - draft.calendars.keys()):
        message = f"there is no table calendars/{year}.csv for this source"
        findings.warn("calendars/sources.toml", 0, str(year), message)


def check_calendar(year: int, rows: Rows[CalendarDay], findings: Findings) -> None:
    """Note what is wrong with one year's table."""
    first: dict[date, int] = {}
    for row in rows.rows:
        day = row.value.day
        if day.year != year:
            message = f"{day} is not in {year}; move it to the table of {day.year}"
            findings.error(rows.file, row.line, "day", message)
        if day in first:
            message = f"{day} is already on line {first[day]}; each day once"
            findings.error(rows.file, row.line, "day", message)
        first.setdefault(day, row.line)
        if row.value.kind is DayKind.WORK and day.weekday() < _SATURDAY:
            message = f"{day} is a {day:%A}, a working day without the table; was 'rest' meant?"
            findings.warn(rows.file, row.line, "kind", message)
