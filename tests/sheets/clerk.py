"""A clerk with a spreadsheet: exports Tinytown's lists, edits them, gives them back."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl

from juanchi.domain.list_changes import ListName, RowChange, compare
from juanchi.domain.lists import Pack
from juanchi.packs import Problem, read_pack
from juanchi.sheets import (
    Exported,
    SheetErrors,
    apply,
    open_book,
    read_lists,
    write_lists,
)
from tests.pure import TINYTOWN

AT = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
PACK = read_pack(TINYTOWN)
Edit = Callable[[Any], None]


def exported(pack: Pack = PACK, batch: int = 1) -> Exported:
    """A city to be exported."""
    return Exported(pack, batch, f"{pack.code}@{pack.version}#{batch}", AT)


class Clerk:
    """Works in a folder of their own."""

    def __init__(self, folder: Path, pack: Pack = PACK) -> None:
        self.folder = folder
        self.pack = pack
        self.file = folder / "lists.xlsx"
        write_lists(self.file, exported(pack))

    def edit(self, edit: Edit) -> Path:
        """Open the workbook, change it, and save it."""
        book = openpyxl.load_workbook(self.file)
        edit(book)
        book.save(self.file)
        return self.file

    def give_back(
        self, path: Path | None = None, now: Pack | None = None, **how: bool
    ) -> tuple[list[RowChange], Sequence[Problem]]:
        """What the file changes, and the warnings. Raises ``SheetErrors`` or ``SheetTrouble``."""
        now = now or self.pack
        reading = read_lists(open_book(path or self.file), self.pack)
        applied = apply(reading, self.pack, now, **how)
        return compare(now, applied.pack), applied.warnings

    def errors(self, path: Path | None = None, now: Pack | None = None) -> list[Problem]:
        """What must be put right first; warnings left out."""
        try:
            changes, _ = self.give_back(path, now)
        except SheetErrors as errors:
            return [problem for problem in errors.problems if not problem.warning]
        raise AssertionError(f"it was taken: {changes}")

    def only(self, path: Path | None = None) -> Problem:
        """The one thing that must be put right."""
        found = self.errors(path)
        assert len(found) == 1, "\n".join(map(str, found))
        return found[0]


def at(sheet: Any, key: str, column: str) -> Any:
    """The cell of a column in the first row that begins with a key."""
    headings = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        if row[0].value == key:
            return row[headings.index(column)]
    raise AssertionError(f"no row {key}")


def changed(changes: Sequence[RowChange]) -> list[tuple[ListName, str, str]]:
    """List, key and kind of each change."""
    return [(one.listing, one.key, one.kind.value) for one in changes]
