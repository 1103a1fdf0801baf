"""Checks of the responsibility and implementation lists: names, roles, overlaps and gaps."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from juanchi.domain.duties import ANY, ROLE, Directory
from juanchi.domain.lists import Duty, Unit
from juanchi.packs.draft import Draft
from juanchi.packs.problems import Findings, quote, some
from juanchi.packs.tables import Placed


def check_duties(draft: Draft, findings: Findings) -> None:
    """Note what is wrong with who is responsible for what, and on which terms."""
    for row in draft.duties.rows:
        _duty(row, draft, findings)
    _overlaps(draft.duties.rows, findings)
    _handlings(draft, findings)
    # On faulty places every role would seem unfilled: one mistake, a hundred messages.
    if findings.spotless(draft.regions.file, draft.units.file):
        directory = Directory(
            draft.regions.values, draft.units.values, draft.items.values, draft.duties.values
        )
        _unstaffed(draft.duties.rows, directory, findings)
        _rivals(draft, findings)
        if draft.duties.whole:
            _gaps(draft, directory, findings)


def _duty(row: Placed[Duty], draft: Draft, findings: Findings) -> None:
    duty = row.value
    _item(row.file, row.line, duty.item, draft, findings)
    if duty.region != ANY and draft.regions.lacks(duty.region):
        message = f"there is no region {quote(duty.region)} in regions.csv"
        findings.error(row.file, row.line, "region", message)
    for column, who in [("lead", duty.lead), *(("assisting", who) for who in duty.assisting)]:
        _who(row.file, row.line, column, who, draft, findings)
    if duty.lead in duty.assisting:
        message = f"{quote(duty.lead)} leads already; remove it here"
        findings.warn(row.file, row.line, "assisting", message)
    if duty.valid_to is not None and duty.valid_to < duty.valid_from:
        message = f"{duty.valid_to} is before valid_from {duty.valid_from}; correct one of them"
        findings.error(row.file, row.line, "valid_to", message)


def _item(file: str, line: int, item: str, draft: Draft, findings: Findings) -> None:
    if item != ANY and draft.items.lacks(item):
        findings.error(file, line, "item", f"there is no item {quote(item)} in items.csv")


def _who(file: str, line: int, column: str, who: str, draft: Draft, findings: Findings) -> None:
    if not who.startswith(ROLE):
        if draft.units.lacks(who):
            message = f"there is no unit {quote(who)} in units.csv; a role is written {ROLE}role"
            findings.error(file, line, column, message)
    elif draft.units.whole and all(unit.role != who[1:] for unit in draft.units.values):
        findings.error(file, line, column, f"no unit in units.csv has the role {quote(who[1:])}")


def _overlaps(rows: Sequence[Placed[Duty]], findings: Findings) -> None:
    same: dict[tuple[str, str], list[Placed[Duty]]] = defaultdict(list)
    for row in rows:
        same[row.value.item, row.value.region].append(row)
    for group in same.values():
        group.sort(key=lambda row: row.value.valid_from)
        for one, other in pairwise(group):
            if one.value.valid_to is not None and one.value.valid_to < other.value.valid_from:
                continue
            what = f"item {quote(other.value.item)} in region {quote(other.value.region)}"
            if one.value.valid_from == other.value.valid_from:
                message = f"{what} has a lead from the same day on line {one.line}; keep one row"
                findings.error(other.file, other.line, "item", message)
            else:
                message = (
                    f"{what} has a lead on line {one.line} still in force; this row wins, "
                    "but give the older one a valid_to"
                )
                findings.warn(other.file, other.line, "valid_from", message)


def _handlings(draft: Draft, findings: Findings) -> None:
    first: dict[tuple[str, str], int] = {}
    for row in draft.handlings.rows:
        unit, item = key = (row.value.unit, row.value.item)
        _item(row.file, row.line, item, draft, findings)
        if unit != ANY:
            _who(row.file, row.line, "unit", unit, draft, findings)
        if key in first:
            message = f"{quote(unit)} has terms for {quote(item)} on line {first[key]} already"
            findings.error(row.file, row.line, "unit", message)
        first.setdefault(key, row.line)
    if draft.handlings.whole:
        _evidence(draft, findings)


def _evidence(draft: Draft, findings: Findings) -> None:
    """Items that a unit without terms of its own could call solved and show nothing."""
    asked = {row.item for row in draft.handlings.values if row.unit == ANY and row.evidence}
    bare = [item.code for item in draft.items.values if asked.isdisjoint({item.code, ANY})]
    if bare:
        message = (
            f"no row for unit {ANY} asks for evidence of {some(bare)}: units without terms of "
            "their own could close it with nothing to show"
        )
        findings.warn(draft.handlings.file, 0, "evidence", message)


def _unstaffed(rows: Sequence[Placed[Duty]], directory: Directory, findings: Findings) -> None:
    """Roles that nobody fills at a place where a duty asks for them; each told once."""
    known = {unit.role for unit in directory.units.values()}
    asked: dict[tuple[str, str, str], list[Placed[Duty]]] = defaultdict(list)
    for row in rows:
        for column, who in [
            ("lead", row.value.lead),
            *(("assisting", w) for w in row.value.assisting),
        ]:
            if who.startswith(ROLE) and who[1:] in known:
                asked[column, who, row.value.region].append(row)
    for (column, who, region), asking in asked.items():
        places = [r.code for r in directory.streets(region)]
        if not places:
            places = [region] if region in directory.regions else []
        empty = [place for place in places if directory.resolve(who, place) is None]
        if not empty:
            continue
        more = f" (and on {len(asking) - 1} more rows)" if len(asking) > 1 else ""
        row = asking[0]
        if len(empty) == len(places):
            message = f"no unit has the role {quote(who[1:])} anywhere in {quote(region)}{more}"
            findings.error(row.file, row.line, column, message)
        else:
            message = f"no unit has the role {quote(who[1:])} in {some(empty)}{more}"
            findings.warn(row.file, row.line, column, message)


def _rivals(draft: Draft, findings: Findings) -> None:
    """Two units with one role in one region, where a duty cannot tell which it means."""
    asked = {
        who[1:]
        for duty in draft.duties.values
        for who in (duty.lead, *duty.assisting)
        if who.startswith(ROLE)
    }
    if draft.head is not None:
        asked.add(draft.head.street_team_role)
    first: dict[tuple[str, str], Placed[Unit]] = {}
    for row in draft.units.rows:
        key = (row.value.role, row.value.region)
        if key in first and row.value.role in asked:
            other = first[key]
            message = (
                f"{other.value.code} on line {other.line} has the role {quote(row.value.role)} in "
                f"{row.value.region} too; duties that ask for it mean that one"
            )
            findings.warn(row.file, row.line, "role", message)
        first.setdefault(key, row)


def _gaps(draft: Draft, directory: Directory, findings: Findings) -> None:
    """Items that no row covers in some street, now or later."""
    covered = {(duty.item, duty.region) for duty in draft.duties.values}
    streets = directory.streets()
    for row in draft.items.rows:
        bare = [
            street.code
            for street in streets
            if not any(
                (item, region) in covered
                for item in (row.value.code, ANY)
                for region in (*directory.chain(street.code), ANY)
            )
        ]
        if bare:
            message = f"nobody is responsible for {quote(row.value.code)} in {some(bare)}"
            findings.warn(draft.duties.file, 0, "item", message)
