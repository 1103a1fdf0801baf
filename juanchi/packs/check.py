"""Cross-checks of a pack: what no single row can know about itself."""

import re
import string
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from juanchi.domain.duties import Directory
from juanchi.domain.lists import CalendarDay, Channel, Item, Region, RegionLevel, Unit
from juanchi.domain.terms import ClueVerdict
from juanchi.packs.check_duties import check_duties
from juanchi.packs.draft import Draft
from juanchi.packs.problems import Findings, quote, some
from juanchi.packs.tables import Rows

_RANK = {RegionLevel.CITY: 0, RegionLevel.DISTRICT: 1, RegionLevel.STREET: 2}
_SERIAL_FORM = re.compile(r"^(0?[1-9]\d?)?d?$")
_LONGEST_NUMBER = 64


def check(draft: Draft, findings: Findings) -> None:
    """Note everything about a draft that does not fit together."""
    for rows in (draft.regions, draft.units, draft.items, draft.channels):
        _codes_once(rows, findings)
    _regions(draft.regions, findings)
    _units(draft, findings)
    _head(draft, findings)
    _screening(draft, findings)
    _calendars(draft, findings)
    check_duties(draft, findings)


def _codes_once(
    rows: Rows[Region] | Rows[Unit] | Rows[Item] | Rows[Channel], findings: Findings
) -> None:
    first: dict[str, int] = {}
    for row in rows.rows:
        code = row.value.code
        if code in first:
            message = f"{quote(code)} is already used on line {first[code]}; each code once"
            findings.error(rows.file, row.line, "code", message)
        first.setdefault(code, row.line)


# ------------------------------------------------------------ regions and units


def _regions(rows: Rows[Region], findings: Findings) -> None:
    by_code = {row.value.code: row.value for row in rows.rows}
    cities = [row for row in rows.rows if row.value.level is RegionLevel.CITY]
    if rows.whole and not cities:
        findings.error(rows.file, 0, "level", "there is no city; one region must have this level")
    for extra in cities[1:]:
        message = f"line {cities[0].line} is the city already; a pack has one"
        findings.error(rows.file, extra.line, "level", message)
    for row in rows.rows:
        if message := _parent_problem(row.value, by_code, rows):
            findings.error(rows.file, row.line, "parent", message)


def _parent_problem(region: Region, by_code: dict[str, Region], rows: Rows[Region]) -> str:
    if region.level is RegionLevel.CITY:
        return "a city has no region above it; leave this empty" if region.parent else ""
    if region.parent is None:
        return f"a {region.level} needs the code of the region above it"
    if rows.lacks(region.parent):
        return f"there is no region {quote(region.parent)}; add it or correct the code"
    circle = _circle(region, by_code)
    if circle:
        return f"the regions above lead back to it: {' > '.join(circle)}"
    parent = by_code.get(region.parent)
    if parent and _RANK[parent.level] >= _RANK[region.level]:
        return f"a {region.level} cannot lie in a {parent.level} ({parent.code})"
    return ""


def _circle(region: Region, by_code: dict[str, Region]) -> list[str]:
    path = [region.code]
    while (parent := by_code[path[-1]].parent) is not None and parent in by_code:
        if by_code[path[-1]].level is RegionLevel.CITY:
            return []
        path.append(parent)
        if parent == region.code:
            return path
        if parent in path[:-1]:
            return []  # a circle further up: told at its own regions
    return []


def _units(draft: Draft, findings: Findings) -> None:
    for row in draft.units.rows:
        unit = row.value
        if draft.regions.lacks(unit.region):
            message = f"there is no region {quote(unit.region)} in regions.csv"
            findings.error(row.file, row.line, "region", message)
        if unit.webhook and not unit.webhook.startswith(("http://", "https://")):
            message = f"{quote(unit.webhook)} is not a web address; begin it with https://"
            findings.error(row.file, row.line, "webhook", message)


# ------------------------------------------------------------ pack.toml


def _head(draft: Draft, findings: Findings) -> None:
    if draft.head is None or draft.head_file is None:
        return
    file, line = draft.head_file.file, draft.head_file.line
    head = draft.head
    try:
        ZoneInfo(head.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"{quote(head.timezone)} is not a time zone; write one like Europe/Lisbon"
        findings.error(file, line("timezone"), "timezone", message)
    if message := _pattern_problem(head.number_pattern):
        findings.error(file, line("number_pattern"), "number_pattern", message)
    if draft.units.lacks(head.centre):
        message = f"there is no unit {quote(head.centre)} in units.csv"
        findings.error(file, line("centre"), "centre", message)
    # On faulty places every role would seem unfilled: one mistake, a hundred messages.
    if findings.spotless(draft.regions.file, draft.units.file):
        directory = Directory(draft.regions.values, draft.units.values)
        role = head.street_team_role
        streets = [street.code for street in directory.streets()]
        bare = [code for code in streets if directory.staffed(role, code) is None]
        if bare:
            message = (
                f"no unit has the role {quote(role)} in {some(bare)}; "
                "clues there could not be verified"
            )
            findings.error(file, line("street_team_role"), "street_team_role", message)


def _pattern_problem(pattern: str) -> str:
    example = "write it like SZ-{date:%Y%m%d}-{serial:06d}"
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError as error:
        return f"{quote(pattern)} cannot be filled in ({error}); {example}"
    names = [name for _, name, _, _ in parts if name is not None]
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if name not in {"date", "serial"} or conversion or "{" in (form or ""):
            return f"{{{name}}} is not known; only {{date}} and {{serial}} are, {example}"
        if name == "serial" and not _SERIAL_FORM.match(form or ""):
            return f"{{serial:{form}}} is not a number's form; {example}"
    if "serial" not in names:
        return f"it has no {{serial}}, so tickets would share a number; {example}"
    number = pattern.format(date=date(2026, 11, 22), serial=1)
    if len(number) > _LONGEST_NUMBER or not number.isprintable():
        return f"its numbers are longer than {_LONGEST_NUMBER} characters or not printable"
    return ""


# ------------------------------------------------------------ screening and calendars


def _screening(draft: Draft, findings: Findings) -> None:
    file = draft.screening_file
    if draft.screening is None or file is None:
        return
    seen: set[str] = set()
    for index, referral in enumerate(draft.screening.referrals):

        def note(key: str, message: str, index: int = index) -> None:
            line = file.line("referrals", index, key)
            findings.error(file.file, line, f"referrals.{index}.{key}", message)

        if referral.code in seen:
            note("code", f"{quote(referral.code)} is used by another referral; each code once")
        seen.add(referral.code)
        if not referral.words:
            note("words", "a referral without words never applies; add some or remove it")
        if referral.unit and draft.units.lacks(referral.unit):
            note("unit", f"there is no unit {quote(referral.unit)} in units.csv")
        if referral.verdict is ClueVerdict.EMERGENCY and not referral.unit:
            note("unit", "an emergency is passed on at once; name the unit that it goes to")


def _calendars(draft: Draft, findings: Findings) -> None:
    for year, rows in draft.calendars.items():
        _calendar(year, rows, findings)
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


def _calendar(year: int, rows: Rows[CalendarDay], findings: Findings) -> None:
    first: dict[date, int] = {}
    for row in rows.rows:
        day = row.value.day
        if day.year != year:
            message = f"{day} is not in {year}; move it to calendars/{day.year}.csv"
            findings.error(rows.file, row.line, "day", message)
        if day in first:
            message = f"{day} is already on line {first[day]}; each day once"
            findings.error(rows.file, row.line, "day", message)
        first.setdefault(day, row.line)
