"""Cross-checks of a pack: what no single row can know about itself."""

import re
import string
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from juanchi.domain.duties import Directory
from juanchi.domain.holders import CENTRE, DESKS, LEAD
from juanchi.domain.lists import Channel, Item, Region, RegionLevel, Unit
from juanchi.packs.check_aliases import check_aliases
from juanchi.packs.check_calendars import check_calendars
from juanchi.packs.check_duties import check_backstop, check_duties
from juanchi.packs.check_places import check_places
from juanchi.packs.check_policy import check_policies
from juanchi.packs.check_screening import check_screening
from juanchi.packs.draft import Draft
from juanchi.packs.problems import Findings, Sentence, few, quote
from juanchi.packs.tables import Rows

_SERIAL_FORM = re.compile(r"^(0?[1-9]\d?)?d?$")
_LONGEST_NUMBER = 64
_LEADER = re.compile(r"^([a-z][a-z0-9_]{0,39})\s*=\s*(\S.*)$")
_TAKEN = frozenset({LEAD, CENTRE, *DESKS})


def check(draft: Draft, findings: Findings) -> None:
    """Note everything about a draft that does not fit together."""
    for rows in (draft.regions, draft.units, draft.items, draft.channels):
        _codes_once(rows, findings)
    _regions(draft.regions, findings)
    _units(draft, findings)
    check_aliases(draft.units, findings)
    _head(draft, findings)
    check_screening(draft, findings)
    check_calendars(draft, findings)
    check_duties(draft, findings)
    check_backstop(draft, findings)
    check_policies(draft, findings)
    check_places(draft, findings)


def _codes_once(
    rows: Rows[Region] | Rows[Unit] | Rows[Item] | Rows[Channel], findings: Findings
) -> None:
    first: dict[str, int] = {}
    for row in rows.rows:
        code = row.value.code
        if code in first:
            message = Sentence("code_twice", code=quote(code), line=first[code] or "")
            findings.error(rows.file, row.line, "code", message)
        first.setdefault(code, row.line)


# ------------------------------------------------------------ regions and units


def _regions(rows: Rows[Region], findings: Findings) -> None:
    by_code = {row.value.code: row.value for row in rows.rows}
    cities = [row for row in rows.rows if row.value.level is RegionLevel.CITY]
    if rows.whole and not cities:
        findings.error(rows.file, 0, "level", Sentence("no_city"))
    for extra in cities[1:]:
        told = Sentence("two_cities", line=cities[0].line)
        findings.error(rows.file, extra.line, "level", told)
    for row in rows.rows:
        if message := _parent_problem(row.value, by_code, rows):
            findings.error(rows.file, row.line, "parent", message)


def _parent_problem(region: Region, by_code: dict[str, Region], rows: Rows[Region]) -> str:
    if region.level is RegionLevel.CITY:
        return Sentence("above_the_city") if region.parent else ""
    if region.parent is None:
        return Sentence("no_parent", level=region.level)
    if rows.lacks(region.parent):
        return Sentence("unknown_parent", region=quote(region.parent))
    circle = _circle(region, by_code)
    if circle:
        return Sentence("circle", circle=" > ".join(circle))
    parent = by_code.get(region.parent)
    if parent and parent.level.depth >= region.level.depth:
        return Sentence("parent_level", level=region.level, above=parent.level, code=parent.code)
    if parent and region.level is RegionLevel.COMMUNITY and parent.level is not RegionLevel.STREET:
        return Sentence("community_parent", above=parent.level, code=parent.code)
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
            told = Sentence("no_region", region=quote(unit.region), file=draft.regions.file)
            findings.error(row.file, row.line, "region", told)
        if unit.webhook and not unit.webhook.startswith(("http://", "https://")):
            told = Sentence("not_an_address", given=quote(unit.webhook))
            findings.error(row.file, row.line, "webhook", told)
        if unit.code in _TAKEN:
            told = Sentence("code_taken", code=quote(unit.code))
            findings.warn(row.file, row.line, "code", told)
        if message := _leaders_problem(unit):
            findings.error(row.file, row.line, "leaders", message)


def _leaders_problem(unit: Unit) -> str:
    seen: set[str] = set()
    for entry in unit.leaders:
        found = _LEADER.match(entry)
        if found is None:
            return Sentence("not_a_leader", given=quote(entry))
        if found[1] in seen:
            return Sentence("post_twice", post=quote(found[1]))
        seen.add(found[1])
    return ""


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
        message = Sentence("no_unit", unit=quote(head.centre), file=draft.units.file)
        findings.error(file, line("centre"), "centre", message)
    # On faulty places every role would seem unfilled: one mistake, a hundred messages.
    if findings.spotless(draft.regions.file, draft.units.file):
        directory = Directory(draft.regions.values, draft.units.values)
        role = head.street_team_role
        streets = [street.code for street in directory.streets()]
        bare = [code for code in streets if directory.staffed(role, code) is None]
        if bare:
            message = Sentence("no_street_team", role=quote(role), **few(bare))
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
