"""A clerk's file opened: which of its sheets are lists, and what it says about itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from juanchi.domain.list_changes import ListName
from juanchi.intake.workbooks.raw import RawSheet, plain
from juanchi.intake.workbooks.reading import read_workbook
from juanchi.intake.workbooks.trouble import WorkbookTrouble
from juanchi.packs.problems import Findings, Sentence
from juanchi.sheets.cells import as_date, narrow
from juanchi.sheets.columns import ABOUT, COLUMNS, EXPLANATIONS, SHEETS
from juanchi.sheets.csv_files import read_csv
from juanchi.sheets.trouble import SheetTrouble
from juanchi.words import LANGUAGES, say

ADDITIONS: Final = "additions"
"""The mode of a template: its rows are added or changed, and no others go."""


@dataclass(frozen=True)
class About:
    """What a file says about itself: the city and batch that it was exported from.

    ``as_of``: it shows one day and cannot be imported. ``additions``: it is a filled template.
    """

    city: str = ""
    batch: int | None = None
    as_of: date | None = None
    additions: bool = False


@dataclass(frozen=True)
class Book:
    """The lists' sheets of a file, and what was odd about it so far."""

    name: str
    sheets: Mapping[ListName, RawSheet]
    about: About = field(default_factory=About)
    findings: Findings = field(default_factory=Findings)


def open_book(path: Path) -> Book:
    """Open a workbook, a CSV file, or a folder of them. Raises ``SheetTrouble``."""
    findings = Findings()
    found: dict[ListName, RawSheet] = {}
    about = About()
    for sheet in _sheets(path):
        name = _listing(sheet.name)
        if name is None and not sheet.typed and not path.is_dir():
            name = _by_heading(sheet)
        if name is None:
            if narrow(sheet.name).casefold() == ABOUT:
                about = _about(sheet)
            elif narrow(sheet.name).casefold() != EXPLANATIONS:
                findings.warn(sheet.name, 0, "", Sentence("sheet_ignored", names=_names()))
            continue
        if name in found:
            findings.error(sheet.name, 0, "", Sentence("list_twice", sheet=found[name].name))
            continue
        if sheet.hidden:
            findings.warn(sheet.name, 0, "", Sentence("sheet_hidden"))
        found[name] = sheet
    if not found:
        raise SheetTrouble("no_lists", file=path.name, names=_names())
    return Book(path.name, found, about, findings)


def _sheets(path: Path) -> Sequence[RawSheet]:
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() == ".csv")
        if not files:
            raise SheetTrouble("no_csv", file=path.name)
        return [read_csv(file) for file in files]
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        return [read_csv(path)]
    try:
        return read_workbook(path)
    except WorkbookTrouble as trouble:
        raise SheetTrouble(trouble.code, **trouble.facts) from trouble


def _names() -> str:
    return ", ".join(SHEETS)


def _listing(title: str) -> ListName | None:
    """The list that a sheet's name means, in any language."""
    wanted = narrow(title).strip().casefold()
    for name in SHEETS:
        if wanted == name or wanted in (say(f"cli.list.{name}", lang) for lang in LANGUAGES):
            return name
    return None


def _by_heading(sheet: RawSheet) -> ListName | None:
    """The one list whose needed columns all stand in the first row."""
    heading = {narrow(plain(cell)).casefold() for _, cells in sheet.rows[:1] for cell in cells}
    fitting = [
        name
        for name in SHEETS
        if all(column.name in heading for column in COLUMNS[name] if column.needed)
    ]
    # The columns of one list may all be among those of another: the more it needs, the surer.
    fitting.sort(key=lambda name: -sum(column.name in heading for column in COLUMNS[name]))
    return fitting[0] if fitting else None


def _about(sheet: RawSheet) -> About:
    said = dict(_said(sheet))
    batch, day = said.get("batch", ""), as_date(said.get("as_of", ""))
    try:
        as_of = date.fromisoformat(day) if day else None
    except ValueError:
        as_of = None
    return About(
        city=said.get("city", ""),
        batch=int(batch) if batch.isdecimal() and len(batch) < 19 else None,
        as_of=as_of,
        additions=said.get("mode") == ADDITIONS,
    )


def _said(sheet: RawSheet) -> Iterator[tuple[str, str]]:
    for _, cells in sheet.rows:
        if len(cells) >= 2:
            yield narrow(plain(cells[0])).casefold(), plain(cells[1])
