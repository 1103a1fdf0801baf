"""Checks of the responsibility and implementation lists: names, roles, overlaps and gaps."""

from collections import defaultdict
from collections.abc import Sequence

from juanchi.domain.doctor.overlaps import clashes
from juanchi.domain.duties import ANY, ROLE, Directory
from juanchi.domain.lists import Duty, Unit
from juanchi.domain.policy_holders import named_in
from juanchi.packs.draft import Draft
from juanchi.packs.problems import Findings, Sentence, few, quote
from juanchi.packs.tables import Placed


def check_duties(draft: Draft, findings: Findings) -> None:
    """Note what is wrong with who is responsible for what, and on which terms."""
    roles = _roles(draft)
    for row in draft.duties.rows:
        _duty(row, draft, roles, findings)
    _overlaps(draft.duties.rows, findings)
    _handlings(draft, roles, findings)
    # On faulty places every role would seem unfilled: one mistake, a hundred messages.
    if findings.spotless(draft.regions.file, draft.units.file):
        directory = Directory(
            draft.regions.values, draft.units.values, draft.items.values, draft.duties.values
        )
        _unstaffed(draft.duties.rows, directory, findings)
        _rivals(draft, findings)
        if draft.duties.whole:
            _gaps(draft, directory, findings)


def check_backstop(draft: Draft, findings: Findings) -> None:
    """Note whether what nobody takes has somebody to go to."""
    if draft.head is None or draft.head_file is None or not draft.head.backstop:
        return
    file, line, who = draft.head_file.file, draft.head_file.line("backstop"), draft.head.backstop
    _who(file, line, "backstop", who, draft, _roles(draft), findings)
    if findings.spotless(draft.regions.file, draft.units.file, file):
        directory = Directory(draft.regions.values, draft.units.values)
        bare = [r.code for r in directory.streets() if directory.resolve(who, r.code) is None]
        if bare:
            message = Sentence("no_role_in", role=quote(who[1:]), **few(bare))
            findings.warn(file, line, "backstop", message)


def _roles(draft: Draft) -> frozenset[str]:
    return frozenset(row.value.role for row in draft.units.rows)


def _duty(row: Placed[Duty], draft: Draft, roles: frozenset[str], findings: Findings) -> None:
    duty = row.value
    _item(row.file, row.line, duty.item, draft, findings)
    if duty.region != ANY and draft.regions.lacks(duty.region):
        message = Sentence("no_region", region=quote(duty.region), file=draft.regions.file)
        findings.error(row.file, row.line, "region", message)
    for column, who in [("lead", duty.lead), *(("assisting", who) for who in duty.assisting)]:
        _who(row.file, row.line, column, who, draft, roles, findings)
    for who in duty.mandatory:
        if who not in duty.assisting:
            message = Sentence("not_assisting", who=quote(who))
            findings.error(row.file, row.line, "mandatory", message)
    if duty.lead in duty.assisting:
        message = Sentence("leads_already", who=quote(duty.lead))
        findings.warn(row.file, row.line, "assisting", message)
    if duty.valid_to is not None and duty.valid_to < duty.valid_from:
        message = Sentence("dates_crossed", to=duty.valid_to, since=duty.valid_from)
        findings.error(row.file, row.line, "valid_to", message)


def _item(file: str, line: int, item: str, draft: Draft, findings: Findings) -> None:
    if item != ANY and draft.items.lacks(item):
        message = Sentence("no_item", item=quote(item), file=draft.items.file)
        findings.error(file, line, "item", message)


def _who(
    file: str,
    line: int,
    column: str,
    who: str,
    draft: Draft,
    roles: frozenset[str],
    findings: Findings,
) -> None:
    if not who.startswith(ROLE):
        if draft.units.lacks(who):
            message = Sentence("no_unit_or_role", unit=quote(who), file=draft.units.file)
            findings.error(file, line, column, message)
    elif draft.units.whole and who[1:] not in roles:
        message = Sentence("no_such_role", role=quote(who[1:]), file=draft.units.file)
        findings.error(file, line, column, message)


def _overlaps(rows: Sequence[Placed[Duty]], findings: Findings) -> None:
    for one, other in clashes(rows, lambda row: row.value):
        facts = {"item": quote(other.value.item), "region": quote(other.value.region)}
        facts["line"] = str(one.line or "")
        if one.value.valid_from == other.value.valid_from:
            message = Sentence("two_leads", **facts)
            findings.error(other.file, other.line, "item", message)
        else:
            message = Sentence("lead_in_force", **facts)
            findings.warn(other.file, other.line, "valid_from", message)


def _handlings(draft: Draft, roles: frozenset[str], findings: Findings) -> None:
    first: dict[tuple[str, str], int] = {}
    for row in draft.handlings.rows:
        unit, item = key = (row.value.unit, row.value.item)
        _item(row.file, row.line, item, draft, findings)
        if unit != ANY:
            _who(row.file, row.line, "unit", unit, draft, roles, findings)
        if key in first:
            facts = {"unit": quote(unit), "item": quote(item), "line": first[key] or ""}
            message = Sentence("terms_twice", **facts)
            findings.error(row.file, row.line, "unit", message)
        first.setdefault(key, row.line)
    if draft.handlings.whole:
        _evidence(draft, findings)


def _evidence(draft: Draft, findings: Findings) -> None:
    """Items that a unit without terms of its own could call solved and show nothing."""
    asked = {row.item for row in draft.handlings.values if row.unit == ANY and row.evidence}
    bare = [item.code for item in draft.items.values if asked.isdisjoint({item.code, ANY})]
    if bare:
        message = Sentence("no_evidence", **few(bare))
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
        facts = {"role": quote(who[1:]), "rows": str(len(asking) - 1) if len(asking) > 1 else ""}
        row = asking[0]
        if len(empty) == len(places):
            message = Sentence("no_role_anywhere", region=quote(region), **facts)
            findings.error(row.file, row.line, column, message)
        else:
            message = Sentence("no_role_in", **few(empty), **facts)
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
        asked |= {draft.head.street_team_role, draft.head.backstop.removeprefix(ROLE)}
    for _, policy in draft.policies:
        asked |= {named.role for _, named in named_in(policy) if named.role}
    first: dict[tuple[str, str], Placed[Unit]] = {}
    for row in draft.units.rows:
        key = (row.value.role, row.value.region)
        if key in first and row.value.role in asked:
            other = first[key]
            message = Sentence(
                "rival",
                unit=other.value.code,
                line=other.line or "",
                role=quote(row.value.role),
                region=row.value.region,
            )
            findings.warn(row.file, row.line, "role", message)
        first.setdefault(key, row)


def _gaps(draft: Draft, directory: Directory, findings: Findings) -> None:
    """Items that no row covers in some street, now or later."""
    covered: dict[str, set[str]] = defaultdict(set)
    for duty in draft.duties.values:
        covered[duty.item].add(duty.region)
    places = {s.code: {*directory.chain(s.code), ANY} for s in directory.streets()}
    # Streets that a row for any item covers have no gaps.
    places = {code: chain for code, chain in places.items() if chain.isdisjoint(covered[ANY])}
    for row in draft.items.rows:
        here = covered.get(row.value.code, set())
        bare = [code for code, chain in places.items() if chain.isdisjoint(here)]
        if bare:
            message = Sentence("gap", item=quote(row.value.code), **few(bare))
            findings.warn(draft.duties.file, 0, "item", message)
