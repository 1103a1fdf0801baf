"""A file's edits put on the lists in force, and the whole checked: all of it, or nothing.

The edits are what differs from the version that the file was exported from. What others have
changed since stays; a row that both have changed is refused.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from juanchi.domain.list_changes import EDITED, Keyed, ListName, keyed, merged, values, with_rows
from juanchi.domain.lists import Pack
from juanchi.packs.check import check
from juanchi.packs.documents import Document
from juanchi.packs.draft import Draft, Head
from juanchi.packs.problems import Findings, Problem, Sentence
from juanchi.packs.tables import Placed, Rows
from juanchi.sheets.columns import SHEETS
from juanchi.sheets.reading import Reading, rows_by_key
from juanchi.sheets.trouble import SheetErrors

FEW: Final = 10
"""So many rows may go at once, or half of a list, without anybody saying that it is meant."""


class Applied(NamedTuple):
    """The city with a file's edits in it, and what may not be meant."""

    pack: Pack
    warnings: tuple[Problem, ...]


def apply(
    reading: Reading,
    base: Pack,
    now: Pack,
    *,
    additions: bool = False,
    allow_removals: bool = False,
) -> Applied:
    """The city in force with a file's edits. ``additions``: no rows go that the file has not.

    Raises ``SheetErrors`` with everything that must be put right first.
    """
    findings = Findings()
    additions = additions or reading.book.about.additions
    lists: dict[ListName, tuple[Any, ...]] = {}
    for name, rows in reading.lists.items():
        if name not in EDITED:
            _for_reference(rows, base, findings)
            continue
        was, has = keyed(values(base, name), name), keyed(values(now, name), name)
        wanted = _edited(name, rows, was, has, findings, additions=additions)
        gone = len(has.keys() - wanted.keys())
        if gone > max(FEW, len(has) // 2) and not allow_removals:
            findings.error(rows.file, 0, "", Sentence("removes_most", n=gone, of=len(has)))
        lists[name] = tuple(wanted.values())
    pack = with_rows(now, lists)
    problems = (
        *reading.book.findings.sorted(),
        *findings.sorted(),
        *_new_problems(reading, pack, now),
    )
    if any(not problem.warning for problem in problems):
        raise SheetErrors(sorted(problems, key=lambda one: (one.warning, one.file, one.line)))
    return Applied(pack, tuple(problems))


def _edited(
    name: ListName, rows: Rows[Any], was: Keyed, has: Keyed, findings: Findings, *, additions: bool
) -> Keyed:
    """A list's rows in force with a sheet's edits put on them; what both sides edited is noted."""
    places = dict(rows_by_key(rows, name))
    edited = {key: row.value for key, row in places.items()}
    # A row that could not be read has not been taken out.
    if additions or not rows.whole:
        edited = {**was, **edited}
    result = merged(was, edited, has)
    for key in result.clashes:
        line = places[key].line if key in places else 0
        findings.error(rows.file, line, "", Sentence("edited_since", key=key))
    return result.rows


def _for_reference(rows: Rows[Any], base: Pack, findings: Findings) -> None:
    """Note regions that differ: they are not changed by a spreadsheet."""
    has = keyed(base.regions, ListName.REGIONS)
    for key, row in rows_by_key(rows, ListName.REGIONS):
        if has.get(key) != row.value:
            findings.error(rows.file, row.line, "", Sentence("regions_fixed", region=key))


def _new_problems(reading: Reading, pack: Pack, now: Pack) -> list[Problem]:
    """What is wrong with the whole that was not wrong before: that is not held against a batch."""
    findings = Findings()
    check(_draft(pack, reading.lists), findings)
    found = findings.sorted()
    if not found:
        return []
    before = Findings()
    check(_draft(now, {}), before)
    known = {_what(problem) for problem in before.sorted()}
    return [problem for problem in found if _what(problem) not in known]


def _what(problem: Problem) -> object:
    facts = sorted((name, fact) for name, fact in problem.facts.items() if name not in _PLACES)
    return problem.column, problem.code or problem.message, tuple(facts)


_PLACES: Final = frozenset({"line", "file", "rows"})


def _draft(pack: Pack, sheets: Mapping[ListName, Rows[Any]]) -> Draft:
    """A pack as its checks want it; rows that a file has know their sheet and row there."""
    rows = {name: _rows(pack, name, sheets.get(name)) for name in SHEETS}
    head = Head(**{name: getattr(pack, name) for name in Head.model_fields})
    return Draft(
        head_file=_nowhere("pack.toml"),
        head=head,
        policies=tuple((_nowhere("policy.toml"), one) for one in (pack.policy, *pack.policies)),
        screening_file=_nowhere("screening.toml"),
        screening=pack.screening,
        regions=rows[ListName.REGIONS],
        units=rows[ListName.UNITS],
        items=rows[ListName.ITEMS],
        duties=rows[ListName.DUTIES],
        handlings=rows[ListName.HANDLINGS],
        channels=Rows("channels.csv"),
        places=Rows("places.csv"),
        places_file=None,
        place_words=None,
        calendars={},
        sources={},
    )


def _rows(pack: Pack, name: ListName, sheet: Rows[Any] | None) -> Rows[Any]:
    file = sheet.file if sheet else name.value
    places = dict(rows_by_key(sheet, name)) if sheet else {}
    wanted = keyed(values(pack, name), name)
    if name not in EDITED:
        # What a sheet says of regions is checked, so that its own mistakes are told as such.
        wanted |= {key: row.value for key, row in places.items()}
    placed = [
        places[key] if key in places and places[key].value == value else Placed(value, file, 0)
        for key, value in wanted.items()
    ]
    codes = {row.value.code for row in placed if hasattr(row.value, "code")}
    return Rows(
        file,
        placed,
        codes=codes | (sheet.codes if sheet else set()),
        whole=sheet.whole if sheet else True,
    )


def _nowhere(file: str) -> Document:
    return Document(file, {}, {})
